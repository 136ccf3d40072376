"""What is said after a report."""

from __future__ import annotations

import dataclasses

from test_output import PLAIN, TRANSITIVE, caller

from blockcheck.cli import summary
from blockcheck.findings import Applicability, Report


def lines(*findings, hints: bool = True) -> list[str]:
    return list(summary.lines(Report(findings=list(findings), files=3), hints=hints))


def test_nothing_found() -> None:
    assert lines() == ["no findings in 3 files"]


def test_root_causes_fixes_and_the_next_steps() -> None:
    safe = dataclasses.replace(TRANSITIVE.fix, applicability=Applicability.SAFE)
    assert lines(PLAIN, TRANSITIVE, caller(1), dataclasses.replace(caller(2), fix=safe)) == [
        "4 findings from 2 root causes in 3 files",
        "1 can be fixed with --fix, 2 more with --unsafe-fixes",
        "next:",
        "  blockcheck explain BCK201  (why it matters, what to do instead)",
        "  blockcheck why pkg/a.py:2  (what is known of a line)",
    ]


def test_many_findings_name_the_worst_and_the_baseline() -> None:
    found = lines(*(caller(number, number // 2) for number in range(1, 130)))
    assert found[2:5] == [
        "root causes with most callers:",
        "      2  BCK201  time.sleep at pkg/b.py:1",
        "      2  BCK201  time.sleep at pkg/b.py:2",
    ]
    assert any("--write-baseline" in line for line in found)


def test_no_question_is_suggested_about_standard_input(blockcheck_process) -> None:
    source = b"import time\n\n\nasync def f():\n    time.sleep(1)\n"
    outcome = blockcheck_process("check", "-", "--isolated", stdin=source)
    assert outcome.err.endswith("next:\n  blockcheck explain BCK201  (why it matters, what to do instead)\n")
