import time
from functools import partial

import trio


def load(path, *, depth=1):
    time.sleep(depth)
    return path


async def main(path):
    time.sleep(1)
    load(path)
    load(path, depth=2)
    await trio.sleep(1)
