"""What is generated is fresh."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import jsonschema
import pytest
from conftest import REPOSITORY

from blockcheck.bench.registry import SCENARIOS_BY_CODE
from blockcheck.config import ConfigError, load
from blockcheck import pages
from blockcheck.dev import docs
from blockcheck.fixes import FIXERS
from blockcheck.pages import cost_of
from blockcheck.rules import RULES


def test_generated_files_are_fresh() -> None:
    """``python -m blockcheck.dev docs`` writes them anew."""
    assert [path.relative_to(REPOSITORY).as_posix() for path in docs.stale(REPOSITORY)] == []


def test_every_measured_pattern_has_its_cost_on_the_page() -> None:
    assert [code for code in SCENARIOS_BY_CODE if cost_of(code) is None] == []


def test_pages_tell_of_fixes_and_only_of_those_there_are() -> None:
    assert [rule.code for rule in RULES if bool(rule.fix_safety) != (rule.code in FIXERS)] == []
    assert "## Fix safety\nThe coroutine is awaited" in pages.page(
        next(r for r in RULES if r.code == "BCK211")
    )


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ("select = ['ALL']\nmin-confidence = 'low'", {"select": ["ALL"], "min-confidence": "low"}),
        ("[per-file-ignores]\na = ['BCK2']", {"per-file-ignores": {"a": ["BCK2"]}}),
        ("[rules]\nmax-workers-bound = 1", {"rules": {"max-workers-bound": 1}}),
        ("selct = []", {"selct": []}),
        ("force-exclude = 'yes'", {"force-exclude": "yes"}),
        ("min-confidence = 'hihg'", {"min-confidence": "hihg"}),
        ("output-format = 'xml'", {"output-format": "xml"}),
        ("[rules]\nmax-workers-bound = 0", {"rules": {"max-workers-bound": 0}}),
    ],
)
def test_the_schema_takes_what_the_tool_takes(project, blockcheck, text: str, table: dict) -> None:
    schema = json.loads(blockcheck("config", "--schema").out)
    root = project({"blockcheck.toml": text})
    try:
        load([root])
    except ConfigError:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(table, schema)
    else:
        jsonschema.validate(table, schema)


def blocks(page: str, mark: str) -> dict[str, str]:
    """The code behind comments such as ``<!-- file: a.py -->``, by file name."""
    text = (REPOSITORY / "docs" / page).read_text()
    return dict(
        re.findall(rf"^<!-- {mark}: (\S+) -->\n```python\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    )


def test_the_tutorial_tells_what_happens(project, blockcheck) -> None:
    files = {f"shop/{name}": code for name, code in blocks("tutorial.md", "file").items()}
    project(files)
    found = blockcheck("check", "shop")
    shown = re.search(
        r"^```text\n(.*?)\n```$", (REPOSITORY / "docs/tutorial.md").read_text(), re.MULTILINE | re.DOTALL
    )
    assert shown
    assert found.out.startswith(shown[1])
    assert [line.split()[1] for line in found.out.splitlines() if line.startswith("shop/")] == [
        "BCK202",
        "BCK201",
    ]
    for name, code in blocks("tutorial.md", "mended").items():
        files[f"shop/{name}"] = code
    project(files)
    assert blockcheck("check", "shop").err == "no findings in 2 files\n"


def test_links_lead_somewhere() -> None:
    """Fast, for every run; ``mkdocs build --strict`` looks at anchors too."""
    pages = [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")]
    broken = []
    for page in pages:
        text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
        for target in re.findall(r"\]\(([^)#\s]+)", text):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(REPOSITORY)}: {target}")
    assert broken == []


def test_the_site_builds_without_warnings(tmp_path) -> None:
    """Where the extra ``docs`` is installed."""
    pytest.importorskip("mkdocs")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "rules/BCK201/index.html").is_file()
