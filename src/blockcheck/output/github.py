"""``github``: workflow commands that GitHub Actions turns into annotations of a pull request's lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from blockcheck.output.concise import advice, steps

if TYPE_CHECKING:
    from blockcheck.findings import Finding, Report
    from blockcheck.output.colour import Paint

# https://docs.github.com/actions/reference/workflow-commands-for-github-actions
_IN_MESSAGE = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTY = {**_IN_MESSAGE, ":": "%3A", ",": "%2C"}


def write(report: Report, stream: TextIO, _paint: Paint) -> None:
    """Write the findings, one command each."""
    stream.writelines(_command(finding) + "\n" for finding in report.findings)


def _command(finding: Finding) -> str:
    place = finding.location
    properties: dict[str, object] = {
        "title": f"{finding.code} {finding.name}",
        "file": place.path,
        "line": place.line,
        "endLine": place.end_line,
    }
    if place.line == place.end_line:  # GitHub refuses columns in a span of several lines
        properties["col"] = place.column
        properties["endColumn"] = place.end_column
    written = ",".join(f"{name}={_escape(str(value), _IN_PROPERTY)}" for name, value in properties.items())
    message = "\n".join(filter(None, [finding.message, *steps(finding), advice(finding)]))
    return f"::{finding.severity} {written}::{_escape(message, _IN_MESSAGE)}"


def _escape(text: str, replacements: dict[str, str]) -> str:
    return "".join(replacements.get(char, char) for char in text)
