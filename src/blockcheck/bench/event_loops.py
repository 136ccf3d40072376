"""Frames that scenarios on an event loop share: open-loop request arrivals, loopback servers."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from blockcheck.bench.probe import Probe

WINDOW = 0.1
"""Seconds over which the requests of one run arrive, at equal distances."""

BYSTANDERS = 100
"""As many requests that do nothing themselves, where the claim is what a call does to the others."""

Handler = Callable[[int], Awaitable[object]]


def serve(handler: Handler, requests: int, probe: Probe, bystanders: int = 0) -> list[object]:
    """Have ``requests`` arrive at an event loop over the window; return the handler's results in order.

    The arrivals are open-loop: each request has an intended start that does not wait for earlier ones, and its latency
    counts from there, so that a stalled loop cannot hide the requests it kept from starting.

    With ``bystanders``, that many requests with nothing to do arrive along, and the latencies are theirs: what a
    handler does to the others, however long it needs itself.
    """
    window = 0.0 if probe.warm_up else WINDOW
    results: list[object] = [None] * requests
    arrivals = sorted(
        [(window * number / requests, number) for number in range(requests)]
        + [(window * number / bystanders, None) for number in range(bystanders)],
        key=lambda arrival: arrival[0],
    )

    async def handle(number: int | None, intended: float) -> None:
        if number is None:
            await asyncio.sleep(0)
        else:
            results[number] = await handler(number)
        if number is None or not bystanders:
            probe.latency(time.perf_counter() - intended)

    async def arrive() -> None:
        async with probe.watching_loop():
            start = time.perf_counter()
            tasks = []
            for delay, number in arrivals:
                intended = start + delay
                await asyncio.sleep(max(0.0, intended - time.perf_counter()))
                tasks.append(asyncio.create_task(handle(number, intended)))
            await asyncio.gather(*tasks)

    with probe.measuring():
        asyncio.run(arrive())
    return results


@contextlib.contextmanager
def http_server(delay: float) -> Iterator[str]:
    """A loopback HTTP server on a thread; it answers with the request's path after ``delay`` seconds."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(delay)
        body = head.split()[1]
        writer.write(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        writer.close()

    async def start(listener: socket.socket) -> object:
        return await asyncio.start_server(answer, sock=listener)

    with _listener(socket.SOCK_STREAM) as listener, _loop_thread() as loop:
        asyncio.run_coroutine_threadsafe(start(listener), loop).result()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextlib.contextmanager
def name_server(delay: float) -> Iterator[tuple[str, int]]:
    """A loopback UDP server on a thread, as slow as a name server: it echoes each datagram after ``delay``."""

    class Answer(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            # Not an instance of DatagramTransport in every version, whatever it can do.
            self.transport = cast("asyncio.DatagramTransport", transport)

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            loop.call_later(delay, self.transport.sendto, data, addr)

    async def start(listener: socket.socket) -> object:
        return await loop.create_datagram_endpoint(Answer, sock=listener)

    with _listener(socket.SOCK_DGRAM) as listener, _loop_thread() as loop:
        asyncio.run_coroutine_threadsafe(start(listener), loop).result()
        host, port = listener.getsockname()
        yield host, port


@contextlib.contextmanager
def _listener(kind: socket.SocketKind) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, kind) as listener:
        listener.setblocking(False)
        listener.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            listener.listen(1024)
        yield listener


@contextlib.contextmanager
def _loop_thread() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        # Connections that were still open belong to requests that are over; the process is about to end as well.
        loop.close()
