"""A lock that an exception leaves acquired: the next one to ask waits for ever. Every fifth record is malformed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from blockcheck.bench.threads import run_threads

if TYPE_CHECKING:
    from collections.abc import Callable

    from blockcheck.bench.probe import Probe


def bad(record: str, totals: list[int], lock: threading.Lock) -> None:
    lock.acquire()
    totals.append(int(record))
    lock.release()


def good(record: str, totals: list[int], lock: threading.Lock) -> None:
    with lock:
        totals.append(int(record))


def run(variant: Callable[[str, list[int], threading.Lock], None], size: int, probe: Probe) -> object:
    totals: list[int] = []
    lock = threading.Lock()

    def take(number: int) -> None:
        try:
            variant("malformed" if number % 5 == 4 else str(number), totals, lock)
        except ValueError:
            return

    with probe.measuring():
        run_threads(take, size)
    return sorted(totals)
