"""A task for each input at once, each with its request (20 KiB) in hand, against sixteen at a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from blockcheck.bench.probe import Probe


async def send(request: bytes, connections: asyncio.Semaphore) -> int:
    async with connections:
        await asyncio.sleep(0.001)
        return len(request)


async def bad(inputs: int, connections: asyncio.Semaphore) -> int:
    return sum(await asyncio.gather(*(send(bytes(20_480), connections) for _ in range(inputs))))


async def good(inputs: int, connections: asyncio.Semaphore) -> int:
    remaining = iter(range(inputs))

    async def worker() -> int:
        return sum([await send(bytes(20_480), connections) for _ in remaining])

    return sum(await asyncio.gather(*(worker() for _ in range(16))))


def run(
    variant: Callable[[int, asyncio.Semaphore], Coroutine[Any, Any, int]], size: int, probe: Probe
) -> object:
    async def main() -> int:
        return await variant(size, asyncio.Semaphore(16))

    with probe.measuring():
        return asyncio.run(main())
