"""A process for each small task, against a pool of as many processes as there are cores."""

from __future__ import annotations

import multiprocessing
import zlib
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING

from blockcheck.bench.threads import cores

if TYPE_CHECKING:
    from collections.abc import Callable

    from blockcheck.bench.probe import Probe


def checksum(task: int) -> int:
    return zlib.crc32(str(task).encode() * 10_000)


def report(task: int, results: multiprocessing.SimpleQueue[int]) -> None:
    results.put(checksum(task))


def bad(tasks: int) -> int:
    results: multiprocessing.SimpleQueue[int] = multiprocessing.SimpleQueue()
    processes = [multiprocessing.Process(target=report, args=(task, results)) for task in range(tasks)]
    for process in processes:
        process.start()
    total = sum(results.get() for _ in processes)
    for process in processes:
        process.join()
    return total


def good(tasks: int) -> int:
    with ProcessPoolExecutor(max_workers=cores()) as pool:
        return sum(pool.map(checksum, range(tasks), chunksize=16))


def run(variant: Callable[[int], int], size: int, probe: Probe) -> object:
    with probe.measuring():
        return variant(size)
