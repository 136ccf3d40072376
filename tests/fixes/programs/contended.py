"""A lock that a thread holds for long, taken by a function that the event loop calls."""

import asyncio
import threading
import time

lock = threading.Lock()
seen = []


def refill():
    with lock:
        time.sleep(0.3)
        seen.append("refilled")


def take():
    with lock:
        return list(seen)


async def main(report):
    thread = threading.Thread(target=refill)
    thread.start()
    while not lock.locked():
        await asyncio.sleep(0.001)
    report(take())
