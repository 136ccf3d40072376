"""Lines as Python counts them: ended by LF, CRLF or CR, and by nothing else (a form feed ends none)."""

from __future__ import annotations

import re

_LINE_END = re.compile(r"\r\n|\n|\r")


def split(text: str) -> list[str]:
    """Return the lines of ``text`` without their ends."""
    return _LINE_END.split(text)


def end_of(text: str) -> tuple[int, int]:
    """Return the 1-based line and column just behind the end of ``text``."""
    lines = split(text)
    return len(lines), len(lines[-1]) + 1
