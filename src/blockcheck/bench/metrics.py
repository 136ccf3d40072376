"""What is measured of a run, and how each number is named and written."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Metric(NamedTuple):
    """One measured number.

    Attributes:
        name: its key in results.
        label: its name in reports.
        unit: ``s``, ``B``, ``1/s``, ``share`` or empty for a count.
    """

    name: str
    label: str
    unit: str


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("wall", "wall time", "s"),
        Metric("throughput", "throughput", "1/s"),
        Metric("cpu", "CPU time", "s"),
        Metric("cpu_user", "user CPU", "s"),
        Metric("cpu_system", "system CPU", "s"),
        Metric("system_share", "system share of CPU", "share"),
        Metric("switches_voluntary", "voluntary context switches", ""),
        Metric("switches_involuntary", "involuntary context switches", ""),
        Metric("memory_peak", "peak resident memory", "B"),
        Metric("memory_per_unit", "memory per unit", "B"),
        Metric("threads_peak", "peak threads", ""),
        Metric("latency_p50", "latency p50", "s"),
        Metric("latency_p90", "latency p90", "s"),
        Metric("latency_p99", "latency p99", "s"),
        Metric("latency_p999", "latency p99.9", "s"),
        Metric("latency_max", "latency max", "s"),
        Metric("loop_lag_p99", "loop lag p99 (heartbeat)", "s"),
        Metric("loop_lag_max", "loop lag max (heartbeat)", "s"),
        Metric("outside_lag_max", "loop lag max (outside thread)", "s"),
        Metric("lock_wait_total", "lock wait, summed", "s"),
        Metric("lock_wait_max", "lock wait, longest", "s"),
        Metric("lock_hold_total", "lock hold, summed", "s"),
        Metric("lock_hold_max", "lock hold, longest", "s"),
        Metric("queue_depth_peak", "peak queue depth", ""),
    )
}


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of ``values`` (sorted) that at least ``share`` of them do not exceed."""
    rank = -(-len(values) * share // 1)
    return values[max(0, min(len(values) - 1, int(rank) - 1))]


def written(value: float | None, unit: str) -> str:
    """``value`` for a human, in three significant digits."""
    if value is None:
        return "–"
    if unit == "s":
        return _scaled(value, ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")))
    if unit == "B":
        return _scaled(value, ((2.0**30, "GiB"), (2.0**20, "MiB"), (2.0**10, "KiB"), (1.0, "B")))
    if unit == "1/s":
        return f"{_digits(value)}/s"
    if unit == "share":
        return f"{value:.0%}"
    return _digits(value)


def _scaled(value: float, scales: Sequence[tuple[float, str]]) -> str:
    for factor, name in scales:
        if abs(value) >= factor:
            return f"{_digits(value / factor)} {name}"
    factor, name = scales[-1]
    return f"{_digits(value / factor)} {name}"


def _digits(value: float) -> str:
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
