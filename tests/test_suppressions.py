"""Comments hide findings, and those that hide none are told of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from blockcheck.findings import Confidence, Finding, Location, Severity
from blockcheck.source.suppressions import Suppressions

KNOWN = ("BCK201", "BCK202", "BCK203", "BCK901")
SLEEP = Finding("BCK201", "n", "m", "k", Confidence.HIGH, Severity.WARNING, Location("a.py", 1, 1, 1, 2))


def at(line: int, end_line: int | None = None, code: str = "BCK201") -> Finding:
    return replace(SLEEP, code=code, location=Location("a.py", line, 1, end_line or line, 2))


def unused(text: str, *findings: Finding) -> list[tuple[int, str]]:
    comments = Suppressions(text)
    for finding in findings:
        comments.hides(finding)
    return [(entry.line, entry.message) for entry in comments.unused(KNOWN, KNOWN)]


@pytest.mark.parametrize(
    ("comment", "hidden"),
    [
        ("# noqa", True),
        ("#noqa", True),
        ("# NOQA", True),
        ("# noqa: BCK201", True),
        ("# noqa:BCK201", True),
        ("# noqa: bck201", True),
        ("# noqa: E501, BCK201 since we know better", True),
        ("# noqa: BCK2", True),
        ("# type: ignore  # noqa: BCK201", True),
        ("# noqa: BCK202", False),
        ("# noqa: E501", False),
        ("# noqaBCK201", False),
        ("# noqas", False),
        ("# blockcheck: ignore", True),
        ("# blockcheck: ignore[BCK201]", True),
        ("# blockcheck: ignore[BCK202, BCK201] a reason", True),
        ("# blockcheck:ignore[BCK2]", True),
        ("# blockcheck: ignore[BCK202]", False),
        ("# blockcheck: ignore-file", True),
        ("# blockcheck: ignore-file[BCK201] a reason", True),
        ("# blockcheck: non-blocking", False),
        ("# nothing", False),
    ],
)
def test_comment_on_the_line(comment: str, hidden: bool) -> None:
    assert Suppressions(f"call()  {comment}\n").hides(at(1)) is hidden


def test_any_line_from_start_to_end_and_the_first_and_last_of_the_statement() -> None:
    text = "first(  # line 1\n  second(\n    third(),\n  ),\n  fifth(),\n)  # line 6\nseventh()\n"
    for line, hidden in [(1, True), (2, True), (3, True), (4, True), (5, False), (6, True), (7, False)]:
        lines = text.split("\n")
        lines[line - 1] += "  # noqa: BCK201"
        assert Suppressions("\n".join(lines)).hides(at(2, 4)) is hidden, line


def test_where_brackets_around_a_finding_close() -> None:
    text = "first(\n  second(\n    third()\n  ),\n  fifth(\n    sixth()\n  ), ninth(\n  )\n)\n"
    for line, hidden in [(2, False), (3, True), (4, True), (5, False), (7, False), (8, False)]:
        lines = text.split("\n")
        lines[line - 1] += "  # noqa: BCK201"
        assert Suppressions("\n".join(lines)).hides(at(3)) is hidden, line


def test_the_first_line_of_a_compound_statement_speaks_of_its_header_only() -> None:
    for text in (
        "with (  # noqa: BCK201\n  lock,\n):\n  call()\n",
        "with (\n  lock,\n):  # noqa: BCK201\n  call()\n",
    ):
        assert Suppressions(text).hides(at(2))
        assert not Suppressions(text).hides(at(4))


def test_whole_file() -> None:
    text = "# blockcheck: ignore-file[BCK201]\n\n\ncall()\n"
    assert Suppressions(text).hides(at(4))
    assert not Suppressions(text).hides(at(4, code="BCK202"))


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_strings_are_no_comments(ends: str) -> None:
    text = ends.join(
        ["x = '''", "# noqa: BCK201", "# blockcheck: ignore-file", "'''", "call('# noqa: BCK201')", ""]
    )
    assert not Suppressions(text).hides(at(2))
    assert not Suppressions(text).hides(at(5))
    assert unused(text) == []


def test_form_feeds_end_no_line() -> None:
    assert Suppressions("\f\ncall()  # noqa\n").hides(at(2))


def test_unused() -> None:
    assert unused("call()  # noqa: BCK201\n") == [
        (1, "unused suppression of BCK201: nothing is reported here")
    ]
    assert unused("call()  # noqa: BCK201\n", at(1)) == []
    assert unused("call()  # noqa: BCK201, E501, BCK203\n", at(1)) == [
        (1, "unused suppression of BCK203: nothing is reported here")
    ]
    assert unused("x\n\ncall()  # blockcheck: ignore[BCK2]\n") == [
        (3, "unused suppression of BCK2: nothing is reported here")
    ]
    assert unused("call()  # blockcheck: ignore\n") == [(1, "unused suppression: nothing is reported here")]
    assert unused("# blockcheck: ignore-file[BCK202]\n", at(1)) == [
        (1, "unused suppression of BCK202: nothing is reported in this file")
    ]


def test_every_comment_that_would_have_done_is_used() -> None:
    assert unused("# blockcheck: ignore-file[BCK201]\ncall()  # noqa: BCK201\n", at(2)) == []


def test_what_is_not_ours_is_never_unused() -> None:
    assert unused("call()  # noqa\ncall()  # noqa: E501\ncall()  # noqa: S101, W\n") == []


def test_codes_that_do_not_run_are_not_judged() -> None:
    comments = Suppressions("call()  # noqa: BCK202\n")
    assert list(comments.unused(KNOWN, ["BCK201"])) == []


def test_unknown_codes_and_instructions() -> None:
    assert unused("call()  # noqa: BCK209\n") == [
        (1, "unknown code 'BCK209' in suppression; did you mean 'BCK203'?")
    ] or unused("call()  # noqa: BCK209\n")[0][1].startswith(
        "unknown code 'BCK209' in suppression; did you mean"
    )
    assert unused("call()  # blockcheck: ignor[BCK201]\n") == [
        (1, "unknown instruction 'ignor'; did you mean 'ignore'?")
    ]


def test_marks_of_functions() -> None:
    text = "def f():  # blockcheck: non-blocking\n  pass\ndef g():  # blockcheck: blocking\n  pass\n"
    assert Suppressions(text).marks() == {1: "non-blocking", 3: "blocking"}
    assert unused(text) == []


def test_broken_source_still_has_comments() -> None:
    text = "x = (\ncall()  # noqa: BCK201\n"
    assert Suppressions(text).hides(at(2))
