"""Submitting as fast as jobs can be made (10 KiB each), against waiting for a slot before making the next."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from blockcheck.bench.probe import Probe

Work = Callable[[bytes], None]


def bad(jobs: int, pool: ThreadPoolExecutor, work: Work) -> None:
    for _ in range(jobs):
        pool.submit(work, bytes(10_240))


def good(jobs: int, pool: ThreadPoolExecutor, work: Work) -> None:
    slots = threading.BoundedSemaphore(32)
    for _ in range(jobs):
        slots.acquire()
        future = pool.submit(work, bytes(10_240))
        future.add_done_callback(lambda _: slots.release())


def run(variant: Callable[[int, ThreadPoolExecutor, Work], None], size: int, probe: Probe) -> object:
    done: list[int] = []

    def work(payload: bytes) -> None:
        time.sleep(0.0005)
        done.append(len(payload))

    with probe.measuring(), ThreadPoolExecutor(max_workers=8) as pool:
        # The executor offers no public view of its queue.
        probe.watch_queue(pool._work_queue.qsize)
        variant(size, pool, work)
    return sum(done)
