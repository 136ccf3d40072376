"""Known findings are set aside: baselines, revisions, and comments that are written for the user."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from blockcheck import api
from blockcheck.findings import Confidence, Finding, Location, Report, Severity

SLOW = "import time\n\n\ndef wait():\n    time.sleep(1)\n"
APP = "from pkg import slow\n\n\nasync def handle():\n    slow.wait()\n    slow.wait()\n"
FILES = {
    "pyproject.toml": "[tool.blockcheck]\n",
    "pkg/__init__.py": "",
    "pkg/slow.py": SLOW,
    "pkg/app.py": APP,
}


def concise(outcome) -> list[str]:
    return [line.split(" ")[0] + line.split(" ")[1] for line in outcome.out.splitlines()]


@pytest.fixture
def check(blockcheck):
    return lambda *arguments: blockcheck("check", "--output-format", "concise", *arguments)


# Baselines


def test_a_baseline_hides_what_it_knows_and_nothing_else(project, check) -> None:
    root = project(FILES)
    outcome = check("--write-baseline", "known.json")
    assert (outcome.code, outcome.out) == (0, "")
    assert "2 findings written to known.json" in outcome.err
    outcome = check("--baseline", "known.json")
    assert (outcome.code, outcome.out) == (0, "")
    assert "2 findings known to known.json" in outcome.err
    (root / "pkg/app.py").write_text(APP + "    slow.wait()\n")
    outcome = check("--baseline", "known.json")
    assert (outcome.code, concise(outcome)) == (1, ["pkg/app.py:7:5:BCK201"])
    (root / "pkg/more.py").write_text(APP)
    assert len(concise(check("--baseline", "known.json"))) == 3


def test_what_a_baseline_holds(project, check) -> None:
    root = project({**FILES, "pkg/app.py": APP.replace("    slow.wait()\n", "", 1)})
    check("--write-baseline", "known.json")
    document = json.loads((root / "known.json").read_text())
    (entry,) = document["findings"]
    assert len(entry.pop("fingerprint")) == 32
    assert (document["version"], entry) == (
        1,
        {
            "path": "pkg/app.py",
            "code": "BCK201",
            "function": "pkg.app.handle",
            "message": "slow.wait() blocks the event loop through time.sleep()",
            "confidence": "high",
        },
    )


THREADS = """\
import threading


def spawn(items):
    for item in items:
        threading.Thread(target=print, args=(item, 'x')).start()
"""
THREADS_REFORMATTED = '''\
"""Moved down, and formatted."""

import threading

SOMETHING = "else"


def spawn(items):
    for item in items:
        threading.Thread(
            target=print,
            args=(
                item,
                "x",
            ),
        ).start()
'''


def test_a_baseline_survives_moved_lines_and_formatters(project, check, monkeypatch) -> None:
    root = project({**FILES, "pkg/threads.py": THREADS, "loose.py": "x = 1  # blockcheck: ignore[BCK201]\n"})
    assert "4 findings written" in check("--write-baseline", "known.json").err
    (root / "pkg/threads.py").write_text(THREADS_REFORMATTED)
    (root / "pkg/app.py").write_text(
        APP.replace("from", "import os\n\nfrom").replace("    slow.wait()\n", "    slow.wait(\n    )\n")
    )
    (root / "loose.py").write_text("\n\nx = 1  # blockcheck: ignore[BCK201]\n")
    outcome = check("--baseline", "known.json")
    assert (outcome.code, outcome.out, "obsolete" in outcome.err) == (0, "", False)
    monkeypatch.chdir(root / "pkg")
    outcome = check("--baseline", "../known.json", "..")
    assert (outcome.code, outcome.out, "obsolete" in outcome.err) == (0, "", False)


def test_obsolete_entries_are_told_of_where_they_can_be_known(project, check) -> None:
    root = project({**FILES, "pkg/more.py": APP})
    check("--write-baseline", "known.json")
    (root / "pkg/app.py").write_text(APP.replace("    slow.wait()\n", "    pass\n", 1))
    (root / "pkg/more.py").unlink()
    obsolete = (
        "obsolete in known.json: pkg/{}.py: BCK201 slow.wait() blocks the event loop through time.sleep()\n"
    )
    outcome = check("--baseline", "known.json")
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err.count(obsolete.format("app")) == 1
    assert outcome.err.count(obsolete.format("more")) == 2
    assert obsolete.format("app") not in check("--baseline", "known.json", "pkg/slow.py").err
    assert "obsolete" not in check("--baseline", "known.json", "--select", "BCK3").err


def test_writing_a_baseline_keeps_what_other_files_are_known_for(project, check) -> None:
    root = project({**FILES, "pkg/more.py": APP})
    check("--write-baseline", "known.json")
    before = (root / "known.json").read_text()
    (root / "pkg/app.py").write_text("")
    assert "2 findings written" in check("--write-baseline", "known.json", "pkg/app.py").err
    (root / "pkg/app.py").write_text(APP)
    check("--write-baseline", "known.json", "pkg/app.py")
    assert (root / "known.json").read_text() == before


def test_what_a_run_did_not_ask_for_is_neither_obsolete_nor_forgotten(project, check) -> None:
    guess = "class Base:\n    def load(self): ...\n\n\nclass Slow(Base):\n    def load(self):\n        open('x')\n\n\n"
    root = project(
        {**FILES, "pkg/more.py": guess + "async def f(base: Base):\n    base.load()\n    open('y')\n"}
    )
    sure = ["--min-confidence", "high"]
    check("--write-baseline", "known.json")
    before = (root / "known.json").read_text()
    levels = [entry["confidence"] for entry in json.loads(before)["findings"]]
    assert sorted(levels) == ["high", "high", "high", "medium"]
    for options in (sure, ["--select", "BCK204"], ["--select", "BCK204", *sure]):
        outcome = check("--baseline", "known.json", *options)
        assert (outcome.code, "obsolete" in outcome.err) == (0, False)
        check("--write-baseline", "known.json", *options)
        assert (root / "known.json").read_text() == before


def test_a_rule_that_is_off_by_default_takes_no_finding_from_another(project, check) -> None:
    project(
        {
            "a.py": "import os\n\n\ndef g(p):\n    os.stat(p)\n    h(p)\n\n\ndef h(p):\n    open(p)\n\n\nasync def f(p):\n    g(p)\n"
        }
    )
    assert "1 finding written" in check("--write-baseline", "known.json", "--extend-select", "BCK205").err
    assert (check("--baseline", "known.json").code, check().code) == (0, 1)


def test_a_baseline_of_the_configuration(project, check, monkeypatch) -> None:
    known = "[tool.blockcheck]\nbaseline = 'known.json'\n"
    root = project({**FILES, "pyproject.toml": known})
    assert "error: baseline: known.json: cannot be read" in check().err
    assert "2 findings written" in check("--write-baseline", "known.json").err
    monkeypatch.chdir(root / "pkg")
    outcome = check()
    assert (outcome.code, outcome.out) == (0, "")
    assert "2 findings known to ../known.json\n" in outcome.err
    assert api.check().findings == []
    assert len(concise(check("--isolated"))) == 2
    (root / "pkg/app.py").write_text(APP + "    slow.wait()\n")
    assert concise(check()) == ["app.py:7:5:BCK201"]
    assert "3 findings written" in check("--write-baseline", "../known.json").err
    assert check().out == ""


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "error: baseline: known.json: cannot be read: No such file or directory"),
        ("{", "error: baseline: known.json: is no baseline of blockcheck"),
        ("[]", "error: baseline: known.json: is no baseline of blockcheck"),
        (
            '{"version": 1, "findings": [{"path": "a.py", "code": "BCK201", "function": "", "message": "",'
            ' "fingerprint": "1", "confidence": "sure"}]}',
            "error: baseline: known.json: is no baseline of blockcheck",
        ),
        ('{"version": 2}', "error: baseline: known.json: is of version 2, expected 1"),
    ],
)
def test_wrong_baselines(project, check, content, message) -> None:
    root = project(FILES)
    if content is not None:
        (root / "known.json").write_text(content)
    outcome = check("--baseline", "known.json")
    assert (outcome.code, outcome.out) == (2, "")
    assert message in outcome.err


def test_contradictory_options(project, check) -> None:
    project(FILES)
    assert check("--baseline", "a", "--write-baseline", "a").code == 2
    assert check("--diff-base", "HEAD", "--write-baseline", "a").code == 2
    assert check("--add-noqa", "--stdin-filename", "a.py").code == 2


# Revisions


@pytest.fixture
def repository(project):
    """Write files, commit them, and return their folder."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")

    def make(files: dict[str, str]) -> Path:
        root = project(files)
        git(root, "init", "-q")
        git(root, "add", "-A")
        git(root, "commit", "-q", "-m", "start")
        return root

    return make


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", root, *identity, *arguments], check=True, capture_output=True)


def test_only_new_findings_are_reported_since_a_revision(repository, check) -> None:
    root = repository(FILES)
    outcome = check("--diff-base", "HEAD")
    assert (outcome.code, outcome.out) == (0, "")
    assert "since HEAD: 0 introduced, 0 fixed, 2 unchanged\n" in outcome.err
    (root / "pkg/app.py").write_text("import os\n" + APP + "\n\nasync def more():\n    slow.wait()\n")
    (root / "pkg/new.py").write_text(APP)
    outcome = check("--diff-base", "HEAD")
    assert concise(outcome) == ["pkg/app.py:11:5:BCK201", "pkg/new.py:5:5:BCK201", "pkg/new.py:6:5:BCK201"]
    assert "since HEAD: 3 introduced, 0 fixed, 2 unchanged\n" in outcome.err


def test_a_finding_is_new_where_another_file_made_it(repository, check) -> None:
    root = repository({**FILES, "pkg/slow.py": "def wait():\n    pass\n"})
    (root / "pkg/slow.py").write_text(SLOW)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "slower")
    outcome = check("--diff-base", "HEAD~1", "pkg/app.py")
    assert concise(outcome) == ["pkg/app.py:5:5:BCK201", "pkg/app.py:6:5:BCK201"]
    assert "since HEAD~1: 2 introduced, 0 fixed, 0 unchanged\n" in outcome.err


def test_a_finding_is_reported_again_when_its_line_or_its_chain_is_touched(repository, check) -> None:
    root = repository(FILES)
    (root / "pkg/app.py").write_text(APP.replace("wait()\n", "wait()  # touched\n", 1))
    outcome = check("--diff-base", "HEAD")
    assert concise(outcome) == ["pkg/app.py:5:5:BCK201"]
    assert "since HEAD: 0 introduced, 0 fixed, 2 unchanged (1 in touched code)\n" in outcome.err
    (root / "pkg/app.py").write_text(APP)
    (root / "pkg/slow.py").write_text(SLOW.replace("sleep(1)", "sleep(2)"))
    assert concise(check("--diff-base", "HEAD")) == ["pkg/app.py:5:5:BCK201", "pkg/app.py:6:5:BCK201"]


def test_fixed_findings_are_counted(repository, check) -> None:
    root = repository(FILES)
    (root / "pkg/app.py").write_text(APP.replace("    slow.wait()\n", "    pass\n", 1))
    outcome = check("--diff-base", "HEAD")
    assert (outcome.code, outcome.out) == (0, "")
    assert "since HEAD: 0 introduced, 1 fixed, 1 unchanged\n" in outcome.err


def test_a_project_below_the_working_copys_root_and_odd_names(repository, check, monkeypatch) -> None:
    root = repository({f"some dir/é/{name}": text for name, text in FILES.items()} | {"top.py": APP})
    monkeypatch.chdir(root / "some dir/é")
    Path("pkg/app.py").write_text(APP.replace("wait()\n", "wait()  # touched\n", 1))
    # Lines that look like a diff's own.
    Path("pkg/text.py").write_text('X = """\n++ b/pkg/app.py\n@@ -1 +6 @@\n"""\n')
    git(root, "add", "-A")
    assert concise(check("--diff-base", "HEAD")) == ["pkg/app.py:5:5:BCK201"]


def test_no_such_revision_and_no_working_copy(repository, project, check) -> None:
    root = repository(FILES)
    for revision in ("nope", "--output=x"):
        outcome = check(f"--diff-base={revision}")
        assert (outcome.code, outcome.out) == (2, "")
        assert outcome.err == f"blockcheck: error: --diff-base: {revision}: no such revision\n"
    shutil.rmtree(root / ".git")
    outcome = check("--diff-base", "HEAD")
    assert outcome.code == 2
    assert "not a git repository" in outcome.err


# Comments


def test_a_file_that_cannot_be_written_gets_no_comments(project, check) -> None:
    root = project({"a.py": "import time\n\n\nasync def f():\n    time.sleep(1)\n"})
    (root / "a.py").chmod(0o444)
    outcome = check("--add-noqa")
    assert outcome.code == 2
    assert concise(outcome) == ["a.py:5:5:BCK201"]
    assert "blockcheck: error: a.py: cannot be written: it is read-only\n" in outcome.err


def test_comments_are_added_and_hide_what_was_reported(project, check) -> None:
    source = (
        "import time, subprocess\r\n"
        "async def f(x):\r\n"
        "    time.sleep(1)\r\n"
        "    time.sleep(1)  # type: ignore\r\n"
        "    time.sleep(1)  # noqa: E501 since é\r\n"
        "    time.sleep(  \r\n"
        "        1)\r\n"
        '    time.sleep("""\r\n'
        '    """)\r\n'
        "    time.sleep \\\r\n"
        "        (1)\r\n"
        "    time.sleep(1); subprocess.run(x)\r\n"
    )
    root = project(
        {
            **FILES,
            "pkg/app.py": source.encode("latin-1").replace(b"import", b"# coding: latin-1\r\nimport", 1),
        }
    )
    outcome = check("--add-noqa", "pkg/app.py")
    assert (outcome.code, outcome.out) == (0, "")
    assert "8 findings hidden by new comments\n" in outcome.err
    assert (root / "pkg/app.py").read_bytes().decode("latin-1") == (
        "# coding: latin-1\r\n"
        "import time, subprocess\r\n"
        "async def f(x):\r\n"
        "    time.sleep(1)  # noqa: BCK201\r\n"
        "    time.sleep(1)  # type: ignore  # noqa: BCK201\r\n"
        "    time.sleep(1)  # noqa: E501, BCK201 since é\r\n"
        "    time.sleep(  # noqa: BCK201\r\n"
        "        1)\r\n"
        '    time.sleep("""\r\n'
        '    """)  # noqa: BCK201\r\n'
        "    time.sleep \\\r\n"
        "        (1)  # noqa: BCK201\r\n"
        "    time.sleep(1); subprocess.run(x)  # noqa: BCK201, BCK203\r\n"
    )
    outcome = check("pkg/app.py")
    assert (outcome.code, outcome.out) == (0, "")


def test_what_no_comment_can_hide_is_still_reported(project, check) -> None:
    root = project({"a.py": "import time\nasync def f():\n    f'''{time.sleep(1)}\n    '''\n", "b.py": "(\n"})
    outcome = check("--add-noqa")
    assert (outcome.code, concise(outcome)) == (1, ["a.py:3:10:BCK201", "b.py:1:1:BCK902"])
    assert "0 findings hidden by new comments\n" in outcome.err
    assert (root / "b.py").read_text() == "(\n"


def test_a_file_that_is_gone_by_then() -> None:
    from blockcheck.adoption import add_noqa

    finding = Finding(
        "BCK201", "n", "m", "k", Confidence.HIGH, Severity.WARNING, Location("nope.py", 1, 1, 1, 2)
    )
    assert add_noqa.add(Report(findings=[finding])) == (Report(findings=[finding]), 0)
