"""A method that takes a lock its caller already holds, against a helper that expects it to be held."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from blockcheck.bench.probe import Probe


class Ledger:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.entries: list[int] = []

    def add(self, entry: int) -> None:
        with self.lock:
            self.add_locked(entry)

    def add_locked(self, entry: int) -> None:
        self.entries.append(entry)


def bad(ledger: Ledger, entries: range) -> None:
    with ledger.lock:
        for entry in entries:
            ledger.add(entry)


def good(ledger: Ledger, entries: range) -> None:
    with ledger.lock:
        for entry in entries:
            ledger.add_locked(entry)


def run(variant: Callable[[Ledger, range], None], size: int, probe: Probe) -> object:
    ledger = Ledger()
    with probe.measuring():
        variant(ledger, range(size))
    return sum(ledger.entries)
