"""``junit``: XML that build servers show as test results, a suite for each file and a failure for each finding."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, TextIO
from xml.etree import ElementTree as ET

from blockcheck.output.concise import steps

if TYPE_CHECKING:
    from blockcheck.findings import Finding, Report
    from blockcheck.output.colour import Paint

# What XML 1.0 cannot say, not even escaped.
_UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(report: Report, stream: TextIO, _paint: Paint) -> None:
    """Write the document; a run without anything to say is one test that passed."""
    fatal = [problem for problem in report.problems if problem.fatal]
    root = ET.Element("testsuites", name="blockcheck")
    root.set("tests", str(len(report.findings) + len(fatal) or 1))
    root.set("failures", str(len(report.findings)))
    root.set("errors", str(len(fatal)))
    for path, findings in groupby(report.findings, key=lambda finding: finding.location.path):
        group = list(findings)
        suite = _suite(root, path, tests=len(group), failures=len(group))
        for finding in group:
            _failure(suite, finding)
    for problem in fatal:
        suite = _suite(root, problem.path, tests=1, errors=1)
        case = ET.SubElement(suite, "testcase", name="analysis", classname=_speakable(problem.path))
        ET.SubElement(case, "error", message=_speakable(problem.message))
    if len(root) == 0:
        ET.SubElement(
            _suite(root, "blockcheck", tests=1), "testcase", name="no findings", classname="blockcheck"
        )
    ET.indent(root)
    stream.write('<?xml version="1.0" encoding="utf-8"?>\n')
    stream.write(ET.tostring(root, encoding="unicode") + "\n")


def _suite(root: ET.Element, name: str, *, tests: int, failures: int = 0, errors: int = 0) -> ET.Element:
    counts = {"tests": str(tests), "failures": str(failures), "errors": str(errors)}
    return ET.SubElement(root, "testsuite", {"name": _speakable(name), **counts})


def _failure(suite: ET.Element, finding: Finding) -> None:
    place = finding.location
    path = _speakable(place.path)
    name = f"{finding.code} {finding.name} {place.line}:{place.column}"
    case = ET.SubElement(suite, "testcase", name=name, classname=path, file=path, line=str(place.line))
    failure = ET.SubElement(case, "failure", type=finding.code, message=_speakable(finding.message))
    where = f"{place.path}:{place.line}:{place.column}: {finding.code} {finding.message}"
    failure.text = _speakable("\n".join([where, *steps(finding)]))


def _speakable(text: str) -> str:
    return _UNSPEAKABLE.sub("\N{REPLACEMENT CHARACTER}", text)
