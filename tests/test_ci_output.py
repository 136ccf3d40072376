"""The formats that continuous integration reads."""

from __future__ import annotations

import dataclasses
import io
import json
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from conftest import REPOSITORY
from test_output import PLAIN, REPORT, TRANSITIVE

from blockcheck.findings import (
    Applicability,
    Edit,
    Finding,
    Fix,
    Location,
    Report,
    RuleInfo,
    Severity,
    SourceProblem,
)
from blockcheck.output import write

RULE = RuleInfo(
    "BCK201",
    "blocking-sleep",
    "a sleep that stops the event loop",
    "# blocking-sleep\n\n## What it does\nReports sleeps.\n\n## Why is this bad?\nIt waits.",
    True,
    Severity.WARNING,
)


SARIF_SAMPLE = """\
import asyncio
import threading
import time

LOCK = threading.Lock()


def wait():
    time.sleep(1)


async def handle():
    await asyncio.sleep(0)
    time.sleep(1)
    wait()


def guarded():
    with LOCK:
        wait()
"""


def rendered(output_format: str, report: Report = REPORT) -> str:
    stream = io.StringIO()
    write(report, output_format, stream)
    return stream.getvalue()


def changed(finding: Finding, **changes: object) -> Report:
    return Report(findings=[dataclasses.replace(finding, **changes)], rules=(RULE,))


@pytest.fixture(scope="module")
def sarif_schema() -> jsonschema.protocols.Validator:
    # As in Microsoft's SARIF Multitool 5.7 (MIT License): the standard's schema in JSON Schema 2020-12.
    schema = json.loads((REPOSITORY / "tests/schemas/sarif-2.1.0.json").read_text())
    return jsonschema.Draft202012Validator(schema)


@pytest.fixture(scope="module")
def check_junit():
    """Check a report against the schema that Jenkins reads JUnit's reports by (MIT License)."""
    xs = "{http://www.w3.org/2001/XMLSchema}"
    schema = ET.parse(REPOSITORY / "tests/schemas/junit-10.xsd").getroot()
    kinds = {kind.get("name"): kind for kind in schema.findall(f"{xs}element")}

    def check(element: ET.Element) -> None:
        kind = kinds[element.tag]
        known = {entry.get("name"): entry.get("use") for entry in kind.iter(f"{xs}attribute")}
        assert set(element.keys()) <= known.keys()
        assert {name for name, use in known.items() if use == "required"} <= set(element.keys())
        # Nothing but choices and repetitions is in there, so their order is free.
        assert {child.tag for child in element} <= {entry.get("ref") for entry in kind.iter(f"{xs}element")}
        for child in element:
            check(child)

    return check


# https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "location", "severity"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                # "The relative path … Don't prefix with ./"
                "properties": {
                    "path": {"type": "string", "pattern": r"^(?!\./|/)."},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


def test_junit_and_gitlab_of_a_real_run_meet_their_schemas(check_junit, project, blockcheck) -> None:
    root = project({"pkg/a.py": SARIF_SAMPLE, "b.py": "("})
    for paths in (["."], ["./b.py"], [root / "pkg"], ["."]):
        blockcheck("check", "--output-format", "junit=out.xml", "--output-format", "gitlab=out.json", *paths)
        suites = ET.parse(root / "out.xml").getroot()
        assert suites.tag == "testsuites"
        check_junit(suites)
        issues = json.loads((root / "out.json").read_text())
        jsonschema.validate(issues, GITLAB)
        assert len(issues) == len({issue["fingerprint"] for issue in issues}) == int(suites.get("failures"))
    for each in (REPORT, Report()):
        check_junit(ET.fromstring(rendered("junit", each).encode()))
        jsonschema.validate(json.loads(rendered("gitlab", each)), GITLAB)


def test_github() -> None:
    assert rendered("github") == (
        "::warning title=BCK201 blocking-sleep,file=pkg/a.py,line=2,endLine=2,col=12,endColumn=18::"
        "load() blocks: it sleeps"
        "%0Apkg/a.py:2:12: pkg.a.f calls pkg.b.load"
        "%0Apkg/b.py:7:5: pkg.b.load calls time.sleep"
        "%0Apkg/a.py:1:1: the function runs on the event loop"
        "%0Ause asyncio.sleep\n"
        "::error title=BCK902 unreadable-source,file=pkg/nul.py,line=1,endLine=1,col=1,endColumn=2::"
        "source contains NUL bytes\n"
    )


def test_github_escapes_what_would_end_a_command() -> None:
    report = changed(PLAIN, location=Location("a,b:c%.py", 1, 1, 3, 2), message="100%\r\n::error::x")
    assert rendered("github", report) == (
        "::error title=BCK902 unreadable-source,file=a%2Cb%3Ac%25.py,line=1,endLine=3::"
        "100%25%0D%0A::error::x\n"
    )


def test_gitlab() -> None:
    issues = json.loads(rendered("gitlab"))
    assert issues[0] == {
        "description": "BCK201 load() blocks: it sleeps\n"
        "pkg/a.py:2:12: pkg.a.f calls pkg.b.load\n"
        "pkg/b.py:7:5: pkg.b.load calls time.sleep\n"
        "pkg/a.py:1:1: the function runs on the event loop",
        "check_name": "blocking-sleep",
        "fingerprint": "0123456789abcdef0123456789abcdef",
        "severity": "minor",
        "location": {"path": "pkg/a.py", "lines": {"begin": 2, "end": 2}},
    }
    assert [issue["severity"] for issue in issues] == ["minor", "major"]
    assert json.loads(rendered("gitlab", Report())) == []


def test_junit() -> None:
    root = ET.fromstring(rendered("junit").encode())
    assert root.attrib == {"name": "blockcheck", "tests": "2", "failures": "2", "errors": "0"}
    assert [suite.get("name") for suite in root] == ["pkg/a.py", "pkg/nul.py"]
    (case,) = root[0]
    assert case.attrib == {
        "name": "BCK201 blocking-sleep 2:12",
        "classname": "pkg/a.py",
        "file": "pkg/a.py",
        "line": "2",
    }
    assert case[0].attrib == {"type": "BCK201", "message": "load() blocks: it sleeps"}
    assert case[0].text.startswith(
        "pkg/a.py:2:12: BCK201 load() blocks: it sleeps\npkg/a.py:2:12: pkg.a.f calls"
    )


def test_junit_without_findings_is_a_test_that_passed() -> None:
    root = ET.fromstring(rendered("junit", Report()).encode())
    assert (root.get("tests"), root.get("failures"), len(root[0]), len(root[0][0])) == ("1", "0", 1, 0)


def test_junit_tells_errors_of_the_run_and_leaves_out_what_xml_cannot_say() -> None:
    report = changed(PLAIN, message='a\0b\x1bc<&"')
    report.problems = [SourceProblem("nope.py", 1, 1, "no such file", fatal=True)]
    root = ET.fromstring(rendered("junit", report).encode())
    assert root.get("errors") == "1"
    assert root[0][0][0].get("message") == 'a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c<&"'
    assert root[1][0][0].get("message") == "no such file"


def test_sarif_meets_the_official_schema(sarif_schema) -> None:
    report = dataclasses.replace(REPORT, rules=(RULE,))
    report.problems = [SourceProblem("nope.py", 1, 1, "no such file", fatal=True)]
    for each in (report, Report()):
        sarif_schema.validate(json.loads(rendered("sarif", each)))


def test_sarif_of_every_kind_of_finding_meets_the_official_schema(sarif_schema, project, blockcheck) -> None:
    project({"a.py": SARIF_SAMPLE})
    log = blockcheck("check", "--output-format", "sarif").document
    sarif_schema.validate(log)
    results = log["runs"][0]["results"]
    assert [result["ruleId"] for result in results] == ["BCK201", "BCK201", "BCK401"]
    for part in ("codeFlows", "relatedLocations", "fixes", "partialFingerprints"):
        assert any(part in result for result in results), part
    assert len({result["partialFingerprints"]["blockcheck/v1"] for result in results}) == 3


def test_sarif_of_a_real_run_meets_the_official_schema(sarif_schema, project, blockcheck) -> None:
    project(
        {"a b.py": "import time\ndef g():\n    time.sleep(1)\nasync def f():\n    g()\n", "broken.py": "("}
    )
    log = blockcheck("check", "--output-format", "sarif", ".", "nope.py").document
    sarif_schema.validate(log)
    (run,) = log["runs"]
    links = {rule["id"]: rule["helpUri"] for rule in run["tool"]["driver"]["rules"]}
    assert links["BCK201"] == "https://docs.python.org/3/library/asyncio-task.html#asyncio.sleep"
    assert all(links.values())
    assert [result["ruleId"] for result in run["results"]] == ["BCK201", "BCK902"]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    place = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "a%20b.py", "uriBaseId": "%SRCROOT%"}
    (invocation,) = run["invocations"]
    assert not invocation["executionSuccessful"]
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "no such file or folder"


def test_sarif() -> None:
    (run,) = json.loads(rendered("sarif", dataclasses.replace(REPORT, rules=(RULE,))))["runs"]
    (rule,) = run["tool"]["driver"]["rules"]
    assert (rule["id"], rule["shortDescription"], rule["fullDescription"], rule["defaultConfiguration"]) == (
        "BCK201",
        {"text": "A sleep that stops the event loop."},
        {"text": "Reports sleeps."},
        {"enabled": True, "level": "warning"},
    )
    assert rule["help"]["markdown"] == RULE.page
    artifact = {"uri": "pkg/a.py", "uriBaseId": "%SRCROOT%"}

    def place(path: str, line: int, column: int) -> dict:
        return {
            "artifactLocation": {"uri": path, "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": line, "startColumn": column},
        }

    assert run["results"][0] == {
        "ruleId": "BCK201",
        "ruleIndex": 0,
        "level": "warning",
        "message": {"text": "load() blocks: it sleeps\nuse asyncio.sleep"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": artifact,
                    "region": {"startLine": 2, "startColumn": 12, "endLine": 2, "endColumn": 18},
                },
                "logicalLocations": [{"fullyQualifiedName": "pkg.a.f", "kind": "function"}],
            }
        ],
        "partialFingerprints": {"blockcheck/v1": "0123456789abcdef0123456789abcdef"},
        "properties": {"confidence": "medium", "kind": "sleep", "primitive": "time.sleep"},
        "codeFlows": [
            {
                "threadFlows": [
                    {
                        "locations": [
                            {
                                "location": {
                                    "physicalLocation": place("pkg/a.py", 2, 12),
                                    "message": {"text": "pkg.a.f calls pkg.b.load"},
                                }
                            },
                            {
                                "location": {
                                    "physicalLocation": place("pkg/b.py", 7, 5),
                                    "message": {"text": "pkg.b.load calls time.sleep"},
                                }
                            },
                        ]
                    }
                ]
            }
        ],
        "relatedLocations": [
            {
                "id": 1,
                "physicalLocation": place("pkg/a.py", 1, 1),
                "message": {"text": "the function runs on the event loop"},
            }
        ],
        "fixes": [
            {
                "description": {"text": "await it"},
                "artifactChanges": [
                    {
                        "artifactLocation": artifact,
                        "replacements": [
                            {
                                "deletedRegion": {
                                    "startLine": 2,
                                    "startColumn": 12,
                                    "endLine": 2,
                                    "endColumn": 12,
                                },
                                "insertedContent": {"text": "await "},
                            }
                        ],
                    }
                ],
            }
        ],
    }
    assert not {"codeFlows", "relatedLocations", "fixes", "ruleIndex"} & set(run["results"][1])


def test_sarif_offers_no_fix_that_is_only_to_be_looked_at() -> None:
    edit = Edit(Location("pkg/a.py", 2, 12, 2, 12), "await ")
    report = changed(TRANSITIVE, fix=Fix(Applicability.DISPLAY, "await it", (edit,)))
    assert "fixes" not in json.loads(rendered("sarif", report))["runs"][0]["results"][0]


def test_several_reports_in_one_run(project, blockcheck) -> None:
    root = project({"bad.py": "import time\nasync def f():\n    time.sleep(1)\n"})
    outcome = blockcheck(
        "check", "--output-format", "sarif=out.sarif", "--output-format", "junit=out.xml", "--exit-zero"
    )
    assert outcome.code == 0
    assert outcome.out.startswith("bad.py:3:5: BCK201 ")
    assert json.loads((root / "out.sarif").read_text())["version"] == "2.1.0"
    assert ET.parse(root / "out.xml").getroot().get("failures") == "1"
    outcome = blockcheck(
        "check", "--output-format", "json", "--output-format", "gitlab=g.json", "--output-file", "main.json"
    )
    assert outcome.out == ""
    outcome = blockcheck("check", "--output-format", "json=-", "--output-format", "gitlab=g.json")
    assert json.loads(outcome.out)["version"] == 1
    assert blockcheck("check", "--output-file", "-").out.startswith("bad.py:3:5: BCK201 ")
    assert not (root / "-").exists()
    assert json.loads((root / "main.json").read_text())["version"] == 1
    assert len(json.loads((root / "g.json").read_text())) == 1
