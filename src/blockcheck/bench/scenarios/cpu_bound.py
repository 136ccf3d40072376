"""Hashing a password (some milliseconds of CPU, without the GIL), on the event loop or on a thread beside it."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING

from blockcheck.bench.event_loops import BYSTANDERS, Handler, serve

if TYPE_CHECKING:
    from blockcheck.bench.probe import Probe


def hash_password(request: int) -> str:
    return hashlib.pbkdf2_hmac("sha256", b"password %d" % request, b"salt", 4000).hex()


async def bad(request: int) -> str:
    return hash_password(request)


async def good(request: int) -> str:
    return await asyncio.to_thread(hash_password, request)


def run(variant: Handler, size: int, probe: Probe) -> object:
    return serve(variant, size, probe, BYSTANDERS)
