"""Pure Python computing handed to threads, which take turns under the GIL, against processes, which do not.

The processes' start is part of what is measured: for little work they cost more than they give.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import TYPE_CHECKING

from blockcheck.bench.threads import cores

if TYPE_CHECKING:
    from collections.abc import Callable

    from blockcheck.bench.probe import Probe


def count_primes(limit: int) -> int:
    return sum(
        all(number % divisor for divisor in range(2, int(number**0.5) + 1)) for number in range(2, limit)
    )


def bad(limits: list[int]) -> list[int]:
    with ThreadPoolExecutor(max_workers=cores()) as pool:
        return list(pool.map(count_primes, limits))


def good(limits: list[int]) -> list[int]:
    with ProcessPoolExecutor(max_workers=cores()) as pool:
        return list(pool.map(count_primes, limits))


def run(variant: Callable[[list[int]], list[int]], size: int, probe: Probe) -> object:
    with probe.measuring():
        return variant([5000 + number for number in range(size)])
