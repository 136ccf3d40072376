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
        self.read()
        for item in self.gen():
            print(item)
        return self.read()


async def contexts(url, paths):
    requests.get(url)
    print(requests.get(url, timeout=3).json())
    x = requests.get(url).json()["k"]
    y = -(load(url)["a"][0] ** 2)
    z = load(url)["a"] + load("b", depth=2)["a"]
    if (found := load(url)) and not load("c"):
        print(f"{found} {load('d')!r:>{load('w')}} {load(url)=}")
    with urlopen(url) as response:
        print(response.status)
    a = [load(path) for path in load("paths")]
    b = {path: load(path) for path in paths if load(path)}
    c = (load(path) for path in paths)
    d = [i for i in load("first")]
    e = [[load(p) for p in ps] for ps in paths]
    f = lambda: load("lambda")
    g = paths[load("index")["a"][0]]
    h = load(
        "multi",
        depth=1,  # comment
    )
    (load)(url)
    first, second = pair(load(url))
    load(url, depth=2).get("x")
    await asyncio.gather(other(load(url)), other(2))
    assert load(url), load("message")
    try:
        yield load("yielded")
    finally:
        load("finally")
    client = Client("p")
    subprocess.run(["ls"], check=True, **paths)
    load(*paths, **{"depth": 2})
    result = load(url) if load("cond") else load("else")
    for _ in load("iter"):
        while load("while"):
            break
    lock = asyncio.Lock()
    async with lock:
        load("under")

    def nested(x=load("nested")):
        return x

    print(not load(1), 1 if load(2) else 3, load(3) < load(4) <= load(5), load(6) or load(7))
    raise ValueError(load("raise")) from load("cause")


async def other(x):
    return load(x)
