"""``--statistics``: the findings counted by code, kind, root cause and confidence; the calls by their resolution."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TextIO

from blockcheck.output.root_causes import by_root_cause

if TYPE_CHECKING:
    from blockcheck.findings import Report
    from blockcheck.output.colour import Paint


_MOST = 20
_LEVELS = ("high", "medium", "low")


def write(report: Report, stream: TextIO, paint: Paint) -> None:
    """Write the tables. The root cause is the primitive that a chain ends in, with the call that names it."""
    codes: Counter[tuple[str, ...]] = Counter((finding.code, finding.name) for finding in report.findings)
    kinds: Counter[tuple[str, ...]] = Counter((finding.kind,) for finding in report.findings)
    causes: Counter[tuple[str, ...]] = Counter()
    for cause in by_root_cause(report.findings):
        if cause.first.primitive:
            causes[cause.what, cause.place] += len(cause.findings)
    levels: Counter[tuple[str, ...]] = Counter(
        {(name,): report.levels[name] for name in _LEVELS if name in report.levels}
    )
    calls: Counter[tuple[str, ...]] = Counter({(name,): count for name, count in report.calls.items()})
    for title, counts in (
        ("by code", codes),
        ("by kind", kinds),
        ("by root cause", causes),
        ("by confidence, those that are not reported included", levels),
        ("calls by what they are resolved to, or why they are not", calls),
    ):
        if counts:
            stream.write(paint(f"{title}:", "bold") + "\n")
            _table(counts, stream)


def _table(counts: Counter[tuple[str, ...]], stream: TextIO) -> None:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rows, left_out = ranked[:_MOST], ranked[_MOST:]
    widths = [max(len(key[column]) for key, _ in rows) for column in range(len(rows[0][0]))]
    for key, count in rows:
        cells = (cell.ljust(width) for cell, width in zip(key, widths, strict=True))
        stream.write(f"{count:7}  {'  '.join(cells).rstrip()}\n")
    if left_out:
        stream.write(f"{sum(count for _, count in left_out):7}  in {len(left_out)} more\n")
