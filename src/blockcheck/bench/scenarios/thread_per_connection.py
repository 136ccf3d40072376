"""A TCP service on the loopback interface: a thread for each connection, a bounded pool, or asyncio.

A client process opens the connections at fixed times (open-loop) and sends two messages on each, 0.1 s apart; the
service looks something up for 5 ms before it echoes a message. Latencies count from the intended start of a message.
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from blockcheck.bench.probe import Probe

LOOKUP = 0.005
WINDOW = 0.25


def converse(connection: socket.socket) -> None:
    with connection:
        while message := connection.recv(64):
            time.sleep(LOOKUP)
            connection.sendall(message)


def bad(listener: socket.socket, connections: int) -> None:
    threads = []
    for _ in range(connections):
        connection, _ = listener.accept()
        thread = threading.Thread(target=converse, args=(connection,))
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join()


def pool(listener: socket.socket, connections: int) -> None:
    with ThreadPoolExecutor(max_workers=32) as workers:
        for _ in range(connections):
            connection, _ = listener.accept()
            workers.submit(converse, connection)


def good(listener: socket.socket, connections: int) -> None:
    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while message := await reader.read(64):
            await asyncio.sleep(LOOKUP)
            writer.write(message)
            await writer.drain()
        writer.close()
        ended.release()

    async def serve() -> None:
        server = await asyncio.start_server(converse, sock=listener, backlog=1024)
        for _ in range(connections):
            await ended.acquire()
        server.close()

    ended = asyncio.Semaphore(0)
    asyncio.run(serve())


def run(variant: Callable[[socket.socket, int], None], size: int, probe: Probe) -> object:
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        port = listener.getsockname()[1]
        window = 0.0 if probe.warm_up else WINDOW
        arguments = [str(port), str(size), str(window)]
        command = [sys.executable, "-m", "blockcheck.bench.echo_client", *arguments]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
            assert client.stdin is not None
            assert client.stdout is not None
            client.stdout.readline()  # it is ready
            with probe.measuring():
                client.stdin.write("go\n")
                client.stdin.flush()
                variant(listener, size)
            report = json.loads(client.stdout.readline())
    for latency in report["latencies"]:
        probe.latency(latency)
    return report["answered"]
