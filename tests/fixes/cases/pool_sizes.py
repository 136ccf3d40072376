"""The number of workers is bounded where it is written."""

from concurrent.futures import ThreadPoolExecutor
from multiprocessing.pool import ThreadPool

wide = ThreadPoolExecutor(max_workers=1000, thread_name_prefix="w")
positional = ThreadPool(500)


def run(work, items, least=None):
    with ThreadPoolExecutor(max_workers=len(items)) as pool:
        first = list(pool.map(work, items))
    with ThreadPoolExecutor(
        len(items) + 1,  # and one more
    ) as pool:
        second = list(pool.map(work, items))
    count = len(items)
    with ThreadPoolExecutor(max_workers=(count)) as pool:
        third = list(pool.map(work, items))
    return first, second, third


# Refused from here on.

SIZE = 1000
elsewhere = ThreadPoolExecutor(max_workers=SIZE)


def shadowed(work, items, min):
    with ThreadPoolExecutor(max_workers=len(items)) as pool:
        return list(pool.map(work, items))


def maybe(work, items):
    with ThreadPoolExecutor(max_workers=len(items) or None) as pool:
        return list(pool.map(work, items))
