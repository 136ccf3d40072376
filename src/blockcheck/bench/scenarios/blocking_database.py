"""A query that takes SQLite a millisecond or two, on the event loop or on a thread beside it."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from typing import TYPE_CHECKING

from blockcheck.bench.event_loops import BYSTANDERS, Handler, serve

if TYPE_CHECKING:
    from blockcheck.bench.probe import Probe

QUERY = """
WITH RECURSIVE numbers(n) AS (SELECT ? UNION ALL SELECT n + 1 FROM numbers LIMIT 5000)
SELECT sum(n) FROM numbers
"""


def query(first: int) -> int:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        total: int = connection.execute(QUERY, (first,)).fetchone()[0]
        return total


async def bad(request: int) -> int:
    return query(request)


async def good(request: int) -> int:
    return await asyncio.to_thread(query, request)


def run(variant: Handler, size: int, probe: Probe) -> object:
    return serve(variant, size, probe, BYSTANDERS)
