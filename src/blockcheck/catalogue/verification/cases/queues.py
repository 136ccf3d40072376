"""Queues: empty or full until the world moves."""

from __future__ import annotations

import multiprocessing
import os
import queue
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from blockcheck.catalogue.verification.cases.locks import SHARED
from blockcheck.catalogue.verification.cases.shapes import free, given, parks, pure

if TYPE_CHECKING:
    from collections.abc import Callable

    from blockcheck.catalogue.verification.lab import Lab
    from blockcheck.catalogue.verification.observe import Call, Case


def _empty(make: Callable[[], Any], *arguments: Any) -> Callable[[Lab], Call]:
    def call(lab: Lab) -> Call:
        empty = make()
        lab.on_release(partial(empty.put, 1))
        return partial(empty.get, *arguments)

    return call


def _full(make: Callable[[int], Any], *arguments: Any, bound: int = 1) -> Callable[[Lab], Call]:
    def call(lab: Lab) -> Call:
        full = make(bound)
        full.put(1)
        lab.on_release(full.get)
        return partial(full.put, 2, *arguments)

    return call


def _gets(make: Callable[[], Any]) -> Case:
    return parks(_empty(make), block=_empty(make, False), timeout=_empty(make, True, 0), filled=_filled(make))


def _filled(make: Callable[[], Any]) -> Callable[[Lab], Call]:
    def call(_: Lab) -> Call:
        of = make()
        of.put(1)
        while of.empty():  # a feeder thread may still be at it
            pass
        return of.get  # type: ignore[no-any-return]

    return call


def _puts(make: Callable[[int], Any]) -> Case:
    return parks(
        _full(make), block=_full(make, False), timeout=_full(make, True, 0), unbounded=_full(make, bound=0)
    )


def _joins(make: Callable[[], Any]) -> Case:
    def call(lab: Lab) -> Call:
        undone = make()
        undone.put(1)
        lab.on_release(undone.task_done)
        return undone.join  # type: ignore[no-any-return]

    return parks(call)


def _knows(make: Callable[[], Any], name: str, *arguments: Any, filled: bool = True) -> Case:
    def call(_: Lab) -> Call:
        of = make()
        if filled:
            of.put(1)
        return partial(getattr(of, name), *arguments)

    return free(call)


def _unread(lab: Lab) -> Call:
    """More than a pipe holds, which the queue's thread cannot get rid of."""
    unread: Any = multiprocessing.Queue()
    unread.put(b"x" * 1_000_000)
    pipe = os.dup(unread._reader.fileno())
    unread.close()

    def drain() -> None:
        while os.read(pipe, 65536):
            pass

    lab.on_release(threading.Thread(target=drain, daemon=True).start)
    return unread.join_thread  # type: ignore[no-any-return]


def _looking(make: Callable[[], Any]) -> Case:
    """A look at a pipe that does not wait."""
    return free(lambda _: make().empty, allow=("poll",))


def _attempt(get: Call) -> Any:
    try:
        return get()
    except queue.Empty:
        return None


def _clogged(lab: Lab) -> Call:
    clogged: Any = multiprocessing.SimpleQueue()
    lab.on_release(clogged.get)
    return partial(clogged.put, b"x" * 1_000_000)


CASES: dict[str, Case] = {
    **{f"queue.{k.__name__}": pure(k) for k in (queue.Queue, queue.LifoQueue, queue.PriorityQueue, queue.SimpleQueue)},
    "queue.Queue.get": _gets(queue.Queue),
    "queue.Queue.put": _puts(queue.Queue),
    "queue.Queue.join": _joins(queue.Queue),
    "queue.Queue.get_nowait": _knows(queue.Queue, "get_nowait"),
    "queue.Queue.put_nowait": _knows(queue.Queue, "put_nowait", 1),
    "queue.Queue.task_done": _knows(queue.Queue, "task_done"),
    "queue.Queue.qsize": _knows(queue.Queue, "qsize"),
    "queue.Queue.empty": _knows(queue.Queue, "empty"),
    "queue.Queue.full": _knows(queue.Queue, "full"),
    "queue.SimpleQueue.get": _gets(queue.SimpleQueue),
    "queue.SimpleQueue.put": _knows(queue.SimpleQueue, "put", 1),
    "queue.SimpleQueue.put_nowait": _knows(queue.SimpleQueue, "put_nowait", 1),
    "queue.SimpleQueue.get_nowait": _knows(queue.SimpleQueue, "get_nowait"),
    "queue.SimpleQueue.qsize": _knows(queue.SimpleQueue, "qsize"),
    "queue.SimpleQueue.empty": _knows(queue.SimpleQueue, "empty"),
    **{f"multiprocessing.{name}": free(given(lambda name, _: getattr(multiprocessing, name), name), allow=SHARED) for name in ("Queue", "JoinableQueue", "SimpleQueue")},
    "multiprocessing.queues.Queue.get": _gets(multiprocessing.Queue),
    "multiprocessing.queues.Queue.put": _puts(multiprocessing.Queue),
    "multiprocessing.queues.Queue.get_nowait": free(lambda _: partial(_attempt, multiprocessing.Queue().get_nowait), allow=("poll",)),
    "multiprocessing.queues.JoinableQueue.join": _joins(multiprocessing.JoinableQueue),
    "multiprocessing.queues.Queue.join_thread": parks(_unread),
    "multiprocessing.queues.Queue.close": _knows(multiprocessing.Queue, "close", filled=False),
    "multiprocessing.queues.Queue.cancel_join_thread": _knows(multiprocessing.Queue, "cancel_join_thread", filled=False),
    "multiprocessing.queues.Queue.put_nowait": _knows(multiprocessing.Queue, "put_nowait", 1),
    "multiprocessing.queues.Queue.qsize": _knows(multiprocessing.Queue, "qsize", filled=False),
    "multiprocessing.queues.Queue.empty": _looking(multiprocessing.Queue),
    "multiprocessing.queues.Queue.full": _knows(multiprocessing.Queue, "full", filled=False),
    "multiprocessing.queues.JoinableQueue.task_done": _knows(multiprocessing.JoinableQueue, "task_done"),
    "multiprocessing.queues.SimpleQueue.get": parks(_empty(multiprocessing.SimpleQueue)),
    "multiprocessing.queues.SimpleQueue.put": parks(_clogged),
    "multiprocessing.queues.SimpleQueue.empty": _looking(multiprocessing.SimpleQueue),
    "multiprocessing.queues.SimpleQueue.close": _knows(multiprocessing.SimpleQueue, "close", filled=False),
}  # fmt: skip
if sys.version_info >= (3, 13):
    CASES["queue.Queue.shutdown"] = _knows(queue.Queue, "shutdown")
