"""The call graph: small programs, one feature each, with all edges that it must have and no others.

The programs stand in ``tests/graph/*.txt``: a line ``=== name``, the text of ``main.py``, further files after
lines ``--- path``, and a line ``>> caller: callee callee | caller: callee``. A plain name is one of
``main``; ``!`` marks the qualified name of something outside the program. Callers without callees are left out.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from blockcheck.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator

Graph = dict[str, list[str]]


def _programs() -> Iterator[tuple[str, dict[str, str], Graph]]:
    for path in sorted((Path(__file__).parent / "graph").glob("*.txt")):
        for text in path.read_text(encoding="utf-8").split("=== ")[1:]:
            name, _, rest = text.partition("\n")
            body, _, edges = rest.rpartition(">>")
            files = {}
            for part in f"--- main.py\n{body}".split("--- ")[1:]:
                file, _, source = part.partition("\n")
                files[file] = source
            yield name, files, _edges(edges, files)


def _edges(text: str, files: dict[str, str]) -> Graph:
    modules = {f.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for f in files}

    def qualified(name: str) -> str:
        if name.startswith("!"):
            return name[1:]
        known = name in modules or name.startswith(("<builtin>.", *(f"{m}." for m in modules)))
        return name if known else f"main.{name}"

    out = {}
    for part in text.strip().split(" | "):
        caller, _, callees = part.partition(":")
        if caller:
            out[qualified(caller.strip())] = sorted(qualified(c) for c in callees.split())
    return out


PROGRAMS = list(_programs())


@pytest.mark.parametrize(("files", "expected"), [p[1:] for p in PROGRAMS], ids=[p[0] for p in PROGRAMS])
def test_edges(
    files: dict[str, str],
    expected: Graph,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, source in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["graph", ".", "--output-format", "json"]) == 0
    graph = json.loads(capsys.readouterr().out)
    assert {caller: callees for caller, callees in graph.items() if callees} == expected


def test_callers_without_callees_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "main.py").write_text(
        "class A:\n    def go(self):\n        def inner(): pass\n        return lambda: 1\n", encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    assert main(["graph", "--output-format", "json"]) == 0
    graph = json.loads(capsys.readouterr().out)
    assert graph == {"main": [], "main.A.go": [], "main.A.go.<lambda1>": [], "main.A.go.inner": []}
