"""``--statistics``: the findings counted by code, by kind and by root cause."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from blockcheck.findings import Report
    from blockcheck.output.colour import Paint


def write(report: Report, stream: TextIO, paint: Paint) -> None:
    """Write three tables. The root cause is the primitive that a chain ends in, with the call that names it."""
    codes: Counter[tuple[str, ...]] = Counter((finding.code, finding.name) for finding in report.findings)
    kinds: Counter[tuple[str, ...]] = Counter((finding.kind,) for finding in report.findings)
    causes: Counter[tuple[str, ...]] = Counter()
    for finding in report.findings:
        if finding.primitive:
            last = finding.chain[-1] if finding.chain else finding.location
            causes[finding.primitive, f"{last.path}:{last.line}"] += 1
    for title, counts in (("by code", codes), ("by kind", kinds), ("by root cause", causes)):
        if counts:
            stream.write(paint(f"{title}:", "bold") + "\n")
            _table(counts, stream)


def _table(counts: Counter[tuple[str, ...]], stream: TextIO) -> None:
    rows = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    widths = [max(len(key[column]) for key in counts) for column in range(len(rows[0][0]))]
    for key, count in rows:
        cells = (cell.ljust(width) for cell, width in zip(key, widths, strict=True))
        stream.write(f"{count:7}  {'  '.join(cells).rstrip()}\n")
