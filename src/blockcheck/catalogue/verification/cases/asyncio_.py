"""asyncio: what runs a loop to its end, what schedules on it, and what is awaited there."""

from __future__ import annotations

import asyncio
import asyncio.events
import atexit
import concurrent.futures
import contextlib
import inspect
import signal
import socket
import sys
import time
import weakref
from functools import partial
from typing import TYPE_CHECKING, Any

from blockcheck.catalogue.verification.cases.shapes import free, parks, pure, suspends

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from blockcheck.catalogue.verification.lab import Lab
    from blockcheck.catalogue.verification.observe import Call, Case

NAP = 0.3


def _loop(lab: Lab) -> Any:
    """A loop that counts as running, so that what asks for one finds it; it never turns."""
    loop = lab.keep(asyncio.new_event_loop())
    asyncio.events._set_running_loop(loop)
    return loop


async def _nothing() -> int:
    return 1


def _of_loop(name: str, *arguments: Any, allow: tuple[str, ...] = ()) -> Case:
    return free(lambda lab: partial(getattr(_loop(lab), name), *arguments), allow=allow)


def _with_coroutine(find: Callable[[Any], Callable[..., Any]], *rest: Any) -> Case:
    """A call on a coroutine, of a loop that counts as running."""
    return free(lambda lab: partial(find(_loop(lab)), lab.keep(_nothing()), *rest))


def _on(make: Callable[[], Any], name: str, *arguments: Any) -> Case:
    """A method of an object that is made where a loop counts as running."""

    def call(lab: Lab) -> Call:
        _loop(lab)
        return partial(getattr(lab.keep(make()), name), *arguments)

    return free(call)


def _finished(make: Callable[[], Any] = asyncio.Future) -> Any:
    future = make()
    future.set_result(1)
    return future


def _task() -> Any:
    return asyncio.get_running_loop().create_task(_nothing())


def _awaiting(make: Callable[[], Any], name: str, *arguments: Any) -> Case:
    """A method that waits for something that does not come, or does what it does."""
    return suspends(lambda lab: partial(getattr(lab.keep(make()), name), *arguments))


def _held(make: Callable[[], Any]) -> Any:
    """A lock or semaphore that is taken: acquiring it the first time does not wait."""
    lock = make()
    with contextlib.suppress(StopIteration):
        lock.acquire().send(None)
    return lock


def _in(function: Callable[..., Awaitable[Any]]) -> Case:
    """An async function of the lab, as a case."""
    return suspends(lambda lab: partial(function, lab))


def _on_loop(name: str, *arguments: Any) -> Case:
    return suspends(lambda _: partial(getattr(asyncio.get_running_loop(), name), *arguments))


def _silent(lab: Lab) -> socket.socket:
    ours = lab.keep(lab.silent_socket())
    ours.setblocking(False)
    return ours


def _full(lab: Lab) -> socket.socket:
    ours = lab.keep(lab.full_socket())
    ours.setblocking(False)
    return ours


def _on_socket(name: str, *arguments: Any, make: Callable[[Lab], socket.socket] = _silent) -> Case:
    return suspends(lambda lab: partial(getattr(asyncio.get_running_loop(), name), make(lab), *arguments))


async def _sock_connect(lab: Lab) -> None:
    ours = lab.keep(socket.socket())
    ours.setblocking(False)
    await asyncio.get_running_loop().sock_connect(ours, lab.unreachable())


async def _sock_accept(lab: Lab) -> None:
    listener = lab.listener()
    listener.setblocking(False)
    await asyncio.get_running_loop().sock_accept(listener)


async def _sock_sendfile(lab: Lab) -> None:
    await asyncio.get_running_loop().sock_sendfile(_full(lab), lab.keep(open(lab.file(), "rb")))


async def _streams(lab: Lab) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(sock=_silent(lab))


def _reads(name: str, *arguments: Any) -> Case:
    async def read(lab: Lab) -> None:
        reader, writer = await _streams(lab)
        lab.keep(writer)
        await getattr(reader, name)(*arguments)

    return _in(read)


async def _drain(lab: Lab) -> None:
    _, writer = await _streams(lab)
    writer.write(b"x" * 5_000_000)
    await lab.keep(writer).drain()


async def _wait_closed(lab: Lab) -> None:
    _, writer = await _streams(lab)
    lab.keep(writer).close()
    await writer.wait_closed()


def _writes(name: str, *arguments: Any) -> Case:
    """The methods of a writer that do not wait, called on the loop; writing on a socket that has room."""

    async def write(lab: Lab) -> None:
        _, writer = await _streams(lab)
        getattr(lab.keep(writer), name)(*arguments)

    return _in(write)


async def _process(**options: Any) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec("sleep", str(NAP), **options)


def _of_process(name: str, *arguments: Any) -> Case:
    async def run(_: Lab) -> None:
        process = await _process()
        result = getattr(process, name)(*arguments)
        if inspect.isawaitable(result):
            await result

    return _in(run)


async def _server(lab: Lab) -> asyncio.Server:
    return lab.keep(await asyncio.start_server(lambda *_: None, "127.0.0.1", 0))


def _of_server(name: str) -> Case:
    async def run(lab: Lab) -> None:
        result = getattr(await _server(lab), name)()
        if inspect.isawaitable(result):
            await result

    return _in(run)


def _runs(lab: Lab) -> Any:
    return lab.keep(asyncio.new_event_loop())


def _until_complete(lab: Lab) -> Call:
    loop = _runs(lab)
    return lambda: loop.run_until_complete(asyncio.sleep(NAP))


def _forever(lab: Lab) -> Call:
    loop = _runs(lab)
    lab.on_release(partial(loop.call_soon_threadsafe, loop.stop))
    return loop.run_forever  # type: ignore[no-any-return]


async def _first(lab: Lab) -> None:
    for future in asyncio.as_completed([asyncio.sleep(NAP)]):
        await future


async def _wait_all(_: Lab) -> None:
    await asyncio.wait([asyncio.ensure_future(asyncio.sleep(NAP))])


async def _in_thread(_: Lab) -> None:
    await asyncio.to_thread(time.sleep, NAP)


async def _in_executor(_: Lab) -> None:
    await asyncio.get_running_loop().run_in_executor(None, time.sleep, NAP)


def _constructed(kind: Any) -> Case:
    return free(lambda lab: (_loop(lab), kind)[1])


def _filled(queue: Any) -> Any:
    queue.put_nowait(1)
    return queue


def _transported(name: str, *arguments: Any) -> Case:
    """A method of a transport, called on the loop; the other side does not read."""

    async def call(lab: Lab) -> None:
        loop = asyncio.get_running_loop()
        transport, protocol = await loop.create_unix_connection(asyncio.Protocol, sock=_silent(lab))
        getattr(lab.keep(transport), name)(*((protocol,) if name == "set_protocol" else arguments))

    return _in(call)


def _datagram(name: str, *arguments: Any) -> Case:
    async def call(lab: Lab) -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            asyncio.DatagramProtocol, remote_addr=("127.0.0.1", 9)
        )
        getattr(lab.keep(transport), name)(*arguments)

    return _in(call)


def _of_child(name: str, *arguments: Any) -> Case:
    async def call(lab: Lab) -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.subprocess_exec(asyncio.SubprocessProtocol, "sleep", str(NAP))
        getattr(lab.keep(transport), name)(*arguments)

    return _in(call)


async def _sock_sendto(lab: Lab) -> None:
    ours = lab.keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    ours.setblocking(False)
    loop: Any = asyncio.get_running_loop()
    await loop.sock_sendto(ours, b"x", ("127.0.0.1", 9))


async def _grouped(_: Lab) -> None:
    groups: Any = asyncio
    async with groups.TaskGroup() as group:
        group.create_task(asyncio.sleep(NAP))


async def _itself(_: Lab) -> None:
    assert isinstance(asyncio.current_task(), asyncio.Task)


TRANSPORTS: dict[str, dict[str, tuple[Any, ...]]] = {
    "BaseTransport": {"close": (), "is_closing": (), "get_extra_info": ("peername",), "set_protocol": (None,), "get_protocol": ()},
    "Transport": {
        "write": (b"x" * 5_000_000,), "writelines": ([b"x" * 5_000_000],), "write_eof": (), "abort": (),
        "pause_reading": (), "resume_reading": (), "is_reading": (), "can_write_eof": (),
        "get_write_buffer_size": (), "set_write_buffer_limits": (),
    },
}  # fmt: skip
LOOP = "asyncio.AbstractEventLoop"
NOTHING = asyncio.Protocol
ADDRESS = ("127.0.0.1", 0)
CASES: dict[str, Case] = {
    # Running a loop to the end of something
    "asyncio.run": parks(lambda _: lambda: asyncio.run(asyncio.sleep(NAP))),
    f"{LOOP}.run_until_complete": parks(_until_complete),
    f"{LOOP}.run_forever": parks(_forever),
    # Offloading
    "asyncio.to_thread": _in(_in_thread),
    f"{LOOP}.run_in_executor": _in(_in_executor),
    # Scheduling
    f"{LOOP}.call_soon": _of_loop("call_soon", print),
    f"{LOOP}.call_soon_threadsafe": _of_loop("call_soon_threadsafe", print, allow=("sendto",)),
    f"{LOOP}.call_later": _of_loop("call_later", 1, print),
    f"{LOOP}.call_at": _of_loop("call_at", 1, print),
    f"{LOOP}.add_reader": free(lambda lab: partial(_loop(lab).add_reader, lab.silent_pipe(), print)),
    f"{LOOP}.add_writer": free(lambda lab: partial(_loop(lab).add_writer, lab.full_pipe(), print)),
    f"{LOOP}.remove_reader": free(lambda lab: partial(_loop(lab).remove_reader, lab.silent_pipe())),
    f"{LOOP}.remove_writer": free(lambda lab: partial(_loop(lab).remove_writer, lab.full_pipe())),
    f"{LOOP}.add_signal_handler": _of_loop("add_signal_handler", signal.SIGUSR1, print),
    f"{LOOP}.remove_signal_handler": _of_loop("remove_signal_handler", signal.SIGUSR1),
    f"{LOOP}.set_exception_handler": _of_loop("set_exception_handler", None),
    f"{LOOP}.set_task_factory": _of_loop("set_task_factory", None),
    f"{LOOP}.set_default_executor": _of_loop("set_default_executor", concurrent.futures.ThreadPoolExecutor(1)),
    f"{LOOP}.create_task": _with_coroutine(lambda loop: loop.create_task),
    "asyncio.create_task": _with_coroutine(lambda _: asyncio.create_task),
    "asyncio.ensure_future": _with_coroutine(lambda _: asyncio.ensure_future),
    "asyncio.gather": _with_coroutine(lambda _: asyncio.gather),
    "asyncio.shield": _with_coroutine(lambda _: asyncio.shield),
    "asyncio.wait": _in(_wait_all),
    "asyncio.wait_for": suspends(lambda _: lambda: asyncio.wait_for(asyncio.sleep(NAP), 9)),
    "asyncio.as_completed": _in(_first),
    "asyncio.run_coroutine_threadsafe": free(lambda lab: partial(asyncio.run_coroutine_threadsafe, lab.keep(_nothing()), _loop(lab)), allow=("sendto",)),
    "asyncio.Future.add_done_callback": _on(asyncio.Future, "add_done_callback", print),
    "signal.signal": pure(signal.signal, signal.SIGUSR1, signal.SIG_IGN),
    "signal.alarm": pure(signal.alarm, 0),
    "signal.setitimer": pure(signal.setitimer, signal.ITIMER_REAL, 0),
    "signal.getsignal": pure(signal.getsignal, signal.SIGUSR1),
    "signal.set_wakeup_fd": pure(signal.set_wakeup_fd, -1),
    "signal.siginterrupt": pure(signal.siginterrupt, signal.SIGUSR1, False),
    "signal.raise_signal": pure(signal.raise_signal, signal.SIGWINCH),
    "signal.pthread_sigmask": pure(signal.pthread_sigmask, signal.SIG_BLOCK, []),
    "atexit.register": pure(atexit.register, print),
    "weakref.finalize": pure(weakref.finalize, LOOP.__class__, print),
    "weakref.ref": pure(weakref.ref, LOOP.__class__),
    "weakref.WeakMethod": pure(weakref.WeakMethod, contextlib.ExitStack().close),
    # Loops
    "asyncio.get_running_loop": free(lambda lab: (_loop(lab), asyncio.get_running_loop)[1]),
    "asyncio.get_event_loop": free(lambda lab: (_loop(lab), asyncio.get_event_loop)[1]),
    "asyncio.new_event_loop": free(lambda _: asyncio.new_event_loop, allow=("epoll_create1",)),
    "asyncio.set_event_loop": pure(asyncio.set_event_loop, None),
    **{
        f"{LOOP}.{name}": _of_loop(name)
        for name in ("is_running", "is_closed", "stop", "time", "get_debug", "get_exception_handler", "create_future")
    },
    f"{LOOP}.close": free(lambda lab: _runs(lab).close),
    f"{LOOP}.set_debug": _of_loop("set_debug", False),
    f"{LOOP}.default_exception_handler": _of_loop("default_exception_handler", {"message": "x"}),
    f"{LOOP}.call_exception_handler": _of_loop("call_exception_handler", {"message": "x"}),
    f"{LOOP}.sock_recv": _on_socket("sock_recv", 1),
    f"{LOOP}.sock_recv_into": _on_socket("sock_recv_into", bytearray(1)),
    f"{LOOP}.sock_sendall": _on_socket("sock_sendall", b"x", make=_full),
    f"{LOOP}.sock_accept": _in(_sock_accept),
    f"{LOOP}.sock_connect": _in(_sock_connect),
    f"{LOOP}.sock_sendfile": _in(_sock_sendfile),
    f"{LOOP}.getaddrinfo": _on_loop("getaddrinfo", "127.0.0.1", 80),
    f"{LOOP}.getnameinfo": _on_loop("getnameinfo", ("127.0.0.1", 80), socket.NI_NUMERICHOST),
    f"{LOOP}.create_server": _on_loop("create_server", NOTHING, *ADDRESS),
    f"{LOOP}.create_unix_server": suspends(lambda lab: partial(asyncio.get_running_loop().create_unix_server, NOTHING, lab.path())),
    f"{LOOP}.create_connection": suspends(lambda lab: partial(asyncio.get_running_loop().create_connection, NOTHING, *lab.unreachable())),
    f"{LOOP}.create_unix_connection": suspends(lambda lab: partial(asyncio.get_running_loop().create_unix_connection, NOTHING, sock=_silent(lab))),
    f"{LOOP}.create_datagram_endpoint": _on_loop("create_datagram_endpoint", asyncio.DatagramProtocol, ADDRESS),
    f"{LOOP}.connect_accepted_socket": suspends(lambda lab: partial(asyncio.get_running_loop().connect_accepted_socket, NOTHING, _silent(lab))),
    f"{LOOP}.connect_read_pipe": suspends(lambda lab: partial(asyncio.get_running_loop().connect_read_pipe, NOTHING, lab.keep(open(lab.silent_pipe(), "rb")))),
    f"{LOOP}.connect_write_pipe": suspends(lambda lab: partial(asyncio.get_running_loop().connect_write_pipe, asyncio.BaseProtocol, lab.keep(open(lab.full_pipe(), "wb")))),
    f"{LOOP}.subprocess_exec": _on_loop("subprocess_exec", asyncio.SubprocessProtocol, "sleep", str(NAP)),
    f"{LOOP}.subprocess_shell": _on_loop("subprocess_shell", asyncio.SubprocessProtocol, f"sleep {NAP}"),
    f"{LOOP}.shutdown_asyncgens": _on_loop("shutdown_asyncgens"),
    f"{LOOP}.shutdown_default_executor": _on_loop("shutdown_default_executor"),
    **{f"asyncio.AbstractServer.{name}": _of_server(name) for name in ("serve_forever", "start_serving", "wait_closed", "close", "is_serving", "get_loop")},
    "asyncio.Handle.cancel": free(lambda lab: _loop(lab).call_soon(print).cancel),
    "asyncio.Handle.cancelled": free(lambda lab: _loop(lab).call_soon(print).cancelled),
    # Futures and tasks
    "asyncio.Future.result": _on(_finished, "result"),
    "asyncio.Future.exception": _on(_finished, "exception"),
    "asyncio.Future.done": _on(asyncio.Future, "done"),
    "asyncio.Future.cancel": _on(asyncio.Future, "cancel"),
    "asyncio.Future.cancelled": _on(asyncio.Future, "cancelled"),
    "asyncio.Future.set_result": _on(asyncio.Future, "set_result", 1),
    "asyncio.Future.set_exception": _on(asyncio.Future, "set_exception", OSError()),
    "asyncio.Future.remove_done_callback": _on(asyncio.Future, "remove_done_callback", print),
    "asyncio.Future.get_loop": _on(asyncio.Future, "get_loop"),
    "asyncio.Task.get_name": _on(_task, "get_name"),
    "asyncio.Task.set_name": _on(_task, "set_name", "a"),
    "asyncio.Task.get_coro": _on(_task, "get_coro"),
    "asyncio.Task.get_stack": _on(_task, "get_stack"),
    "asyncio.wrap_future": free(lambda lab: (_loop(lab), partial(asyncio.wrap_future, concurrent.futures.Future()))[1]),
    "asyncio.current_task": _in(_itself),
    "asyncio.all_tasks": free(lambda lab: (_loop(lab), asyncio.all_tasks)[1]),
    **{f"asyncio.{f.__name__}": pure(f, 1) for f in (asyncio.iscoroutine, asyncio.isfuture, asyncio.iscoroutinefunction)},
    **{
        f"inspect.{f.__name__}": pure(f, 1)
        for f in (inspect.iscoroutinefunction, inspect.isawaitable, inspect.iscoroutine, inspect.isasyncgenfunction)
    },
    # Synchronisation
    **{f"asyncio.{k.__name__}": _constructed(k) for k in (asyncio.Lock, asyncio.Event, asyncio.Condition, asyncio.Semaphore, asyncio.BoundedSemaphore, asyncio.Queue, asyncio.LifoQueue, asyncio.PriorityQueue)},
    "asyncio.Lock.acquire": _awaiting(lambda: _held(asyncio.Lock), "acquire"),
    "asyncio.Lock.release": _on(lambda: _held(asyncio.Lock), "release"),
    "asyncio.Lock.locked": _on(asyncio.Lock, "locked"),
    "asyncio.Event.wait": _awaiting(asyncio.Event, "wait"),
    **{f"asyncio.Event.{name}": _on(asyncio.Event, name) for name in ("set", "clear", "is_set")},
    "asyncio.Condition.acquire": _awaiting(lambda: _held(asyncio.Condition), "acquire"),
    "asyncio.Condition.wait": _awaiting(lambda: _held(asyncio.Condition), "wait"),
    "asyncio.Condition.wait_for": _awaiting(lambda: _held(asyncio.Condition), "wait_for", bool),
    **{f"asyncio.Condition.{name}": _on(lambda: _held(asyncio.Condition), name) for name in ("release", "locked", "notify", "notify_all")},
    "asyncio.Semaphore.acquire": _awaiting(lambda: _held(asyncio.Semaphore), "acquire"),
    "asyncio.Semaphore.release": _on(asyncio.Semaphore, "release"),
    "asyncio.Semaphore.locked": _on(asyncio.Semaphore, "locked"),
    "asyncio.Queue.get": _awaiting(asyncio.Queue, "get"),
    "asyncio.Queue.put": _awaiting(lambda: _filled(asyncio.Queue(1)), "put", 2),
    "asyncio.Queue.join": _awaiting(lambda: _filled(asyncio.Queue()), "join"),
    "asyncio.Queue.get_nowait": _on(lambda: _filled(asyncio.Queue()), "get_nowait"),
    "asyncio.Queue.put_nowait": _on(asyncio.Queue, "put_nowait", 1),
    "asyncio.Queue.task_done": _on(lambda: _filled(asyncio.Queue()), "task_done"),
    **{f"asyncio.Queue.{name}": _on(asyncio.Queue, name) for name in ("qsize", "empty", "full")},
    # Streams
    "asyncio.open_connection": suspends(lambda lab: partial(asyncio.open_connection, *lab.unreachable())),
    "asyncio.open_unix_connection": suspends(lambda lab: partial(asyncio.open_unix_connection, sock=_silent(lab))),
    "asyncio.start_server": suspends(lambda _: partial(asyncio.start_server, print, *ADDRESS)),
    "asyncio.start_unix_server": suspends(lambda lab: partial(asyncio.start_unix_server, print, lab.path())),
    "asyncio.StreamReader.read": _reads("read"),
    "asyncio.StreamReader.readline": _reads("readline"),
    "asyncio.StreamReader.readexactly": _reads("readexactly", 1),
    "asyncio.StreamReader.readuntil": _reads("readuntil", b"x"),
    "asyncio.StreamReader.at_eof": _on(asyncio.StreamReader, "at_eof"),
    "asyncio.StreamReader.feed_data": _on(asyncio.StreamReader, "feed_data", b"x"),
    "asyncio.StreamReader.feed_eof": _on(asyncio.StreamReader, "feed_eof"),
    "asyncio.StreamReader.set_exception": _on(asyncio.StreamReader, "set_exception", OSError()),
    "asyncio.StreamWriter.drain": _in(_drain),
    "asyncio.StreamWriter.wait_closed": _in(_wait_closed),
    **{
        f"asyncio.StreamWriter.{name}": _writes(name, *arguments)
        for name, arguments in {
            "write": (b"x" * 5_000_000,), "writelines": ([b"x" * 5_000_000],), "write_eof": (), "can_write_eof": (),
            "close": (), "is_closing": (), "get_extra_info": ("peername",),
        }.items()
    },
    **{
        f"asyncio.{kind}.{name}": _transported(name, *arguments)
        for kind, methods in TRANSPORTS.items()
        for name, arguments in methods.items()
    },
    "asyncio.DatagramTransport.sendto": _datagram("sendto", b"x"),
    "asyncio.DatagramTransport.abort": _datagram("abort"),
    # Subprocesses
    "asyncio.create_subprocess_exec": suspends(lambda _: partial(asyncio.create_subprocess_exec, "sleep", str(NAP))),
    "asyncio.create_subprocess_shell": suspends(lambda _: partial(asyncio.create_subprocess_shell, f"sleep {NAP}")),
    **{
        f"asyncio.subprocess.Process.{name}": _of_process(name, *arguments)
        for name, arguments in {
            "wait": (), "communicate": (), "send_signal": (signal.SIGCONT,), "terminate": (), "kill": (),
        }.items()
    },
    **{
        f"asyncio.SubprocessTransport.{name}": _of_child(name, *arguments)
        for name, arguments in {
            "send_signal": (signal.SIGCONT,), "terminate": (), "kill": (), "get_pid": (), "get_returncode": (),
            "get_pipe_transport": (1,),
        }.items()
    },
}  # fmt: skip
if sys.version_info >= (3, 11):
    CASES.update(
        {
            "asyncio.Runner.run": parks(lambda _: lambda: asyncio.Runner().run(asyncio.sleep(NAP))),
            "asyncio.Runner.get_loop": free(lambda lab: lab.keep(asyncio.Runner()).get_loop),
            "asyncio.Runner.close": free(lambda _: asyncio.Runner().close),
            "asyncio.Task.uncancel": _on(_task, "uncancel"),
            "asyncio.Task.cancelling": _on(_task, "cancelling"),
            "asyncio.timeout": free(lambda lab: (_loop(lab), partial(asyncio.timeout, 1))[1]),
            "asyncio.timeout_at": free(lambda lab: (_loop(lab), partial(asyncio.timeout_at, 1))[1]),
            "asyncio.Barrier.wait": _awaiting(lambda: asyncio.Barrier(2), "wait"),
            "asyncio.Barrier.reset": _awaiting(lambda: asyncio.Barrier(2), "reset"),
            "asyncio.Barrier.abort": _awaiting(lambda: asyncio.Barrier(2), "abort"),
            **{
                f"{LOOP}.{name}": _on_socket(name, *arguments)
                for name, arguments in {"sock_recvfrom": (1,), "sock_recvfrom_into": (bytearray(1),)}.items()
            },
            f"{LOOP}.sock_sendto": _in(_sock_sendto),
            "asyncio.TaskGroup.create_task": _in(_grouped),
        }
    )
