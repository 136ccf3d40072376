"""``concise``: one line a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.findings import Finding, Report
    from blockcheck.output.colour import Paint

_ON_THE_LOOP = "BCK2"


def write(report: Report, stream: TextIO, paint: Paint) -> None:
    """Write the findings, one a line."""
    stream.writelines(headline(finding, paint) + "\n" for finding in report.findings)


def headline(finding: Finding, paint: Paint) -> str:
    """Return ``path:line:column: CODE message``."""
    return f"{place_and_code(finding, paint)} {finding.message}"


def place_and_code(finding: Finding, paint: Paint) -> str:
    """Return ``path:line:column: CODE``."""
    place = finding.location
    colon = paint(":", "dim")
    where = f"{paint(place.path, 'bold')}{colon}{place.line}{colon}{place.column}{colon}"
    return f"{where} {paint(finding.code, 'red', 'bold')}"


def advice(finding: Finding) -> str:
    """Return the help, unless the fix says why that very thing cannot be done: what both speak of on the event loop."""
    refused = finding.fix is not None and not finding.fix.edits
    return "" if refused and finding.code.startswith(_ON_THE_LOOP) else finding.help


def steps(finding: Finding) -> Iterator[str]:
    """Yield the chain and the related places in plain lines; a chain of one link is the reported call itself."""
    for link in finding.chain if len(finding.chain) > 1 else ():
        yield f"{link.path}:{link.line}:{link.column}: {link.function} calls {link.call}"
    for place in finding.related:
        yield f"{place.path}:{place.line}:{place.column}: {place.message}"
