"""Sleeps, direct and through functions, with their values in order."""

import asyncio
import time


def slow(value, *, factor=2):
    time.sleep(0.12)
    return [value * factor]


async def main(report):
    time.sleep(0.12)
    report(slow(1)[0] + slow(2, factor=3)[0])
    report([slow(n)[0] for n in (1, 2)])
    report(-(slow(3)[0] ** 2))
    if (found := slow(4)) and not slow("")[0]:
        report(f"{found} {slow('x')[0]!r:>6}")
    await asyncio.sleep(0)
