"""Ratios with bootstrap intervals, from few processes with few values each.

The processes are the independent units: what differs between them (memory layout, hash seeds, the neighbours of the
moment) does not average out within one. So the bootstrap resamples processes, then the values of each, and the
percentiles are expanded for the small number of processes (Hesterberg 2015), without which the interval of five
processes would cover far less than it says. No resampling leaves the range of the data, and that of three processes is
too narrow by itself; so with few of them the interval is never narrower than Student's for the logarithms.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

Processes = Sequence[Sequence[float]]
"""The values of one metric: for each process, those of its repeated runs."""

MIN_PROCESSES = 3
_FEW = 6
_STABLE_SPREAD = 1.5

# Intervals of 95 %: 97.5 % quantiles of Student's t by degrees of freedom; beyond, the normal distribution is close enough.
_STUDENT = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
)
_NORMAL = 1.96


@dataclass(frozen=True)
class Interval:
    """A ratio of medians and the interval it is believed to lie in."""

    ratio: float
    low: float
    high: float

    def includes(self, value: float) -> bool:
        """Whether ``value`` lies in the interval."""
        return self.low <= value <= self.high

    @property
    def reach(self) -> float:
        """The factor by which the interval departs from 1 at most, in either direction."""
        return max(self.high, 1 / self.low) if self.low > 0 else math.inf


def median(values: Sequence[float]) -> float:
    """The median. Faster than that of the standard library, on the short lists of a bootstrap."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def median_of_processes(processes: Processes) -> float:
    """The median over the processes of the medians of their values."""
    return median([median(values) for values in processes])


def ratio(numerator: Processes, denominator: Processes, draws: int, rng: random.Random) -> Interval | None:
    """The ratio of the two medians with its interval; None where the denominator is or may be zero."""
    if not numerator or not denominator:
        return None
    below = median_of_processes(denominator)
    if below <= 0 or min(min(values) for values in denominator) <= 0:
        return None
    point = median_of_processes(numerator) / below
    ratios = sorted(_resampled(numerator, rng) / _resampled(denominator, rng) for _ in range(draws))
    tail = _expanded_tail(min(len(numerator), len(denominator)))
    first = math.floor(tail * draws)
    low, high = min(ratios[first], point), max(ratios[draws - 1 - first], point)
    if min(len(numerator), len(denominator)) < _FEW:
        factor = _student_factor(numerator, denominator)
        low, high = min(low, point / factor), max(high, point * factor)
    return Interval(point, low, high)


def is_unstable(processes: Processes) -> bool:
    """Whether the processes disagree so much that their median says little."""
    medians = [median(values) for values in processes]
    return len(medians) > 1 and min(medians) > 0 and max(medians) / min(medians) > _STABLE_SPREAD


def _resampled(processes: Processes, rng: random.Random) -> float:
    return median(
        [
            values[0] if len(values) == 1 else median(rng.choices(values, k=len(values)))
            for values in rng.choices(processes, k=len(processes))
        ]
    )


def _student_factor(numerator: Processes, denominator: Processes) -> float:
    """The factor that Student's interval for the ratio of two geometric means extends to either side."""
    sides = [[median(values) for values in processes] for processes in (numerator, denominator)]
    freedom = len(sides[0]) + len(sides[1]) - 2
    if freedom < 1 or min(map(min, sides)) <= 0:
        return 1.0
    squares = 0.0
    for side in sides:
        logarithms = [math.log(value) for value in side]
        mean = sum(logarithms) / len(logarithms)
        squares += sum((value - mean) ** 2 for value in logarithms)
    error = math.sqrt(squares / freedom * (1 / len(sides[0]) + 1 / len(sides[1])))
    return math.exp(_student(freedom) * error)


def _student(freedom: int) -> float:
    return _STUDENT[freedom - 1] if freedom <= len(_STUDENT) else _NORMAL


def _expanded_tail(processes: int) -> float:
    """The share to cut off on each side, so that the interval of a small sample is as wide as Student's."""
    if processes < 2:
        return 0.0
    expanded = _student(processes - 1) * math.sqrt(processes / (processes - 1))
    return math.erfc(expanded / math.sqrt(2)) / 2
