"""A project's own way to run things in threads that differs by where it runs."""

import asyncio
import time


def load(path, *, retries=0):
    time.sleep(1)
    return path * retries


async def in_worker(function, *args, **kwargs):
    return await asyncio.to_thread(function, *args, **kwargs)


async def in_either(function, *args, **kwargs):
    if kwargs:
        return await asyncio.to_thread(function, *args, **kwargs)
    if args:
        return await in_worker(function, *args, **kwargs)
    raise ValueError


async def in_thread_or_not(function, *args, **kwargs):
    if kwargs:
        return await asyncio.to_thread(function, *args, **kwargs)
    return await in_worker(function, args[0])


async def uses(path):
    await in_thread_or_not(load, path)
    await in_thread_or_not(load, path)
    await in_either(load, path)


async def mended(path):
    return load(path, retries=2)
