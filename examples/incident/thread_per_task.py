"""Fetch the status of 5,000 orders: one thread each.

Every thread costs its stack and its start, and the scheduler has 5,000 of them to choose from; on a busy
machine `start` fails with "can't start new thread". `asyncio_version.py` next to it does the same work on
one thread.
"""

from __future__ import annotations

import threading
import time

ORDERS = range(5_000)


def fetch_status(order: int, results: dict[int, str]) -> None:
    """Stand in for a request that waits for a network."""
    time.sleep(0.5)
    results[order] = "shipped"


def fetch_all(orders: range) -> dict[int, str]:
    """Return the status of every order."""
    results: dict[int, str] = {}
    threads = []
    for order in orders:
        thread = threading.Thread(target=fetch_status, args=(order, results))
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join()
    return results


if __name__ == "__main__":
    started = time.perf_counter()
    print(len(fetch_all(ORDERS)), "orders in", round(time.perf_counter() - started, 2), "s")
