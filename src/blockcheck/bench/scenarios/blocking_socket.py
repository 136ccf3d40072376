"""A question to a (loopback) name server that takes 3 ms to answer, waited for by the event loop or by a coroutine."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

from blockcheck.bench.event_loops import name_server, serve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from blockcheck.bench.probe import Probe

Address = tuple[str, int]


async def bad(server: Address, name: bytes) -> bytes:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.connect(server)
        channel.sendall(name)
        return channel.recv(512)


async def good(server: Address, name: bytes) -> bytes:
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.setblocking(False)
        channel.connect(server)
        await loop.sock_sendall(channel, name)
        return await loop.sock_recv(channel, 512)


def run(variant: Callable[[Address, bytes], Awaitable[bytes]], size: int, probe: Probe) -> object:
    with name_server(delay=0.003) as server:
        return serve(lambda request: variant(server, b"host-%d" % request), size, probe)
