import subprocess
import time

import anyio


def load(path, *, depth=1):
    time.sleep(depth)
    return path


async def main(path):
    time.sleep(1)
    load(path)
    load(path, depth=2)
    load(*path)
    print(
        load(
            path,
            depth=3,
        )
    )
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w") as file:
        print(text, file=file)
    await anyio.sleep(1)


async def cleans_up(path):
    try:
        load(path)
    except ValueError:
        load(path)
    except BaseException:
        load(path)  # a cancelled scope would cancel an await here
        raise
    finally:
        load(path)  # and here
