"""Comments that hide nothing are taken away, and nothing else."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = 1  # blockcheck: ignore[BCK201] the device needs it\n", "x = 1\n"),
        ("x = 1  # noqa: BCK201\n", "x = 1\n"),
        ("x = 1  # noqa: E501, BCK201\n", "x = 1  # noqa: E501\n"),
        ("x = 1  # noqa: BCK201,E501\n", "x = 1  # noqa: E501\n"),
        ("x = 1  # noqa: BCK201  # type: ignore\n", "x = 1  # type: ignore\n"),
        ("x = 1  # type: ignore  # noqa: BCK201\n", "x = 1  # type: ignore\n"),
        ("# blockcheck: ignore-file[BCK201] all of it\nx = 1\n", "x = 1\n"),
        ("# blockcheck: ignore-file\r\nx = 1\r\n", "x = 1\r\n"),
        ("x = 1  # blockcheck: ignore[BCK201, BCK202]", "x = 1"),
        ("x = [  # noqa: BCK201\n    1,\n]\n", "x = [\n    1,\n]\n"),
    ],
)
def test_removed(project, blockcheck, before, after) -> None:
    root = project({"m.py": before.encode()})
    outcome = blockcheck("check", "m.py", "--isolated", "--fix", "--output-format", "concise")
    assert (root / "m.py").read_bytes().decode() == after
    assert (outcome.code, outcome.out) == (0, "")


def test_used_part_stays(project, blockcheck) -> None:
    text = (
        "import time\n\n\nasync def f():\n    time.sleep(1)  # blockcheck: ignore[BCK202, BCK201] it must\n"
    )
    root = project({"m.py": text})
    assert blockcheck("check", "m.py", "--isolated", "--fix").code == 0
    assert (root / "m.py").read_text() == text.replace("BCK202, BCK201", "BCK201")


@pytest.mark.parametrize("comment", ["# blockcheck: ignore[BCK999]", "# blockcheck: ignroe[BCK201]"])
def test_what_is_not_understood_stays(project, blockcheck, comment) -> None:
    root = project({"m.py": f"x = 1  {comment}\n"})
    outcome = blockcheck("check", "m.py", "--isolated", "--fix", "--output-format", "json")
    assert (root / "m.py").read_text() == f"x = 1  {comment}\n"
    assert outcome.code == 1
    assert outcome.document["findings"][0]["fix"]["edits"] == []
