"""Ingestion by N worker threads: fetch (0.5 ms of waiting), parse (CPU, under the GIL), store (under a lock).

Past the useful number more workers only add switches and memory, and throughput falls.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from blockcheck.bench.probe import MeasuredLock, Probe

JOBS = 3000
DOCUMENT = json.dumps([{"id": number, "name": f"item {number}"} for number in range(40)])

Ingest = Callable[[int], None]


def bad(jobs: range, workers: int, ingest: Ingest) -> None:
    with ThreadPoolExecutor(max_workers=workers) as pool:
        list(pool.map(ingest, jobs))


def good(jobs: range, _workers: int, ingest: Ingest) -> None:
    with ThreadPoolExecutor(max_workers=min(32, (os.cpu_count() or 1) + 4)) as pool:
        list(pool.map(ingest, jobs))


def run(variant: Callable[[range, int, Ingest], None], size: int, probe: Probe) -> object:
    lock: MeasuredLock = probe.lock()
    stored: dict[int, int] = {}

    def ingest(job: int) -> None:
        time.sleep(0.0005)
        items = json.loads(DOCUMENT)
        with lock:
            stored[job] = len(items)

    with probe.measuring():
        variant(range(JOBS), size, ingest)
    return sum(stored.values())
