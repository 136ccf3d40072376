"""Work that was called instead of handed over."""

import asyncio
import threading
import time


def work(value=1, *, k=2):
    time.sleep(0.2)
    return [value * k]


def store(into, value, *, k=2):
    time.sleep(0.2)
    into.append(value * k)


async def inner(value):
    await asyncio.sleep(0)
    return value


async def main(report):
    kept = []
    try:
        report(await asyncio.to_thread(work(3, k=4)))
    except TypeError:
        report([12])
    try:
        report(await asyncio.get_running_loop().run_in_executor(None, work(5)))
    except TypeError:
        report([10])
    thread = threading.Thread(target=store(kept, 1, k=3))
    thread.start()
    while thread.is_alive():
        await asyncio.sleep(0.01)
    report(kept)
