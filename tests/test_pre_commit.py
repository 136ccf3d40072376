"""The hooks under the real pre-commit, in a real repository of git."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import REPOSITORY

pytestmark = pytest.mark.online

# What an installation needs; a copy, so that what is not committed yet is tested too.
NEEDED = ("src", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")
SLOW = "import time\n\n\ndef wait():\n    time.sleep(1)\n"
QUICK = "def wait():\n    pass\n"
APP = "from pkg import helper\n\n\nasync def handle():\n    helper.wait()\n"
FINDING = "pkg/app.py:5:5: BCK201 helper.wait() blocks the event loop through time.sleep()"
NOTE = "= note: pkg/helper.py:5:5: wait calls time.sleep"


@pytest.fixture(scope="module")
def git(tmp_path_factory):
    """Run git, with an identity and without anybody's configuration; return what it says."""
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
        "HOME": str(tmp_path_factory.mktemp("home")),
        "GIT_CONFIG_NOSYSTEM": "1",
        "PRE_COMMIT_HOME": str(tmp_path_factory.mktemp("pre-commit-home")),
    }
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"]

    def run(folder: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        command = ["git", *identity, *arguments] if arguments[0] != "pre-commit" else list(arguments)
        command[0] = str(tools / "pre-commit") if command[0] == "pre-commit" else command[0]
        return subprocess.run(
            command,
            cwd=folder,
            env=environment,
            check=check,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    home = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    tools = home / "bin"
    done = subprocess.run(
        [tools / "python", "-m", "pip", "install", "-q", "pre-commit"], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip(f"pre-commit cannot be installed: {done.stderr.decode()[-300:]}")
    return run


@pytest.fixture(scope="module")
def hooks(git, tmp_path_factory) -> tuple[Path, str]:
    """A repository with our hooks, and its revision."""
    folder = tmp_path_factory.mktemp("blockcheck")
    for name in NEEDED:
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
        else:
            shutil.copy(source, folder / name)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "hooks")
    return folder, git(folder, "rev-parse", "HEAD").stdout.strip()


@pytest.fixture
def repository(git, hooks, tmp_path: Path):
    """Make a repository that uses a hook, with a first commit."""

    def make(hook: str) -> Path:
        source, revision = hooks
        (tmp_path / "pkg").mkdir()
        (tmp_path / "pkg/__init__.py").write_text("")
        (tmp_path / "pkg/helper.py").write_text(QUICK)
        (tmp_path / "pkg/app.py").write_text(APP)
        (tmp_path / ".pre-commit-config.yaml").write_text(
            f"repos:\n- repo: file://{source}\n  rev: {revision}\n  hooks:\n  - id: {hook}\n"
        )
        git(tmp_path, "init", "-q")
        git(tmp_path, "pre-commit", "install")
        git(tmp_path, "add", "-A")
        first = git(tmp_path, "commit", "-m", "start", check=False)
        assert first.returncode == 0, first.stdout
        assert "Passed" in first.stdout
        return tmp_path

    return make


def test_a_commit_with_a_defect_is_refused_and_a_clean_one_passes(repository, git) -> None:
    root = repository("blockcheck")
    (root / "pkg/app.py").write_text(
        APP.replace("helper.wait()", "time.sleep(1)").replace("from pkg import helper", "import time")
    )
    git(root, "add", "-A")
    refused = git(root, "commit", "-m", "defect", check=False)
    assert refused.returncode != 0
    assert "pkg/app.py:5:5: BCK201 time.sleep() blocks the event loop\n" in refused.stdout
    assert "5 |     time.sleep(1)\n  |     ^" in refused.stdout
    assert "1 finding in 1 file\n" in refused.stdout
    (root / "pkg/app.py").write_text(APP + "\n\nX = 1\n")
    git(root, "add", "-A")
    assert git(root, "commit", "-m", "clean").returncode == 0


def test_the_whole_project_is_analysed_as_it_is_staged(repository, git) -> None:
    root = repository("blockcheck")
    # The helper blocks only in the working copy: that is not what is committed.
    (root / "pkg/helper.py").write_text(SLOW)
    (root / "pkg/app.py").write_text(APP + "\n\nX = 1\n")
    git(root, "add", "pkg/app.py")
    assert git(root, "commit", "-m", "clean").returncode == 0
    (root / "pkg/app.py").write_text(APP)
    git(root, "add", "-A")
    refused = git(root, "commit", "-m", "defect", check=False)
    assert refused.returncode != 0
    assert FINDING in refused.stdout
    assert NOTE in refused.stdout


def test_a_caller_outside_of_the_commit_is_seen_by_the_hook_for_the_project_only(repository, git) -> None:
    root = repository("blockcheck-project")
    (root / "pkg/helper.py").write_text(SLOW)
    git(root, "add", "pkg/helper.py")
    refused = git(root, "commit", "-m", "slower", check=False)
    assert refused.returncode != 0
    assert FINDING in refused.stdout
    config = root / ".pre-commit-config.yaml"
    config.write_text(config.read_text().replace("id: blockcheck-project", "id: blockcheck"))
    git(root, "add", "-A")
    assert git(root, "commit", "-m", "slower").returncode == 0


def test_a_fix_is_applied_and_stops_the_commit(repository, git) -> None:
    root = repository("blockcheck-fix")
    (root / "pkg/app.py").write_text(
        "import asyncio\nimport time\n\n\nasync def handle():\n    await asyncio.sleep(0)\n    time.sleep(1)\n"
    )
    git(root, "add", "-A")
    stopped = git(root, "commit", "-m", "defect", check=False)
    assert stopped.returncode != 0
    assert "- files were modified by this hook\n" in stopped.stdout
    assert "1 finding fixed\n" in stopped.stdout
    assert "    await asyncio.sleep(1)\n" in (root / "pkg/app.py").read_text()
    git(root, "add", "-A")
    assert git(root, "commit", "-m", "mended").returncode == 0


def test_try_repo(repository, hooks, git) -> None:
    root = repository("blockcheck")
    (root / "pkg/helper.py").write_text(SLOW)
    tried = git(
        root, "pre-commit", "try-repo", str(hooks[0]), "blockcheck-project", "--all-files", check=False
    )
    assert tried.returncode == 1
    assert FINDING in tried.stdout
