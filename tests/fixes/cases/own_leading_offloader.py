"""A project's own way to run things in threads that takes the loop, or a pool too, in front of the function."""

import asyncio
import time


def load(path, *, retries=0):
    time.sleep(1)
    return path * retries


def settled(future):
    future.add_done_callback(print)
    return future


def in_pool(loop: asyncio.AbstractEventLoop, pool, function, *args):
    def call():
        return function(*args)

    return settled(loop.run_in_executor(pool, call))


def in_thread(loop: asyncio.AbstractEventLoop, function, *args):
    return in_pool(loop, None, function, *args)


class Hub:
    def get_loop(self):
        return asyncio.get_running_loop()


class Service:
    def __init__(self, hub: Hub):
        self.hub = hub

    async def uses_it(self, path):
        return await in_thread(self.hub.get_loop(), load, path)

    async def mended(self, path):
        return load(path) + load(path, retries=1)


async def no_hub_here(path):
    return load(path)
