"""What reports look like."""

from __future__ import annotations

import dataclasses
import io
import json
from importlib import resources

import jsonschema
import pytest

from blockcheck import __version__
from blockcheck.findings import (
    Applicability,
    Confidence,
    Edit,
    Finding,
    Fix,
    Link,
    Location,
    Related,
    Report,
    Severity,
    SourceProblem,
)
from blockcheck.output import Paint, colour, full, sarif, statistics, write

SOURCE = "async def f():\n\tx = ['\N{CJK UNIFIED IDEOGRAPH-65E5}', load()]\r\n"
TRANSITIVE = Finding(
    code="BCK201",
    name="blocking-sleep",
    message="load() blocks: it sleeps",
    kind="sleep",
    confidence=Confidence.MEDIUM,
    severity=Severity.WARNING,
    location=Location("pkg/a.py", 2, 12, 2, 18),
    function="pkg.a.f",
    primitive="time.sleep",
    chain=(
        Link("pkg/a.py", 2, 12, "pkg.a.f", "pkg.b.load"),
        Link("pkg/b.py", 7, 5, "pkg.b.load", "time.sleep"),
    ),
    related=(Related("pkg/a.py", 1, 1, "the function runs on the event loop"),),
    fix=Fix(Applicability.UNSAFE, "await it", (Edit(Location("pkg/a.py", 2, 12, 2, 12), "await "),)),
    help="use asyncio.sleep",
    fingerprint="0123456789abcdef" * 2,
)
PLAIN = Finding(
    code="BCK902",
    name="unreadable-source",
    message="source contains NUL bytes",
    kind="source",
    confidence=Confidence.HIGH,
    severity=Severity.ERROR,
    location=Location("pkg/nul.py", 1, 1, 1, 2),
    fingerprint="fedcba9876543210" * 2,
)
REPORT = Report(
    findings=[TRANSITIVE, PLAIN],
    problems=[SourceProblem("pkg/nul.py", 1, 1, "source contains NUL bytes")],
    files=3,
    parsed=2,
    suppressed=1,
    seconds=0.12345,
    sources={"pkg/a.py": SOURCE},
)


def rendered(output_format: str, *, paint: bool = False) -> str:
    stream = io.StringIO()
    write(REPORT, output_format, stream, Paint(enabled=paint))
    return stream.getvalue()


def test_full() -> None:
    assert rendered("full") == (
        "pkg/a.py:2:12: BCK201 load() blocks: it sleeps\n"
        "  |\n"
        "2 |     x = ['\N{CJK UNIFIED IDEOGRAPH-65E5}', load()]\n"
        "  |                ^^^^^^\n"
        "  = note: pkg/a.py:2:12: f calls load\n"
        "  = note: pkg/b.py:7:5: load calls time.sleep\n"
        "  = related: pkg/a.py:1:1: the function runs on the event loop\n"
        "  = fix (unsafe): await it\n"
        "    @@ -1,2 +1,2 @@\n"
        "     async def f():\n"
        "    -    x = ['\N{CJK UNIFIED IDEOGRAPH-65E5}', load()]\n"
        "    +    x = ['\N{CJK UNIFIED IDEOGRAPH-65E5}', await load()]\n"
        "\n"
        "pkg/nul.py:1:1: BCK902 source contains NUL bytes\n"
        "\n"
    )


def caller(number: int, primitive_line: int = 7) -> Finding:
    """A further finding with the root cause of TRANSITIVE, unless another line is given."""
    path = f"pkg/c{number}.py"
    first = Link(path, 3, 5, f"pkg.c{number}.g", "pkg.b.load")
    last = dataclasses.replace(TRANSITIVE.chain[-1], line=primitive_line)
    return dataclasses.replace(
        TRANSITIVE, location=Location(path, 3, 5, 3, 11), chain=(first, last), related=()
    )


def test_full_does_not_advise_what_it_calls_impossible() -> None:
    """On the event loop the help is what a fix would do: run it in a thread, or await another."""
    refused = Fix(Applicability.DISPLAY, "no automatic fix: load must not run in another thread", ())
    on_loop = dataclasses.replace(TRANSITIVE, fix=refused)
    under_lock = dataclasses.replace(on_loop, code="BCK401", help="do the I/O before or after")
    for finding, advised in ((on_loop, False), (under_lock, True)):
        stream = io.StringIO()
        write(dataclasses.replace(REPORT, findings=[finding]), "full", stream)
        assert ("= help:" in stream.getvalue()) is advised
        assert "= fix: no automatic fix: load must" in stream.getvalue()
        (result,) = sarif.log(Report(findings=[finding]))["runs"][0]["results"]
        assert (finding.help in result["message"]["text"]) is advised


def test_full_shows_a_root_cause_once() -> None:
    stream = io.StringIO()
    write(Report(findings=[TRANSITIVE, caller(1), caller(2)], sources={"pkg/a.py": SOURCE}), "full", stream)
    assert stream.getvalue().endswith(
        "  = fix (unsafe): await it\n"
        "    @@ -1,2 +1,2 @@\n"
        "     async def f():\n"
        "    -    x = ['\N{CJK UNIFIED IDEOGRAPH-65E5}', load()]\n"
        "    +    x = ['\N{CJK UNIFIED IDEOGRAPH-65E5}', await load()]\n"
        "  = also: 2 more calls with the same root cause\n"
        "    pkg/c1.py:3:5: BCK201 g calls load\n"
        "    pkg/c2.py:3:5: BCK201 g calls load\n"
        "\n"
    )
    assert stream.getvalue().count("time.sleep") == 1


def test_full_is_brief_where_there_is_much() -> None:
    stream = io.StringIO()
    many = [caller(number, number) for number in range(1, full.DETAILED + 2)]
    write(Report(findings=[TRANSITIVE, *many], sources={"pkg/a.py": SOURCE}), "full", stream)
    assert stream.getvalue().startswith(
        "pkg/a.py:2:12: BCK201 load() blocks: it sleeps\n"
        "    through load (pkg/a.py:2) > time.sleep (pkg/b.py:7)\n"
        "    pkg/c7.py:3:5: BCK201 g calls load\n"
        "pkg/c1.py:3:5: BCK201 load() blocks: it sleeps\n"
        "    through load (pkg/c1.py:3) > time.sleep (pkg/b.py:1)\n"
    )


def test_full_cuts_long_lines_around_the_finding() -> None:
    line = "x = [" + "1, " * 200 + "call()" + ", 1" * 200 + "]"
    start = line.index("call") + 1
    location = Location("a.py", 1, start, 1, start + 6)
    finding = Finding("BCK201", "n", "m", "k", Confidence.HIGH, Severity.WARNING, location)
    stream = io.StringIO()
    write(Report(findings=[finding], sources={"a.py": line}), "full", stream)
    _, _, shown, carets, *_ = stream.getvalue().splitlines()
    assert len(shown) <= 170
    assert shown[carets.index("^") :].startswith("call()")
    assert carets.count("^") == 6


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_full_fits_narrow_terminals(monkeypatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    for before in (0, 30, 300):
        line = "    x = [" + "\N{CJK UNIFIED IDEOGRAPH-65E5}, " * before + "call()" + ", 1" * 30 + "]"
        start = line.index("call") + 1
        location = Location("a.py", 1, start, 1, start + 6)
        finding = Finding("BCK201", "n", "m", "k", Confidence.HIGH, Severity.WARNING, location)
        stream = Terminal()
        write(Report(findings=[finding], sources={"a.py": line}), "full", stream)
        _, _, shown, carets, *_ = stream.getvalue().splitlines()
        cells = "".join(char * (2 if char > "\u3000" else 1) for char in shown)
        assert len(cells) <= columns
        assert cells[carets.index("^") :].startswith("call()")


def test_concise() -> None:
    assert rendered("concise") == (
        "pkg/a.py:2:12: BCK201 load() blocks: it sleeps\npkg/nul.py:1:1: BCK902 source contains NUL bytes\n"
    )


def test_colour_changes_nothing_but_colour() -> None:
    import re

    for name in ("full", "concise"):
        coloured = rendered(name, paint=True)
        assert "\033[" in coloured
        assert re.sub(r"\033\[[\d;]*m", "", coloured) == rendered(name)


def test_json_document_is_as_contracted() -> None:
    document = json.loads(rendered("json"))
    assert list(document) == ["version", "tool", "findings", "errors", "summary"]
    assert document["version"] == 1
    assert document["tool"] == {"name": "blockcheck", "version": __version__}
    assert document["errors"] == [
        {"path": "pkg/nul.py", "line": 1, "column": 1, "message": "source contains NUL bytes"}
    ]
    assert document["summary"] == {
        "files": 3,
        "parsed": 2,
        "cached": 0,
        "findings": 2,
        "suppressed": 1,
        "seconds": 0.123,
    }
    assert document["findings"][0] == {
        "code": "BCK201",
        "name": "blocking-sleep",
        "message": "load() blocks: it sleeps",
        "kind": "sleep",
        "confidence": "medium",
        "severity": "warning",
        "path": "pkg/a.py",
        "line": 2,
        "column": 12,
        "end_line": 2,
        "end_column": 18,
        "function": "pkg.a.f",
        "primitive": "time.sleep",
        "chain": [
            {"path": "pkg/a.py", "line": 2, "column": 12, "function": "pkg.a.f", "call": "pkg.b.load"},
            {"path": "pkg/b.py", "line": 7, "column": 5, "function": "pkg.b.load", "call": "time.sleep"},
        ],
        "related": [
            {"path": "pkg/a.py", "line": 1, "column": 1, "message": "the function runs on the event loop"}
        ],
        "fix": {
            "applicability": "unsafe",
            "message": "await it",
            "edits": [
                {
                    "path": "pkg/a.py",
                    "line": 2,
                    "column": 12,
                    "end_line": 2,
                    "end_column": 12,
                    "text": "await ",
                }
            ],
        },
        "fingerprint": "0123456789abcdef0123456789abcdef",
    }
    assert (document["findings"][1]["fix"], document["findings"][1]["function"]) == (None, None)


def test_json_document_meets_the_shipped_schema() -> None:
    schema = json.loads(resources.files("blockcheck.output").joinpath("schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    document = json.loads(rendered("json"))
    jsonschema.validate(document, schema)
    document["findings"][0]["surprise"] = 1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema)


def test_jsonl_has_the_same_findings() -> None:
    lines = rendered("jsonl").splitlines()
    assert [json.loads(line) for line in lines] == json.loads(rendered("json"))["findings"]


def test_statistics() -> None:
    stream = io.StringIO()
    statistics.write(Report(findings=[TRANSITIVE, TRANSITIVE, PLAIN]), stream, Paint(enabled=False))
    assert stream.getvalue() == (
        "by code:\n"
        "      2  BCK201  blocking-sleep\n"
        "      1  BCK902  unreadable-source\n"
        "by kind:\n"
        "      2  sleep\n"
        "      1  source\n"
        "by root cause:\n"
        "      2  time.sleep  pkg/b.py:7\n"
    )


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("choice", "environment", "stream", "expected"),
    [
        ("auto", {}, Terminal(), True),
        ("auto", {}, io.StringIO(), False),
        ("auto", {"NO_COLOR": "1"}, Terminal(), False),
        ("auto", {"NO_COLOR": ""}, Terminal(), True),
        ("auto", {"FORCE_COLOR": "1"}, io.StringIO(), True),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, io.StringIO(), False),
        ("auto", {"TERM": "dumb"}, Terminal(), False),
        ("always", {"NO_COLOR": "1"}, io.StringIO(), True),
        ("never", {"FORCE_COLOR": "1"}, Terminal(), False),
    ],
)
def test_when_to_colour(
    monkeypatch, choice: str, environment: dict[str, str], stream, expected: bool
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert colour.wanted(choice, stream) is expected
