"""Programs with threads, processes and locks, before and after ``--fix --unsafe-fixes``: the same results."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).parent / "sync_programs"
RULES = "BCK101,BCK103,BCK104,BCK303,BCK401,BCK406"


def told(path, monkeypatch):
    """What a program reports; it is a module that processes find."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, path.stem, module)
    monkeypatch.syspath_prepend(path.parent)
    spec.loader.exec_module(module)
    out: list[str] = []
    module.main(lambda value: out.append(repr(value)))
    return out


@pytest.mark.parametrize("name", sorted(path.name for path in PROGRAMS.glob("*.py")))
def test_program(project, blockcheck, monkeypatch, name) -> None:
    root = project({name: (PROGRAMS / name).read_text()})
    before = told(root / name, monkeypatch)
    blockcheck("check", name, "--isolated", "--fix", "--unsafe-fixes")
    assert told(root / name, monkeypatch) == before
    left = blockcheck("check", name, "--isolated", "--select", RULES, "--output-format", "json")
    assert left.findings == [], json.dumps(left.findings)
