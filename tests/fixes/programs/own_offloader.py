"""A project with a way of its own to run things in threads."""

import asyncio
import functools
import threading
import time


def load(name, *, times=1):
    time.sleep(0.3)
    return name * times, threading.current_thread() is not threading.main_thread()


def fail(name):
    time.sleep(0.01)
    raise KeyError(name)


async def in_worker(function, *args, **kwargs):
    call = functools.partial(function, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(None, call)


async def main(report):
    report(await in_worker(load, "x"))
    report(load("y", times=2)[0])
    try:
        report(fail("z"))
    except KeyError as error:
        report(error)
