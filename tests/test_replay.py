"""Answers that are written again: only while nothing that they depend on has changed, and then at once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from blockcheck import engine, replay
from blockcheck.config import CACHE_FOLDER

SLOW = "import time\n\n\ndef slow():\n    time.sleep(1)\n"
MAIN = "from a import slow\n\n\nasync def main():\n    slow()\n"
CONFIGURATION = "[tool.blockcheck]\n"
FILES = {
    "pyproject.toml": CONFIGURATION,
    "a.py": SLOW,
    "sub/b.py": "import a\n",
    "main.py": MAIN,
    "build/c.py": MAIN,
    "env/pyvenv.cfg": "",
    "env/d.py": MAIN,
}


@pytest.fixture
def check(blockcheck, monkeypatch):
    """Run a check; tell what it wrote, and whether it had to analyse for it."""
    runs: list[int] = []
    original = engine.run

    def counted(*arguments, **keywords):
        runs.append(1)
        return original(*arguments, **keywords)

    monkeypatch.setattr(engine, "run", counted)

    def run(*arguments):
        runs.clear()
        outcome = blockcheck("check", *arguments)
        return outcome, bool(runs)

    return run


@pytest.fixture
def answered(project, check):
    """A project whose answer has been replayed once."""
    root = project(FILES)
    first = check()
    assert first[1]
    assert check() == (first[0], False)
    assert first[0].out.count("BCK201") == 1
    return root


def age(*files: Path) -> None:
    """Make files look as if they had been written long ago."""
    for file in files:
        os.utime(file, (1_000_000_000, 1_000_000_000))


def test_report_is_the_same_in_every_format(project, check) -> None:
    project(FILES)
    for name in ("full", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit"):
        first, analysed = check("--output-format", name)
        second, again = check("--output-format", name)
        assert (analysed, again) == (True, False)
        if name == "json":
            before, after = first.document, second.document
            assert 0 <= after["summary"]["seconds"] < 60
            assert (after["summary"]["parsed"], after["summary"]["cached"]) == (0, 3)
            for document in (before, after):
                for key in ("seconds", "parsed", "cached"):
                    del document["summary"][key]
            assert before == after
        else:
            assert first == second


CHANGES = {
    "content": lambda root: (root / "a.py").write_text(SLOW.replace("sleep", "ctime")),
    "content of the same size and age": lambda root: (
        (root / "a.py").write_text(SLOW.replace("sleep", "ctime")),
        age(root / "a.py"),
    ),
    "new file": lambda root: (root / "sub/new.py").write_text(MAIN),
    "file less": lambda root: (root / "main.py").unlink(),
    "new folder": lambda root: shutil.copytree(root / "sub", root / "other"),
    "configuration": lambda root: (root / "pyproject.toml").write_text(
        '[tool.blockcheck]\nignore = ["BCK201"]\n'
    ),
    "nearer configuration": lambda root: (root / "blockcheck.toml").write_text('ignore = ["BCK201"]\n'),
    "gitignore": lambda root: (root / ".gitignore").write_text("main.py\n"),
    "build becomes a package": lambda root: (root / "build/__init__.py").write_text(""),
    "env is no environment any more": lambda root: (root / "env/pyvenv.cfg").unlink(),
    "package above": lambda root: (root.parent / "__init__.py").write_text(""),
    "link leads elsewhere": lambda root: (
        (root / "a.py").unlink(),
        (root / "a.py").symlink_to(root / "sub/b.py"),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_change_is_noticed(answered, check, change) -> None:
    age(*answered.rglob("*.py"))
    check()
    CHANGES[change](answered)
    changed, analysed = check()
    assert analysed
    assert changed == check("--no-cache")[0]


def test_what_only_looks_changed_is_not_analysed(answered, check) -> None:
    expected, _ = check()
    for file in answered.rglob("*.py"):
        file.touch()
    (answered / "notes.txt").write_text("not source")
    (answered / "sub/__pycache__").mkdir()
    assert check() == (expected, False)


def test_other_arguments_and_surroundings_are_other_questions(answered, check, monkeypatch) -> None:
    for arguments in (["--select", "BCK2"], ["sub"], ["--min-confidence", "low"]):
        assert check(*arguments)[1]
        assert not check(*arguments)[1]
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\033[" in check()[0].out
    monkeypatch.chdir("sub")
    outcome, analysed = check("..")
    assert analysed
    assert "../main.py" in outcome.out


def test_baseline_counts(answered, check, blockcheck) -> None:
    assert blockcheck("check", "--write-baseline", "known.json").code == 0
    assert blockcheck("check", "--write-baseline", "known.json").code == 0
    assert (check("--baseline", "known.json")[0].code, check("--baseline", "known.json")[1]) == (0, False)
    with (answered / "known.json").open("a") as stream:
        stream.write("\n")
    assert check("--baseline", "known.json")[1]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--no-cache"],
        ["--verbose"],
        ["--output-file", "x"],
        ["--output-format", "json=x"],
        ["--diff-base", "HEAD"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_runs_that_do_more_than_report_are_not_replayed(project, check, arguments) -> None:
    root = project(FILES)
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    subprocess.run(["git", "add", "."], cwd=root, check=True)
    subprocess.run(
        ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-qm", "x"],
        cwd=root,
        check=True,
    )
    assert check(*arguments)[1]
    assert check(*arguments)[1]


def test_errors_are_not_replayed(project, check) -> None:
    project(FILES)
    for _ in range(2):
        outcome, analysed = check("missing.py", "a.py")
        assert (outcome.code, analysed) == (2, True)


def test_corrupt_answers_are_found_anew(answered, check) -> None:
    expected, _ = check()
    (file,) = (answered / CACHE_FOLDER).glob("answer-*")
    whole = file.read_bytes()
    for data in (b"", whole[:-1], whole.replace(b"BCK201", b"BCK202"), whole[40:], b"\n".join([b"x"] * 9)):
        file.write_bytes(data)
        assert check() == (expected, True)
        assert check() == (expected, False)


def test_replaying_imports_neither_analysis_nor_parser(answered, blockcheck_process) -> None:
    program = (
        "import sys; from blockcheck.cli import main; code = main(['check']);"
        "print(code, *sorted(m for m in sys.modules if not m.startswith('_')), file=sys.stderr)"
    )
    for _ in range(2):  # the first run has another standard output, and so another question
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    code, *modules = done.stderr.splitlines()[-1].split()
    assert code == "1"
    assert {m for m in modules if m.startswith("blockcheck")} == {
        "blockcheck",
        "blockcheck.cli",
        "blockcheck.replay",
    }
    heavy = {
        "libcst",
        "argparse",
        "json",
        "re",
        "typing",
        "dataclasses",
        "pathlib",
        "asyncio",
        "flake8",
        "inspect",
    }
    bare = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    assert not heavy.intersection(modules).difference(bare.stdout.split())


def test_signatures_are_never_those_of_a_file_that_is_not_there(tmp_path) -> None:
    (tmp_path / "x").touch()
    assert len(replay.signatures(os.fsencode(tmp_path / "x"))) == 24
    assert replay.signatures(os.fsencode(tmp_path / "y")) == b""
