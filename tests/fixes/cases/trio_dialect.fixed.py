import time
from functools import partial

import trio


def load(path, *, depth=1):
    time.sleep(depth)
    return path


async def main(path):
    await trio.sleep(1)
    await trio.to_thread.run_sync(load, path)
    await trio.to_thread.run_sync(partial(load, path, depth=2))
    await trio.sleep(1)
