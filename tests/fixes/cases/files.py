import asyncio
import json
import threading
import time
from pathlib import Path


def work(x=1, *, k=2):
    time.sleep(x)


async def reads(path, target: Path):
    with open(path) as f:
        data = f.read()
    with open(path, "rb") as f:
        print(f.read())
    with open(path, encoding="utf-8") as f:
        config = json.loads(f.read())["k"]
    with open(path) as f:
        config = json.load(f)
    with open(path, "w", encoding="utf-8") as out:
        out.write(json.dumps(config))
    with target.open() as f:
        text = f.read().strip()
    with open(target) as f:
        text = f.read()
    with open(path) as f:
        for line in f:
            print(line)
    with open(path) as f, open(target, "w") as g:
        # copy
        g.write(f.read())
        for line in f:
            if line:
                continue
            g.write(line)
    with open(path) as f:
        head = f.readline()
        tail = f.readline()
    print(head, tail)
    with open(path) as f:
        first = f.readline()
        second = f.readline()
    print(first)
    with open(path) as f:
        await asyncio.sleep(1)
        f.read()
    x = open(path).read()
    y = open(path, "rb").read()[0]
    z = open(path)
    z.read()
    async with asyncio.Lock():
        with open(path) as f:
            f.seek(1)
            await x(f.read())


async def offloads(url):
    await asyncio.to_thread(work())
    await asyncio.to_thread(work(1))
    await asyncio.to_thread(work(1, k=3))
    await asyncio.get_running_loop().run_in_executor(None, work(1))
    await asyncio.get_running_loop().run_in_executor(None, work(1, k=2))
    threading.Thread(target=work(1, k=2), daemon=True).start()
    threading.Thread(target=work()).start()


async def nested(url):
    asyncio.run(offloads(url))
    x = asyncio.get_event_loop().run_until_complete(offloads(url)).x


class C:
    def total(self): ...
    async def race(self):
        self.x += work()
        y = 1
        y += work()
