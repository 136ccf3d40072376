"""What to do instead is said in the words of the asynchronous library that a module, or else its project, uses."""

from __future__ import annotations

import pytest

from blockcheck import check, load_config

MODULE = """
import threading
import time
{imports}

lock = threading.Lock()


def load():
    time.sleep(1)


async def sleeps():
    time.sleep(1)


async def calls():
    load()


async def locked():
    with lock:
        await sleeps()
"""


def helps(folder) -> list[str]:
    return [finding.help for finding in check([folder], load_config([folder])).findings]


@pytest.mark.parametrize(
    ("imports", "sleep", "offload", "lock"),
    [
        ("import asyncio", "asyncio.sleep", "asyncio.to_thread", "asyncio.Lock"),
        ("", "asyncio.sleep", "asyncio.to_thread", "asyncio.Lock"),
        ("import asyncio\nimport trio", "asyncio.sleep", "asyncio.to_thread", "asyncio.Lock"),
        ("from anyio import Path", "anyio.sleep", "anyio.to_thread.run_sync", "anyio.Lock"),
        ("import trio.lowlevel", "trio.sleep", "trio.to_thread.run_sync", "trio.Lock"),
    ],
)
def test_in_the_words_of_the_module(
    project, blockcheck, imports: str, sleep: str, offload: str, lock: str
) -> None:
    root = project({"app.py": MODULE.format(imports=imports)})
    assert helps(root) == [
        f"use `await {sleep}(...)`",
        f"run it in a thread: `await {offload}(load, ...)`",
        f"use {lock} with `async with`, or release the lock before the await",
    ]


def test_else_in_those_of_the_project(project) -> None:
    root = project({"app.py": MODULE.format(imports="import main"), "main.py": SLEEPER.format("trio")})
    assert helps(root)[0] == "use `await trio.sleep(...)`"


SLEEPER = "import time\nimport {}\ndef sleep():\n    time.sleep(1)\n"


@pytest.mark.parametrize("name", ["asyncio", "trio"])
def test_instead_of_threads_too(project, name: str) -> None:
    code = "import main, threading\ndef start(items, work):\n    for item in items:\n        threading.Thread(target=work, args=(item,)).start()\n"
    root = project({"app.py": code, "main.py": SLEEPER.format(name)})
    assert helps(root) == [f"use a ThreadPoolExecutor with max_workers, or {name} tasks"]
