"""The A/A pair: the same code as both variants. What it shows as a difference is the noise of this machine."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from blockcheck.bench.probe import Probe


def bad(rounds: int) -> int:
    total = 0
    for number in range(rounds * 1000):
        total += number % 7
    time.sleep(0.005)
    return total


good = bad


def run(variant: Callable[[int], int], size: int, probe: Probe) -> object:
    with probe.measuring():
        return variant(size)
