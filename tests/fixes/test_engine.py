"""Applying fixes: what is written, what is left alone, and what is said about it."""

from __future__ import annotations

import os
import stat

import pytest

from blockcheck import fixes
from blockcheck.findings import Applicability
from blockcheck.source.edits import Change

SLEEPS = "import asyncio\nimport time\n\n\nasync def f():\n    time.sleep(1)\n    await g()\n\n\nasync def h(n):\n    time.sleep(n)\n"
SAFE = SLEEPS.replace("    time.sleep(1)", "    await asyncio.sleep(1)")
BOTH = SAFE.replace("    time.sleep(n)", "    await asyncio.sleep(n)")


def test_safe_fixes_are_applied_and_the_rest_is_reported(project, blockcheck) -> None:
    root = project({"m.py": SLEEPS})
    outcome = blockcheck("check", "m.py", "--fix", "--output-format", "concise", "--show-fixes")
    assert (root / "m.py").read_text() == SAFE
    assert outcome.code == 1
    assert outcome.out.startswith("m.py:11:5: BCK201")
    assert "1 finding fixed\n  m.py:\n    1 x BCK201 (blocking-sleep)\n" in outcome.err


def test_unsafe_fixes_are_applied_when_asked_for(project, blockcheck) -> None:
    root = project({"m.py": SLEEPS})
    outcome = blockcheck("check", "m.py", "--fix", "--unsafe-fixes", "--quiet")
    assert (root / "m.py").read_text() == BOTH
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "")


def test_diff_shows_and_writes_nothing(project, blockcheck) -> None:
    root = project({"m.py": SLEEPS})
    outcome = blockcheck("check", "m.py", "--diff")
    assert (root / "m.py").read_text() == SLEEPS
    assert outcome.code == 1
    assert outcome.out == (
        "--- m.py\n+++ m.py\n@@ -3,7 +3,7 @@\n \n \n async def f():\n-    time.sleep(1)\n"
        "+    await asyncio.sleep(1)\n     await g()\n \n \n"
    )
    assert "1 finding would be fixed\n1 more with --unsafe-fixes\n" in outcome.err


def test_diff_of_nothing_is_clean(project, blockcheck) -> None:
    project({"m.py": BOTH})
    outcome = blockcheck("check", "m.py", "--diff", "--unsafe-fixes")
    assert (outcome.code, outcome.out) == (0, "")


def test_second_run_changes_nothing(project, blockcheck) -> None:
    project({"m.py": SLEEPS})
    blockcheck("check", "m.py", "--fix", "--unsafe-fixes")
    outcome = blockcheck("check", "m.py", "--diff", "--unsafe-fixes")
    assert (outcome.code, outcome.out) == (0, "")


@pytest.mark.parametrize(
    ("head", "newline", "encoding"),
    [
        ("", "\r\n", "utf-8"),
        ("", "\r", "utf-8"),
        ("# coding: latin-1\n", "\n", "latin-1"),
        ("", "\n", "utf-8-sig"),
        ("# -*- coding: cp1252 -*-\n", "\r\n", "cp1252"),
    ],
)
def test_bytes_outside_of_the_edit_stay(project, blockcheck, head, newline, encoding) -> None:
    text = f'{head}NAME = "é"   \n{SLEEPS}x = [ 1,2 ]\t\n\x0c\nif NAME:\n\tpass'
    before = text.replace("\n", newline).encode(encoding)
    root = project({"m.py": before})
    blockcheck("check", "m.py", "--fix")
    after = before.replace(b"    time.sleep(1)", b"    await asyncio.sleep(1)")
    assert (root / "m.py").read_bytes() == after


def test_mode_is_kept_and_links_lead_to_what_is_written(project, blockcheck) -> None:
    root = project({"real/m.py": SLEEPS})
    (root / "real/m.py").chmod(0o754)
    (root / "p").mkdir()
    (root / "p/link.py").symlink_to("../real/m.py")
    blockcheck("check", "p/link.py", "--fix", "--isolated")
    assert (root / "p/link.py").is_symlink()
    assert (root / "real/m.py").read_text() == SAFE
    assert stat.S_IMODE((root / "real/m.py").stat().st_mode) == 0o754
    assert os.listdir(root / "real") == ["m.py"]


def test_read_only_file_is_an_error(project, blockcheck) -> None:
    root = project({"a.py": SLEEPS, "b.py": SLEEPS})
    (root / "a.py").chmod(0o444)
    outcome = blockcheck("check", ".", "--fix")
    assert outcome.code == 2
    assert "blockcheck: error: a.py: cannot be fixed: it is read-only\n" in outcome.err
    assert (root / "a.py").read_text() == SLEEPS
    assert (root / "b.py").read_text() == SAFE


def wrong(text):
    def fix(place):
        start, end = place.syntax.span(place.node)
        return place.fix(Applicability.SAFE, "wrong", [Change(start, end, text)])

    return fix


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("await (", "the file could not be parsed after it"),
        ("(time.sleep)(1)", "BCK201 is reported after it"),
        ("time.sleep(1), time.sleep(2)", "BCK201 is reported after it"),
        ("open('x').read()", "BCK204 is reported after it"),
    ],
)
def test_fix_that_does_not_mend_is_dropped(project, blockcheck, monkeypatch, text, reason) -> None:
    monkeypatch.setitem(fixes.FIXERS, "BCK201", wrong(text))
    root = project({"m.py": SLEEPS})
    outcome = blockcheck("check", "m.py", "--fix", "--output-format", "concise")
    assert (root / "m.py").read_text() == SLEEPS
    assert outcome.code == 2
    assert f"blockcheck: warning: m.py:6:5: the fix of BCK201 was dropped: {reason}" in outcome.err
    assert outcome.out.count("BCK201") == 2


def test_one_dropped_fix_does_not_keep_others_back(project, blockcheck, monkeypatch) -> None:
    right = fixes.FIXERS["BCK201"]
    monkeypatch.setitem(
        fixes.FIXERS,
        "BCK201",
        lambda place: (wrong("await (") if place.node.args[0].value.value == "n" else right)(place),
    )
    root = project({"m.py": SLEEPS})
    outcome = blockcheck("check", "m.py", "--fix")
    assert (root / "m.py").read_text() == SAFE
    assert outcome.code == 2
    assert "1 finding fixed\n" in outcome.err


def test_findings_set_aside_are_not_fixed(project, blockcheck) -> None:
    root = project({"m.py": SLEEPS})
    blockcheck("check", "m.py", "--write-baseline", "known.json")
    outcome = blockcheck("check", "m.py", "--fix", "--unsafe-fixes", "--baseline", "known.json")
    assert (root / "m.py").read_text() == SLEEPS
    assert outcome.code == 0


def test_suppressed_findings_are_not_fixed(project, blockcheck) -> None:
    text = SLEEPS.replace("sleep(1)", "sleep(1)  # noqa: BCK201")
    root = project({"m.py": text})
    blockcheck("check", "m.py", "--fix")
    assert (root / "m.py").read_text() == text


def test_only_what_is_reported_on_is_fixed(project, blockcheck) -> None:
    root = project({"pyproject.toml": "[tool.blockcheck]\n", "a.py": SLEEPS, "b.py": SLEEPS})
    blockcheck("check", "b.py", "--fix")
    assert (root / "a.py").read_text() == SLEEPS
    assert (root / "b.py").read_text() == SAFE


def test_standard_input_can_only_be_shown(project, blockcheck_process) -> None:
    project({})
    outcome = blockcheck_process("check", "-", "--fix", stdin=SLEEPS.encode())
    assert outcome.code == 2
    assert "standard input cannot be changed" in outcome.err
    outcome = blockcheck_process("check", "-", "--diff", "--isolated", stdin=SLEEPS.encode())
    assert outcome.code == 1
    assert "+    await asyncio.sleep(1)\n" in outcome.out


def test_reports_carry_the_fix(project, blockcheck) -> None:
    project({"m.py": SLEEPS})
    fixes = [f["fix"] for f in blockcheck("check", "m.py", "--output-format", "json").document["findings"]]
    assert fixes[0] == {
        "applicability": "safe",
        "message": "await asyncio.sleep",
        "edits": [
            {
                "path": "m.py",
                "line": 6,
                "column": 5,
                "end_line": 6,
                "end_column": 15,
                "text": "await asyncio.sleep",
            }
        ],
    }
    assert fixes[1]["applicability"] == "unsafe"
    (run,) = blockcheck("check", "m.py", "--output-format", "sarif").document["runs"]
    (change,) = run["results"][0]["fixes"][0]["artifactChanges"]
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 6, "startColumn": 5, "endLine": 6, "endColumn": 15},
            "insertedContent": {"text": "await asyncio.sleep"},
        }
    ]


def test_full_report_shows_the_diff(project, blockcheck) -> None:
    project({"m.py": SLEEPS})
    shown = blockcheck("check", "m.py", "--output-format", "full").out
    assert (
        "  = fix (safe): await asyncio.sleep\n"
        "    @@ -5,3 +5,3 @@\n"
        "     async def f():\n"
        "    -    time.sleep(1)\n"
        "    +    await asyncio.sleep(1)\n"
        "         await g()\n"
    ) in shown


def test_fixes_are_only_made_where_they_are_shown(project, blockcheck, monkeypatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(fixes, "propose", never)
    project({"m.py": SLEEPS})
    assert blockcheck("check", "m.py", "--output-format", "concise").code == 1
