"""A lock that another thread holds half of the time (5 ms on, 5 ms off), acquired on the event loop or beside it."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING

from blockcheck.bench.event_loops import BYSTANDERS, serve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from blockcheck.bench.probe import MeasuredLock, Probe

Counts = dict[int, int]


def count(request: int, counts: Counts, lock: MeasuredLock) -> int:
    with lock:
        counts[request] = counts.get(request, 0) + 1
        return counts[request]


async def bad(request: int, counts: Counts, lock: MeasuredLock) -> int:
    return count(request, counts, lock)


async def good(request: int, counts: Counts, lock: MeasuredLock) -> int:
    return await asyncio.to_thread(count, request, counts, lock)


def run(variant: Callable[[int, Counts, MeasuredLock], Awaitable[int]], size: int, probe: Probe) -> object:
    lock, counts, stop = probe.lock(), dict[int, int](), threading.Event()

    def contend() -> None:
        while not stop.wait(0.005):
            with lock:
                time.sleep(0.005)

    contender = threading.Thread(target=contend)
    contender.start()
    try:
        return serve(lambda request: variant(request, counts, lock), size, probe, BYSTANDERS)
    finally:
        stop.set()
        contender.join()
