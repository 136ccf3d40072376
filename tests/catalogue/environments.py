"""One folder of installed packages per distribution of the catalogue: pinned, cached, made when first asked for."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

CACHE = Path(
    os.environ.get("BLOCKCHECK_CATALOGUE_CACHE", Path.home() / ".cache" / "blockcheck" / "catalogue")
)
DEFAULT_PYTHON = "3.13"
OFFLINE = re.compile(
    r"Could not fetch URL|connection error|Failed to establish a new connection|Temporary failure in name resolution|Network is unreachable"
    r"|Max retries exceeded|ProxyError|Connection refused|timed out",
)


def interpreter(version: str) -> str | None:
    """A Python of that version: the running one, one on PATH, or one of pyenv's."""
    if f"{sys.version_info.major}.{sys.version_info.minor}" == version:
        return sys.executable
    on_path = shutil.which(f"python{version}")
    if on_path and subprocess.run([on_path, "-c", ""], check=False, capture_output=True).returncode == 0:
        return on_path
    of_pyenv = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
    return str(of_pyenv[-1]) if of_pyenv else None


def environment(distribution: dict[str, Any], extra: tuple[str, ...] = ()) -> tuple[str, Path]:
    """The interpreter and the folder of packages for a distribution; skips where it cannot be had here."""
    name = distribution["name"]
    if "offered" in distribution:
        pytest.skip(f"{name}: not fetched: {distribution['offered']}")
    version = distribution.get("python", DEFAULT_PYTHON)
    python = interpreter(version)
    if python is None:
        pytest.skip(f"{name}: needs Python {version}, which is not installed")
    wanted = [f"{name}=={distribution['tested']}", *distribution.get("requires", ()), *extra]
    key = hashlib.sha256("\n".join([version, *wanted]).encode()).hexdigest()[:12]
    folder = CACHE / f"{name}-{distribution['tested']}-py{version}-{key}"
    if not folder.exists():
        install(python, wanted, folder, distribution)
    return python, folder


def install(python: str, wanted: list[str], folder: Path, distribution: dict[str, Any]) -> None:
    """Install into a new folder; it appears under its name only when complete."""
    CACHE.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix="making-", dir=CACHE))
    try:
        command = [python, "-m", "pip", "install", "--disable-pip-version-check", "--prefer-binary"]
        done = subprocess.run(
            [*command, "--target", str(making), *wanted],
            check=False,
            capture_output=True,
            text=True,
            timeout=1200,
        )
        if done.returncode:
            said = done.stdout + done.stderr
            if OFFLINE.search(said):
                pytest.skip(f"{distribution['name']}: the package index cannot be reached")
            if "system" in distribution:
                pytest.skip(
                    f"{distribution['name']}: cannot be built here; it needs {distribution['system']}"
                )
            pytest.fail(f"{wanted} cannot be installed:\n{said[-3000:]}", pytrace=False)
        try:
            making.rename(folder)
        except OSError:  # another process was faster
            if not folder.exists():
                raise
    finally:
        shutil.rmtree(making, ignore_errors=True)


def run(
    python: str, folder: Path, script: Path, *arguments: str, **options: Any
) -> subprocess.CompletedProcess[str]:
    """Run a script that sees the folder's packages and nothing of this process's."""
    keep = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "TMPDIR")
    surroundings = {k: v for k, v in os.environ.items() if k in keep}
    surroundings |= {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [python, "-s", str(script), *arguments],
        check=False, capture_output=True, text=True, env=surroundings, timeout=600, cwd=folder.parent, **options,
    )  # fmt: skip
