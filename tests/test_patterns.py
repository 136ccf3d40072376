"""Patterns mean what they mean in a ``.gitignore``."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from blockcheck.source.patterns import Patterns, of_gitignore

PATHS = (
    "a.py",
    "x/a.py",
    "x/y/a.py",
    "x/y/z/b.py",
    "build/a.py",
    "x/build/c.py",
    "a b.py",
    "[x].py",
    "foo/bar/a.py",
)


@pytest.mark.parametrize(
    "lines",
    [
        ["a.py"],
        ["/a.py"],
        ["x/a.py"],
        ["x/*.py"],
        ["x/**"],
        ["**/y"],
        ["x/**/b.py"],
        ["build/"],
        ["build"],
        ["/build/"],
        ["*.py", "!b.py"],
        ["x/*", "!x/y"],
        ["?.py"],
        ["[ab].py"],
        ["[!a].py"],
        ["\\[x\\].py"],
        ["a b.py  "],
        ["# a.py", "", "foo/bar"],
        ["*"],
        ["x/y/"],
    ],
)
@pytest.mark.skipif(not shutil.which("git"), reason="needs git to compare with")
def test_as_git_does(tmp_path, lines: list[str]) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    text = "\n".join(lines) + "\n"
    (tmp_path / ".gitignore").write_text(text)
    done = subprocess.run(
        ["git", "check-ignore", "--no-index", "--stdin"],
        input="\n".join(PATHS),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    ours = of_gitignore(text)
    assert [path for path in PATHS if ours.covers(path)] == [
        line.strip('"') for line in done.stdout.splitlines()
    ]


def test_folders_cover_what_is_below() -> None:
    assert Patterns(["tests"]).covers("tests/a/b.py")
    assert Patterns(["tests/*"]).covers("tests/a/b.py")
    assert not Patterns(["tests/"]).covers("tests")
