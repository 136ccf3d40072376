"""The GitHub action, its steps run as GitHub runs them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import REPOSITORY

yaml = pytest.importorskip("yaml")  # libcst brings it on most versions of Python
BASH = shutil.which("bash") or pytest.skip("bash is not installed", allow_module_level=True)

FILES = {
    "src/bad.py": "import time\nasync def f():\n    time.sleep(1)\n",
    "src/good.py": "",
    "bad_pb2.py": "(\n",
}
ANNOTATION = "::warning title=BCK201 blocking-sleep,file=src/bad.py,line=3,endLine=3,col=5,endColumn=18::"


class Job:
    """A job of GitHub's that uses the action in the working directory."""

    def __init__(self, temporary: Path, **inputs: str) -> None:
        self._temporary = temporary
        self._action = yaml.safe_load((REPOSITORY / "action.yml").read_text())
        known = {name.replace("-", "_"): about["default"] for name, about in self._action["inputs"].items()}
        assert inputs.keys() <= known.keys()
        self._values = {
            f"inputs.{name.replace('_', '-')}": value for name, value in {**known, **inputs}.items()
        }

    def install(self) -> None:
        step, _ = self._action["runs"]["steps"]
        output = self._temporary / "output"
        done = self._step(step, GITHUB_OUTPUT=str(output))
        if done.returncode:
            pytest.skip(f"cannot be installed: {done.stderr[-300:]}")
        name, _, value = output.read_text().strip().partition("=")
        self._values[f"steps.{step['id']}.outputs.{name}"] = value

    def use_installed(self) -> None:
        """Take the command of these tests for the one that would be installed."""
        command = self._temporary / "blockcheck"
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m blockcheck "$@"\n')
        command.chmod(0o755)
        self._values["steps.install.outputs.command"] = str(command)

    def check(self) -> tuple[int, list[str], str]:
        _, step = self._action["runs"]["steps"]
        done = self._step(step)
        return done.returncode, done.stdout.splitlines(), done.stderr

    def _step(self, step: dict, **environment: str) -> subprocess.CompletedProcess[str]:
        assert step["shell"] == "bash"
        # What comes from outside may reach the script in no way but as a variable.
        assert "${{" not in step["run"]
        script = self._temporary / "script.sh"
        script.write_text(step["run"])
        variables = {
            name: re.sub(r"\$\{\{ (.+?) \}\}", lambda match: self._values[match[1]], value)
            for name, value in step["env"].items()
        }
        given = {"RUNNER_TEMP": str(self._temporary), "GITHUB_ACTION_PATH": str(REPOSITORY), **environment}
        return subprocess.run(
            [BASH, "--noprofile", "--norc", "-eo", "pipefail", script],
            env={**os.environ, **given, **variables},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )


@pytest.fixture
def action(project, tmp_path_factory):
    project(FILES)

    def job(**inputs: str) -> Job:
        made = Job(tmp_path_factory.mktemp("runner"), **inputs)
        made.use_installed()
        return made

    return job


def test_findings_become_annotations_and_fail_the_job(action) -> None:
    code, lines, _ = action(paths="src", args="--min-confidence high --select BCK2").check()
    assert code == 1
    (line,) = lines
    assert line.startswith(ANNOTATION)


def test_a_clean_project_passes(action) -> None:
    # Patterns are blockcheck's, not the shell's.
    assert action(args="--extend-exclude *_pb2.py,bad.py").check() == (0, [], "")


def test_a_sarif_report_beside_the_annotations(action) -> None:
    code, lines, _ = action(paths="src", args="--exit-zero", sarif_file="the report.sarif").check()
    assert (code, len(lines)) == (0, 1)
    (run,) = json.loads(Path("the report.sarif").read_text())["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["BCK201"]


@pytest.mark.online
def test_it_is_installed_into_an_environment_of_its_own(project, tmp_path_factory) -> None:
    project(FILES)
    job = Job(tmp_path_factory.mktemp("runner"), paths="src", python=sys.executable)
    job.install()
    code, lines, _ = job.check()
    assert (code, len(lines)) == (1, 1)
    assert lines[0].startswith(ANNOTATION)
