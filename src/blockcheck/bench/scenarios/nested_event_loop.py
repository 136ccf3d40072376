"""A coroutine run to its end by a second event loop while the first one waits, against awaiting it.

The second loop runs on a helper thread: the usual way around the RuntimeError that nesting gives otherwise.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from blockcheck.bench.event_loops import Handler, serve

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from blockcheck.bench.probe import Probe


async def fetch(request: int) -> int:
    await asyncio.sleep(0.003)
    return request


def run_sync(coroutine: Coroutine[Any, Any, int]) -> int:
    with ThreadPoolExecutor(max_workers=1) as helper:
        return helper.submit(asyncio.run, coroutine).result()


async def bad(request: int) -> int:
    return run_sync(fetch(request))


async def good(request: int) -> int:
    return await fetch(request)


def run(variant: Handler, size: int, probe: Probe) -> object:
    return serve(variant, size, probe)
