"""A pool that is shut down, and a file that knows its class in the function only."""

import asyncio


def length(item):
    return len(item)


async def ended_behind(item):
    from concurrent.futures import ThreadPoolExecutor

    result = await asyncio.get_running_loop().run_in_executor(None, length, item)
    return result
