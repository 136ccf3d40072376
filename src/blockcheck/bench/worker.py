"""The measured process: runs one variant of one scenario at one size, prints one line of JSON, and ends.

The parent holds the other end of standard input: when it goes away, however it ended, this process and all it
started end too.
"""

from __future__ import annotations

import errno
import importlib
import json
import os
import signal
import sys
import threading
import time
import zlib
from typing import Any, NoReturn

from blockcheck.bench.probe import GUARD, Probe, Usage

_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM}
_IDLE_CHECK = 0.3
_IDLE_CPU = 0.05
_STDLIB = os.path.dirname(os.__file__)


class Reply:
    """The one answer of this process, given once, by whichever thread comes first."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._once = threading.Lock()

    def give(self, answer: dict[str, Any]) -> NoReturn:
        """Print the answer and end the process at once: threads that still run are not waited for."""
        self._once.acquire()
        remaining = json.dumps(answer).encode() + b"\n"
        while remaining:
            remaining = remaining[os.write(self._descriptor, remaining) :]
        os._exit(0)


class Watchdog:
    """Reports a run that does not end in time, with what every thread was doing then."""

    def __init__(self, reply: Reply, seconds: float) -> None:
        self._reply = reply
        self._seconds = seconds
        self.restart()
        threading.Thread(target=self._watch, name=f"{GUARD}watchdog", daemon=True).start()

    def restart(self) -> None:
        """Give the next run its full time."""
        self._deadline = time.monotonic() + self._seconds

    def _watch(self) -> None:
        while True:
            remaining = self._deadline - _IDLE_CHECK - time.monotonic()
            if remaining > 0:
                time.sleep(remaining)
                continue
            deadline, before = self._deadline, Usage.now()
            time.sleep(_IDLE_CHECK)
            if deadline != self._deadline:
                continue
            after = Usage.now()
            busy = after.user + after.system - before.user - before.system
            # Nothing runs and nothing ends: that is a deadlock. Something that still computes is merely too slow.
            outcome = "deadlock" if busy < _IDLE_CPU * _IDLE_CHECK else "timeout"
            self._reply.give(
                {"outcome": outcome, "error": f"no end after {self._seconds:g} s", "stacks": _stacks()}
            )


def _stacks() -> list[str]:
    """Where each thread of the scenario stands: its innermost lines outside the standard library."""
    import traceback

    names = {thread.ident: thread for thread in threading.enumerate()}
    stacks = []
    for ident, frame in sys._current_frames().items():
        lines = [
            f"{os.path.basename(entry.filename)}:{entry.lineno} in {entry.name}: {entry.line}"
            for entry in traceback.extract_stack(frame)
            if not entry.filename.startswith(_STDLIB)
        ]
        thread = names.get(ident)
        if lines and thread is not None and not thread.name.startswith(GUARD):
            stacks.append(f"{thread.name}: {lines[-1]}")
    return sorted(stacks)[:20]


def _follow_parent(lifeline: int) -> None:
    """Wait for the parent's end of the pipe to close, then end this process group."""
    while os.read(lifeline, 1):
        pass
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


def _is_exhaustion(error: BaseException) -> bool:
    return (
        isinstance(error, MemoryError)
        or (isinstance(error, OSError) and error.errno in _EXHAUSTED)
        or (isinstance(error, RuntimeError) and "can't start new thread" in str(error))
    )


def _measure(request: dict[str, Any], watchdog: Watchdog) -> dict[str, Any]:
    module = importlib.import_module(request["module"])
    variant = getattr(module, request["variant"])
    size = request["size"]
    if hasattr(module, "warm_up"):
        module.warm_up(variant)
    elif request["warm_up_size"]:
        module.run(variant, min(size, request["warm_up_size"]), Probe(warm_up=True))
    samples: list[dict[str, Any]] = []
    started = time.perf_counter()
    outputs = set()
    while not samples or (
        len(samples) < request["values"] and time.perf_counter() - started < request["seconds"]
    ):
        watchdog.restart()
        probe = Probe()
        output = module.run(variant, size, probe)
        outputs.add(f"{zlib.crc32(repr(output).encode()):08x}")
        samples.append(
            {
                "metrics": probe.metrics(size),
                "latencies_us": [round(latency * 1e6) for latency in probe.latencies],
            }
        )
    if len(outputs) > 1:
        return {"outcome": "failed", "error": "repeated runs gave different outputs", "samples": samples}
    return {"outcome": "ok", "output": outputs.pop(), "samples": samples}


def main() -> NoReturn:
    """Measure what the first argument asks for, as JSON."""
    request = json.loads(sys.argv[1])
    # The scenarios' own processes must hold neither end of the parent's pipes.
    lifeline, reply = os.dup(0), Reply(os.dup(1))
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    threading.Thread(target=_follow_parent, args=(lifeline,), name=f"{GUARD}lifeline", daemon=True).start()
    watchdog = Watchdog(reply, request["deadline"])
    try:
        answer = _measure(request, watchdog)
    except BaseException as error:  # noqa: BLE001  whatever a scenario does wrong is its result
        outcome = "exhausted" if _is_exhaustion(error) else "failed"
        answer = {"outcome": outcome, "error": f"{type(error).__name__}: {error}"}
    reply.give(answer)


if __name__ == "__main__":
    main()
