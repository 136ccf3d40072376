"""Two threads transferring in opposite directions: each takes its own account's lock first, against a fixed order.

A millisecond passes between the two acquisitions, as it does wherever something happens between them.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from blockcheck.bench.threads import run_threads

if TYPE_CHECKING:
    from collections.abc import Callable

    from blockcheck.bench.probe import Probe


class Account:
    def __init__(self, number: int) -> None:
        self.number = number
        self.balance = 1000
        self.lock = threading.Lock()


def bad(source: Account, target: Account) -> None:
    with source.lock:
        time.sleep(0.001)
        with target.lock:
            source.balance -= 1
            target.balance += 1


def good(source: Account, target: Account) -> None:
    first, second = sorted((source, target), key=lambda account: account.number)
    with first.lock:
        time.sleep(0.001)
        with second.lock:
            source.balance -= 1
            target.balance += 1


def run(variant: Callable[[Account, Account], None], size: int, probe: Probe) -> object:
    accounts = (Account(1), Account(2))

    def transfer(thread: int) -> None:
        # The first of the threads makes the odd transfer: a single one has nobody to collide with.
        for _ in range((size + 1 - thread) // 2):
            variant(accounts[thread], accounts[1 - thread])

    with probe.measuring():
        run_threads(transfer, 2)
    return [account.balance for account in accounts]
