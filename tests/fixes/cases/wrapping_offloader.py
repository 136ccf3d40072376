"""What makes an asynchronous function of a plain one is taken where the file uses it already."""

import asyncio
import time

from asgiref.sync import sync_to_async


def load(path, *, retries=0):
    time.sleep(1)
    return path


async def uses_it(path):
    return await sync_to_async(load)(path)


async def mended(path):
    await asyncio.sleep(0)
    return load(path, retries=2).strip() + load(
        path,
    )


async def reads(path):
    with open(path) as file:
        text = file.read()
    with open(path) as file:
        first = file.readline()
        second = file.readline()
    return text, first, second


async def shadowed(sync_to_async, path):
    return load(path)
