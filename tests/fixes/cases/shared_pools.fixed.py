"""Pools that each call makes are shared where nobody can tell; others stay."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor, as_completed, wait

_POOL = ThreadPoolExecutor(max_workers=8)
_POOL_2 = ThreadPoolExecutor(2, "name")
_POOL_3 = ThreadPoolExecutor()
_POOL_4 = ThreadPoolExecutor(max_workers=8)
_POOL_5 = ThreadPoolExecutor(max_workers=8)
_POOL_6 = ThreadPoolExecutor(max_workers=8)

WORKERS = 4
_EXECUTOR = ThreadPoolExecutor(WORKERS, thread_name_prefix="one")


def pause(seconds):
    time.sleep(seconds)
    return seconds


async def in_a_block(items):
    loop = asyncio.get_running_loop()
    # All of them at once.
    return await asyncio.gather(*(loop.run_in_executor(_POOL, pause, item) for item in items))


async def one(item):
    text = """
        stays where it is
        """
    result = await asyncio.get_running_loop().run_in_executor(_EXECUTOR, pause, item)
    futures = (_EXECUTOR.submit(pause, item) for item in text)
    results = [await asyncio.to_thread(future.result) for future in futures]

    return result, results, text


async def in_a_variable(item):
    return await asyncio.get_running_loop().run_in_executor(None, pause, item)


async def with_a_name(item):
    return await asyncio.get_running_loop().run_in_executor(_POOL_2, pause, item)


async def never_ended(item):
    await asyncio.get_running_loop().run_in_executor(ThreadPoolExecutor(), pause, item)


class Fetcher:
    def __init__(self, size):
        self.size = size
        self._pool = ThreadPoolExecutor(max_workers=self.size)
        self.results = []

    def fetch(self, urls):
        return list(_POOL_3.map(pause, urls))

    async def fetch_more(self, urls):
        loop = asyncio.get_running_loop()
        futures = [loop.run_in_executor(self._pool, pause, url) for url in urls]
        for future in futures:
            self.results.append(await future)


def by_turns(batches):
    total = 0
    for batch in batches:
        futures = {_POOL_4.submit(pause, item): item for item in batch}
        for future in as_completed(futures):
            total += future.result() + futures[future]
        waiting = []
        for item in batch:
            waiting.append(_POOL_5.submit(pause, item))
        wait(waiting)
        for key, result in zip(batch, _POOL_6.map(pause, batch)):
            print(key, result)
    return total


# Refused from here on.


async def that_nobody_waits_for(items):
    with ThreadPoolExecutor(max_workers=8) as pool:
        for item in items:
            pool.submit(pause, item)


async def map_that_nobody_reads(items):
    with ThreadPoolExecutor(max_workers=8) as pool:
        pool.map(pause, items)


async def left_early(items):
    with ThreadPoolExecutor(max_workers=8) as pool:
        futures = [pool.submit(pause, item) for item in items]
        for future in as_completed(futures):
            if future.result():
                break


async def sometimes(items):
    with ThreadPoolExecutor(max_workers=8) as pool:
        futures = [pool.submit(pause, item) for item in items]
        if len(items) > 1:
            await asyncio.to_thread(wait, futures)


async def with_a_limit(items):
    with ThreadPoolExecutor(max_workers=8) as pool:
        futures = [pool.submit(pause, item) for item in items]
        await asyncio.to_thread(wait, futures, timeout=1)


async def of_another_size(items, size):
    with ThreadPoolExecutor(max_workers=size) as pool:
        return list(pool.map(pause, items))


async def prepared(items):
    with ThreadPoolExecutor(initializer=pause, initargs=(1,)) as pool:
        return list(pool.map(pause, items))


async def one_that_is_prepared(item):
    with ThreadPoolExecutor(initializer=pause) as pool:
        return await asyncio.get_running_loop().run_in_executor(pool, pause, item)


async def one_after_the_other(items):
    with ThreadPoolExecutor(1) as pool:
        return list(pool.map(pause, items))


async def of_a_coroutine(work):
    with ThreadPoolExecutor() as pool:
        return await asyncio.to_thread(pool.submit(asyncio.run, work).result)


async def of_whatever(items, work):
    with ThreadPoolExecutor(max_workers=8) as pool:
        return list(pool.map(work, items))


async def handed_on(items):
    with ThreadPoolExecutor(max_workers=8) as pool:
        return helper(pool, items)


def helper(pool, items):
    return list(pool.map(pause, items))


class Tree:
    def __init__(self, children):
        self.children = children

    def walk(self):
        with ThreadPoolExecutor() as pool:
            return list(pool.map(Tree.walk, self.children))


def in_turns_that_return(batches):
    for batch in batches:
        with ThreadPoolExecutor(max_workers=8) as pool:
            futures = [pool.submit(pause, item) for item in batch]
            if not batch:
                return
            for future in futures:
                future.result()
