"""BCK101: a thread for each element, all joined, becomes a task of a bounded pool for each.

Unsafe: no more than a bounded number run at a time, so tasks that wait for each other may wait for ever, and an
exception of a task is raised once all are done, where a thread printed it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from blockcheck.fixes import task_loop, thread_shape
from blockcheck.fixes.pool_size import WORKERS

if TYPE_CHECKING:
    from blockcheck.findings import Fix
    from blockcheck.fixes.place import Place


def fix(place: Place) -> Fix:
    """Write the pool."""
    thread = thread_shape.read(place, "thread")
    return task_loop.pooled(place, thread, "thread-pool", WORKERS, f"use a pool of {WORKERS} threads")
