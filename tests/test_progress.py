"""The line that tells how far a run is: on a terminal, after a second, and nowhere else."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pty = pytest.importorskip("pty", reason="terminals of this kind are Unix's")

# A run that takes longer than the line's patience, whatever the machine.
SCRIPT = """
import sys, time
from blockcheck import cli
from blockcheck.cli import progress
progress.PATIENCE = 0.05
from blockcheck import reading
read = reading.read
reading.read = lambda path: (time.sleep(0.02), read(path))[1]
sys.exit(cli.main(["check", "--isolated", "--exit-zero", "--jobs", "1", "--no-cache", *sys.argv[1:]]))
"""


def seen(folder: Path, *arguments: str, terminal: bool = True) -> str:
    """What standard error gets, a real terminal or a pipe."""
    for number in range(20):
        (folder / f"file{number}.py").write_text("import time\nasync def f():\n    time.sleep(1)\n")
    command = [sys.executable, "-c", SCRIPT, *arguments]
    if not terminal:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stderr
    master, slave = pty.openpty()
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=slave) as process:
        os.close(slave)
        text = b""
        try:
            while piece := os.read(master, 4096):
                text += piece
        except OSError:
            pass  # Linux tells the end of a terminal so
        process.communicate()
    os.close(master)
    assert process.returncode == 0
    return text.decode()


def test_line_on_a_terminal(tmp_path: Path) -> None:
    text = seen(tmp_path)
    assert "/20 files, " in text
    assert "a second" in text
    assert text.split("a second")[-1].count("\r\x1b[K") >= 1  # and away it goes


@pytest.mark.parametrize("arguments", [["--no-progress"], ["--quiet"]])
def test_no_line_where_none_is_wanted(tmp_path: Path, arguments: list[str]) -> None:
    text = seen(tmp_path, *arguments)
    assert "\x1b[K" not in text
    assert "/20 files" not in text


def test_no_line_in_a_pipe(tmp_path: Path) -> None:
    text = seen(tmp_path, terminal=False)
    assert "\x1b[K" not in text
    assert "/20 files" not in text
