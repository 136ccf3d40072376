"""Asking the file system about 20 local files, on the event loop or on a thread beside it."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from blockcheck.bench.event_loops import BYSTANDERS, serve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from blockcheck.bench.probe import Probe


def total_size(folder: Path) -> int:
    return sum(os.stat(folder / name).st_size for name in os.listdir(folder))


async def bad(folder: Path) -> int:
    return total_size(folder)


async def good(folder: Path) -> int:
    return await asyncio.to_thread(total_size, folder)


def run(variant: Callable[[Path], Awaitable[int]], size: int, probe: Probe) -> object:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(20):
            (folder / str(number)).write_bytes(bytes(number))
        return serve(lambda _request: variant(folder), size, probe, BYSTANDERS)
