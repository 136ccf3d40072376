"""An offload with parentheses too many: ``load`` runs on the event loop, and only what it returns runs on a thread."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from blockcheck.bench.event_loops import Handler, serve

if TYPE_CHECKING:
    from collections.abc import Callable

    from blockcheck.bench.probe import Probe


def load(template: int) -> Callable[[], str]:
    time.sleep(0.003)  # reading and compiling it
    return lambda: f"page {template}"


def render(template: int) -> str:
    return load(template)()


async def bad(request: int) -> str:
    return await asyncio.to_thread(load(request))


async def good(request: int) -> str:
    return await asyncio.to_thread(render, request)


def run(variant: Handler, size: int, probe: Probe) -> object:
    return serve(variant, size, probe)
