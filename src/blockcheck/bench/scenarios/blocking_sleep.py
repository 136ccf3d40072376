"""A handler that sleeps 3 ms: with the event loop, or while the loop goes on."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from blockcheck.bench.event_loops import Handler, serve

if TYPE_CHECKING:
    from blockcheck.bench.probe import Probe


async def bad(request: int) -> int:
    time.sleep(0.003)
    return request


async def good(request: int) -> int:
    await asyncio.sleep(0.003)
    return request


def run(variant: Handler, size: int, probe: Probe) -> object:
    return serve(variant, size, probe)
