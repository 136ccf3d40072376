"""multiprocessing: processes, pipes and managers."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import multiprocessing.managers
import multiprocessing.shared_memory
import os
import signal
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from blockcheck.catalogue.verification.cases.locks import SHARED
from blockcheck.catalogue.verification.cases.shapes import free, given, parks, pure, touches

if TYPE_CHECKING:
    from collections.abc import Callable

    from blockcheck.catalogue.verification.lab import Lab
    from blockcheck.catalogue.verification.observe import Call, Case

FORK = multiprocessing.get_context("fork")
NAP = 0.3


def _process(_: Lab) -> Any:
    return FORK.Process(target=time.sleep, args=(NAP,), daemon=True)


def _started(lab: Lab) -> Any:
    process = lab.keep(_process(lab))
    process.start()
    return process


def _knows(name: str, *arguments: Any, allow: tuple[str, ...] = ()) -> Case:
    return free(lambda lab: partial(getattr(_started(lab), name), *arguments), allow=allow)


def _ended(lab: Lab) -> Any:
    process = _started(lab)
    process.join()
    return process


def _pipe(lab: Lab) -> Any:
    """The reading end of a pipe that nothing comes through."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    lab.on_release(theirs.close)
    return lab.keep(ours)


def _waits(name: str, *arguments: Any, **conditions: Callable[[Lab], Call]) -> Case:
    return parks(lambda lab: partial(getattr(_pipe(lab), name), *arguments), conditions)


def _sends(name: str, lab: Lab) -> Call:
    ours, theirs = multiprocessing.Pipe()
    lab.keep(ours)
    lab.on_release(theirs.close)
    return partial(getattr(ours, name), b"x" * 1_000_000)


def _listener(lab: Lab) -> multiprocessing.connection.Listener:
    listener = lab.keep(multiprocessing.connection.Listener(("127.0.0.1", 0)))
    lab.on_release(lambda: lab.keep(multiprocessing.connection.Client(listener.address)))
    return listener


def _manager(_: Lab) -> Any:
    return multiprocessing.managers.SyncManager(ctx=FORK)


def _serving(lab: Lab) -> Any:
    manager = lab.keep(_manager(lab))
    manager.start()
    return manager


def _managed(name: str) -> Case:
    """The manager's process stopped: what asks it something waits."""

    def make(lab: Lab) -> Call:
        manager = _serving(lab)
        process = manager._process
        os.kill(process.pid, signal.SIGSTOP)
        lab.on_release(partial(os.kill, process.pid, signal.SIGCONT))
        arguments = {"Value": ("i", 1), "Array": ("i", [1]), "Barrier": (1,), "Pool": (1,)}.get(name, ())
        return partial(getattr(manager, name), *arguments)

    return parks(make, releases=name != "Pool")


def _share() -> None:
    memory = multiprocessing.shared_memory.SharedMemory(create=True, size=10)
    memory.close()
    memory.unlink()


CONTEXT = "multiprocessing.context.BaseContext"
CASES: dict[str, Case] = {
    "multiprocessing.Process": pure(multiprocessing.Process, target=int),
    "multiprocessing.context.ForkContext.Process": pure(multiprocessing.get_context("fork").Process, target=int),
    "multiprocessing.context.SpawnContext.Process": pure(multiprocessing.get_context("spawn").Process, target=int),
    "multiprocessing.context.ForkServerContext.Process": pure(multiprocessing.get_context("forkserver").Process, target=int),
    "multiprocessing.process.BaseProcess.start": touches(lambda lab: _process(lab).start, "spawn"),
    "multiprocessing.process.BaseProcess.join": parks(
        lambda lab: _started(lab).join, timeout=lambda lab: partial(_started(lab).join, 0)
    ),
    "multiprocessing.process.BaseProcess.is_alive": _knows("is_alive", allow=("wait4",)),
    "multiprocessing.process.BaseProcess.terminate": _knows("terminate", allow=("wait4",)),
    "multiprocessing.process.BaseProcess.kill": _knows("kill", allow=("wait4",)),
    "multiprocessing.process.BaseProcess.close": free(lambda lab: _ended(lab).close, allow=("wait4",)),
    "multiprocessing.get_context": pure(multiprocessing.get_context, "fork"),
    **{
        f"{CONTEXT}.{name}": free(given(lambda name, _: getattr(FORK, name), name), allow=SHARED)
        for name in (
            "Queue", "JoinableQueue", "SimpleQueue", "Lock", "RLock", "Event", "Condition", "Semaphore",
            "BoundedSemaphore", "Pipe",
        )
    },
    f"{CONTEXT}.Barrier": free(lambda _: partial(FORK.Barrier, 2), allow=SHARED),
    f"{CONTEXT}.Pool": touches(lambda _: partial(FORK.Pool, 1), "spawn"),
    f"{CONTEXT}.Manager": touches(lambda _: FORK.Manager, "spawn"),
    "multiprocessing.Pipe": pure(multiprocessing.Pipe),
    "multiprocessing.connection.Pipe": pure(multiprocessing.connection.Pipe),
    "multiprocessing.connection.Connection.recv": _waits("recv"),
    "multiprocessing.connection.Connection.recv_bytes": _waits("recv_bytes"),
    "multiprocessing.connection.Connection.recv_bytes_into": _waits("recv_bytes_into", bytearray(1)),
    "multiprocessing.connection.Connection.send": parks(partial(_sends, "send")),
    "multiprocessing.connection.Connection.send_bytes": parks(partial(_sends, "send_bytes")),
    "multiprocessing.connection.Connection.poll": _waits("poll", None, timeout=lambda lab: _pipe(lab).poll),
    "multiprocessing.connection.Connection.close": free(lambda lab: _pipe(lab).close),
    "multiprocessing.connection.Connection.fileno": free(lambda lab: _pipe(lab).fileno),
    "multiprocessing.connection.wait": parks(
        lambda lab: partial(multiprocessing.connection.wait, [_pipe(lab)]),
        timeout=lambda lab: partial(multiprocessing.connection.wait, [_pipe(lab)], 0),
    ),
    "multiprocessing.connection.Client": parks(lambda lab: partial(multiprocessing.connection.Client, lab.unreachable()), releases=False),
    "multiprocessing.connection.Listener.accept": parks(lambda lab: _listener(lab).accept),
    "multiprocessing.connection.Listener.close": free(lambda lab: _listener(lab).close),
    "multiprocessing.Manager": touches(lambda _: multiprocessing.Manager, "spawn"),
    "multiprocessing.managers.BaseManager.start": touches(lambda lab: _manager(lab).start, "spawn"),
    "multiprocessing.managers.BaseManager.connect": parks(
        lambda lab: multiprocessing.managers.BaseManager(lab.server(), b"x").connect
    ),
    "multiprocessing.managers.BaseManager.shutdown": _managed("shutdown"),
    **{
        f"multiprocessing.managers.SyncManager.{name}": _managed(name)
        for name in (
            "dict", "list", "Namespace", "Value", "Array", "Queue", "JoinableQueue", "Lock", "RLock", "Event",
            "Condition", "Semaphore", "BoundedSemaphore", "Barrier", "Pool",
        )
    },
    "multiprocessing.Value": free(lambda _: partial(multiprocessing.Value, "i"), allow=SHARED),
    "multiprocessing.Array": free(lambda _: partial(multiprocessing.Array, "i", 1), allow=SHARED),
    "multiprocessing.RawValue": free(lambda _: partial(multiprocessing.RawValue, "i"), allow=SHARED),
    "multiprocessing.RawArray": free(lambda _: partial(multiprocessing.RawArray, "i", 1), allow=SHARED),
    "multiprocessing.current_process": pure(multiprocessing.current_process),
    "multiprocessing.parent_process": pure(multiprocessing.parent_process),
    "multiprocessing.cpu_count": free(lambda _: multiprocessing.cpu_count, allow=("openat", "read")),
    "multiprocessing.freeze_support": pure(multiprocessing.freeze_support),
    "multiprocessing.get_start_method": pure(multiprocessing.get_start_method),
    "multiprocessing.set_start_method": pure(multiprocessing.set_start_method, "fork", force=True),
    "multiprocessing.get_logger": pure(multiprocessing.get_logger),
    "multiprocessing.shared_memory.SharedMemory": touches(lambda _: _share),
    "multiprocessing.active_children": free(lambda _: multiprocessing.active_children, allow=("wait4",)),
}  # fmt: skip
