"""What makes an asynchronous function of a plain one is taken where the file uses it already."""

import asyncio
import time
from pathlib import Path

from asgiref.sync import sync_to_async


def load(path, *, retries=0):
    time.sleep(1)
    return path


async def uses_it(path):
    return await sync_to_async(load)(path)


async def mended(path):
    await asyncio.sleep(0)
    return (await sync_to_async(load)(path, retries=2)).strip() + await sync_to_async(load)(
        path,
    )


async def reads(path):
    text = await sync_to_async(Path(path).read_text)()

    def read_file():
        with open(path) as file:
            first = file.readline()
            second = file.readline()
            return first, second

    first, second = await sync_to_async(read_file)()
    return text, first, second


async def shadowed(sync_to_async, path):
    return await asyncio.to_thread(load, path)
