"""How long blockcheck and its neighbours take, side by side: ``python benchmarks/speed.py distributed prefect``.

Names are packages of PyPI (``NAME`` or ``NAME==VERSION``) or folders. The neighbours come from PyPI into an
environment of their own, the packages beside it, both below ``--work``. Runs of all tools are interleaved; medians
of wall and CPU time and of peak memory, and ratios to blockcheck, go to ``docs/speed.json``; ``report.py`` makes
``docs/benchmarks.md`` of it. pylint is left out: it looks for nothing of this kind, so its time would say nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
PEERS = ("flake8", "flake8-async", "ruff", "blockpath", "ty-async")


def timed(command: list[str], folder: Path) -> dict[str, float]:
    """Wall and CPU seconds and peak megabytes of a command; what it says is of no interest here."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)}: ended with {process.returncode}")
    return {
        "wall": time.perf_counter() - started,
        "cpu": usage.ru_utime + usage.ru_stime,
        "memory": usage.ru_maxrss / 1024,
    }


def again(command: list[str], folder: Path) -> dict[str, float]:
    """What a command takes that has run before: the turns of other tools have changed a file."""
    timed(command, folder)
    return timed(command, folder)


def environment(work: Path) -> Path:
    """The folder of the neighbours' commands."""
    home = work / "peers"
    scripts = home / "bin"
    if not (scripts / "flake8").exists():
        venv.create(home, with_pip=True)
        subprocess.run([scripts / "pip", "install", "-q", *PEERS], check=True)
    return scripts


def package(name: str, work: Path) -> Path:
    """A copy of a package's files, which may be changed."""
    folder = work / "packages" / Path(name).name.replace("==", "-")
    if not folder.exists():
        if Path(name).is_dir():
            shutil.copytree(name, folder)
        else:
            command = [
                sys.executable,
                "-m",
                "pip",
                "install",
                "-q",
                "--no-deps",
                "--target",
                str(folder),
                name,
            ]
            subprocess.run(command, check=True)
    return folder


def commands(scripts: Path, jobs: int, cache: Path, tools: list[str]) -> dict[str, dict[str, list[str]]]:
    """The command of each tool for a run without a cache and, where it has one, for a run with it."""
    ours = [sys.executable, "-m", "blockcheck", "check", "--isolated", "--no-progress", "--quiet"]
    ruff = [str(scripts / "ruff"), "check", "--isolated", "--preview", "--select", "ASYNC", "--quiet"]
    every = {
        "blockcheck": {"cold": [*ours, "--no-cache", "--jobs", str(jobs)], "warm": [*ours, "--cache-dir", str(cache / "ours")]},
        "flake8 + flake8-async": {"cold": [str(scripts / "flake8"), "--isolated", "-j", str(jobs), "--select", "ASYNC"]},
        "blockpath": {"cold": [str(scripts / "blockpath"), "check", "--no-config"]},
        "ruff ASYNC": {"cold": [*ruff, "--no-cache"], "warm": [*ruff, "--cache-dir", str(cache / "ruff")]},
        "ty-async": {"cold": [str(scripts / "ty-async")]},
    }  # fmt: skip
    return {name: every[name] for name in every if name == "blockcheck" or not tools or name in tools}


def measure(name: str, options: argparse.Namespace, scripts: Path) -> dict[str, object]:
    """All times of one package."""
    folder = package(name, options.work)
    files = sorted(folder.rglob("*.py"))
    largest = max(files, key=lambda f: f.stat().st_size)
    victim = sorted(files, key=lambda f: f.stat().st_size)[len(files) // 2]
    results: dict[str, dict[str, list[dict[str, float]]]] = {}
    with tempfile.TemporaryDirectory(dir=options.work) as place:
        tools = commands(scripts, options.jobs, Path(place), options.tool)
        for command in (tool["warm"] for tool in tools.values() if "warm" in tool):
            timed([*command, str(folder)], options.work)
        for turn in range(options.runs):
            for tool, ways in tools.items():
                kept = results.setdefault(tool, {})
                if turn < options.cold_runs:
                    kept.setdefault("cold", []).append(timed([*ways["cold"], str(folder)], options.work))
                single = ways["warm"] if "warm" in ways else ways["cold"]
                if tool != "blockpath":  # takes folders only
                    kept.setdefault("one file", []).append(again([*single, str(largest)], options.work))
                if "warm" not in ways:
                    continue
                kept.setdefault("warm", []).append(again([*ways["warm"], str(folder)], options.work))
                with victim.open("a") as stream:
                    stream.write(f"\ndef _added_{time.time_ns()}():\n    return None\n")
                kept.setdefault("one file changed", []).append(
                    timed([*ways["warm"], str(folder)], options.work)
                )
    medians = {
        tool: {way: {key: statistics.median(r[key] for r in runs) for key in runs[0]} | {"runs": len(runs)}
               for way, runs in ways.items()}
        for tool, ways in results.items()
    }  # fmt: skip
    lines = sum(f.read_bytes().count(b"\n") for f in files)
    return {"package": Path(name).name, "files": len(files), "lines": lines, "tools": medians}


def main() -> None:
    """Measure, and keep the result."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("packages", nargs="+")
    parser.add_argument("--work", type=Path, default=REPOSITORY / ".benchmarks")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--cold-runs", type=int, default=3, help="of the runs, those without a cache as well")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--tool", action="append", default=[], help="beside blockcheck; default: all")
    parser.add_argument("--output", type=Path, default=REPOSITORY / "docs" / "speed.json")
    options = parser.parse_args()
    options.work = options.work.resolve()
    options.work.mkdir(parents=True, exist_ok=True)
    scripts = environment(options.work)
    versions = subprocess.run(
        [scripts / "pip", "freeze"], capture_output=True, text=True, check=True
    ).stdout.split()
    document = {
        "python": sys.version.split()[0],
        "jobs": options.jobs,
        "peers": sorted(v for v in versions if v.split("==")[0].replace("_", "-") in PEERS),
        "packages": [measure(name, options, scripts) for name in options.packages],
    }
    options.output.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
