"""``sarif``: the Static Analysis Results Interchange Format, version 2.1.0.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
import re
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import quote

from blockcheck import __version__
from blockcheck.findings import Applicability
from blockcheck.output.concise import advice

if TYPE_CHECKING:
    from blockcheck.findings import Finding, Fix, Link, Report, RuleInfo, SourceProblem
    from blockcheck.output.colour import Paint

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"
_LINK = re.compile(r"\]\((https://[^)\s]+)\)")


def write(report: Report, stream: TextIO, _paint: Paint) -> None:
    """Write the log."""
    json.dump(log(report), stream, indent=2)
    stream.write("\n")


def log(report: Report) -> dict[str, Any]:
    """Return a report as plain data."""
    indexes = {rule.code: index for index, rule in enumerate(report.rules)}
    fatal = [problem for problem in report.problems if problem.fatal]
    invocation: dict[str, Any] = {"executionSuccessful": not fatal}
    if fatal:
        invocation["toolExecutionNotifications"] = [_notification(problem) for problem in fatal]
    run = {
        "tool": {
            "driver": {
                "name": "blockcheck",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(rule) for rule in report.rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder that blockcheck was run in."}}},
        "invocations": [invocation],
        "results": [_result(finding, indexes.get(finding.code)) for finding in report.findings],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: RuleInfo) -> dict[str, Any]:
    described = {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": f"{rule.summary[:1].upper()}{rule.summary[1:]}."},
        "fullDescription": {"text": _section(rule.page, "What it does") or rule.summary},
        "help": {"text": rule.page, "markdown": rule.page},
        "defaultConfiguration": {"enabled": rule.default, "level": str(rule.severity)},
    }
    reference = _LINK.search(_section(rule.page, "References"))
    if reference:
        described["helpUri"] = reference[1]
    return described


def _section(page: str, title: str) -> str:
    """Return the text under a heading of a rule's page."""
    _, _, behind = page.partition(f"## {title}\n")
    return behind.partition("\n## ")[0].strip()


def _result(finding: Finding, index: int | None) -> dict[str, Any]:
    place = finding.location
    location = _location(place.path, place.line, place.column, place.end_line, place.end_column)
    if finding.function:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.function, "kind": "function"}]
    text = "\n".join(filter(None, [finding.message, advice(finding)]))
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "level": str(finding.severity),
        "message": {"text": text},
        "locations": [location],
        "partialFingerprints": {"blockcheck/v1": finding.fingerprint},
        "properties": {
            "confidence": str(finding.confidence),
            "kind": finding.kind,
            "primitive": finding.primitive,
        },
    }
    if index is not None:
        result["ruleIndex"] = index
    if len(finding.chain) > 1:
        result["codeFlows"] = [{"threadFlows": [{"locations": [_step(link) for link in finding.chain]}]}]
    if finding.related:
        result["relatedLocations"] = [
            {
                "id": number,
                **_location(other.path, other.line, other.column),
                "message": {"text": other.message},
            }
            for number, other in enumerate(finding.related, 1)
        ]
    # What is only meant to be looked at is nothing that a viewer should offer to apply.
    if finding.fix and finding.fix.edits and finding.fix.applicability != Applicability.DISPLAY:
        result["fixes"] = [_fix(finding.fix)]
    return result


def _step(link: Link) -> dict[str, Any]:
    location = _location(link.path, link.line, link.column)
    location["message"] = {"text": f"{link.function} calls {link.call}"}
    return {"location": location}


def _fix(fix: Fix) -> dict[str, Any]:
    changes: dict[str, list[dict[str, Any]]] = {}
    for edit in fix.edits:
        place = edit.location
        changes.setdefault(place.path, []).append(
            {
                "deletedRegion": _region(place.line, place.column, place.end_line, place.end_column),
                "insertedContent": {"text": edit.text},
            }
        )
    return {
        "description": {"text": fix.message},
        "artifactChanges": [
            {"artifactLocation": _artifact(path), "replacements": replacements}
            for path, replacements in changes.items()
        ],
    }


def _notification(problem: SourceProblem) -> dict[str, Any]:
    return {
        "level": "error",
        "message": {"text": problem.message},
        "locations": [_location(problem.path, problem.line, problem.column)],
    }


def _location(
    path: str, line: int, column: int, end_line: int | None = None, end_column: int | None = None
) -> dict[str, Any]:
    region = _region(line, column, end_line, end_column)
    return {"physicalLocation": {"artifactLocation": _artifact(path), "region": region}}


def _region(line: int, column: int, end_line: int | None, end_column: int | None) -> dict[str, int]:
    """Return a span; its end is exclusive and its columns count as ours do."""
    region = {"startLine": line, "startColumn": column}
    if end_line is not None and end_column is not None:
        region |= {"endLine": end_line, "endColumn": end_column}
    return region


def _artifact(path: str) -> dict[str, str]:
    # A path outside of the working directory is either absolute (another drive) or starts with dots.
    if PurePath(path).is_absolute():
        return {"uri": PurePath(path).as_uri()}
    return {"uri": quote(path, errors="surrogateescape"), "uriBaseId": _ROOT}
