"""Whatever a file holds: a clear message that names it, the contracted exit code, and the rest still checked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from blockcheck.config import FORMATS

GOOD = "import time\n\n\nasync def f():\n    time.sleep(1)\n"
GOOD_FINDING = ("good.py", 5, "BCK201")


@pytest.mark.parametrize(
    ("content", "line", "column", "message"),
    [
        (b"def f(:\n", 1, 7, "syntax error: invalid syntax"),
        (b"x = 1\nprint 'two'\n", 2, 1, "syntax error: Missing parentheses in call to 'print'"),
        (b"# coding: klingon\n", 1, 1, "unknown encoding: klingon"),
        (b"x = '\xff'\n", 1, 6, "not valid utf-8: byte 0xff (invalid start byte)"),
        (b"x = 1\n\0", 2, 1, "source contains NUL bytes"),
        (b"x = " + b"(" * 1000 + b"1" + b")" * 1000, 1, 205, "nested too deeply to be analysed: more than 200 brackets"),
        (b"x = " + b"f(" * 100_000 + b")" * 100_000, 1, 406, "nested too deeply to be analysed: more than 200 brackets"),
        (b"x = " + b"-" * 100_000 + b"1", 1, 1005, "nested too deeply to be analysed: an expression of more than 1000"),
        (b"x = a" + b".b()" * 100_000, 1, 2006, "nested too deeply to be analysed: an expression of more than 1000"),
    ],
    ids=["syntax", "python-2", "encoding", "not-utf-8", "nul", "brackets", "calls", "signs", "chain"],
)  # fmt: skip
def test_unreadable_source(project, blockcheck, content: bytes, line: int, column: int, message: str) -> None:
    project({"bad.py": content, "good.py": GOOD})
    outcome = blockcheck("check", "--output-format", "json")
    assert outcome.code == 1
    assert outcome.findings == [("bad.py", line, "BCK902"), GOOD_FINDING]
    (error,) = outcome.document["errors"]
    assert (error["path"], error["line"], error["column"]) == ("bad.py", line, column)
    assert error["message"].startswith(message)
    assert outcome.document["findings"][0]["message"] == error["message"]


@pytest.mark.parametrize("kind", ["not ", "- ", "1 + ", "lambda: "])
def test_an_expression_nested_1000_deep(project, blockcheck, kind: str) -> None:
    """Whether it is analysed or refused, nothing breaks and nothing is silent."""
    project({"deep.py": "x = " + kind * 999 + "1\n", "good.py": GOOD})
    outcome = blockcheck("check", "--output-format", "json")
    assert outcome.code == 1
    refused = [("deep.py", 1, "BCK902")] if outcome.document["errors"] else []
    assert outcome.findings == [*refused, GOOD_FINDING]
    assert all("nested too deeply" in error["message"] for error in outcome.document["errors"])


def test_empty_files(project, blockcheck) -> None:
    project({"empty.py": "", "bom.py": b"\xef\xbb\xbf", "comment.py": "# nothing", "good.py": GOOD})
    assert blockcheck("check", "--output-format", "json").findings == [GOOD_FINDING]


def test_a_file_of_50_000_lines(project, blockcheck) -> None:
    project({"long.py": "x = 1\n" * 50_000 + GOOD})
    assert blockcheck("check", "--output-format", "json").findings == [("long.py", 50_005, "BCK201")]


def test_unreadable_file(project, blockcheck, monkeypatch: pytest.MonkeyPatch) -> None:
    project({"secret.py": GOOD, "good.py": GOOD})
    read = Path.read_bytes

    def refuse(path: Path) -> bytes:
        # `chmod` would not do: the tests may run as root.
        if path.name == "secret.py":
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    outcome = blockcheck("check", "--output-format", "json")
    assert outcome.code == 1
    assert outcome.findings == [GOOD_FINDING, ("secret.py", 1, "BCK902")]
    assert outcome.document["errors"][0]["message"] == "cannot be read: Permission denied"


def test_missing_path(project, blockcheck) -> None:
    project({"good.py": GOOD})
    outcome = blockcheck("check", "nope.py", "good.py", "--output-format", "json")
    assert outcome.code == 2
    assert outcome.findings == [GOOD_FINDING]
    assert outcome.document["errors"] == [
        {"path": "nope.py", "line": 1, "column": 1, "message": "no such file or folder"}
    ]
    assert "blockcheck: error: nope.py: no such file or folder" in outcome.err
    alone = blockcheck("check", "nope.py")
    assert (alone.code, alone.out) == (2, "")
    assert alone.err == "blockcheck: error: nope.py: no such file or folder\n"


def test_dangling_and_looping_links(project, blockcheck) -> None:
    root = project({"good.py": GOOD, "pkg/a.py": ""})
    os.symlink("nowhere.py", root / "dangling.py")
    os.symlink("loop.py", root / "loop.py")
    os.symlink(root, root / "pkg/up")
    outcome = blockcheck("check", "--output-format", "json")
    assert outcome.code == 1
    assert outcome.findings == [("dangling.py", 1, "BCK902"), GOOD_FINDING, ("loop.py", 1, "BCK902")]
    messages = [error["message"] for error in outcome.document["errors"]]
    assert messages[0] == "dangling symbolic link to 'nowhere.py'"
    assert "symbolic links" in messages[1]


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are text there")
def test_names_that_are_no_text(project, blockcheck) -> None:
    root = project({"good.py": GOOD, "plain.py": "x = 1\n"})
    Path(os.fsdecode(bytes(root) + b"/bad\xff.py")).write_text(GOOD)
    outcome = blockcheck("check", "--output-format", "json")
    assert outcome.code == 1
    assert outcome.findings == [("bad\udcff.py", 5, "BCK201"), GOOD_FINDING]


def test_what_only_our_parser_refuses_is_no_syntax_error(project, blockcheck) -> None:
    """A tab behind spaces: libcst takes no such block, Python does."""
    project({"tabs.py": "async def f():\n\tif 1:\n        \treturn 1\n", "good.py": GOOD})
    outcome = blockcheck("check", "--output-format", "json")
    assert outcome.findings == [GOOD_FINDING, ("tabs.py", 1, "BCK902")]
    assert outcome.document["errors"][0]["message"].startswith("cannot be parsed: ")


def test_broken_toml(project, blockcheck) -> None:
    project({"good.py": GOOD, "pyproject.toml": "[tool.blockcheck]\nselect = ]\n"})
    outcome = blockcheck("check")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("blockcheck: error: pyproject.toml: not valid TOML: ")
    assert "line 2" in outcome.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("selct = []", "pyproject.toml: tool.blockcheck.selct: unknown key; did you mean 'select'?"),
        ("select = ['BCK209', 'BK201']", "pyproject.toml: tool.blockcheck.select: unknown code 'BK201'; did you mean 'BCK201'?"),
        ("per-file-ignores = { 'a' = ['X1'] }", "pyproject.toml: tool.blockcheck.per-file-ignores.'a': unknown code 'X1'; "),
        ("catalogue = ['nope.toml']", "nope.toml"),
    ],
)  # fmt: skip
def test_wrong_configuration(project, blockcheck, text: str, message: str) -> None:
    project({"good.py": GOOD, "pyproject.toml": f"[tool.blockcheck]\n{text}\n"})
    outcome = blockcheck("check")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("blockcheck: error: ")
    assert message in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--select", "BCQ201"], "--select: unknown code 'BCQ201'; did you mean 'BCK201'?"),
        (["--extend-ignore", "BCK,E5"], "--extend-ignore: unknown code 'E5'; "),
        (["--jobs", "0"], "argument --jobs: expected a number above zero, not '0'"),
        (["--output-format", "xml"], "argument --output-format: invalid choice: 'xml'"),
        (["--output-format", "sarif="], "argument --output-format: expected a file behind 'sarif='"),
        (
            ["--output-format", "json", "--output-format", "full"],
            "--output-format: only one report can go to",
        ),
        (
            ["--output-format", "sarif=x", "--output-format", "junit=x"],
            "--output-format: two reports would be written to x",
        ),
        (["--output-format", "sarif=no/x"], "--output-format: no/x: cannot be written: "),
        (["--nonsense"], "unrecognized arguments: --nonsense"),
        (["--config", "nope.toml"], "nope.toml: cannot be read: No such file or directory"),
        (["--output-file", "no/such/folder.txt"], "--output-file: no/such/folder.txt: cannot be written: "),
        (["--stdin-filename", "a.py", "good.py"], "--stdin-filename: "),
    ],
)
def test_wrong_usage(project, blockcheck, arguments: list[str], message: str) -> None:
    project({"good.py": GOOD})
    outcome = blockcheck("check", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert message in outcome.err


@pytest.mark.skipif(sys.platform != "linux", reason="needs arbitrary bytes in file names")
def test_file_names_that_are_no_text(project, blockcheck_process) -> None:
    root = project({"good.py": GOOD})
    (Path(os.fsdecode(os.fsencode(root) + b"/\xff.py"))).write_text(GOOD)
    shown = {"sarif": "%FF.py", "junit": "\N{REPLACEMENT CHARACTER}.py"}
    for name in FORMATS:
        outcome = blockcheck_process("check", "--output-format", name)
        assert outcome.code == 1
        assert shown.get(name, "dcff") in outcome.out


def test_the_tools_own_errors_are_told_and_the_rest_goes_on(project, blockcheck, monkeypatch) -> None:
    from blockcheck import reading

    extract = reading.extract_facts

    def fail(text: str, *, lean: bool = False) -> object:
        if "fail" in text:
            raise KeyError("oops")
        return extract(text, lean=lean)

    monkeypatch.setattr(reading, "extract_facts", fail)
    project({"bad.py": "# fail", "good.py": GOOD})
    outcome = blockcheck("check", "--output-format", "json", "--exhaustive")
    assert outcome.code == 2
    assert outcome.findings == [("bad.py", 1, "BCK902"), GOOD_FINDING]
    assert "bad.py: internal error: KeyError: 'oops'" in outcome.err


@pytest.mark.skipif(sys.platform != "linux", reason="only forked processes see the stand-in")
def test_a_process_that_dies_takes_only_its_file_with_it(project, blockcheck, monkeypatch) -> None:
    from blockcheck import reading

    extract = reading.extract_facts

    def die(text: str, *, lean: bool) -> object:
        if "die" in text:
            os._exit(1)
        return extract(text, lean=lean)

    monkeypatch.setattr(reading, "extract_facts", die)
    monkeypatch.setattr(reading, "CHUNK", 2)
    project({"bad.py": "# die", "good.py": GOOD} | {f"other{number}.py": GOOD for number in range(20)})
    outcome = blockcheck("check", "--output-format", "json", "--jobs", "2", "--exhaustive")
    assert outcome.code == 2
    assert [f for f in outcome.findings if f[2] != "BCK201"] == [("bad.py", 1, "BCK902")]
    assert len(outcome.findings) == 22
    assert "bad.py: internal error: the process that analysed this file died" in outcome.err


@pytest.mark.parametrize("verb", [["check"], ["why", "app.py:5"], ["graph", "."]])
def test_names_that_the_output_cannot_encode(project, monkeypatch, verb: list[str]) -> None:
    project(
        {
            "app.py": "import time\nasync def \N{GREEK SMALL LETTER PI}():\n    pass\nasync def f(\N{GREEK SMALL LETTER PI}=1):\n    time.sleep(\N{GREEK SMALL LETTER PI})\n"
        }
    )
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    done = subprocess.run([sys.executable, "-m", "blockcheck", *verb], capture_output=True, text=True)
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 1)
