"""The machine a result belongs to: its description, and the limits that bound the sweeps."""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import sys
import sysconfig
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blockcheck.bench.threads import cores

if TYPE_CHECKING:
    from blockcheck.bench.model import Scenario

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]

_MEMORY_SHARE = 0.5
_RESERVE = 64
"""Threads and files that the frame itself may need."""


@dataclass(frozen=True)
class Limits:
    """What one run may use at most; None where there is no limit or it cannot be read."""

    processes: int | None
    memory: int | None
    files: int | None

    @classmethod
    def read(cls) -> Limits:
        """The limits of this process on this machine, the tightest of each kind."""
        processes = [
            _soft_limit("RLIMIT_NPROC"),
            _number("/proc/sys/kernel/threads-max"),
            # A thread's stack and its guard page are two mappings.
            _halved(_number("/proc/sys/vm/max_map_count")),
            _control_group("pids", "pids.max"),
        ]
        memory = [
            _available_memory(),
            _soft_limit("RLIMIT_AS"),
            _control_group("memory", "memory.max"),
            _control_group("memory", "memory.limit_in_bytes"),
        ]
        return cls(_tightest(processes), _tightest(memory), _soft_limit("RLIMIT_NOFILE"))

    def refusal(self, scenario: Scenario, size: int) -> str | None:
        """Why this size of the scenario does not fit in the limits; None where it does."""
        threads = size * scenario.threads_per_unit + _RESERVE
        if self.processes is not None and scenario.threads_per_unit and threads > self.processes:
            return f"needs about {threads:,.0f} threads, the limit is {self.processes:,}"
        files = size * scenario.files_per_unit + _RESERVE
        if self.files is not None and scenario.files_per_unit and files > self.files:
            return f"needs about {files:,.0f} file descriptors, the limit is {self.files:,}"
        memory = size * scenario.memory_per_unit
        if self.memory is not None and memory > self.memory * _MEMORY_SHARE:
            return f"needs up to {memory / 2**20:,.0f} MiB, {self.memory / 2**20:,.0f} MiB are available"
        return None

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def describe() -> dict[str, Any]:
    """What a reader must know of the machine to believe or to repeat a result."""
    gil = getattr(sys, "_is_gil_enabled", None)
    loop = asyncio.new_event_loop()
    loop.close()
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "build": " ".join(platform.python_build()),
        "compiler": platform.python_compiler(),
        "free_threaded_build": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        "gil_enabled": True if gil is None else bool(gil()),
        "switch_interval": sys.getswitchinterval(),
        "event_loop": f"{type(loop).__module__}.{type(loop).__qualname__}",
        "system": platform.system(),
        "kernel": platform.release(),
        "machine": platform.machine(),
        "cpu_model": _cpu_model(),
        "cores": os.cpu_count(),
        "affinity": cores(),
        "load": _load(),
        "clock_resolution": time.get_clock_info("perf_counter").resolution,
        "not_measured": _not_measured(),
    }


def _not_measured() -> list[str]:
    """The metrics this platform cannot give, by name."""
    if resource is None:
        return [
            "voluntary context switches",
            "involuntary context switches",
            "peak resident memory",
            "memory per unit",
            "CPU time of child processes",
        ]
    if not Path("/proc/self/status").exists():
        return ["a peak of resident memory for each run (it is that of the whole process, warm-up included)"]
    return []


def _load() -> list[float] | None:
    with contextlib.suppress(OSError, AttributeError):
        return [round(value, 2) for value in os.getloadavg()]
    return None


def _cpu_model() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _soft_limit(name: str) -> int | None:
    if resource is None or not hasattr(resource, name):
        return None
    soft = resource.getrlimit(getattr(resource, name))[0]
    return None if soft == resource.RLIM_INFINITY else int(soft)


def _number(path: str) -> int | None:
    with contextlib.suppress(OSError, ValueError):  # also "max": no limit
        return int(Path(path).read_text(encoding="ascii"))
    return None


def _control_group(controller: str, name: str) -> int | None:
    """The tightest value of this file in the control groups around this process, version 1 or 2."""
    values = []
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines():
            _, controllers, group = line.split(":", 2)
            if controllers not in ("", controller):
                continue
            folder = Path("/sys/fs/cgroup", controllers, group.lstrip("/"))
            root = Path("/sys/fs/cgroup", controllers)
            values += [_number(str(level / name)) for level in (folder, *folder.parents) if root <= level]
    return _tightest(values)


def _available_memory() -> int | None:
    with contextlib.suppress(OSError):
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None


def _halved(value: int | None) -> int | None:
    return None if value is None else value // 2


def _tightest(values: list[int | None]) -> int | None:
    return min((value for value in values if value is not None), default=None)
