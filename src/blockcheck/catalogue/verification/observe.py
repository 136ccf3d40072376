"""Calling one thing in a forked child and saying what the call did.

Three observations, one for each way of holding a thread up:

* parks: in a world that is stuck (a silent server, an empty queue, a held lock) the call does not return
  while another thread goes on; once the world moves, it does.
* touches: the call makes a system call of a watched group.
* burns: the call takes more than a bound of this thread's CPU time.

And two for none of them. Free: the call returns under a watch for every system call that could hold it up.
Suspends: what the call returns is awaited on an event loop, and the loop's other tasks go on.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import queue
import resource
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from blockcheck.catalogue.verification import syscalls
from blockcheck.catalogue.verification.lab import Lab

Call = Callable[[], Any]
Make = Callable[[Lab], Call]
Check = Callable[[Call, Any], str]

TICKS = 10
TICK = 0.005
BURN = 0.01
PATIENCE = 20.0
END = b"\1"
# What a call that gives up at once says; the point is that it says so at once.
GIVEN_UP = (OSError, queue.Empty, queue.Full, TimeoutError, subprocess.TimeoutExpired, ValueError)


@dataclass(frozen=True)
class Case:
    """How to call one entry, and what the call should be seen to do.

    Attributes:
        how: parks | touches | burns | free | suspends.
        make: builds the world and returns the call; what it does itself is not observed.
        free: per condition of the entry, a call that meets it (or, of `only_if`, does not) and is free.
        cold: the first call is the one that counts (later ones are cached): no warming up.
        watch: groups of system calls for `touches`.
        allow: system calls that a free call may make: on a descriptor that is ready, say.
        releases: whether the parked call ends once the world moves; not where a peer is simply gone.
    """

    how: str
    make: Make
    free: Mapping[str, Make] = field(default_factory=dict)
    cold: bool = False
    watch: tuple[str, ...] = ("data",)
    allow: tuple[str, ...] = ()
    releases: bool = True


@dataclass(frozen=True)
class Outcome:
    """What was seen. ``seen`` is parks, touches, burns, free, suspends, failed or unobservable."""

    seen: str
    detail: str = ""


def observe(case: Case, check: Check | None = None) -> Outcome:
    """Run a case in a child and say what its call did; ``check`` may object to the call's result."""
    if case.how in ("touches", "free") and not syscalls.available():
        return Outcome("unobservable", "system calls cannot be watched on this platform")
    if case.how == "parks":
        return _in_child(partial(_park, case))
    if case.how == "burns":
        return _in_child(partial(_burn, case))
    if case.how == "suspends":
        return _in_child(partial(_suspend, case))
    if case.how == "touches":
        return _in_child(partial(_watched, case.make, case.watch, case, check))
    return _in_child(partial(_watched, case.make, ("any",), case, check))


def all_free(cases: Sequence[tuple[Case, Check]]) -> bool:
    """Whether cases that are to be free are so, all in one child: if not, each has to be looked at by itself.

    They must allow the same system calls.
    """
    return syscalls.available() and _in_child(partial(_watched_together, cases)).seen == "free"


def observe_condition(case: Case, condition: str) -> Outcome:
    """The same for the call that a condition of the entry says does not block."""
    make = case.free[condition]
    if case.how != "touches":
        return _in_child(partial(_at_once, make))
    if not syscalls.available():
        return Outcome("unobservable", "system calls cannot be watched on this platform")
    return _in_child(partial(_watched, make, case.watch, replace(case, cold=False), None))


def _park(case: Case, lab: Lab) -> str:
    call = case.make(lab)
    started, ended = threading.Event(), threading.Event()
    errors: list[BaseException] = []

    def body() -> None:
        started.set()
        try:
            call()
        except BaseException as error:  # noqa: BLE001 - an error after the release is an end like any other
            errors.append(error)
        ended.set()

    threading.Thread(target=body, daemon=True).start()
    started.wait()
    for _ in range(TICKS):  # this thread goes on: the parked one has let the interpreter go
        time.sleep(TICK)
    if ended.is_set():
        return f"failed:returned at once with {errors[0]!r}" if errors else "free:returned at once"
    if not case.releases:
        return "parks:"
    lab.release()
    return "parks:" if ended.wait(PATIENCE / 2) else "failed:still parked after the world moved on"


def _suspend(case: Case, lab: Lab) -> str:
    async def main() -> str:
        task = asyncio.ensure_future(case.make(lab)())
        for _ in range(TICKS):  # this task goes on: the other one has let the loop go
            await asyncio.sleep(TICK / 5)
        if task.done() and task.exception() is not None:
            return f"failed:{task.exception()!r}"
        return "suspends:"

    return asyncio.new_event_loop().run_until_complete(main())


def _at_once(make: Make, lab: Lab) -> str:
    call = make(lab)
    with contextlib.suppress(*GIVEN_UP):
        call()
    return "free:"


def _watched(make: Make, groups: tuple[str, ...], case: Case, check: Check | None, lab: Lab) -> str:
    if not case.cold:
        call = make(lab)
        value = call()
        complaint = check(call, value) if check else ""
        if complaint:
            return f"failed:{complaint}"
    call = make(lab)
    syscalls.watch(groups, case.allow)
    call()
    return _say("free:")


def _watched_together(cases: Sequence[tuple[Case, Check]], lab: Lab) -> str:
    calls = []
    for case, check in cases:
        call = case.make(lab)
        complaint = check(call, call())
        if complaint:
            return f"failed:{complaint}"
        calls.append(case.make(lab))
    syscalls.watch(("any",), cases[0][0].allow)
    for call in calls:
        call()
    return _say("free:")


def _burn(case: Case, lab: Lab) -> str:
    call = case.make(lab)
    before = time.thread_time()
    call()
    spent = time.thread_time() - before
    return f"burns:{spent * 1000:.0f} ms" if spent >= BURN else f"free:{spent * 1000:.1f} ms of CPU"


def _in_child(body: Callable[[Lab], str]) -> Outcome:
    """Fork, run the body, read its word; a death by SIGSYS is the watched system call."""
    with tempfile.TemporaryDirectory(prefix="verify-", ignore_cleanup_errors=True) as root:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            _child(body, Path(root), writing)
        os.close(writing)
        text, status = _listen(reading, child)
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number == signal.SIGSYS:
            return Outcome("touches")
        return Outcome("failed", "did not return" if number == signal.SIGKILL else f"died of signal {number}")
    seen, _, detail = text.rpartition("\0")[2].partition(":")
    return Outcome(seen or "failed", detail)


def _child(body: Callable[[Lab], str], root: Path, writing: int) -> None:
    # The word goes to descriptor 2, which a watch leaves open; nothing else of the child's is heard.
    os.dup2(writing, 2)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    # Whoever runs us may have put streams and handlers of its own, on other descriptors, in their place.
    sys.stdin, sys.stdout, sys.stderr = (
        open(d, mode, closefd=False, encoding="utf-8") for d, mode in ((0, "r"), (1, "w"), (2, "w"))
    )
    logging.getLogger().handlers.clear()
    os.setpgid(0, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        word = body(Lab(root))
    except BaseException as error:  # noqa: BLE001 - reported to the parent
        word = f"failed:{error!r}"
    _say(word)


def _say(word: str) -> NoReturn:
    """The child's word, and its end: at once, since tidying up would make system calls of its own."""
    os.write(2, b"\0" + word.encode() + END)
    os._exit(0)


def _listen(descriptor: int, child: int) -> tuple[str, int]:
    """What the child says until it ends, and how it ended; killed where that takes too long.

    Its own children share its process group and go with it. They may hold the pipe open, so the end of
    the child, not of the pipe, is what counts.
    """
    deadline = time.monotonic() + PATIENCE
    said = b""
    status = None
    while status is None:
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
        ended, how = os.waitpid(child, os.WNOHANG)  # asked first: what it said is there by then
        while select.select([descriptor], [], [], 0 if ended else 0.01)[0]:
            block = os.read(descriptor, 65536)
            said += block
            if not block or said.endswith(END):
                how = how if ended else os.waitpid(child, 0)[1]
                ended = child
                break
        status = how if ended else None
    os.close(descriptor)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    return said.removesuffix(END).decode(errors="replace"), status
