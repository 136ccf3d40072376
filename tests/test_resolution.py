"""What calls are resolved to, asked of ``blockcheck why``: callee, receiver's type, result, summary, context.

The programs stand in ``tests/resolution/*.txt``: a line ``=== name``, the text of ``app.py``, further files after lines
``--- path``. A comment ``#: label text | label text`` asks of its line: some call of it is told so, with a text that begins
as given. Labels are those of ``why``; ``!label text`` says that no call of the line is told so.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from blockcheck.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator

_LABELS = (
    "may cause",
    "hands over",
    "known by",
    "callee",
    "receiver",
    "gives",
    "context",
    "silent",
    "held",
    "awaited",
)


def _programs() -> Iterator[tuple[str, dict[str, str]]]:
    for path in sorted((Path(__file__).parent / "resolution").glob("*.txt")):
        for text in path.read_text(encoding="utf-8").split("=== ")[1:]:
            name, _, body = text.partition("\n")
            parts = (part.partition("\n") for part in f"--- app.py\n{body}".split("--- ")[1:])
            yield name, {file: source for file, _, source in parts}


PROGRAMS = list(_programs())


@pytest.mark.parametrize("files", [p[1] for p in PROGRAMS], ids=[p[0] for p in PROGRAMS])
def test_resolution(
    files: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, source in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(source, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    wrong = []
    for name, source in files.items():
        for number, line in enumerate(source.splitlines(), 1):
            code, asks, wanted = line.partition("#: ")
            if not asks:
                continue
            assert main(["why", f"{name}:{number}"]) == 0
            told = [t.strip() for t in capsys.readouterr().out.splitlines()]
            for each in wanted.split(" | "):
                refused, text = each.startswith("!"), each.lstrip("!").strip()
                label = next(la for la in _LABELS if text.startswith(la))
                value = text[len(label) :].strip()
                found = any(
                    t.startswith(f"{label}:") and t[len(label) + 1 :].strip().startswith(value) for t in told
                )
                if found == refused:
                    wrong.append((number, code.strip(), each, told))
    assert wrong == []
