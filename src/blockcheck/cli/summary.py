"""The last lines of a run for readers of text: how much was found, and what to do next."""

from __future__ import annotations

import shlex
from collections import Counter
from typing import TYPE_CHECKING

from blockcheck.findings import Applicability
from blockcheck.output.full import DETAILED
from blockcheck.output.root_causes import RootCause, by_root_cause

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.findings import Report

_WORST = 5
_MANY = 20


def lines(report: Report, *, hints: bool) -> Iterator[str]:
    """Yield the summary; with hints, what to do next too."""
    causes = by_root_cause(report.findings)
    found = count(len(report.findings), "finding") if report.findings else "no findings"
    if len(causes) < len(report.findings):
        found += f" from {count(len(causes), 'root cause')}"
    hidden = f" ({report.suppressed} suppressed)" if report.suppressed else ""
    yield f"{found}{hidden} in {count(report.files, 'file')}"
    yield from _fixable(report)
    if hints and report.findings:
        if len(causes) > DETAILED:
            yield from _worst(causes)
        yield from _next(report)


def count(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _fixable(report: Report) -> Iterator[str]:
    fixes = Counter(finding.fix.applicability for finding in report.findings if finding.fix)
    safe, unsafe = fixes[Applicability.SAFE], fixes[Applicability.UNSAFE]
    if safe:
        yield f"{safe} can be fixed with --fix" + (f", {unsafe} more with --unsafe-fixes" if unsafe else "")
    elif unsafe:
        yield f"{unsafe} can be fixed with --fix --unsafe-fixes"


def _worst(causes: list[RootCause]) -> Iterator[str]:
    ranked = sorted(causes, key=lambda cause: -len(cause.findings))
    yield "root causes with most callers:"
    for cause in ranked[:_WORST]:
        yield f"{len(cause.findings):7}  {cause.first.code}  {cause.what} at {cause.place}"


def _next(report: Report) -> Iterator[str]:
    ((code, _),) = Counter(finding.code for finding in report.findings).most_common(1)
    example = next((f for f in report.findings if len(f.chain) > 1), report.findings[0]).location
    yield "next:"
    yield f"  blockcheck explain {code}  (why it matters, what to do instead)"
    if example.path != "-":  # what came by standard input without a name cannot be asked for again
        yield f"  blockcheck why {shlex.quote(f'{example.path}:{example.line}')}  (what is known of a line)"
    if len(report.findings) > _MANY:
        yield "  blockcheck check --statistics  (what there is most of)"
        yield "  blockcheck check --write-baseline FILE  (report only what is new)"
