"""An HTTP request (answered after 3 ms by a loopback server) made on the event loop, or on a thread beside it."""

from __future__ import annotations

import asyncio
import urllib.request
from typing import TYPE_CHECKING

from blockcheck.bench.event_loops import Handler, http_server, serve

if TYPE_CHECKING:
    from blockcheck.bench.probe import Probe


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url) as response:
        body: bytes = response.read()
        return body


async def bad(url: str) -> bytes:
    return fetch(url)


async def good(url: str) -> bytes:
    return await asyncio.to_thread(fetch, url)


def run(variant: Handler, size: int, probe: Probe) -> object:
    with http_server(delay=0.003) as server:
        return serve(lambda request: variant(f"{server}/{request}"), size, probe)  # type: ignore[arg-type]
