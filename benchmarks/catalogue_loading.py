"""How long the catalogue takes to load: processor time of this thread, the best and the median of fifty times.

Usage: python benchmarks/catalogue_loading.py
"""

from __future__ import annotations

import statistics
import time

from blockcheck.catalogue import loader


def seconds() -> float:
    """The processor time that loading takes once."""
    started = time.thread_time()
    loader.load()
    return time.thread_time() - started


if __name__ == "__main__":
    taken = [seconds() for _ in range(50)]
    print(f"best {min(taken) * 1000:.1f} ms, median {statistics.median(taken) * 1000:.1f} ms")
