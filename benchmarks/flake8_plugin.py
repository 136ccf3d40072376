"""The flake8 plugin on a real package: ``python benchmarks/flake8_plugin.py FOLDER [PYTHON] [ROUNDS]``.

Compares it finding for finding with ``blockcheck check``, and its time with that of flake8 alone and, where the
interpreter of an environment with flake8-async is given, of flake8 with that. Rounds take turns, and
each begins without a cache. The folder should have no configuration of its own. All rules run for the comparison, the usual ones for the times.
"""

from __future__ import annotations

import json
import re
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from blockcheck.config import CACHE_FOLDER

FLAKE8 = ["-m", "flake8", "--isolated", "--exit-zero"]
LINE = re.compile(r"\./(?P<path>.+?):(?P<line>\d+):(?P<column>\d+): (?P<code>BCK\d+) (?P<message>.*)")
# flake8 reports unreadable files itself, and comments that hide nothing are those of blockcheck's own suppression.
NOT_COMPARED = {"BCK901", "BCK902"}


def of_plugin(folder: Path) -> Counter[tuple[str, ...]]:
    """The findings that flake8 shows."""
    done = _run([sys.executable, *FLAKE8, "--select", "BCK", "."], folder)
    found = (match.groups() for line in done.splitlines() if (match := LINE.fullmatch(line)))
    return Counter(finding for finding in found if finding[3] not in NOT_COMPARED)


def of_command(folder: Path) -> Counter[tuple[str, ...]]:
    """The findings of the command line."""
    command = [
        sys.executable,
        "-m",
        "blockcheck",
        "check",
        "--isolated",
        "--select",
        "ALL",
        "--no-cache",
        "--exit-zero",
    ]
    done = _run([*command, "--output-format", "jsonl"], folder)
    findings = [json.loads(line) for line in done.splitlines()]
    return Counter(
        (f["path"], str(f["line"]), str(f["column"]), f["code"], f["message"])
        for f in findings
        if f["code"] not in NOT_COMPARED
    )


def _run(command: list[str], folder: Path) -> str:
    return subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout


def timed(command: list[str], folder: Path) -> tuple[float, float]:
    """Seconds by the clock, and of processor time, that a command takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    _run(command, folder)
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(folder: Path, other: str | None = None, rounds: str = "3") -> None:
    """Print what differs, and what everything takes."""
    plugin, command = of_plugin(folder), of_command(folder)
    print(f"plugin {plugin.total()}, command line {command.total()}, in both {(plugin & command).total()}")
    for name, rest in (("plugin", plugin - command), ("command line", command - plugin)):
        for finding in sorted(rest):
            print(f"  only {name}: {':'.join(finding)}")
    commands = {
        "flake8 alone": [sys.executable, *FLAKE8, "--extend-ignore", "BCK", "."],
        "flake8 with blockcheck": [sys.executable, *FLAKE8, "."],
        "flake8 with blockcheck, again": [sys.executable, *FLAKE8, "."],
    }
    if other:
        commands["flake8 with flake8-async"] = [other, *FLAKE8, "."]
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(int(rounds)):
        shutil.rmtree(folder / CACHE_FOLDER, ignore_errors=True)
        for name, line in commands.items():
            taken[name].append(timed(line, folder))
    for name, figures in taken.items():
        clock, processor = (statistics.median(column) for column in zip(*figures, strict=True))
        print(f"{name}: {clock:.1f} s, {processor:.1f} s of processor time (median of {rounds})")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), *sys.argv[2:])
