"""Writes ``# noqa`` comments for findings into the sources."""

from __future__ import annotations

import dataclasses
import re
import tokenize
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from blockcheck.findings import Finding, SourceProblem
from blockcheck.source import decoding
from blockcheck.source.lines import split
from blockcheck.source.rewriting import rewrite
from blockcheck.source.suppressions import NOQA, tokens

if TYPE_CHECKING:
    from blockcheck.findings import Report

# A comment about comments, and one in a file that cannot be read.
_NEVER = ("BCK901", "BCK902")
# Strings with replacement fields are several tokens from Python 3.12 on.
_STRING_STARTS, _STRING_ENDS = (
    {getattr(tokenize, f"{kind}STRING_{end}") for kind in "FT" if hasattr(tokenize, f"{kind}STRING_{end}")}
    for end in ("START", "END")
)


def add(report: Report) -> tuple[Report, int]:
    """Add a comment for each finding; return the report of those that got none, and how many were added.

    Files that cannot be written are among the problems of that report.
    """
    by_path: dict[str, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        by_path[finding.location.path].append(finding)
    left: list[Finding] = []
    problems = [*report.problems]
    for path, findings in by_path.items():
        try:
            left += _add_to_file(Path(path), findings)
        except OSError as error:  # noqa: PERF203 - files are few, and each is to be told of
            left += findings
            message = f"cannot be written: {error.strerror or error}"
            problems.append(SourceProblem(path, 1, 1, message, fatal=True))
    added = len(report.findings) - len(left)
    return dataclasses.replace(report, findings=sorted(left, key=Finding.sort_key), problems=problems), added


def _add_to_file(path: Path, findings: list[Finding]) -> list[Finding]:
    """Change one file; return the findings that it has no room for.

    Raises:
        OSError: it cannot be written.
    """
    try:
        data = path.read_bytes()
        source = decoding.decode(data)
    except (OSError, decoding.UnreadableSource):
        return findings
    text, left = annotated(source.text, findings)
    if text != source.text:
        rewrite(path, data, text.encode(source.encoding))
    return left


def annotated(text: str, findings: list[Finding]) -> tuple[str, list[Finding]]:
    """Return a source with comments for its findings, and the findings that it has no room for."""
    try:
        room = _room(split(text))
    except (tokenize.TokenError, SyntaxError):
        return text, findings
    codes: dict[int, set[str]] = defaultdict(set)
    left: list[Finding] = []
    for finding in findings:
        span = range(finding.location.line, finding.location.end_line + 1)
        number = next((line for line in span if line in room), None)
        if finding.code in _NEVER or number is None:
            left.append(finding)
        else:
            codes[number].add(finding.code)
    # Every second piece is the end of a line.
    pieces = re.split(r"(\r\n|\n|\r)", text)
    for number, wanted in codes.items():
        line = pieces[2 * number - 2]
        pieces[2 * number - 2] = _with_comment(line, room[number], sorted(wanted))
    return "".join(pieces), left


def _room(lines: list[str]) -> dict[int, int | None]:
    """Return the lines that a comment can end, each with the column (from 0) of the comment that it ends with."""
    comments: dict[int, int] = {}
    inside: set[int] = set()
    opened: list[int] = []
    for token in tokens(lines):
        if token.type == tokenize.COMMENT:
            comments[token.start[0]] = token.start[1]
        elif token.type == tokenize.STRING:
            inside.update(range(token.start[0], token.end[0]))
        elif token.type in _STRING_STARTS:
            opened.append(token.start[0])
        elif token.type in _STRING_ENDS:
            inside.update(range(opened.pop(), token.end[0]))
    return {
        number: comments.get(number)
        for number, line in enumerate(lines, 1)
        if number not in inside and (number in comments or not line.endswith("\\"))
    }


def _with_comment(line: str, comment: int | None, codes: list[str]) -> str:
    listed = ", ".join(codes)
    found = NOQA.search(line, comment) if comment is not None else None
    if found and found["codes"]:
        return f"{line[: found.end('codes')]}, {listed}{line[found.end('codes') :]}"
    return f"{line.rstrip()}  # noqa: {listed}"
