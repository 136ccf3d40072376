"""The incident itself: many concurrent waits of a second, a thread for each against a coroutine for each."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from blockcheck.bench.probe import Probe


def bad(tasks: int, seconds: float) -> int:
    done: list[int] = []

    def wait(task: int) -> None:
        time.sleep(seconds)
        done.append(task)

    threads = [threading.Thread(target=wait, args=(task,)) for task in range(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(done)


def good(tasks: int, seconds: float) -> int:
    done: list[int] = []

    async def wait(task: int) -> None:
        await asyncio.sleep(seconds)
        done.append(task)

    async def wait_for_all() -> None:
        await asyncio.gather(*(wait(task) for task in range(tasks)))

    asyncio.run(wait_for_all())
    return len(done)


def run(variant: Callable[[int, float], int], size: int, probe: Probe) -> object:
    with probe.measuring():
        return variant(size, 1.0)


def warm_up(variant: Callable[[int, float], int]) -> None:
    variant(10, 0.001)
