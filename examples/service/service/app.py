"""The handlers: asynchronous, and each of them holds up all the others."""

from __future__ import annotations

import asyncio
import threading

from service.invoices import total
from service.pricing import price_of
from service.storage import OrderStore

store = OrderStore("orders.db")
seen: dict[int, int] = {}
seen_lock = threading.Lock()


async def handle_status(order: int) -> str:
    """Answer with the status of an order: the database is read right here, on the event loop."""
    return store.status(order)


async def handle_price(order: int) -> float:
    """Answer with the price of an order: as it should be, in a thread of the default executor."""
    return await asyncio.to_thread(price_of, order)


async def handle_invoice(orders: list[int]) -> float:
    """Answer with the sum of an invoice: two calls further down waits for another service."""
    return total(orders)


async def handle_visit(order: int) -> int:
    """Count a visit: the lock is held while another task runs, which may want it too."""
    with seen_lock:
        await asyncio.sleep(0)
        seen[order] = seen.get(order, 0) + 1
        return seen[order]


async def main() -> None:
    """Answer a few requests."""
    print(await asyncio.gather(handle_status(1), handle_price(1), handle_invoice([1]), handle_visit(1)))


if __name__ == "__main__":
    asyncio.run(main())
