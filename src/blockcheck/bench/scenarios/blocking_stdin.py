"""Reading what somebody types (a line every 10 ms), on the event loop or on a thread beside it.

One coroutine reads ten lines while the requests arrive; they do nothing but yield once.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Awaitable, Callable
from typing import TextIO

from blockcheck.bench.harness import serve
from blockcheck.bench.probe import Probe

LINES = 10


async def bad(stdin: TextIO) -> str:
    return stdin.readline()


async def good(stdin: TextIO) -> str:
    return await asyncio.to_thread(stdin.readline)


def run(variant: Callable[[TextIO], Awaitable[str]], size: int, probe: Probe) -> object:
    reading, writing = os.pipe()

    def type_lines() -> None:
        with os.fdopen(writing, "w") as keyboard:
            for number in range(LINES):
                time.sleep(0.01)
                print("line", number, file=keyboard, flush=True)

    async def read_all(stdin: TextIO) -> list[str]:
        return [await variant(stdin) for _ in range(LINES)]

    with os.fdopen(reading) as stdin:

        async def handle(request: int) -> object:
            if request == 0:
                return await read_all(stdin)
            await asyncio.sleep(0)
            return request

        typist = threading.Thread(target=type_lines)
        typist.start()
        results = serve(handle, size + 1, probe)
        typist.join()
    # The reader's own time is the typist's, the same in both: it is not a request.
    probe.latencies.remove(max(probe.latencies))
    return results
