"""Fetching (2 ms) while a lock is held, against holding it only to store the result; by number of threads."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from blockcheck.bench.threads import run_threads

if TYPE_CHECKING:
    from collections.abc import Callable

    from blockcheck.bench.probe import MeasuredLock, Probe

Cache = dict[int, int]


def fetch(key: int) -> int:
    time.sleep(0.002)
    return key * key


def bad(key: int, cache: Cache, lock: MeasuredLock) -> None:
    with lock:
        cache[key] = fetch(key)


def good(key: int, cache: Cache, lock: MeasuredLock) -> None:
    value = fetch(key)
    with lock:
        cache[key] = value


def run(variant: Callable[[int, Cache, MeasuredLock], None], size: int, probe: Probe) -> object:
    cache: Cache = {}
    lock = probe.lock()
    with probe.measuring():
        run_threads(lambda key: variant(key, cache, lock), size)
    return sorted(cache.items())
