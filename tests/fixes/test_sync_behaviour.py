"""Programs with threads and locks, before and after ``--fix --unsafe-fixes``: the same results."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).parent / "sync_programs"
RULES = "BCK101,BCK104,BCK401,BCK406"


def told(path):
    out: list[str] = []
    runpy.run_path(str(path))["main"](lambda value: out.append(repr(value)))
    return out


@pytest.mark.parametrize("name", sorted(path.name for path in PROGRAMS.glob("*.py")))
def test_program(project, blockcheck, name) -> None:
    root = project({name: (PROGRAMS / name).read_text()})
    before = told(root / name)
    blockcheck("check", name, "--isolated", "--fix", "--unsafe-fixes")
    assert told(root / name) == before
    left = blockcheck("check", name, "--isolated", "--select", RULES, "--output-format", "json")
    assert left.findings == [], json.dumps(left.findings)
