"""Frames that scenarios share: open-loop request arrivals on an event loop, loopback servers, groups of threads."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator

from blockcheck.bench.probe import Probe

WINDOW = 0.1
"""Seconds over which the requests of one run arrive, at equal distances."""

Handler = Callable[[int], Awaitable[object]]


def serve(handler: Handler, requests: int, probe: Probe) -> list[object]:
    """Have ``requests`` arrive at an event loop over the window; return the handler's results in order.

    The arrivals are open-loop: each request has an intended start that does not wait for earlier ones, and its latency
    counts from there, so that a stalled loop cannot hide the requests it kept from starting.
    """
    results: list[object] = [None] * requests

    async def handle(number: int, intended: float) -> None:
        results[number] = await handler(number)
        probe.latency(time.perf_counter() - intended)

    async def arrive() -> None:
        async with probe.watching_loop():
            start = time.perf_counter()
            tasks = []
            for number in range(requests):
                intended = start + WINDOW * number / requests
                await asyncio.sleep(max(0.0, intended - time.perf_counter()))
                tasks.append(asyncio.create_task(handle(number, intended)))
            await asyncio.gather(*tasks)

    with probe.measuring():
        asyncio.run(arrive())
    return results


def run_threads(work: Callable[[int], object], threads: int) -> None:
    """Run ``work(0)``, ``work(1)``… each on its own thread, and wait for all."""
    started = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()


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
            self.transport = transport

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            assert isinstance(self.transport, asyncio.DatagramTransport)
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


def cores() -> int:
    """The processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
