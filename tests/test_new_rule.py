"""The scaffold of a rule fits into what is there."""

from __future__ import annotations

import ast
import shutil

import pytest
from conftest import REPOSITORY

from blockcheck.dev import new_rule

CHANGED = ("src/blockcheck/rules/__init__.py", "src/blockcheck/bench/registry.py")


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """As much of a clone as the scaffold touches."""
    for name in CHANGED:
        (tmp_path / name).parent.mkdir(parents=True)
        shutil.copy(REPOSITORY / name, tmp_path / name)
    for folder in ("rules/executors", "rules/event_loop", "bench/scenarios"):
        (tmp_path / "src/blockcheck" / folder).mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("code", "folder", "kind"), [("BCK399", "executors", None), ("BCK299", "event_loop", "sleep")]
)
def test_files_and_registration(clone, code: str, folder: str, kind: str | None) -> None:
    paths = [path.as_posix() for path in new_rule.create(code, "made-up", kind)]
    assert paths == [
        f"src/blockcheck/rules/{folder}/made_up.py",
        "src/blockcheck/bench/scenarios/made_up.py",
        f"tests/fixtures/{code}/innocent_made_up.py",
        f"tests/fixtures/{code}/made_up.py",
        *CHANGED,
    ]
    for path in paths:
        ast.parse((clone / path).read_text())
    registered = (clone / CHANGED[0]).read_text()
    statements = [line for line in registered.splitlines() if line.startswith("from blockcheck.rules.")]
    assert f"from blockcheck.rules.{folder}.made_up import MadeUp" in statements
    assert statements == sorted(statements)
    assert "    MadeUp(),\n" in registered
    assert f'codes=("{code}",)' in (clone / CHANGED[1]).read_text()


@pytest.mark.parametrize(
    ("code", "name", "kind", "message"),
    [
        ("BCK201", "made-up", None, "is there already"),
        ("BCK299", "blocking-sleep", None, "is there already"),
        ("BCK999", "made-up", None, "of a family"),
        ("BCK299", "Made up", None, "small letters"),
        ("BCK399", "made-up", "sleep", "only rules of the event loop"),
    ],
)
def test_what_cannot_be(clone, code: str, name: str, kind: str | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        list(new_rule.create(code, name, kind))
