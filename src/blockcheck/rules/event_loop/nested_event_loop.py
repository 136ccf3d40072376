"""BCK211."""

from __future__ import annotations

from blockcheck.rules.event_loop.blocking import BlockingRule


class NestedEventLoop(BlockingRule):
    """# nested-event-loop

    ## What it does
    Reports `asyncio.run`, `run_until_complete` and their like where a loop already runs.

    ## Why is this bad?
    asyncio refuses: `RuntimeError: asyncio.run() cannot be called from a running event loop`. Libraries that allow it stop all other tasks meanwhile.

    ## Example
    ```python
    import asyncio

    async def inner():
        return 1

    async def outer():
        return asyncio.run(inner())
    ```

    ## Use instead
    ```python
    async def inner():
        return 1

    async def outer():
        return await inner()
    ```

    ## Known gaps
    Code that first asks whether a loop runs, and takes this way only where none does, is reported at low confidence.

    ## References
    - [asyncio.run](https://docs.python.org/3/library/asyncio-runner.html#asyncio.run)
    """

    code = "BCK211"
    name = "nested-event-loop"
    summary = "running a coroutine to its end from inside a running loop"
    fix_safety = (
        "The coroutine is awaited on the loop that runs. The fix is unsafe: it now shares the loop with everything else, and "
        "its tasks outlive the statement. There is none where the nested loop is started in another function: that one should "
        "become a coroutine function."
    )
    kind = "nested-loop"
    does = "starts an event loop inside the running one"
    instead = "await the coroutine"
