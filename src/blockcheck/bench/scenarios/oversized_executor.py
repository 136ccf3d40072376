"""Ingestion by N worker threads: fetch (2 ms of waiting), parse (CPU, under the GIL), store (under a lock).

Past the useful number more workers only add threads, switches and memory, and throughput falls.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from blockcheck.bench.probe import Probe

DOCUMENTS = 2000
TEXT = json.dumps([{"id": number, "name": f"item {number}"} for number in range(40)])
USEFUL_WORKERS = 32

Ingest = Callable[[int], None]


def bad(documents: range, workers: int, ingest: Ingest) -> None:
    with ThreadPoolExecutor(max_workers=workers) as pool:
        list(pool.map(ingest, documents))


def good(documents: range, _workers: int, ingest: Ingest) -> None:
    with ThreadPoolExecutor(max_workers=USEFUL_WORKERS) as pool:
        list(pool.map(ingest, documents))


def run(variant: Callable[[range, int, Ingest], None], size: int, probe: Probe) -> object:
    lock = probe.lock()
    stored: dict[int, int] = {}

    def ingest(document: int) -> None:
        time.sleep(0.002)
        items = json.loads(TEXT)
        with lock:
            stored[document] = len(items)

    with probe.measuring():
        variant(range(100 if probe.warm_up else DOCUMENTS), size, ingest)
    return sum(stored.values())
