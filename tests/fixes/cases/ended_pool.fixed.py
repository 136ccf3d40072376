"""A pool that is shut down, and a file that knows its class in the function only."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

_POOL = ThreadPoolExecutor(1)


def length(item):
    return len(item)


async def ended_behind(item):
    from concurrent.futures import ThreadPoolExecutor

    result = await asyncio.get_running_loop().run_in_executor(_POOL, length, item)
    return result
