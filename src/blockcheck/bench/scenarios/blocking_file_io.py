"""Writing 64 KiB to disk, fsync included, on the event loop or on a thread beside it."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from blockcheck.bench.event_loops import serve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from blockcheck.bench.probe import Probe


def save(path: Path, data: bytes) -> int:
    with path.open("wb") as file:
        written = file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return written


async def bad(path: Path, data: bytes) -> int:
    return save(path, data)


async def good(path: Path, data: bytes) -> int:
    return await asyncio.to_thread(save, path, data)


def run(variant: Callable[[Path, bytes], Awaitable[int]], size: int, probe: Probe) -> object:
    with tempfile.TemporaryDirectory() as folder:
        return serve(lambda request: variant(Path(folder, str(request)), bytes(65536)), size, probe)
