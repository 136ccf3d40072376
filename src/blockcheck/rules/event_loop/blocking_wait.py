"""BCK208."""

from __future__ import annotations

from blockcheck.rules.event_loop.blocking import BlockingRule


class BlockingWait(BlockingRule):
    """# blocking-wait

    ## What it does
    Reports waits for other threads and processes on the event loop: `Thread.join`, `Future.result`, queues, events, conditions, barriers, executors that are shut down.

    ## Why is this bad?
    The loop stops until the other side acts; if that side needs the loop, both wait for ever.

    ## Example
    ```python
    import queue

    jobs = queue.Queue()

    async def next_job():
        return jobs.get()
    ```

    ## Use instead
    ```python
    import asyncio

    jobs = asyncio.Queue()

    async def next_job():
        return await jobs.get()
    ```

    ## Known gaps
    Calls that say that they do not wait (`blocking=False`, `timeout=0`, `get_nowait`) are not reported. Taking a lock is BCK403's matter.

    ## References
    - [asyncio: running blocking code](https://docs.python.org/3/library/asyncio-dev.html#running-blocking-code)
    - [asyncio: concurrency and multithreading](https://docs.python.org/3/library/asyncio-dev.html#concurrency-and-multithreading)
    """

    code = "BCK208"
    name = "blocking-wait"
    summary = "a wait for another thread or process on the event loop"
    kind = "wait"
