"""Edits of a text: by offset, applied together, and shown as a unified diff."""

from __future__ import annotations

import difflib
import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blockcheck.findings import Edit, Location

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z")
_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, order=True)
class Change:
    """Replace what stands between two offsets of a text."""

    start: int
    end: int
    text: str

    def clashes(self, other: Change) -> bool:
        """Tell whether the two cannot be applied together; equal ones are one."""
        if self == other:
            return False
        if self.start == self.end == other.start == other.end:
            return True  # which comes first?
        return self.start < other.end and other.start < self.end


class Lines:
    """Where the lines of a text start."""

    def __init__(self, text: str) -> None:
        self.starts = [0, *(found.end() for found in _LINE_END.finditer(text))]

    def offset(self, line: int, column: int) -> int:
        """The offset of a 1-based line and column."""
        return self.starts[line - 1] + column - 1

    def place(self, offset: int) -> tuple[int, int]:
        """The 1-based line and column of an offset."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1


def changes(lines: Lines, edits: Iterable[Edit]) -> list[Change]:
    """Edits by offset, in order."""
    return sorted(
        Change(
            lines.offset(edit.location.line, edit.location.column),
            lines.offset(edit.location.end_line, edit.location.end_column),
            edit.text,
        )
        for edit in edits
    )


def edits(path: str, lines: Lines, made: Iterable[Change]) -> tuple[Edit, ...]:
    """Changes as edits of a file, in order."""
    return tuple(
        Edit(Location(path, *lines.place(change.start), *lines.place(change.end)), change.text)
        for change in sorted(made)
    )


def apply(text: str, made: Iterable[Change]) -> str:
    """The text after changes that do not clash; equal ones are applied once."""
    pieces = []
    at = 0
    for change in sorted(set(made)):
        pieces += [text[at : change.start], change.text]
        at = change.end
    return "".join([*pieces, text[at:]])


def unified(path: str, before: str, after: str, context: int = 3) -> str:
    """The unified diff of two texts, empty where they are equal."""
    out = []
    for line in difflib.unified_diff(_LINE.findall(before), _LINE.findall(after), path, path, n=context):
        out.append(line)
        if not line.endswith(("\n", "\r")):
            out.append("\n\\ No newline at end of file\n")
    return "".join(out)


def hunks(before: str, made: Sequence[Edit]) -> list[str]:
    """The lines of a diff that shows edits, without its head."""
    after = apply(before, changes(Lines(before), made))
    return [line.rstrip("\r\n") for line in unified("", before, after, 1).splitlines(keepends=True)[2:]]
