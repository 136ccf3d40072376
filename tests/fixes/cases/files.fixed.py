import asyncio
import functools
import json
import threading
import time
from pathlib import Path


def work(x=1, *, k=2):
    time.sleep(x)


async def reads(path, target: Path):
    data = await asyncio.to_thread(Path(path).read_text)
    print(await asyncio.to_thread(Path(path).read_bytes))
    config = json.loads(await asyncio.to_thread(Path(path).read_text, encoding="utf-8"))["k"]

    def read_file():
        with open(path) as f:
            return json.load(f)

    config = await asyncio.to_thread(read_file)
    await asyncio.to_thread(Path(path).write_text, json.dumps(config), encoding="utf-8")
    text = (await asyncio.to_thread(target.read_text)).strip()
    text = await asyncio.to_thread(target.read_text)

    def read_file_2():
        with open(path) as f:
            for line in f:
                print(line)

    await asyncio.to_thread(read_file_2)

    def read_file_3():
        with open(path) as f, open(target, "w") as g:
            # copy
            g.write(f.read())
            for line in f:
                if line:
                    continue
                g.write(line)

    await asyncio.to_thread(read_file_3)

    def read_file_4():
        with open(path) as f:
            head = f.readline()
            tail = f.readline()
            return head, tail

    head, tail = await asyncio.to_thread(read_file_4)
    print(head, tail)

    def read_file_5():
        with open(path) as f:
            first = f.readline()
            second = f.readline()
            return first

    first = await asyncio.to_thread(read_file_5)
    print(first)
    with open(path) as f:
        await asyncio.sleep(1)
        f.read()
    x = await asyncio.to_thread(Path(path).read_text)
    y = (await asyncio.to_thread(Path(path).read_bytes))[0]
    z = open(path)
    z.read()
    async with asyncio.Lock():
        with open(path) as f:
            f.seek(1)
            await x(f.read())


async def offloads(url):
    await asyncio.to_thread(work)
    await asyncio.to_thread(work, 1)
    await asyncio.to_thread(work, 1, k=3)
    await asyncio.get_running_loop().run_in_executor(None, work, 1)
    await asyncio.get_running_loop().run_in_executor(None, functools.partial(work, 1, k=2))
    threading.Thread(target=work, args=(1,), kwargs={"k": 2}, daemon=True).start()
    threading.Thread(target=work).start()


async def nested(url):
    await offloads(url)
    x = (await offloads(url)).x


class C:
    def total(self): ...
    async def race(self):
        self.x += work()
        y = 1
        y += await asyncio.to_thread(work)
