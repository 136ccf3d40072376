"""BCK203."""

from __future__ import annotations

from blockcheck.rules.event_loop.blocking import BlockingRule


class BlockingSubprocess(BlockingRule):
    """# blocking-subprocess

    ## What it does
    Reports processes that are started, waited for or talked to synchronously on the event loop.

    ## Why is this bad?
    Starting a process takes milliseconds (it forks), waiting for one takes as long as it runs.

    ## Example
    ```python
    import subprocess

    async def convert(path):
        subprocess.run(["convert", path, "out.png"], check=True)
    ```

    ## Use instead
    ```python
    import asyncio

    async def convert(path):
        process = await asyncio.create_subprocess_exec("convert", path, "out.png")
        await process.wait()
    ```

    ## Known gaps
    `os.exec*` is not reported: nothing is left to block.

    ## References
    - [asyncio: creating subprocesses](https://docs.python.org/3/library/asyncio-subprocess.html#creating-subprocesses)
    - [asyncio: running blocking code](https://docs.python.org/3/library/asyncio-dev.html#running-blocking-code)
    """

    code = "BCK203"
    name = "blocking-subprocess"
    summary = "a process started or awaited synchronously on the event loop"
    kind = "subprocess"
