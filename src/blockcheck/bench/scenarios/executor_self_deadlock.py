"""Tasks that wait for other tasks of their own pool: once all workers wait, nobody is left to work."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from blockcheck.bench.probe import Probe


def part(number: int) -> int:
    time.sleep(0.002)
    return number


def bad(documents: int) -> int:
    def whole(number: int) -> int:
        parts = [pool.submit(part, number), pool.submit(part, number + 1)]
        return sum(future.result() for future in parts)

    with ThreadPoolExecutor(max_workers=4) as pool:
        return sum(pool.map(whole, range(documents)))


def good(documents: int) -> int:
    def whole(number: int) -> tuple[Future[int], Future[int]]:
        return (pool.submit(part, number), pool.submit(part, number + 1))

    with ThreadPoolExecutor(max_workers=4) as pool:
        submitted = [whole(number) for number in range(documents)]
        return sum(future.result() for parts in submitted for future in parts)


def run(variant: Callable[[int], int], size: int, probe: Probe) -> object:
    with probe.measuring():
        return variant(size)
