"""Threads in name only: each is joined before the next one starts, against a small pool."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from blockcheck.bench.probe import Probe


def fetch(item: int) -> int:
    time.sleep(0.001)
    return item * item


def bad(items: range) -> list[int]:
    squares: list[int] = []
    for item in items:
        thread = threading.Thread(target=lambda item=item: squares.append(fetch(item)))
        thread.start()
        thread.join()
    return squares


def good(items: range) -> list[int]:
    with ThreadPoolExecutor(max_workers=8) as pool:
        return list(pool.map(fetch, items))


def run(variant: Callable[[range], list[int]], size: int, probe: Probe) -> object:
    with probe.measuring():
        return variant(range(size))
