"""Ingestion by N workers: fetch a document (0.5 ms of waiting), parse it (CPU, under the GIL), store it (under a lock).

Past the useful number more workers only add threads, switches and memory, and throughput falls.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from blockcheck.bench.probe import Probe

DOCUMENTS = 2000
TEXT = json.dumps([{"id": number, "name": f"item {number}"} for number in range(40)])
USEFUL_WORKERS = 64

Worker = Callable[[], None]


def bad(workers: int, work: Worker) -> None:
    with ThreadPoolExecutor(max_workers=workers) as pool:
        for _ in range(workers):
            pool.submit(work)


def good(_workers: int, work: Worker) -> None:
    with ThreadPoolExecutor(max_workers=USEFUL_WORKERS) as pool:
        for _ in range(USEFUL_WORKERS):
            pool.submit(work)


def run(variant: Callable[[int, Worker], None], size: int, probe: Probe) -> object:
    lock = probe.lock()
    documents = probe.work = 100 if probe.warm_up else DOCUMENTS
    numbers = count()
    stored: dict[int, int] = {}

    def work() -> None:
        while (number := next(numbers)) < documents:
            time.sleep(0.0005)
            items = json.loads(TEXT)
            with lock:
                stored[number] = len(items)

    with probe.measuring():
        variant(size, work)
    return sum(stored.values())
