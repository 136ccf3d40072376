"""A pool that is shut down, and a file that knows its class in the function only."""

import asyncio


def length(item):
    return len(item)


async def ended_behind(item):
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(1)
    result = await asyncio.get_running_loop().run_in_executor(pool, length, item)
    pool.shutdown()
    return result
