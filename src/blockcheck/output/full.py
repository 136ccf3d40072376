"""``full``: each root cause with its first caller's source, the chain and what to do about it; then its other callers.

Every finding has exactly one line with its place and code. Where there are many root causes they are told briefly:
their sources are shown when their files are checked alone.
"""

from __future__ import annotations

import re
import shutil
import unicodedata
from typing import TYPE_CHECKING, TextIO

from blockcheck.output.concise import advice, headline, place_and_code
from blockcheck.output.root_causes import RootCause, by_root_cause
from blockcheck.source.edits import hunks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from blockcheck.findings import Finding, Fix, Link, Location, Report
    from blockcheck.output.colour import Paint

#: With more root causes than this none is shown in detail.
DETAILED = 50

_TAB = "    "
_LONGEST = 160
_MARGIN = 10
_CUT = "..."


def write(report: Report, stream: TextIO, paint: Paint) -> None:
    """Write the findings by root cause."""
    # Lines as Python counts them, which `str.splitlines` does not.
    lines = {path: re.split(r"\r\n|\n|\r", text) for path, text in report.sources.items()}
    causes = by_root_cause(report.findings)
    brief = not is_detailed(report.findings)
    room = _room(stream)
    for cause in causes:
        place = cause.first.location
        source = "".join(lines.get(place.path, [])[place.line - 1 : place.line])
        text = report.sources.get(place.path, "")
        block = _brief(cause, paint) if brief else _block(cause, source, text, room, paint)
        stream.writelines(line + "\n" for line in block)


def is_detailed(findings: Iterable[Finding]) -> bool:
    """Tell whether findings are shown with their sources and fixes."""
    return len(by_root_cause(findings)) <= DETAILED


def _block(cause: RootCause, source: str, text: str, room: int, paint: Paint) -> Iterator[str]:
    finding = cause.first
    yield headline(finding, paint)
    margin = " " * len(str(finding.location.line))
    bar = paint("|", "blue")
    if source.strip():
        shown, caret = _frame(source, finding.location, room)
        yield f"{margin} {bar}"
        yield f"{paint(str(finding.location.line), 'blue')} {bar} {shown}"
        yield f"{margin} {bar} {paint(caret, 'red')}"
    # A chain of one link is the reported call itself, which the frame shows.
    for link, step in zip(finding.chain, steps(finding.chain), strict=True) if len(finding.chain) > 1 else ():
        where = paint(f"{link.path}:{link.line}:{link.column}", "dim")
        yield f"{margin} {paint('=', 'blue')} {paint('note:', 'cyan')} {where}: {step[0]} calls {step[1]}"
    for place in finding.related:
        where = paint(f"{place.path}:{place.line}:{place.column}", "dim")
        yield f"{margin} {paint('=', 'blue')} {paint('related:', 'cyan')} {where}: {place.message}"
    told = advice(finding)
    if told and not (finding.fix and finding.fix.edits):  # a fix shows what help would tell
        yield f"{margin} {paint('=', 'blue')} {paint('help:', 'cyan')} {told}"
    if finding.fix:
        yield from _fix(finding, finding.fix, text, paint)
    if cause.others:
        count = f"{len(cause.others)} more call{'' if len(cause.others) == 1 else 's'}"
        yield f"{margin} {paint('=', 'blue')} {paint('also:', 'cyan')} {count} with the same root cause"
        yield from _others(cause, paint)
    yield ""


def _fix(finding: Finding, fix: Fix, text: str, paint: Paint) -> Iterator[str]:
    """Yield what the fix is, and the lines that it changes."""
    margin = " " * len(str(finding.location.line))
    head = f"fix ({fix.applicability}):" if fix.edits else "fix:"
    yield f"{margin} {paint('=', 'blue')} {paint(head, 'cyan')} {fix.message}"
    if fix.edits and text and all(edit.location.path == finding.location.path for edit in fix.edits):
        changed = list(hunks(text, fix.edits))
        while changed and not changed[-1].strip():
            changed.pop()
        for line in changed:
            colour = {"+": "green", "-": "red"}.get(line[:1], "dim")
            yield f"{margin}   {paint(_printable(line), colour)}".rstrip()


def _brief(cause: RootCause, paint: Paint) -> Iterator[str]:
    chain = cause.first.chain
    yield headline(cause.first, paint)
    if len(chain) > 1:
        through = [
            f"{call} ({link.path}:{link.line})" for link, (_, call) in zip(chain, steps(chain), strict=True)
        ]
        yield f"    {paint('through', 'cyan')} {paint(' > ', 'dim').join(through)}"
    yield from _others(cause, paint)


def _others(cause: RootCause, paint: Paint) -> Iterator[str]:
    for finding in cause.others:
        caller, callee = next(steps(finding.chain))
        yield f"    {place_and_code(finding, paint)} {caller} calls {callee}"


def steps(chain: Sequence[Link]) -> Iterator[tuple[str, str]]:
    """Yield who calls whom, without the modules that the places of the chain tell anyway."""
    for link, callee in zip(chain, (*chain[1:], None), strict=True):
        yield _inside(link.function, link.path), _inside(link.call, callee.path) if callee else link.call


def _inside(name: str, path: str) -> str:
    """Return a qualified name without its module, if it is the module of this file."""
    words = name.split(".")
    folders = path.removesuffix(".py").removesuffix("/__init__").split("/")
    for length in range(min(len(words) - 1, len(folders)), 0, -1):
        if words[:length] == folders[-length:]:
            return ".".join(words[length:])
    return name


def _room(stream: TextIO) -> int:
    """Return how many columns of source are shown."""
    return min(shutil.get_terminal_size().columns - _MARGIN, _LONGEST) if stream.isatty() else _LONGEST


def _frame(source: str, place: Location, room: int) -> tuple[str, str]:
    """Return as much of a source line as there is room for, and the carets under the reported part of it."""
    source = source.rstrip()
    start = place.column - 1
    end = max(place.end_column - 1 if place.end_line == place.line else len(source), start + 1)
    first, last = 0, len(source)
    if not _fits(source, room):
        first = last = start
        inner = room - 2 * len(_CUT)
        while last < end and _fits(source[first : last + 1], inner):
            last += 1
        while first and _fits(source[first - 1 : last], inner):
            first -= 1
        while last < len(source) and _fits(source[first : last + 1], inner):
            last += 1
    left, right = _CUT if first else "", _CUT if last < len(source) else ""
    shown = f"{left}{_printable(source[first:last])}{right}"
    before = len(left) + _width(_printable(source[first:start]))
    return shown.rstrip(), " " * before + "^" * max(1, _width(_printable(source[start : min(end, last)])))


def _fits(text: str, room: int) -> bool:
    return _width(_printable(text)) <= room


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
