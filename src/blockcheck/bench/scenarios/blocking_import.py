"""Importing a plugin by name in a handler, on the event loop or on a thread beside it.

Compiling holds the GIL, so the thread helps only as far as the interpreter switches between the two.
"""

from __future__ import annotations

import asyncio
import importlib
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from blockcheck.bench.event_loops import BYSTANDERS, serve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import ModuleType

    from blockcheck.bench.probe import Probe

SOURCE = "".join(f"def function_{number}(x, y=1):\n    return x * {number} + y\n" for number in range(150))


async def bad(name: str) -> ModuleType:
    return importlib.import_module(name)


async def good(name: str) -> ModuleType:
    return await asyncio.to_thread(importlib.import_module, name)


def run(variant: Callable[[str], Awaitable[ModuleType]], size: int, probe: Probe) -> object:
    async def handle(request: int) -> int:
        plugin = await variant(f"bench_plugin_{request}")
        result: int = plugin.function_3(request)
        return result

    with tempfile.TemporaryDirectory() as folder:
        for request in range(size):
            Path(folder, f"bench_plugin_{request}.py").write_text(SOURCE, encoding="utf-8")
        sys.path.insert(0, folder)
        importlib.invalidate_caches()
        try:
            return serve(handle, size, probe, BYSTANDERS)
        finally:
            sys.path.remove(folder)
            for request in range(size):
                sys.modules.pop(f"bench_plugin_{request}", None)
