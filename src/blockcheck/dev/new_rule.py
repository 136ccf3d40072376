"""The files of a new rule, ready to be filled in: rule, fixtures, benchmark scenario, and their registration."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from blockcheck.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDERS = {"1": "threads", "2": "event_loop", "3": "executors", "4": "locks"}

_PAGE = '''\
"""{code}."""

from __future__ import annotations

{imports}


class {class_name}({base}):
    """# {name}

    ## What it does
    Reports TODO.

    ## Why is this bad?
    TODO

    ## Example
    ```python
    TODO = "code that is reported"
    ```

    ## Use instead
    ```python
    TODO = "code that is not"
    ```

    ## Known gaps
    TODO

    ## References
    - [TODO: the library's own word on it](https://docs.python.org/3/)
    """

    code = "{code}"
    name = "{name}"
    summary = "TODO, without a full stop"
{body}'''

_KIND_IMPORTS = "from blockcheck.rules.event_loop.blocking import BlockingRule"
_KIND_BODY = """\
    kind = "{kind}"
"""
_PLAIN_IMPORTS = """\
from typing import TYPE_CHECKING

from blockcheck.project.model import call_text
from blockcheck.rules.base import Draft, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Project"""
_PLAIN_BODY = '''
    def check(self, project: Project) -> Iterator[Draft]:
        """Yield TODO."""
        # Further starting points: project.loop_calls, .spawns, .pools, .locking; see project/__init__.py.
        for gid in sorted(project.solver.records):
            for record in project.records(gid):
                # What a call does stands in the catalogue: its entry's `does`, `kind`, `spawns`…
                if any(target.entry is not None and target.entry.does == "TODO" for target in record.targets):
                    yield self.draft(
                        project.codes[gid],
                        record.site,
                        f"{call_text(record)} TODO",
                        kind="executor",
                        primitive=record.targets[0].external,
                        help="TODO",
                        record=record,
                    )
'''

_INNOCENT = '''\
"""Code that looks guilty of {name} and is not; each function is named for why."""


def nothing_to_see_yet():
    pass
'''
_GUILTY = '''\
"""Code that is guilty. Comments say what the message must contain."""


def reported():
    TODO()  # want {code} "TODO"
'''
_SCENARIO = '''\
"""TODO: what the bad variant does, against what the good one does."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from blockcheck.bench.probe import Probe


def bad(count: int) -> int:
    return sum(range(count))


def good(count: int) -> int:
    return sum(range(count))


def run(variant: Callable[[int], int], size: int, probe: Probe) -> object:
    with probe.measuring():
        return variant(size)
'''
_PLAN = """\
    Scenario(
        name="{name}",
        title="TODO, against TODO",
        codes=("{code}",),
        unit="TODO",
        claim="wall",
        sizes=(1, 10, 100),
        quick_size=10,
    ),
"""


def create(code: str, name: str, kind: str | None) -> Iterator[Path]:
    """Write the files of a rule and register it; yield what was written or changed.

    Args:
        code: the first free code of a family.
        name: words in small letters, joined by hyphens.
        kind: for calls that block the event loop in one way: the catalogue's kind.

    Raises:
        ValueError: for a code or name that is taken or has another form.
    """
    _check(code, name, kind)
    module = name.replace("-", "_")
    class_name = "".join(word.title() for word in name.split("-"))
    folder = FOLDERS[code[3]]
    fields = {"code": code, "name": name, "class_name": class_name}
    if kind is None:
        page = _PAGE.format(**fields, imports=_PLAIN_IMPORTS, base="Rule", body=_PLAIN_BODY)
    else:
        body = _KIND_BODY.format(kind=kind)
        page = _PAGE.format(**fields, imports=_KIND_IMPORTS, base="BlockingRule", body=body)
    package = Path("src/blockcheck")
    fixtures = Path("tests/fixtures", code)
    fixtures.mkdir(parents=True)
    for path, text in {
        package / "rules" / folder / f"{module}.py": page,
        package / "bench/scenarios" / f"{module}.py": _SCENARIO,
        fixtures / f"innocent_{module}.py": _INNOCENT.format(**fields),
        fixtures / f"{module}.py": _GUILTY.format(**fields),
    }.items():
        path.write_text(text, encoding="utf-8")
        yield path
    yield _register(
        package / "rules/__init__.py", code, f"from blockcheck.rules.{folder}.{module} import {class_name}"
    )
    registry = package / "bench/registry.py"
    text = registry.read_text(encoding="utf-8")
    plan = _PLAN.format(**fields)
    registry.write_text(text.replace("\n)\n\nSCENARIOS:", f"\n{plan})\n\nSCENARIOS:", 1), encoding="utf-8")
    yield registry


def _check(code: str, name: str, kind: str | None) -> None:
    if not re.fullmatch(r"BCK[1-4]\d\d", code):
        raise ValueError(f"{code}: expected BCK and three digits, of a family from 1 to 4")
    if not re.fullmatch(r"[a-z]+(-[a-z]+)*", name):
        raise ValueError(f"{name}: expected words in small letters, joined by hyphens")
    if kind is not None and not code.startswith("BCK2"):
        raise ValueError("--kind: only rules of the event loop, BCK2, go by a kind alone")
    for rule in RULES:
        if code == rule.code or name == rule.name:
            raise ValueError(f"{rule.code} {rule.name} is there already")


def _register(file: Path, code: str, statement: str) -> Path:
    """Import a rule's class where its module belongs, and put an instance behind that of the code before it."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    imports = [n for n, line in enumerate(lines) if line.startswith("from blockcheck.rules.")]
    place = next((n for n in imports if lines[n] > f"{statement}\n"), imports[-1] + 1)
    lines.insert(place, f"{statement}\n")
    before = max((rule for rule in RULES if rule.code < code), key=lambda rule: rule.code)
    place = lines.index(f"    {type(before).__name__}(),\n")
    lines.insert(place + 1, f"    {statement.rsplit(maxsplit=1)[-1]}(),\n")
    file.write_text("".join(lines), encoding="utf-8")
    return file
