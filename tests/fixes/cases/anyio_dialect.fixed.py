import functools
import subprocess
import time
from pathlib import Path

import anyio
from anyio import to_thread


def load(path, *, depth=1):
    time.sleep(depth)
    return path


async def main(path):
    await anyio.sleep(1)
    await to_thread.run_sync(load, path)
    await to_thread.run_sync(functools.partial(load, path, depth=2))
    await to_thread.run_sync(load, *path)
    print(
        await to_thread.run_sync(functools.partial(
            load,
            path,
            depth=3,
        ))
    )
    text = await to_thread.run_sync(functools.partial(Path(path).read_text, encoding="utf-8"))

    def write_file():
        with open(path, "w") as file:
            print(text, file=file)

    await to_thread.run_sync(write_file)
    await anyio.sleep(1)


async def cleans_up(path):
    try:
        await to_thread.run_sync(load, path)
    except ValueError:
        await to_thread.run_sync(load, path)
    except BaseException:
        load(path)  # a cancelled scope would cancel an await here
        raise
    finally:
        load(path)  # and here
