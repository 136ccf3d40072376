"""Fetch the status of 5,000 orders: one task each, all on one thread.

The counterpart of `thread_per_task.py`; nothing in it is reported.
"""

from __future__ import annotations

import asyncio
import time

ORDERS = range(5_000)


async def fetch_status(order: int) -> tuple[int, str]:
    """Stand in for a request that waits for a network."""
    await asyncio.sleep(0.5)
    return order, "shipped"


async def fetch_all(orders: range) -> dict[int, str]:
    """Return the status of every order."""
    return dict(await asyncio.gather(*(fetch_status(order) for order in orders)))


if __name__ == "__main__":
    started = time.perf_counter()
    print(len(asyncio.run(fetch_all(ORDERS))), "orders in", round(time.perf_counter() - started, 2), "s")
