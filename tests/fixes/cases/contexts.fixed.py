import asyncio
import subprocess
import time
from urllib.request import urlopen

import requests


def load(path, *, depth=1):
    time.sleep(depth)
    return {"a": [1, 2], path: depth}


def pair(x):
    time.sleep(1)
    return x, 2


class Client:
    def __init__(self, path):
        self.data = load(path)

    def read(self):
        return load("x")

    def gen(self):
        yield load("x")

    async def use(self, data=load("default")):
        await asyncio.to_thread(self.read)
        for item in self.gen():
            print(item)
        return await asyncio.to_thread(self.read)


async def contexts(url, paths):
    await asyncio.to_thread(requests.get, url)
    print((await asyncio.to_thread(requests.get, url, timeout=3)).json())
    x = (await asyncio.to_thread(requests.get, url)).json()["k"]
    y = -((await asyncio.to_thread(load, url))["a"][0] ** 2)
    z = (await asyncio.to_thread(load, url))["a"] + (await asyncio.to_thread(load, "b", depth=2))["a"]
    if (found := await asyncio.to_thread(load, url)) and not await asyncio.to_thread(load, "c"):
        print(f"{found} {await asyncio.to_thread(load, 'd')!r:>{await asyncio.to_thread(load, 'w')}} {load(url)=}")
    with await asyncio.to_thread(urlopen, url) as response:
        print(response.status)
    a = [await asyncio.to_thread(load, path) for path in await asyncio.to_thread(load, "paths")]
    b = {path: await asyncio.to_thread(load, path) for path in paths if await asyncio.to_thread(load, path)}
    c = (load(path) for path in paths)
    d = [i for i in await asyncio.to_thread(load, "first")]
    e = [[load(p) for p in ps] for ps in paths]
    f = lambda: load("lambda")
    g = paths[(await asyncio.to_thread(load, "index"))["a"][0]]
    h = await asyncio.to_thread(
        load,
        "multi",
        depth=1,  # comment
    )
    await asyncio.to_thread((load), url)
    first, second = await asyncio.to_thread(pair, await asyncio.to_thread(load, url))
    (await asyncio.to_thread(load, url, depth=2)).get("x")
    await asyncio.gather(other(await asyncio.to_thread(load, url)), other(2))
    assert await asyncio.to_thread(load, url), await asyncio.to_thread(load, "message")
    try:
        yield await asyncio.to_thread(load, "yielded")
    finally:
        await asyncio.to_thread(load, "finally")
    client = Client("p")
    await asyncio.to_thread(subprocess.run, ["ls"], check=True, **paths)
    await asyncio.to_thread(load, *paths, **{"depth": 2})
    result = await asyncio.to_thread(load, url) if await asyncio.to_thread(load, "cond") else await asyncio.to_thread(load, "else")
    for _ in await asyncio.to_thread(load, "iter"):
        while await asyncio.to_thread(load, "while"):
            break
    lock = asyncio.Lock()
    async with lock:
        await asyncio.to_thread(load, "under")

    def nested(x=load("nested")):
        return x

    print(not await asyncio.to_thread(load, 1), 1 if await asyncio.to_thread(load, 2) else 3, await asyncio.to_thread(load, 3) < await asyncio.to_thread(load, 4) <= await asyncio.to_thread(load, 5), await asyncio.to_thread(load, 6) or await asyncio.to_thread(load, 7))
    raise ValueError(load("raise")) from load("cause")


async def other(x):
    return await asyncio.to_thread(load, x)
