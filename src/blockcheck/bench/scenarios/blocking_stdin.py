"""Reading what somebody types, on the event loop or on a thread beside it; by lines typed within 0.1 s."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from typing import TYPE_CHECKING, TextIO

from blockcheck.bench.event_loops import BYSTANDERS, WINDOW, serve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from blockcheck.bench.probe import Probe


async def bad(stdin: TextIO) -> str:
    return stdin.readline()


async def good(stdin: TextIO) -> str:
    return await asyncio.to_thread(stdin.readline)


def run(variant: Callable[[TextIO], Awaitable[str]], size: int, probe: Probe) -> object:
    reading, writing = os.pipe()

    def type_lines() -> None:
        with os.fdopen(writing, "w") as keyboard:
            for number in range(size):
                time.sleep(WINDOW / size)
                print("line", number, file=keyboard, flush=True)

    with os.fdopen(reading) as stdin:

        async def read_all(_request: int) -> list[str]:
            return [await variant(stdin) for _ in range(size)]

        typist = threading.Thread(target=type_lines)
        typist.start()
        results = serve(read_all, 1, probe, BYSTANDERS)
        typist.join()
    return results
