"""Programs before and after ``--fix --unsafe-fixes``: the same results, and a loop that goes on meanwhile.

Each program has a ``main(report)``. It runs beside a heartbeat; the longest time between two beats tells how long
the loop stood still.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).parent / "programs"

DRIVER = """
import asyncio, importlib, json, sys, time

async def beat(gaps):
    last = time.perf_counter()
    while True:
        await asyncio.sleep(0.005)
        now = time.perf_counter()
        gaps.append(now - last)
        last = now

async def run():
    told, gaps = [], []
    heart = asyncio.create_task(beat(gaps))
    await asyncio.sleep(0.05)
    gaps.clear()
    await importlib.import_module(sys.argv[1]).main(lambda value: told.append(repr(value)))
    await asyncio.sleep(0.02)
    heart.cancel()
    print(json.dumps({"told": told, "stalled": max(gaps)}))

asyncio.run(run())
"""


def outcome(folder: Path, name: str):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", DRIVER, name],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", sorted(path.stem for path in PROGRAMS.glob("*.py")))
def test_program(project, blockcheck, name) -> None:
    root = project({f"{name}.py": (PROGRAMS / f"{name}.py").read_text()})
    before = outcome(root, name)
    blockcheck("check", f"{name}.py", "--isolated", "--fix", "--unsafe-fixes")
    after = outcome(root, name)
    assert after["told"] == before["told"]
    assert before["stalled"] > 0.1
    assert after["stalled"] < before["stalled"] / 2
    left = blockcheck("check", f"{name}.py", "--isolated", "--select", "BCK2", "--output-format", "json")
    assert left.findings == []
