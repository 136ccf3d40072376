"""Every fixture is reported on exactly as its comments say."""

from __future__ import annotations

from pathlib import Path

import pytest
from fixture_runner import mismatches

FIXTURES = Path(__file__).parent / "fixtures"


def _fixtures() -> list[Path]:
    entries = (entry for folder in sorted(FIXTURES.glob("BCK*")) for entry in sorted(folder.iterdir()))
    return [
        entry
        for entry in entries
        if entry.suffix == ".py" or (entry.is_dir() and entry.name != "__pycache__")
    ]


@pytest.mark.parametrize("fixture", _fixtures(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_fixture(fixture: Path) -> None:
    assert mismatches(fixture, [fixture.parent.name]) == []


def test_runner_tells_missing_and_unexpected_findings(tmp_path: Path) -> None:
    fixture = tmp_path / "case.py"
    fixture.write_text(
        "import time\n"
        "async def one():\n"
        "    time.sleep(1)\n"
        "async def two():\n"
        '    time.sleep(1)  # want BCK201 "time.sleep"\n'
        "async def three():\n"
        '    pass  # want BCK203 "subprocess"\n'
    )
    lines = mismatches(fixture)
    assert [line.split(" (")[0].split(": ")[:2] for line in lines] == [
        ["unexpected", "case.py:3:5"],
        ["missing", "case.py:7"],
    ]
    assert "BCK201" in lines[0]
    assert lines[1] == 'missing: case.py:7: BCK203 "subprocess"'


def test_runner_refuses_a_comment_it_cannot_read(tmp_path: Path) -> None:
    fixture = tmp_path / "case.py"
    fixture.write_text("x = 1  # want something\n")
    with pytest.raises(ValueError, match="case.py:1"):
        mismatches(fixture)
