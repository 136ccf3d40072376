"""BCK201."""

from __future__ import annotations

from blockcheck.rules.event_loop.blocking import BlockingRule


class BlockingSleep(BlockingRule):
    """# blocking-sleep

    ## What it does
    Reports sleeps on the event loop: `time.sleep` and what else pauses the calling thread, called in an `async def` or in a callback of the loop, itself or through functions that it calls.

    ## Why is this bad?
    An event loop runs one thing at a time. While it sleeps, no other task runs: every connection, timer and heartbeat waits.

    ## Example
    ```python
    import time

    async def retry(fetch):
        while not await fetch():
            time.sleep(1)
    ```

    ## Use instead
    ```python
    import asyncio

    async def retry(fetch):
        while not await fetch():
            await asyncio.sleep(1)
    ```

    ## Known gaps
    `time.sleep(0)` is not reported: it only yields the GIL.

    ## References
    - [asyncio.sleep](https://docs.python.org/3/library/asyncio-task.html#asyncio.sleep)
    - [asyncio: running blocking code](https://docs.python.org/3/library/asyncio-dev.html#running-blocking-code)
    """

    code = "BCK201"
    name = "blocking-sleep"
    summary = "a sleep that stops the event loop"
    fix_safety = (
        "A sleep that stands in the coroutine function itself becomes the awaited sleep of the asynchronous library that the "
        "module uses. That is safe where the statement before or behind it suspends anyway and the time is known not to be "
        "negative; unsafe elsewhere, since it lets other tasks run at a point where none could. A sleep further down is "
        "mended by handing the call that leads to it to a thread, which is unsafe."
    )
    kind = "sleep"
