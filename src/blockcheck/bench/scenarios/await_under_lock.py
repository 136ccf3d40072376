"""A threading lock held across an await: the second coroutine blocks the loop that the first one needs to go on."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from blockcheck.bench.probe import Probe


async def bad(updates: int) -> int:
    lock = threading.Lock()
    total = 0

    async def update() -> None:
        nonlocal total
        with lock:
            before = total
            await asyncio.sleep(0.001)
            total = before + 1

    await asyncio.gather(*(update() for _ in range(updates)))
    return total


async def good(updates: int) -> int:
    lock = asyncio.Lock()
    total = 0

    async def update() -> None:
        nonlocal total
        async with lock:
            before = total
            await asyncio.sleep(0.001)
            total = before + 1

    await asyncio.gather(*(update() for _ in range(updates)))
    return total


def run(variant: Callable[[int], Coroutine[Any, Any, int]], size: int, probe: Probe) -> object:
    with probe.measuring():
        return asyncio.run(variant(size))
