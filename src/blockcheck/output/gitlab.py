"""``gitlab``: the Code Quality report that GitLab shows in merge requests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TextIO

from blockcheck.findings import Severity
from blockcheck.output.concise import steps

if TYPE_CHECKING:
    from blockcheck.findings import Finding, Report
    from blockcheck.output.colour import Paint

# https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor"}


def write(report: Report, stream: TextIO, _paint: Paint) -> None:
    """Write the findings as one JSON array."""
    json.dump([_issue(finding) for finding in report.findings], stream, indent=2)
    stream.write("\n")


def _issue(finding: Finding) -> dict[str, Any]:
    place = finding.location
    return {
        "description": "\n".join([f"{finding.code} {finding.message}", *steps(finding)]),
        "check_name": finding.name,
        "fingerprint": finding.fingerprint,
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": place.path, "lines": {"begin": place.line, "end": place.end_line}},
    }
