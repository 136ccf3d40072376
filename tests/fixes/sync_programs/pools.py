"""Pools that are made in each call or turn: what their tasks give is the same in one that is shared."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor, as_completed


def double(number):
    time.sleep(0.01 * (3 - number))
    if number > 8:
        raise ValueError(number)
    return number * 2


class Doubler:
    def __init__(self, size):
        self.size = size

    def all(self, numbers):
        with ThreadPoolExecutor() as pool:
            return list(pool.map(double, numbers))

    async def some(self, numbers):
        with ThreadPoolExecutor(max_workers=self.size) as pool:
            loop = asyncio.get_running_loop()
            return await asyncio.gather(*[loop.run_in_executor(pool, double, n) for n in numbers])


async def one(number):
    pool = ThreadPoolExecutor(1)
    try:
        return await asyncio.get_running_loop().run_in_executor(pool, double, number)
    finally:
        pool.shutdown(wait=False)


def by_turns(batches, report):
    for batch in batches:
        with ThreadPoolExecutor(max_workers=2) as pool:
            futures = {pool.submit(double, number): number for number in batch}
            seen = {}
            for future in as_completed(futures):
                try:
                    seen[futures[future]] = future.result()
                except ValueError as error:
                    seen[futures[future]] = repr(error)
        report(sorted(seen.items()))


async def run(report):
    report(await Doubler(2).some([1, 2, 3]))
    report(await asyncio.gather(one(1), one(2)))
    try:
        await one(9)
    except ValueError as error:
        report(error)


def main(report):
    doubler = Doubler(3)
    report(doubler.all([2, 1, 0]))
    report(doubler.all([]))
    by_turns([[1, 2], [3, 9], []], report)
    asyncio.run(run(report))
