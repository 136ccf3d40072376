"""``json``: one document, described by ``schema.json``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TextIO

from blockcheck import __version__

if TYPE_CHECKING:
    from blockcheck.findings import Edit, Finding, Fix, Report
    from blockcheck.output.colour import Paint

VERSION = 1


def write(report: Report, stream: TextIO, _paint: Paint) -> None:
    """Write the document."""
    json.dump(document(report), stream, indent=2)
    stream.write("\n")


def document(report: Report) -> dict[str, Any]:
    """Return a report as plain data."""
    return {
        "version": VERSION,
        "tool": {"name": "blockcheck", "version": __version__},
        "findings": [finding_object(finding) for finding in report.findings],
        "errors": [
            {"path": problem.path, "line": problem.line, "column": problem.column, "message": problem.message}
            for problem in report.problems
        ],
        "summary": {
            "files": report.files,
            "parsed": report.parsed,
            "cached": report.cached,
            "findings": len(report.findings),
            "suppressed": report.suppressed,
            "seconds": round(report.seconds, 3),
        },
    }


def finding_object(finding: Finding) -> dict[str, Any]:
    """Return a finding as plain data."""
    place = finding.location
    return {
        "code": finding.code,
        "name": finding.name,
        "message": finding.message,
        "kind": finding.kind,
        "confidence": str(finding.confidence),
        "severity": str(finding.severity),
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "function": finding.function,
        "primitive": finding.primitive,
        "chain": [
            {
                "path": link.path,
                "line": link.line,
                "column": link.column,
                "function": link.function,
                "call": link.call,
            }
            for link in finding.chain
        ],
        "related": [
            {"path": place.path, "line": place.line, "column": place.column, "message": place.message}
            for place in finding.related
        ],
        "fix": _fix_object(finding.fix) if finding.fix else None,
        "fingerprint": finding.fingerprint,
    }


def _fix_object(fix: Fix) -> dict[str, Any]:
    return {
        "applicability": str(fix.applicability),
        "message": fix.message,
        "edits": [_edit_object(edit) for edit in fix.edits],
    }


def _edit_object(edit: Edit) -> dict[str, Any]:
    place = edit.location
    return {
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "text": edit.text,
    }
