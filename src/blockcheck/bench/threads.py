"""What scenarios without an event loop share; it must not import one, which would cost each of them its start."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def run_threads(work: Callable[[int], object], threads: int) -> None:
    """Run ``work(0)``, ``work(1)``… each on its own thread, and wait for all."""
    started = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()


def cores() -> int:
    """The processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
