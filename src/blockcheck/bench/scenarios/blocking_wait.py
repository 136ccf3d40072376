"""Waiting 3 ms for a worker thread's answer: on a queue, with the event loop, or on an asyncio future."""

from __future__ import annotations

import asyncio
import queue
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from blockcheck.bench.event_loops import serve

if TYPE_CHECKING:
    from blockcheck.bench.probe import Probe

Ask = Callable[[int, Callable[[int], object]], object]


async def bad(request: int, ask: Ask) -> int:
    answers: queue.Queue[int] = queue.Queue()
    ask(request, answers.put)
    return answers.get()


async def good(request: int, ask: Ask) -> int:
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[int] = loop.create_future()
    ask(request, lambda value: loop.call_soon_threadsafe(answer.set_result, value))
    return await answer


def run(variant: Callable[[int, Ask], Awaitable[int]], size: int, probe: Probe) -> object:
    def answer(request: int, reply: Callable[[int], object]) -> None:
        time.sleep(0.003)
        reply(request * 2)

    with ThreadPoolExecutor(max_workers=16) as workers:
        return serve(lambda request: variant(request, lambda *job: workers.submit(answer, *job)), size, probe)
