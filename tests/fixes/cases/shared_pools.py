"""Pools that each call makes are shared where nobody can tell; others stay."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor, as_completed, wait

WORKERS = 4


def pause(seconds):
    time.sleep(seconds)
    return seconds


async def in_a_block(items):
    with ThreadPoolExecutor(max_workers=8) as pool:
        loop = asyncio.get_running_loop()
        # All of them at once.
        return await asyncio.gather(*(loop.run_in_executor(pool, pause, item) for item in items))


async def one(item):
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="one") as executor:
        text = """
        stays where it is
        """
        result = await asyncio.get_running_loop().run_in_executor(executor, pause, item)
        futures = (executor.submit(pause, item) for item in text)
        results = [future.result() for future in futures]

    return result, results, text


async def in_a_variable(item):
    pool = ThreadPoolExecutor(1)
    try:
        return await asyncio.get_running_loop().run_in_executor(pool, pause, item)
    finally:
        pool.shutdown(wait=False)


async def with_a_name(item):
    with ThreadPoolExecutor(2, "name") as pool:
        return await asyncio.get_running_loop().run_in_executor(pool, pause, item)


async def never_ended(item):
    await asyncio.get_running_loop().run_in_executor(ThreadPoolExecutor(), pause, item)


class Fetcher:
    def __init__(self, size):
        self.size = size
        self.results = []

    def fetch(self, urls):
        with ThreadPoolExecutor() as pool:
            return list(pool.map(pause, urls))

    async def fetch_more(self, urls):
        with ThreadPoolExecutor(max_workers=self.size) as pool:
            loop = asyncio.get_running_loop()
            futures = [loop.run_in_executor(pool, pause, url) for url in urls]
            for future in futures:
                self.results.append(await future)


def by_turns(batches):
    total = 0
    for batch in batches:
        with ThreadPoolExecutor(max_workers=8) as pool:
            futures = {pool.submit(pause, item): item for item in batch}
            for future in as_completed(futures):
                total += future.result() + futures[future]
        with ThreadPoolExecutor(max_workers=8) as pool:
            waiting = []
            for item in batch:
                waiting.append(pool.submit(pause, item))
            wait(waiting)
        with ThreadPoolExecutor(max_workers=8) as pool:
            for key, result in zip(batch, pool.map(pause, batch)):
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
            wait(futures)


async def with_a_limit(items):
    with ThreadPoolExecutor(max_workers=8) as pool:
        futures = [pool.submit(pause, item) for item in items]
        wait(futures, timeout=1)


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
        return pool.submit(asyncio.run, work).result()


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
