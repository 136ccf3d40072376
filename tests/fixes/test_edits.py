"""Changes of a text, alone and together."""

from __future__ import annotations

import pytest

from blockcheck.findings import Edit, Location
from blockcheck.source.edits import Change, Lines, apply, changes, edits, hunks, unified

TEXT = "one\r\ntwo\rthree\nfour"


def test_places_and_offsets() -> None:
    lines = Lines(TEXT)
    for offset in range(len(TEXT) + 1):
        assert lines.offset(*lines.place(offset)) == offset
    assert [lines.place(at) for at in (0, 5, 9, 15)] == [(1, 1), (2, 1), (3, 1), (4, 1)]


def test_edits_and_changes_are_the_same() -> None:
    lines = Lines(TEXT)
    made = [Change(0, 3, "1"), Change(5, 5, "new "), Change(12, 19, "")]
    assert changes(lines, edits("m.py", lines, made)) == made
    assert edits("m.py", lines, made)[1] == Edit(Location("m.py", 2, 1, 2, 1), "new ")


def test_apply() -> None:
    assert (
        apply("abcdef", [Change(4, 5, ""), Change(0, 1, "X"), Change(2, 2, "-"), Change(2, 2, "-")])
        == "Xb-cdf"
    )


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        (Change(0, 2, "x"), Change(2, 4, "y"), False),
        (Change(0, 2, "x"), Change(1, 4, "y"), True),
        (Change(0, 4, "x"), Change(2, 2, "y"), True),
        (Change(0, 2, "x"), Change(2, 2, "y"), False),
        (Change(2, 2, "x"), Change(2, 2, "y"), True),
        (Change(2, 2, "x"), Change(2, 2, "x"), False),
    ],
)
def test_clash(one, other, clash) -> None:
    assert one.clashes(other) is clash
    assert other.clashes(one) is clash


def test_diffs() -> None:
    assert unified("m.py", "a\nb", "a\nc") == (
        "--- m.py\n+++ m.py\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n"
    )
    assert unified("m.py", "a\n", "a\n") == ""
    assert hunks("a\r\nb\r\n", [Edit(Location("m.py", 2, 1, 2, 2), "c")]) == [
        "@@ -1,2 +1,2 @@",
        " a",
        "-b",
        "+c",
    ]
