"""A project's own way to run things in threads is taken where the file uses it."""

import asyncio
import functools
import time


def load(path, *, retries=0):
    time.sleep(1)
    return path * retries


def _mark(call):
    return call()


async def run_in_worker(function, *args, **kwargs):
    call = functools.partial(function, *args, **kwargs)
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, _mark, call)


async def no_offloader(function, *args):
    return function(*args)


class Hub:
    def __init__(self):
        self.loop = asyncio.get_running_loop()

    def in_executor(self, target, *args):
        task = self.loop.run_in_executor(None, target, *args)
        task.add_done_callback(print)
        return task


async def uses_it(path):
    return await run_in_worker(load, path)


async def uses_another(hub: Hub, path):
    await no_offloader(load, path)  # which is no offloader, and has a variable to call
    return await hub.in_executor(load, path)


async def mended_with_keywords(path):
    return load(path, retries=3)


async def mended_with_the_hub(hub: Hub, path):
    with open(path) as file:
        text = file.read()
    return text + load(path)


async def another_hub(hub, path):
    return load(path)


async def shadowed(run_in_worker, path):
    return load(path)
