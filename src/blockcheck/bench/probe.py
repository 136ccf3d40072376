"""Measures one run inside its own process: time, CPU, switches, memory, threads, latencies, lags, locks, queues."""

from __future__ import annotations

import contextlib
import gc
import os
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

from blockcheck.bench.metrics import percentile

if TYPE_CHECKING:
    # Imported late otherwise: it takes longer to import than many scenarios to run.
    import asyncio
    from collections.abc import AsyncIterator, Callable, Iterator
    from types import TracebackType

try:
    import resource
except ImportError:  # Windows: switches and peak memory are not measured there
    resource = None  # type: ignore[assignment]

GUARD = "bench-"
"""Threads with names that begin so belong to the frame, not to a scenario."""
OBSERVE_EVERY = 0.005
HEARTBEAT_EVERY = 0.001


class Usage(NamedTuple):
    """What the operating system has charged this process and its ended children so far."""

    wall: float
    user: float
    system: float
    voluntary: int | None
    involuntary: int | None

    @classmethod
    def now(cls) -> Usage:
        """The state at this moment."""
        if resource is None:
            times = os.times()
            return cls(time.perf_counter(), times.user, times.system, None, None)
        own = resource.getrusage(resource.RUSAGE_SELF)
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return cls(
            time.perf_counter(),
            own.ru_utime + children.ru_utime,
            own.ru_stime + children.ru_stime,
            own.ru_nvcsw + children.ru_nvcsw,
            own.ru_nivcsw + children.ru_nivcsw,
        )


class MeasuredLock:
    """A ``threading.Lock`` that records how long it was waited for and held."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.holds: list[float] = []
        self._lock = threading.Lock()
        self._since = 0.0

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """As ``threading.Lock.acquire``."""
        asked = time.perf_counter()
        acquired = self._lock.acquire(blocking, timeout)
        if acquired:
            self._since = time.perf_counter()
            self.waits.append(self._since - asked)
        return acquired

    def release(self) -> None:
        """As ``threading.Lock.release``."""
        self.holds.append(time.perf_counter() - self._since)
        self._lock.release()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


class Probe:
    """Takes the measurements of one run; scenarios tell it what only they can see.

    Attributes:
        warm_up: whether the run is only to warm up, so that nothing needs to take its full time.
        work: how much is done, for the throughput, where that is not the size of the scenario.
    """

    def __init__(self, warm_up: bool = False) -> None:
        self.warm_up = warm_up
        self.work: int | None = None
        self.latencies: list[float] = []
        self.loop_lags: list[float] = []
        self.outside_lags: list[float] = []
        self.threads_peak = 0
        self.queue_depth_peak: int | None = None
        self.locks: list[MeasuredLock] = []
        self._observing = threading.Event()
        self._queue_size: Callable[[], int] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pinged: float | None = None
        self._before: Usage | None = None
        self._after: Usage | None = None
        self._memory_before: int | None = None
        self._memory_peak: int | None = None

    def latency(self, seconds: float) -> None:
        """Record the latency of one request, from its intended start."""
        self.latencies.append(seconds)

    def lock(self) -> MeasuredLock:
        """A lock whose waits and holds are recorded."""
        lock = MeasuredLock()
        self.locks.append(lock)
        return lock

    def watch_queue(self, size: Callable[[], int]) -> None:
        """Have the peak of ``size()`` recorded."""
        self._queue_size = size

    @contextlib.asynccontextmanager
    async def watching_loop(self) -> AsyncIterator[None]:
        """Record the lag of the running loop, by a heartbeat on it and by a thread outside it."""
        import asyncio

        heartbeat = asyncio.create_task(self._beat())
        self._loop = asyncio.get_running_loop()
        try:
            yield
            # A stall that ends with the last request is seen by the next beat only.
            await asyncio.sleep(2 * HEARTBEAT_EVERY)
        finally:
            self._loop = None
            heartbeat.cancel()

    async def _beat(self) -> None:
        import asyncio

        while True:
            due = time.perf_counter() + HEARTBEAT_EVERY
            await asyncio.sleep(HEARTBEAT_EVERY)
            self.loop_lags.append(max(0.0, time.perf_counter() - due))

    @contextlib.contextmanager
    def measuring(self) -> Iterator[None]:
        """Measure the enclosed work; what a scenario sets up around it is not counted."""
        gc.collect()
        stop = threading.Event()
        observer = threading.Thread(target=self._observe, args=(stop,), name=f"{GUARD}observer", daemon=True)
        observer.start()
        self._observing.wait()
        self._memory_before = _reset_memory_peak()
        self._before = Usage.now()
        try:
            yield
        finally:
            self._after = Usage.now()
            self._memory_peak = _memory_peak()
            stop.set()
            observer.join()

    def _observe(self, stop: threading.Event) -> None:
        # What runs already is the frame: this thread, the worker's guards, a loopback server. The main thread counts.
        frame = threading.active_count() - 1
        self._observing.set()
        while not stop.wait(OBSERVE_EVERY):
            self.threads_peak = max(self.threads_peak, threading.active_count() - frame)
            if self._queue_size is not None:
                self.queue_depth_peak = max(self.queue_depth_peak or 0, self._queue_size())
            loop = self._loop
            if loop is not None and self._pinged is None:
                self._pinged = time.perf_counter()
                with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
                    loop.call_soon_threadsafe(self._answer)

    def _answer(self) -> None:
        if self._pinged is not None:
            self.outside_lags.append(time.perf_counter() - self._pinged)
            self._pinged = None

    def metrics(self, units: int) -> dict[str, float | None]:
        """All that was measured; None where this run or this platform has no such number."""
        before, after = self._before, self._after
        if before is None or after is None:
            raise RuntimeError("the scenario measured nothing: it must enter probe.measuring()")
        wall = after.wall - before.wall
        user, system = after.user - before.user, after.system - before.system
        cpu = user + system
        peak, base = self._memory_peak, self._memory_before
        waits = [wait for lock in self.locks for wait in lock.waits]
        holds = [hold for lock in self.locks for hold in lock.holds]
        return {
            "wall": wall,
            "throughput": (self.work or units) / wall if wall > 0 else None,
            "cpu": cpu,
            "cpu_user": user,
            "cpu_system": system,
            "system_share": system / cpu if cpu > 0 else None,
            "switches_voluntary": _difference(after.voluntary, before.voluntary),
            "switches_involuntary": _difference(after.involuntary, before.involuntary),
            "memory_peak": peak,
            "memory_per_unit": None if peak is None or base is None else max(0, peak - base) / units,
            "threads_peak": self.threads_peak or None,
            **_latency_metrics(sorted(self.latencies)),
            "loop_lag_p99": percentile(sorted(self.loop_lags), 0.99) if self.loop_lags else None,
            "loop_lag_max": max(self.loop_lags, default=None),
            "outside_lag_max": max(self.outside_lags, default=None),
            "lock_wait_total": sum(waits) if waits else None,
            "lock_wait_max": max(waits, default=None),
            "lock_hold_total": sum(holds) if holds else None,
            "lock_hold_max": max(holds, default=None),
            "queue_depth_peak": self.queue_depth_peak,
        }


def _latency_metrics(latencies: list[float]) -> dict[str, float | None]:
    shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999, "max": 1.0}
    return {
        f"latency_{name}": percentile(latencies, share) if latencies else None
        for name, share in shares.items()
    }


def _difference(after: int | None, before: int | None) -> int | None:
    return None if after is None or before is None else after - before


def _status_bytes(field: str) -> int | None:
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            lines = status.readlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    return None


def _reset_memory_peak() -> int | None:
    """Forget the peak so far, where the kernel can do that; return the resident memory now."""
    # Writing 5 resets VmHWM. Where it cannot be done the peak includes the warm-up, which is smaller.
    with contextlib.suppress(OSError), open("/proc/self/clear_refs", "w", encoding="ascii") as switch:
        switch.write("5")
    return _status_bytes("VmRSS") or _memory_peak()


def _memory_peak() -> int | None:
    # ru_maxrss survives exec on Linux: a child would inherit its parent's peak. VmHWM does not.
    peak = _status_bytes("VmHWM")
    if peak is None and resource is not None:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS
    return peak
