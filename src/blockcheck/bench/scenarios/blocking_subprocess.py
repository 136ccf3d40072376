"""A command that takes 10 ms, waited for by the event loop, or by a coroutine."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from blockcheck.bench.event_loops import serve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from blockcheck.bench.probe import Probe


async def bad(command: list[str]) -> int:
    return subprocess.run(command, check=False).returncode


async def good(command: list[str]) -> int:
    process = await asyncio.create_subprocess_exec(*command)
    return await process.wait()


def run(variant: Callable[[list[str]], Awaitable[int]], size: int, probe: Probe) -> object:
    sleep = shutil.which("sleep")
    python = [sys.executable, "-I", "-S", "-c", "import time; time.sleep(0.01)"]
    command = [sleep, "0.01"] if sleep else python
    return serve(lambda _request: variant(command), size, probe)
