"""``full``: each finding with its source, its chain and what to do about it."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, TextIO

from blockcheck.output.concise import headline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.findings import Finding, Link, Location, Report
    from blockcheck.output.colour import Paint

_TAB = "    "
_LONGEST = 160


def write(report: Report, stream: TextIO, paint: Paint) -> None:
    """Write the findings, a blank line behind each."""
    # Lines as Python counts them, which `str.splitlines` does not.
    lines = {path: re.split(r"\r\n|\n|\r", text) for path, text in report.sources.items()}
    for finding in report.findings:
        number = finding.location.line
        source = "".join(lines.get(finding.location.path, [])[number - 1 : number])
        stream.writelines(line + "\n" for line in _block(finding, source, paint))
        stream.write("\n")


def _block(finding: Finding, source: str, paint: Paint) -> Iterator[str]:
    yield headline(finding, paint)
    margin = " " * len(str(finding.location.line))
    bar = paint("|", "blue")
    if source.strip():
        shown, caret = _frame(source, finding.location)
        yield f"{margin} {bar}"
        yield f"{paint(str(finding.location.line), 'blue')} {bar} {shown}"
        yield f"{margin} {bar} {paint(caret, 'red')}"
    # A chain of one link is the reported call itself, which the frame shows.
    for link in finding.chain if len(finding.chain) > 1 else ():
        yield f"{margin} {paint('=', 'blue')} {_note(link, paint)}"
    for place in finding.related:
        where = paint(f"{place.path}:{place.line}:{place.column}", "dim")
        yield f"{margin} {paint('=', 'blue')} {paint('related:', 'cyan')} {where}: {place.message}"
    if finding.help:
        yield f"{margin} {paint('=', 'blue')} {paint('help:', 'cyan')} {finding.help}"


def _note(link: Link, paint: Paint) -> str:
    where = paint(f"{link.path}:{link.line}:{link.column}", "dim")
    return f"{paint('note:', 'cyan')} {where}: {link.function} calls {link.call}"


def _frame(source: str, place: Location) -> tuple[str, str]:
    """Return a source line fit for a terminal, and the carets under the reported part of it."""
    start = place.column - 1
    end = place.end_column - 1 if place.end_line == place.line else len(source.rstrip())
    dropped = max(0, start - _LONGEST // 2) if len(source) > _LONGEST else 0
    visible = source[dropped : dropped + _LONGEST]
    before = _printable(source[dropped:start])
    marked = _printable(source[start : max(end, start + 1)][: _LONGEST - (start - dropped)])
    return _printable(visible).rstrip(), " " * _width(before) + "^" * max(1, _width(marked))


def _printable(text: str) -> str:
    """Replace what would move the cursor."""
    return "".join(
        _TAB if char == "\t" else char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text
    )


def _width(text: str) -> int:
    """Return the number of terminal cells a text takes."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )
