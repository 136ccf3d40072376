"""What is imported when: start-up is short because most of it is left out."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"libcst", "flake8", "asyncio", "multiprocessing", "ssl", "tomllib"}
ANALYSIS = {"blockcheck.project", "blockcheck.rules", "blockcheck.engine", "blockcheck.catalogue"}


def modules_after(*arguments: str) -> set[str]:
    """The modules that a run of the command line has imported, besides those of a bare interpreter."""
    program = (
        "import sys; before = set(sys.modules); from blockcheck.cli import main; code = main(sys.argv[1:]);"
        "print(*(set(sys.modules) - before), file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    return set(done.stderr.splitlines()[-1].split())


def test_version_needs_nothing_but_the_version(project) -> None:
    project({})
    ours = {name for name in modules_after("--version") if not name.startswith("_")}
    assert ours <= {"blockcheck", "blockcheck.cli"}


@pytest.mark.parametrize("arguments", [["check", "--help"], ["clean"], ["rules", "--help"]], ids=" ".join)
def test_verbs_without_analysis_import_none(project, arguments) -> None:
    project({"pyproject.toml": "[project]\nname = 'x'\n"})
    imported = modules_after(*arguments)
    assert not imported & (HEAVY | ANALYSIS)


def test_check_of_a_file_imports_neither_processes_nor_other_tools(project) -> None:
    project(
        {
            "pyproject.toml": "[tool.blockcheck]\n",
            "a.py": "import time\n\n\nasync def f():\n    time.sleep(1)\n",
        }
    )
    imported = modules_after("check", "-q")
    assert "libcst" in imported
    assert not imported & {
        "flake8",
        "asyncio",
        "ssl",
        "blockcheck.server",
        "blockcheck.bench",
        "libcst.matchers",
    }


def test_a_process_of_its_own_takes_of_the_parser_what_is_native(project) -> None:
    project(
        {
            "pyproject.toml": "[tool.blockcheck]\n",
            "a.py": "import asyncio\n\n\nasync def f():\n    await asyncio.sleep(1)\n",
        }
    )
    program = "import sys; from blockcheck.cli import command; command(); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program, "check", "-q"], capture_output=True, text=True, check=True
    )
    imported = set(done.stdout.split())
    assert {"libcst.native", "blockcheck.project"} <= imported
    assert "libcst" not in imported


def test_check_of_facts_that_are_known_does_not_import_the_parser(project) -> None:
    project(
        {
            "pyproject.toml": "[tool.blockcheck]\n",
            "a.py": "import time\n\n\nasync def f():\n    time.sleep(1)\n",
        }
    )
    formats = ["--output-format", "concise"]
    modules_after("check", "-q", *formats)
    imported = modules_after("check", "-q", *formats, "--select", "BCK2")
    assert "blockcheck.project" in imported
    assert "libcst" not in imported
