"""An executor for each call, against one that all calls share."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from blockcheck.bench.probe import Probe


def look_up(key: int) -> int:
    time.sleep(0.0002)
    return key + 1


def bad(calls: int) -> int:
    def handle(call: int) -> int:
        with ThreadPoolExecutor(max_workers=4) as pool:
            return sum(pool.map(look_up, range(call, call + 4)))

    return sum(handle(call) for call in range(calls))


def good(calls: int) -> int:
    def handle(call: int) -> int:
        return sum(pool.map(look_up, range(call, call + 4)))

    with ThreadPoolExecutor(max_workers=4) as pool:
        return sum(handle(call) for call in range(calls))


def run(variant: Callable[[int], int], size: int, probe: Probe) -> object:
    with probe.measuring():
        return variant(size)
