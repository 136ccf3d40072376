"""Locks and their kin: held, unset, or short of a party until the world moves."""

from __future__ import annotations

import _thread
import multiprocessing
import multiprocessing.synchronize
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from blockcheck.catalogue.verification.cases.shapes import free, given, parks, pure

if TYPE_CHECKING:
    from collections.abc import Callable

    from blockcheck.catalogue.verification.lab import Lab
    from blockcheck.catalogue.verification.observe import Call, Case

THREADS: dict[str, Callable[[], Any]] = {
    "Lock": threading.Lock,
    "RLock": threading.RLock,
    "Condition": threading.Condition,
    "Semaphore": threading.Semaphore,
}
PROCESSES: dict[str, Callable[[], Any]] = {
    "Lock": multiprocessing.Lock, "RLock": multiprocessing.RLock, "Condition": multiprocessing.Condition,
    "Semaphore": multiprocessing.Semaphore,
}  # fmt: skip


def _held(make: Callable[[], Any], lab: Lab) -> Any:
    """Held by another thread until the world moves."""
    lock = make()
    taken = threading.Event()

    def hold() -> None:
        with lock:
            taken.set()
            lab.released.wait()

    threading.Thread(target=hold, daemon=True).start()
    taken.wait()
    return lock


def _acquires(make: Callable[[], Any], first: str) -> Case:
    return parks(
        lambda lab: _held(make, lab).acquire,
        {
            first: lambda lab: partial(_held(make, lab).acquire, False),
            "timeout": lambda lab: partial(_held(make, lab).acquire, True, 0),
        },
    )


def _own(make: Callable[[], Any], name: str, *arguments: Any) -> Case:
    """A method of a lock that the caller holds."""

    def call(_: Lab) -> Call:
        lock = make()
        lock.acquire()
        return partial(getattr(lock, name), *arguments)

    return free(call)


def _waiting(make: Callable[[], Any], name: str) -> Case:
    """Waiting on a condition that nobody notifies until the world moves."""

    def call(timeout: tuple[float, ...], lab: Lab) -> Call:
        condition = make()
        arguments = (lab.released.is_set, *timeout) if name == "wait_for" else timeout

        def wait() -> None:
            with condition:
                getattr(condition, name)(*arguments)

        def notify() -> None:
            with condition:
                condition.notify_all()

        lab.on_release(notify)
        return wait

    return parks(partial(call, ()), timeout=partial(call, (0,)))


def _event(make: Callable[[], Any]) -> Case:
    def call(timeout: tuple[float, ...], lab: Lab) -> Call:
        event = make()
        lab.on_release(event.set)
        return partial(event.wait, *timeout)

    return parks(partial(call, ()), timeout=partial(call, (0,)))


def _barrier(lab: Lab) -> Call:
    barrier = threading.Barrier(2)
    lab.on_release(barrier.abort)
    return barrier.wait


# A semaphore between processes is a small file in shared memory.
SHARED = (
    "openat", "newfstatat", "lstat", "stat", "link", "linkat", "unlink", "unlinkat", "write", "read", "ftruncate",
    "fallocate", "statfs", "mkdir", "getrandom",
)  # fmt: skip
EXIT = (None, None, None)
CASES: dict[str, Case] = {
    "threading.Lock": pure(threading.Lock),
    "threading.RLock": pure(threading.RLock),
    "threading.Event": pure(threading.Event),
    "threading.Barrier": pure(threading.Barrier, 2),
    "threading.Semaphore": pure(threading.Semaphore),
    "threading.BoundedSemaphore": pure(threading.BoundedSemaphore),
    "threading.Condition": pure(threading.Condition),
    "_thread.allocate_lock": pure(_thread.allocate_lock),
    "_thread.RLock": pure(_thread.RLock),
    **{f"threading.{name}.acquire": _acquires(make, "blocking") for name, make in THREADS.items()},
    **{f"threading.{name}.__enter__": parks(given(lambda make, lab: _held(make, lab).__enter__, make)) for name, make in THREADS.items()},
    **{f"threading.{name}.release": _own(make, "release") for name, make in THREADS.items()},
    **{f"threading.{name}.__exit__": _own(make, "__exit__", *EXIT) for name, make in THREADS.items()},
    "threading.Lock.locked": free(lambda lab: _held(threading.Lock, lab).locked),
    "threading.Condition.wait": _waiting(threading.Condition, "wait"),
    "threading.Condition.wait_for": _waiting(threading.Condition, "wait_for"),
    "threading.Condition.notify": _own(threading.Condition, "notify"),
    "threading.Condition.notify_all": _own(threading.Condition, "notify_all"),
    "threading.Condition.notifyAll": _own(threading.Condition, "notifyAll"),
    "threading.Event.wait": _event(threading.Event),
    **{f"threading.Event.{name}": free(given(lambda name, _: getattr(threading.Event(), name), name)) for name in ("set", "is_set", "isSet", "clear")},
    "threading.Barrier.wait": parks(_barrier),
    "threading.Barrier.reset": free(lambda _: threading.Barrier(2).reset),
    "threading.Barrier.abort": free(lambda _: threading.Barrier(2).abort),
    **{
        f"multiprocessing.{name}": free(given(lambda name, _: getattr(multiprocessing, name), name), allow=SHARED)
        for name in ("Lock", "RLock", "Condition", "Semaphore", "BoundedSemaphore", "Event")
    },
    "multiprocessing.Barrier": free(lambda _: partial(multiprocessing.Barrier, 2), allow=SHARED),
    **{f"multiprocessing.synchronize.{name}.acquire": _acquires(make, "block") for name, make in PROCESSES.items()},
    **{
        f"multiprocessing.synchronize.{name}.__enter__": parks(given(lambda make, lab: _held(make, lab).__enter__, make))
        for name, make in PROCESSES.items()
    },
    **{f"multiprocessing.synchronize.{name}.release": _own(make, "release") for name, make in PROCESSES.items()},
    **{f"multiprocessing.synchronize.{name}.__exit__": _own(make, "__exit__", *EXIT) for name, make in PROCESSES.items()},
    "multiprocessing.synchronize.Condition.wait": _waiting(multiprocessing.Condition, "wait"),
    "multiprocessing.synchronize.Condition.wait_for": _waiting(multiprocessing.Condition, "wait_for"),
    "multiprocessing.synchronize.Condition.notify": _own(multiprocessing.Condition, "notify"),
    "multiprocessing.synchronize.Condition.notify_all": _own(multiprocessing.Condition, "notify_all"),
    "multiprocessing.synchronize.Event.wait": _event(multiprocessing.Event),
    **{
        f"multiprocessing.synchronize.Event.{name}": free(given(lambda name, _: getattr(multiprocessing.Event(), name), name))
        for name in ("set", "is_set", "clear")
    },
}  # fmt: skip
