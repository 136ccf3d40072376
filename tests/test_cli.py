"""The command line does what it says."""

from __future__ import annotations

import json
import textwrap
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from blockcheck import __version__

BAD = "import time\n\n\nasync def f():\n    time.sleep(1)\n"
CLEAN = "async def f():\n    pass\n"


def test_exit_codes(project, blockcheck) -> None:
    project({"clean.py": CLEAN, "bad.py": BAD})
    assert blockcheck("check", "clean.py").code == 0
    assert blockcheck("check", "bad.py").code == 1
    assert blockcheck("check", "bad.py", "--exit-zero").code == 0
    assert blockcheck("check", "nope.py", "--exit-zero").code == 2


def test_full_is_the_default_and_the_summary_stands_apart(project, blockcheck) -> None:
    project({"bad.py": BAD})
    outcome = blockcheck("check")
    assert outcome.out.startswith("bad.py:5:5: BCK201 ")
    assert "5 |     time.sleep(1)\n  |     ^" in outcome.out
    assert outcome.err.splitlines() == [
        "1 finding in 1 file",
        "1 can be fixed with --fix --unsafe-fixes",
        "next:",
        "  blockcheck explain BCK201  (why it matters, what to do instead)",
        "  blockcheck why bad.py:5  (what is known of a line)",
    ]
    assert blockcheck("check", "--output-format", "concise").err == "1 finding in 1 file\n"
    assert blockcheck("check", "--quiet").err == ""
    assert "analysed in" in blockcheck("check", "--verbose").err
    assert blockcheck("check", "--output-format", "json").err == ""


def test_the_summary_follows_the_report_in_one_stream(project) -> None:
    project({"bad.py": BAD})
    done = subprocess.run(
        [sys.executable, "-m", "blockcheck", "check"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.stdout.index("BCK201") < done.stdout.index("1 finding in 1 file")


def test_paths_default_to_the_working_directory(project, blockcheck) -> None:
    project({"a/bad.py": BAD, "b/bad.py": BAD})
    assert blockcheck("check", "--output-format", "concise").out.count("BCK201") == 2
    assert blockcheck("check", "b", "--output-format", "json").findings == [("b/bad.py", 5, "BCK201")]


def test_no_python_files(project, blockcheck) -> None:
    project({"readme.txt": ""})
    outcome = blockcheck("check")
    assert (outcome.code, outcome.out) == (0, "")
    assert "no Python files found" in outcome.err


def test_selection(project, blockcheck) -> None:
    project({"bad.py": BAD, "blockcheck.toml": "ignore = ['BCK201']"})
    assert blockcheck("check").code == 0
    assert blockcheck("check", "--isolated").code == 1
    assert blockcheck("check", "--select", "BCK2").code == 1
    assert blockcheck("check", "--select", "ALL", "--ignore", "BCK2,BCK3").code == 0
    assert (
        blockcheck("check", "--isolated", "--select", "bck202, BCK203", "--extend-select", "BCK201").code == 1
    )
    assert blockcheck("check", "--isolated", "--extend-ignore", "BCK201").code == 0


def test_unreadable_source_is_reported_whatever_is_selected(project, blockcheck) -> None:
    project({"bad.py": "("})
    assert blockcheck("check", "--select", "BCK201").code == 1
    ignored = blockcheck("check", "--ignore", "BCK902", "--output-format", "json")
    assert ignored.code == 0
    assert len(ignored.document["errors"]) == 1


def test_minimum_confidence_comes_from_the_command_line_first(project, blockcheck) -> None:
    project({"bad.py": BAD, "blockcheck.toml": "min-confidence = 'high'"})
    assert blockcheck("check").code == 1
    assert blockcheck("check", "--min-confidence", "low").code == 1


def test_per_file_ignores(project, blockcheck) -> None:
    project(
        {
            "pkg/bad.py": BAD,
            "tests/a/bad.py": BAD,
            "blockcheck.toml": "[per-file-ignores]\n'tests/*' = ['BCK2']\n",
        }
    )
    assert blockcheck("check", "--output-format", "json").findings == [("pkg/bad.py", 5, "BCK201")]


def test_per_file_ignores_are_relative_to_the_configuration(project, blockcheck, monkeypatch) -> None:
    root = project({"pkg/bad.py": BAD, "blockcheck.toml": "[per-file-ignores]\n'pkg/bad.py' = ['BCK2']\n"})
    monkeypatch.chdir(root / "pkg")
    assert blockcheck("check").code == 0


def test_suppressions(project, blockcheck) -> None:
    project(
        {
            "hidden.py": BAD.replace("(1)", "(1)  # noqa: BCK201"),
            "file.py": "# blockcheck: ignore-file[BCK201] for a reason\n" + BAD,
            "unused.py": CLEAN.replace("pass", "pass  # blockcheck: ignore[BCK201]"),
        }
    )
    outcome = blockcheck("check", "--output-format", "json")
    assert outcome.findings == [("unused.py", 2, "BCK901")]
    assert outcome.document["summary"]["suppressed"] == 2
    assert blockcheck("check", "--select", "BCK2").code == 0


def test_a_suppressed_finding_below_the_confidence_keeps_its_comment_used(project, blockcheck) -> None:
    project(
        {
            "a.py": BAD.replace("(1)", "(1)  # noqa: BCK201"),
            "blockcheck.toml": "[per-file-ignores]\n'*' = ['BCK2']",
        }
    )
    outcome = blockcheck("check", "--output-format", "json")
    assert outcome.findings == []
    assert outcome.document["summary"]["suppressed"] == 0


def test_excludes(project, blockcheck) -> None:
    project({"a.py": BAD, "gen/b.py": BAD, "build/c.py": BAD})
    assert len(blockcheck("check", "--output-format", "json").findings) == 2
    assert len(blockcheck("check", "--extend-exclude", "gen,x", "--output-format", "json").findings) == 1
    assert len(blockcheck("check", "--exclude", "gen", "--output-format", "json").findings) == 2
    assert len(blockcheck("check", "build/c.py", "--output-format", "json").findings) == 1
    assert len(blockcheck("check", "build/c.py", "--force-exclude", "--output-format", "json").findings) == 0


def test_output_file(project, blockcheck) -> None:
    root = project({"bad.py": BAD})
    outcome = blockcheck("check", "--output-format", "json", "--output-file", "report.json")
    assert (outcome.code, outcome.out) == (1, "")
    assert len(json.loads((root / "report.json").read_text())["findings"]) == 1


def test_statistics_count_what_is_not_reported_and_not_resolved(project, blockcheck) -> None:
    source = """
        import json, time, foreign

        async def main(given, typed: int):
            time.sleep(1)
            helper()
            foreign.run()
            given.run()
            json.loads(foreign.text)
            for item in given:
                item.run()
            helper().rest.run()

        def helper():
            try:
                import fast
            except ImportError:
                open("x")
    """
    project({"app.py": textwrap.dedent(source)})
    lines = blockcheck("check", "--output-format", "concise", "--statistics", "--no-follow-installed").out
    levels, _, calls = lines.partition("by confidence")[2].partition("calls by")
    assert [line.split() for line in levels.splitlines()[1:]] == [["2", "low"], ["1", "high"]]
    assert sorted(line.split(maxsplit=1)[1] + " " + line.split()[0] for line in calls.splitlines()[1:]) == [
        "catalogue 3",
        "other external name 1",
        "project 2",
        "the result of a call is not known 1",
        "what callers give is not known 2",
    ]


def test_statistics(project, blockcheck) -> None:
    project({"bad.py": BAD})
    text = blockcheck("check", "--output-format", "concise", "--statistics").out
    assert "by code:\n      1  BCK201  blocking-sleep\nby kind:\n      1  sleep\nby root cause:\n" in text
    outcome = blockcheck("check", "--output-format", "json", "--statistics")
    assert len(outcome.document["findings"]) == 1
    assert "by root cause:" in outcome.err


def test_standard_input(project, blockcheck_process) -> None:
    project({"bad.py": CLEAN, "other.py": BAD})
    outcome = blockcheck_process(
        "check", "-", "--stdin-filename", "bad.py", "--output-format", "json", stdin=BAD.encode()
    )
    assert outcome.findings == [("bad.py", 5, "BCK201")]
    assert blockcheck_process("check", "--stdin-filename", "bad.py", stdin=CLEAN.encode()).code == 0
    excluded = ["--stdin-filename", "build/bad.py"]
    assert blockcheck_process("check", *excluded, stdin=BAD.encode()).code == 1
    assert blockcheck_process("check", "--force-exclude", *excluded, stdin=BAD.encode()).code == 0
    unnamed = blockcheck_process("check", "-", "--output-format", "json", stdin=BAD.encode())
    assert unnamed.findings == [("-", 5, "BCK201")]


def test_standard_input_for_a_file_that_is_not_there_yet(project, blockcheck_process) -> None:
    project({"pkg/__init__.py": ""})
    outcome = blockcheck_process(
        "check", "--stdin-filename", "pkg/new.py", "--output-format", "json", stdin=BAD.encode()
    )
    assert outcome.findings == [("pkg/new.py", 5, "BCK201")]
    assert outcome.document["findings"][0]["function"] == "pkg.new.f"


def test_a_file_without_a_project_is_judged_with_its_package(project, blockcheck, blockcheck_process) -> None:
    app = b"from . import slow\n\n\nasync def f():\n    slow.wait()\n"
    project({"pkg/__init__.py": "", "pkg/slow.py": "import time\n\n\ndef wait():\n    time.sleep(1)\n"})
    Path("pkg/app.py").write_bytes(app)
    expected = [("pkg/app.py", 5, "BCK201")]
    assert blockcheck("check", "pkg/app.py", "--output-format", "json").findings == expected
    outcome = blockcheck_process(
        "check", "--stdin-filename", "pkg/app.py", "--output-format", "json", stdin=app
    )
    assert outcome.findings == expected
    assert "pkg.slow.wait" in blockcheck("why", "pkg/app.py:5").out


def test_colour(project, blockcheck, monkeypatch) -> None:
    project({"bad.py": BAD})
    assert "\033[" not in blockcheck("check").out
    assert "\033[" in blockcheck("check", "--color", "always").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\033[" in blockcheck("check").out
    assert "\033[" not in blockcheck("check", "--output-format", "json").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\033[" not in blockcheck("check").out


def test_options_of_the_cache_are_harmless(project, blockcheck) -> None:
    root = project({"bad.py": BAD})
    assert blockcheck("check", "--no-cache", "--cache-dir", root / "x").code == 1


def test_rules(blockcheck) -> None:
    lines = blockcheck("rules").out.splitlines()
    assert [line.split()[0] for line in lines] == sorted(line.split()[0] for line in lines)
    assert any(line.startswith("BCK201  blocking-sleep ") for line in lines)
    off = {line.split()[0] for line in lines if line.split()[3] == "off"}
    assert off == {"BCK205", "BCK307", "BCK308"} & {line.split()[0] for line in lines}


def test_explain(blockcheck) -> None:
    page = blockcheck("explain", "BCK201").out
    assert page.startswith("BCK201 blocking-sleep (")
    assert blockcheck("explain", "blocking-sleep").out == page
    wrong = blockcheck("explain", "BCK20l")
    assert wrong.code == 2
    assert "unknown rule 'BCK20l'; did you mean 'BCK20" in wrong.err
    assert "name one: BCK101, BCK102, " in blockcheck("explain", "bck1").err


def test_config(project, blockcheck) -> None:
    root = project(
        {"blockcheck.toml": "select = ['BCK201']\nsrc = ['lib']\n[per-file-ignores]\n'a' = ['BCK201']\n"}
    )
    outcome = blockcheck("config")
    assert f"# root: {root}\n# file: {root / 'blockcheck.toml'}\n" in outcome.out
    assert 'select = ["BCK201"]  # blockcheck.toml\n' in outcome.out
    assert 'min-confidence = "medium"  # default\n' in outcome.out
    assert '"a" = ["BCK201"]' in outcome.out
    # What it prints can be read again.
    (root / "blockcheck.toml").write_text(outcome.out)
    origins = re.compile("  # .*")
    assert origins.sub("", blockcheck("config").out) == origins.sub("", outcome.out)


def test_clean(project, blockcheck) -> None:
    root = project(
        {"a.py": "", ".blockcheck_cache/CACHEDIR.TAG": "", ".blockcheck_cache/x": "", "precious/x": ""}
    )
    assert blockcheck("clean").code == 0
    assert not (root / ".blockcheck_cache").exists()
    assert blockcheck("clean").code == 0
    refused = blockcheck("clean", "--cache-dir", root / "precious")
    assert refused.code == 2
    assert (root / "precious/x").exists()


def test_version_and_help(blockcheck_process) -> None:
    assert blockcheck_process("--version").out == f"blockcheck {__version__}\n"
    text = blockcheck_process("--help").out
    assert all(f"    {verb} " in text for verb in ("check", "explain", "rules", "config", "clean"))
    assert blockcheck_process().out == text
    assert "--select CODES" in blockcheck_process("check", "--help").out
    assert blockcheck_process("chek").code == 2


@pytest.mark.parametrize("arguments", [["--version"], ["check", "--help"]])
def test_start_up_is_lean(arguments: list[str]) -> None:
    code = (
        "import sys; from blockcheck.cli import main; main(sys.argv[1:]);"
        "print(sorted({'libcst', 'tomllib', 'tomli', 'multiprocessing'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_reader_that_has_enough_is_no_error(project) -> None:
    project({f"bad{number}.py": BAD * 50 for number in range(30)})
    process = subprocess.Popen(
        [sys.executable, "-m", "blockcheck", "check"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.close()
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()
    process.wait(60)


def test_internal_errors_exit_with_2(project, blockcheck, monkeypatch) -> None:
    from blockcheck import engine

    def fail(*_arguments: object, **_keywords: object) -> None:
        raise KeyError("oops")

    project({})
    monkeypatch.setattr(engine, "run", fail)
    outcome = blockcheck("check")
    assert outcome.code == 2
    assert "internal error" in outcome.err


def test_rule_options_and_declared_functions(project, blockcheck) -> None:
    root = project(
        {
            "pool.py": "from concurrent.futures import ThreadPoolExecutor\n\nPOOL = ThreadPoolExecutor(100)\n",
            "bad.py": "import time\n\n\ndef slow():\n    time.sleep(1)\n\n\nasync def f():\n    slow()\n",
        }
    )
    assert blockcheck("check", "--output-format", "json").findings == [("bad.py", 9, "BCK201")]
    (root / "blockcheck.toml").write_text("non-blocking = ['bad.slow']\n[rules]\nmax-workers-bound = 99\n")
    assert blockcheck("check", "--output-format", "json").findings == [("pool.py", 3, "BCK301")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["chek"], "unknown verb 'chek'; did you mean 'check'?"),
        (["bad.py"], "unknown verb 'bad.py'; did you mean `blockcheck check bad.py`?"),
        (["check", "--selct", "BCK2"], "unrecognized arguments: --selct; did you mean '--select'?"),
        (["rules", "x"], "unrecognized arguments: x"),
    ],
)
def test_misspelt_words(project, blockcheck, arguments: list[str], message: str) -> None:
    project({"bad.py": BAD})
    outcome = blockcheck(*arguments)
    assert (outcome.code, outcome.err) == (2, f"blockcheck: error: {message}\n")


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
def test_completion(blockcheck) -> None:
    script = blockcheck("completion", "bash").out
    asked = 'f() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _blockcheck; echo "${COMPREPLY[*]}"; }\n'
    asked += "f blockcheck exp; f blockcheck check --sel; f blockcheck check --select BCK90; f blockcheck check --color a"
    done = subprocess.run(["bash", "-c", script + asked], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["explain", "--select", "BCK901 BCK902", "auto always"]
    assert (
        "complete -c blockcheck -n '__fish_seen_subcommand_from explain' -f -a 'BCK1"
        in blockcheck("completion", "fish").out
    )
    assert "*--color[default- auto]:value:(auto always never)" in blockcheck("completion", "zsh").out
