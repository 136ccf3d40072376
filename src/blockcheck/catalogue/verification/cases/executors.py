"""Executors, pools and their futures: a worker that does not finish until the world moves."""

from __future__ import annotations

import concurrent.futures
import multiprocessing.dummy
import multiprocessing.pool
import os
import signal
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from blockcheck.catalogue.verification.cases.locks import SHARED
from blockcheck.catalogue.verification.cases.shapes import free, given, parks, touches

if TYPE_CHECKING:
    from collections.abc import Callable

    from blockcheck.catalogue.verification.lab import Lab
    from blockcheck.catalogue.verification.observe import Call, Case, Make

NAP = 0.3
THREADS = concurrent.futures.ThreadPoolExecutor
PROCESSES = concurrent.futures.ProcessPoolExecutor
FORK = multiprocessing.get_context("fork")


def _work(lab: Lab) -> Callable[..., bool]:
    return lambda *_: lab.released.wait()


def _executor(lab: Lab) -> concurrent.futures.ThreadPoolExecutor:
    return lab.keep(THREADS(1))


def _busy(lab: Lab) -> concurrent.futures.ThreadPoolExecutor:
    executor = _executor(lab)
    executor.submit(_work(lab))
    return executor


def _future(lab: Lab) -> concurrent.futures.Future[Any]:
    return _executor(lab).submit(_work(lab))


def _processes(lab: Lab) -> concurrent.futures.ProcessPoolExecutor:
    return lab.keep(PROCESSES(1, mp_context=FORK))


def _pool(lab: Lab) -> multiprocessing.pool.ThreadPool:
    return lab.keep(multiprocessing.pool.ThreadPool(1))


def _process_pool(lab: Lab) -> multiprocessing.pool.Pool:
    return lab.keep(FORK.Pool(1))


def _closed(pool: Any) -> Any:
    pool.apply_async(time.sleep, (NAP,))
    pool.close()
    return pool


def _result(lab: Lab) -> multiprocessing.pool.ApplyResult[Any]:
    return _pool(lab).apply_async(_work(lab))


def _waits(make: Callable[[Lab], Any], name: str, **conditions: Make) -> Case:
    return parks(
        lambda lab: getattr(make(lab), name),
        conditions,
        timeout=lambda lab: partial(_give_up, getattr(make(lab), name)),
    )


def _done(lab: Lab) -> concurrent.futures.Future[int]:
    future = _executor(lab).submit(int)
    concurrent.futures.wait([future])
    return future


def _give_up(wait: Callable[[int], Any]) -> Any:
    try:
        return wait(0)
    except (concurrent.futures.TimeoutError, multiprocessing.TimeoutError):
        return None


def _list(iterator: Callable[..., Any], *arguments: Any) -> Call:
    return lambda: list(iterator(*arguments))


def _as_completed(lab: Lab) -> Call:
    return _list(concurrent.futures.as_completed, [_future(lab)])


def _none_completed(lab: Lab) -> Call:
    return partial(_give_up, lambda timeout: list(concurrent.futures.as_completed([_future(lab)], timeout)))


def _pools(owner: str, make: Callable[[Lab], Any]) -> dict[str, Case]:
    each = {
        "apply": parks(lambda lab: partial(make(lab).apply, time.sleep, (NAP,))),
        "map": parks(lambda lab: partial(make(lab).map, time.sleep, [NAP])),
        "starmap": parks(lambda lab: partial(make(lab).starmap, time.sleep, [(NAP,)])),
        "imap": parks(lambda lab: _list(make(lab).imap, time.sleep, [NAP])),
        "imap_unordered": parks(lambda lab: _list(make(lab).imap_unordered, time.sleep, [NAP])),
        "apply_async": free(lambda lab: partial(make(lab).apply_async, time.sleep, (NAP,))),
        "map_async": free(lambda lab: partial(make(lab).map_async, time.sleep, [NAP])),
        "starmap_async": free(lambda lab: partial(make(lab).starmap_async, time.sleep, [(NAP,)])),
    }
    return {f"{owner}.{name}": case for name, case in each.items()}


def _submitting(lab: Lab) -> Call:
    """To a pool whose processes are there; the first submission starts them."""
    executor = _processes(lab)
    executor.submit(int).result()
    return partial(executor.submit, int)


def _ignore_termination() -> None:
    def linger(*_: object) -> None:
        time.sleep(NAP)
        os._exit(0)

    signal.signal(signal.SIGTERM, linger)
    time.sleep(60)


def _stubborn(lab: Lab) -> Any:
    """A pool whose worker takes its time to go."""
    pool = _process_pool(lab)
    pool.apply_async(_ignore_termination)
    time.sleep(0.1)
    return pool


def _finished(lab: Lab) -> multiprocessing.pool.ApplyResult[Any]:
    result = _pool(lab).apply_async(int)
    result.wait()
    return result


CASES: dict[str, Case] = {
    "concurrent.futures.ThreadPoolExecutor": free(lambda _: THREADS, allow=("openat", "read")),
    "concurrent.futures.ProcessPoolExecutor": free(lambda _: partial(PROCESSES, mp_context=FORK), allow=SHARED),
    "concurrent.futures.Executor.submit": free(lambda lab: partial(_executor(lab).submit, int)),
    "concurrent.futures.ProcessPoolExecutor.submit": free(_submitting, allow=("write",)),
    "concurrent.futures.Executor.map": parks(lambda lab: _list(_executor(lab).map, _work(lab), [1])),
    "concurrent.futures.ProcessPoolExecutor.map": parks(lambda lab: _list(_processes(lab).map, time.sleep, [NAP])),
    "concurrent.futures.Executor.shutdown": parks(
        lambda lab: _busy(lab).shutdown, wait=lambda lab: partial(_busy(lab).shutdown, wait=False)
    ),
    "concurrent.futures.Executor.__exit__": parks(lambda lab: partial(_busy(lab).__exit__, None, None, None)),
    "concurrent.futures.Future.result": _waits(_future, "result", done=lambda lab: _done(lab).result),
    "concurrent.futures.Future.exception": _waits(_future, "exception", done=lambda lab: _done(lab).exception),
    "concurrent.futures.Future.add_done_callback": free(lambda lab: partial(_future(lab).add_done_callback, print)),
    **{
        f"concurrent.futures.Future.{name}": free(given(lambda name, lab: getattr(_future(lab), name), name))
        for name in ("done", "running", "cancel", "cancelled")
    },
    "concurrent.futures.Future.set_result": free(lambda _: partial(concurrent.futures.Future[int]().set_result, 1)),
    "concurrent.futures.Future.set_exception": free(lambda _: partial(concurrent.futures.Future[int]().set_exception, OSError())),
    "concurrent.futures.Future.set_running_or_notify_cancel": free(lambda _: concurrent.futures.Future[int]().set_running_or_notify_cancel),
    "concurrent.futures.wait": parks(
        lambda lab: partial(concurrent.futures.wait, [_future(lab)]),
        timeout=lambda lab: partial(concurrent.futures.wait, [_future(lab)], 0),
    ),
    "concurrent.futures.as_completed": parks(_as_completed, timeout=_none_completed),
    "multiprocessing.Pool": touches(lambda _: partial(multiprocessing.Pool, 1), "spawn"),
    "multiprocessing.pool.Pool": touches(lambda _: partial(multiprocessing.pool.Pool, 1, context=FORK), "spawn"),
    "multiprocessing.pool.ThreadPool": free(lambda _: partial(multiprocessing.pool.ThreadPool, 1), allow=(*SHARED, "poll")),
    "multiprocessing.dummy.Pool": free(lambda _: partial(multiprocessing.dummy.Pool, 1), allow=(*SHARED, "poll")),
    **_pools("multiprocessing.pool.Pool", _process_pool),
    **_pools("multiprocessing.pool.ThreadPool", _pool),
    "multiprocessing.pool.Pool.join": parks(lambda lab: _closed(_process_pool(lab)).join),
    "multiprocessing.pool.Pool.close": free(lambda lab: _process_pool(lab).close, allow=("write", "wait4")),
    "multiprocessing.pool.Pool.terminate": parks(lambda lab: _stubborn(lab).terminate),
    "multiprocessing.pool.Pool.__exit__": parks(lambda lab: partial(_stubborn(lab).__exit__, None, None, None)),
    "multiprocessing.pool.ApplyResult.get": _waits(_result, "get", done=lambda lab: _finished(lab).get),
    "multiprocessing.pool.ApplyResult.wait": _waits(_result, "wait"),
    "multiprocessing.pool.ApplyResult.ready": free(lambda lab: _result(lab).ready),
    "multiprocessing.pool.ApplyResult.successful": free(lambda lab: _finished(lab).successful),
}  # fmt: skip
