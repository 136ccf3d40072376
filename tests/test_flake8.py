"""The flake8 plugin under the real flake8, next to the command line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

pytest.importorskip("flake8")
if "BCK" not in entry_points(group="flake8.extension").names:
    pytest.skip(
        "the installation is older than the plugin: install the project anew", allow_module_level=True
    )

FILES = {
    "pyproject.toml": "[tool.blockcheck]\n",
    "pkg/__init__.py": "",
    "pkg/slow.py": "import time\n\n\ndef wait():\n    time.sleep(1)\n",
    "pkg/app.py": "from pkg import slow\n\n\nasync def handle():\n    slow.wait()\n",
    "pkg/stat.py": "import os\n\n\nasync def handle(path):\n    é = 'é'; return os.stat(path), é\n",
}
APP = "pkg/app.py:5:5: BCK201 slow.wait() blocks the event loop through time.sleep()"
STAT = "pkg/stat.py:5:21: BCK205 os.stat() blocks the event loop"

WITH_START_METHOD = """
import multiprocessing, sys
if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv.pop(1))
    from flake8.main.cli import main
    sys.exit(main(sys.argv[1:]))
"""


def flake8(*arguments: str, stdin: str = "", start_method: str = "") -> tuple[int, list[str], str]:
    """Run flake8; return its exit code, what it prints (as the command line would), and its errors."""
    command = [sys.executable, "-m", "flake8"]
    if start_method:
        Path("start.pyw").write_text(WITH_START_METHOD)
        command = [sys.executable, "start.pyw", start_method]
    done = subprocess.run(
        [*command, *arguments], input=stdin.encode(), capture_output=True, check=False, timeout=120
    )
    lines = done.stdout.decode().splitlines()
    return done.returncode, sorted(line.removeprefix("./") for line in lines), done.stderr.decode()


def test_one_file_is_judged_with_the_whole_project_at_hand(project) -> None:
    project(FILES)
    assert flake8("pkg/app.py") == (1, [APP], "")


def test_rules_that_are_off_by_default(project) -> None:
    root = project(FILES)
    assert flake8("pkg", "--extend-ignore=E702") == (1, [APP], "")
    assert flake8("pkg", "--ignore=E") == (1, [APP], "")
    assert flake8("pkg", "--extend-select=BCK205", "--extend-ignore=E702") == (1, [APP, STAT], "")
    assert flake8("pkg", "--select=BCK205") == (1, [STAT], "")
    (root / "pyproject.toml").write_text(
        "[tool.blockcheck]\nextend-select = ['BCK205']\nignore = ['BCK201']\n"
    )
    assert flake8("pkg", "--extend-ignore=E702") == (1, [STAT], "")
    assert flake8("pkg", "--select=BCK") == (1, [STAT], "")


def test_selection_of_flake8(project) -> None:
    project(FILES)
    assert flake8("pkg/app.py", "--select=BCK1") == (0, [], "")
    assert flake8("pkg/app.py", "--select=BCK2,E5") == (1, [APP], "")
    assert flake8("pkg/app.py", "--extend-ignore=BCK") == (0, [], "")
    assert flake8("pkg/app.py", "--per-file-ignores=pkg/app.py:BCK201") == (0, [], "")
    assert flake8("pkg", "--select=BCK2", "--exclude=app.py,stat.py") == (0, [], "")


def test_options_may_stand_in_the_configuration_of_flake8(project) -> None:
    root = project(FILES)
    (root / "other.toml").write_text("ignore = ['BCK201']\n")
    (root / ".flake8").write_text(
        "[flake8]\nblockcheck-config = other.toml\nblockcheck-min-confidence = high\n"
    )
    assert flake8("pkg/app.py") == (0, [], "")
    assert flake8("pkg/app.py", "--blockcheck-config=pyproject.toml") == (1, [APP], "")
    code, out, _ = flake8("pkg/app.py", "--blockcheck-min-confidence=huge")
    assert (code, out) == (2, [])


def test_comments(project) -> None:
    root = project(FILES)
    source = "from pkg import slow\n\n\nasync def handle():\n    slow.wait()  # {}\n"
    for comment, expected in (
        ("noqa: BCK201", []),
        ("noqa", []),
        ("blockcheck: ignore[BCK201]", []),
        ("noqa: BCK202", ["BCK201", "BCK901"]),
        ("blockcheck: ignore[BCK202]", ["BCK201", "BCK901"]),
    ):
        (root / "pkg/app.py").write_text(source.format(comment))
        _, out, _ = flake8("pkg/app.py")
        assert sorted(line.split()[1] for line in out) == expected, comment
    (root / "pkg/app.py").write_text(source.format("noqa: BCK201"))
    assert flake8("pkg/app.py", "--disable-noqa") == (1, [APP], "")
    # Where formatters put it, which flake8 by itself would not look at.
    split = source.replace("wait()", "wait(\n    )").format("noqa: BCK201")
    (root / "pkg/app.py").write_text(split)
    assert flake8("pkg/app.py") == (0, [], "")


def test_standard_input(project) -> None:
    project({**FILES, "pkg/app.py": ""})
    code, out, err = flake8("-", "--stdin-display-name", "pkg/app.py", stdin=FILES["pkg/app.py"])
    assert (code, out, err) == (1, [APP], "")
    latin = "# coding: latin-1\n" + FILES["pkg/app.py"]
    _, out, _ = flake8("-", "--stdin-display-name", "pkg/app.py", stdin=latin)
    assert out == [APP.replace(":5:", ":6:", 1)]
    _, out, _ = flake8("-", stdin="import time\n\n\nasync def f():\n    time.sleep(1)\n")
    assert out == ["stdin:5:5: BCK201 time.sleep() blocks the event loop"]


@pytest.mark.skipif(sys.platform != "linux", reason="not every platform can fork")
@pytest.mark.parametrize("start_method", ["fork", "forkserver", "spawn"])
def test_every_process_knows_the_project(project, start_method: str) -> None:
    project({**FILES, **{f"pkg/more{number}.py": FILES["pkg/app.py"] for number in range(6)}})
    expected = sorted([APP, *(APP.replace("app", f"more{number}") for number in range(6))])
    result = flake8("-j2", "pkg", "--select=BCK201", start_method=start_method)
    assert result == (1, expected, "")


def test_the_index_is_removed(project, tmp_path_factory, monkeypatch) -> None:
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setenv("TMPDIR", str(folder))
    project(FILES)
    assert flake8("-j2", "pkg", "--select=BCK201", start_method="spawn") == (1, [APP], "")
    assert [entry.name for entry in folder.iterdir() if entry.name.startswith("blockcheck")] == []


def test_processes_do_without_an_index(project, monkeypatch) -> None:
    project({**FILES, "pkg/more.py": FILES["pkg/app.py"]})
    # Nowhere to write it: every folder for temporary files is missing.
    script = WITH_START_METHOD.replace(
        "import multiprocessing, sys", "import multiprocessing, sys, tempfile\ntempfile.tempdir = '/nowhere'"
    )
    monkeypatch.setattr(sys.modules[__name__], "WITH_START_METHOD", script)
    code, out, err = flake8("-j2", "pkg", "--select=BCK201", start_method="spawn")
    assert (code, out) == (1, [APP, APP.replace("app", "more")])
    assert "blockcheck: the index of the project cannot be written" in err
    assert "so this process analyses it once more" in err


def test_a_wrong_configuration_is_told(project) -> None:
    project({**FILES, "pyproject.toml": "[tool.blockcheck]\nselct = []\n"})
    code, out, _ = flake8("pkg")
    assert code == 1
    assert any(
        "pyproject.toml: tool.blockcheck.selct: unknown key; did you mean 'select'?" in line for line in out
    )


def test_a_file_without_a_project_belongs_to_the_working_directory(project) -> None:
    root = project({name: text for name, text in FILES.items() if name != "pyproject.toml"})
    if any((folder / ".git").exists() for folder in root.parents):
        pytest.skip("the folder for temporary files is in a working copy")
    assert flake8("pkg/app.py") == (1, [APP], "")


def test_a_file_without_a_project_belongs_to_its_package(project, monkeypatch) -> None:
    root = project({name: text for name, text in FILES.items() if name != "pyproject.toml"})
    if any((folder / ".git").exists() for folder in root.parents):
        pytest.skip("the folder for temporary files is in a working copy")
    monkeypatch.chdir(root / "pkg")
    assert flake8("app.py") == (1, [APP.removeprefix("pkg/")], "")
    # The working directory is no project, for many lie in there side by side.
    monkeypatch.chdir(root)
    monkeypatch.setenv("TMPDIR", str(root))
    assert flake8("pkg/app.py") == (1, [APP], "")


def test_syntax_errors_and_missing_files_are_flake8s_own_matter(project) -> None:
    project({**FILES, "pkg/broken.py": "def f(:\n"})
    code, out, err = flake8("pkg/broken.py", "nope.py", "pkg/app.py")
    assert (code, err) == (1, "")
    assert [re.sub(r":.*: ([A-Z]+\d+) .*", r" \1", line) for line in out] == [
        "nope.py E902",
        "pkg/app.py BCK201",
        "pkg/broken.py E999",
    ]


def test_what_the_baseline_knows_is_not_reported(project, blockcheck) -> None:
    root = project({**FILES, "pyproject.toml": "[tool.blockcheck]\nbaseline = 'known.json'\n"})
    blockcheck("check", "--write-baseline", "known.json")
    (root / "pkg/app.py").write_text(FILES["pkg/app.py"] + "    slow.wait()\n")
    assert flake8("pkg/app.py") == (1, [APP.replace(":5:5:", ":6:5:")], "")


def test_it_agrees_with_the_command_line(project, blockcheck) -> None:
    from test_contract import FILES as MORE

    project({**FILES, **{f"contract/{name}": text for name, text in MORE.items() if name != "broken.py"}})
    _, out, _ = flake8("--select=BCK")
    cli = blockcheck("check", "--select", "BCK", "--output-format", "concise").out.splitlines()
    assert out == sorted(cli)
    assert len(out) > 4


@pytest.mark.online
@pytest.mark.parametrize("version", ["==6.0.0", ""])
def test_oldest_and_newest_flake8_with_others_beside(version: str, project, tmp_path_factory) -> None:
    """Installs from the package index; an installation that fails is a skip, and says why."""
    from conftest import REPOSITORY

    environment = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    python = str(environment / "bin/python")
    wanted = [f"flake8{version}", "flake8-bugbear", "flake8-black"]
    done = subprocess.run(
        [python, "-m", "pip", "install", "-q", str(REPOSITORY), *wanted], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip(f"cannot be installed: {done.stderr.decode()[-300:]}")
    project({**FILES, "pkg/app.py": FILES["pkg/app.py"] + "\n\nx = [ 1 ]\nassert False\n"})
    done = subprocess.run(
        [python, "-m", "flake8", "pkg/app.py", "--max-line-length=88", "--extend-select=B"],
        capture_output=True,
        check=False,
        env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
    )
    lines = done.stdout.decode().splitlines()
    assert APP in lines
    assert {"BCK201", "B011", "BLK100", "E201", "E202"} == {line.split()[1] for line in lines}


def test_packs_of_the_configuration_count(project) -> None:
    project(
        {
            "pyproject.toml": "[tool.blockcheck]\ncatalogue = ['vendor.toml']\n",
            "vendor.toml": "blocking = ['vendor.wait']\n",
            "a.py": "import vendor\n\n\nasync def handle():\n    vendor.wait()\n",
        }
    )
    code, found, _ = flake8("a.py")
    assert (code, [line.split(" ")[1] for line in found]) == (1, ["BCK208"])
    Path("vendor.toml").write_text("blocking = ['wait']\n")
    code, found, _ = flake8("a.py")
    assert code == 1
    assert "blockcheck: vendor.toml: blocking[0]: 'wait' names no module" in found
