"""Findings that are remembered: for sources that mean what they meant, wherever their lines are now."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from blockcheck import engine
from blockcheck.config import CACHE_FOLDER, cache_folder, load
from blockcheck.project import Project

SLOW = "import time\n\n\ndef slow():\n    time.sleep(1)\n"
MAIN = "from a import slow\n\n\nasync def main():\n    slow()\n"
FILES = {"pyproject.toml": "[tool.blockcheck]\n", "a.py": SLOW, "b.py": "import main\n", "main.py": MAIN}


@pytest.fixture
def check(blockcheck, monkeypatch):
    """Run a check; return its report, the files parsed, whether the project was linked, and the files cached."""
    linked: list[int] = []
    reports = []
    link, run_engine = Project.__init__, engine.run

    def counted(self, *arguments, **keywords):
        linked.append(1)
        link(self, *arguments, **keywords)

    def noted(*arguments, **keywords):
        reports.append(run_engine(*arguments, **keywords))
        return reports[-1]

    monkeypatch.setattr(Project, "__init__", counted)
    monkeypatch.setattr(engine, "run", noted)

    def run(*arguments):
        linked.clear()
        for answer in Path(CACHE_FOLDER).glob("answer-*"):
            answer.unlink()
        found = blockcheck("check", "--output-format", "gitlab", *arguments).out
        return found, reports[-1].parsed, bool(linked), reports[-1].cached

    return run


MEANT_THE_SAME = {
    "comment": lambda text: f"# one\n# two\n{text}# three\n",
    "blank lines": lambda text: text.replace("\n", "\n\n"),
    "indentation": lambda text: text.replace("    ", "\t"),
    "docstring": lambda text: f'"""Say what it is about."""\n{text}',
    "line ends": lambda text: text.replace("\n", "\r\n"),
}


@pytest.mark.parametrize("change", MEANT_THE_SAME)
@pytest.mark.parametrize("name", ["a.py", "main.py"])
def test_what_means_the_same_is_parsed_but_not_analysed(project, check, change, name) -> None:
    root = project(FILES)
    first = check()[0]
    text = (root / name).read_text()
    (root / name).write_bytes(MEANT_THE_SAME[change](text).encode())
    found, parsed, linked, cached = check()
    assert (parsed, linked, cached) == (1, False, 2)
    assert found == check("--no-cache")[0]
    assert json.loads(found)[0]["fingerprint"] == json.loads(first)[0]["fingerprint"]


@pytest.mark.parametrize(
    "changed",
    [
        {"a.py": SLOW.replace("sleep", "ctime")},
        {"a.py": SLOW + "\n\nasync def more():\n    slow()\n"},
        {"main.py": MAIN.replace("slow()", "slow(  # noqa: BCK201\n    )")},
        {"b.py": "from main import *\n\n\nasync def other():\n    slow()\n"},
        {"c.py": MAIN},
        {"pyproject.toml": '[tool.blockcheck]\nblocking = ["b.x"]\n'},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_what_means_something_else_is_analysed(project, check, changed) -> None:
    project(FILES)
    check()
    project(changed)
    found, _, linked, _ = check()
    assert linked
    assert found == check("--no-cache")[0]


def test_change_and_back_is_remembered(project, check) -> None:
    project(FILES)
    first = check()[0]
    project({"a.py": SLOW.replace("sleep", "ctime")})
    assert check()[0] != first
    project({"a.py": SLOW})
    assert check() == (first, 0, False, 3)


def test_what_an_editor_holds_is_remembered_too(project, monkeypatch) -> None:
    root = project(FILES)
    config = load([root])
    linked: list[int] = []
    link = Project.__init__
    monkeypatch.setattr(Project, "__init__", lambda *a, **k: (linked.append(1), link(*a, **k))[1])

    def lines(text: str, linkings: int) -> list[int]:
        given = [engine.Given(root / "main.py", text.encode())]
        report = engine.run([], config, given=given, cache=cache_folder(config))
        assert len(linked) == linkings
        return [finding.location.line for finding in report.findings]

    assert lines(MAIN, 1) == [5]
    assert lines(f"# typed\n{MAIN}", 1) == [6]
    assert lines(MAIN.replace("slow()", "pass"), 2) == []
    assert lines("def f(:\n", 3) == [1]
    assert lines(f"{MAIN}# typed\n", 3) == [5]
    # What was only typed is not what a later run finds on the disk.
    (root / "main.py").write_text(f"\n{MAIN}")
    assert [f.location.line for f in engine.run([root], config, cache=cache_folder(config)).findings] == [6]


def test_other_rules_and_arguments_are_other_analyses(project, check) -> None:
    project(FILES)
    check()
    for arguments in (["--select", "ALL"], ["--min-confidence", "low"], ["main.py"]):
        found, parsed, linked, _ = check(*arguments)
        assert (parsed, linked) == (0, True)
        assert found == check("--no-cache", *arguments)[0]
        assert not check(*arguments)[2]


def test_fixes_are_remembered_as_long_as_the_text_is_the_same(project, check) -> None:
    root = project(
        {**FILES, "fix.py": "import asyncio\nimport time\n\n\nasync def f():\n    time.sleep(1)\n"}
    )
    first = check("--output-format", "json=x")
    assert first[2]
    expected = json.loads((root / "x").read_text())["findings"]
    assert any(finding["fix"] for finding in expected)
    assert not check("--output-format", "json=x")[2]
    assert json.loads((root / "x").read_text())["findings"] == expected
    (root / "fix.py").write_text("# More.\n" + (root / "fix.py").read_text())
    assert check("--output-format", "json=x")[2]
    moved = json.loads((root / "x").read_text())["findings"]
    assert [f["fix"] and f["fix"]["message"] for f in moved] == [
        f["fix"] and f["fix"]["message"] for f in expected
    ]
    assert [f["line"] for f in moved if f["path"] == "fix.py"] == [7]


PIECES = (
    "def help{n}():\n    time.sleep({n})\n",
    "async def main{n}():\n    slow()\n",
    "async def quiet{n}():\n    await asyncio.sleep({n})\n",
    "class Box{n}:\n    def run(self):\n        return open('x').read()\n\n    async def go(self):\n        self.run()\n",
    "LOCK{n} = threading.Lock()\n\n\ndef locked{n}():\n    with LOCK{n}:\n        slow()\n",
    "# a comment {n}\n",
    "def broken{n}(:\n",
    "async def hidden{n}():\n    slow()  # noqa: BCK201\n",
)
HEADER = "import asyncio\nimport threading\nimport time\n\nfrom pack.base import slow\n\n\n"


@pytest.mark.parametrize("seed", range(4))
def test_random_edits_never_make_a_difference(project, check, seed) -> None:
    chance = random.Random(seed)
    base = "import time\n\n\ndef slow():\n    time.sleep(1)\n"
    root = project({"pyproject.toml": "[tool.blockcheck]\n", "pack/__init__.py": "", "pack/base.py": base})
    for step in range(12):
        file = root / f"pack/{chance.choice('abc')}.py"
        kind = chance.randrange(5)
        if kind == 0 and file.exists():
            file.unlink()
        elif kind == 1 and file.exists():
            lines = file.read_text().splitlines(keepends=True)
            del lines[chance.randrange(len(lines))]
            file.write_text("".join(lines))
        elif kind == 2:
            (root / "pack/base.py").write_text(
                chance.choice([base, base.replace("sleep", "ctime"), f"\n{base}"])
            )
        else:
            text = file.read_text() if file.exists() else HEADER
            file.write_text(text + chance.choice(PIECES).format(n=step))
        assert check()[0] == check("--no-cache")[0], step
