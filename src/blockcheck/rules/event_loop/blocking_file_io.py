"""BCK204."""

from __future__ import annotations

from blockcheck.rules.event_loop.blocking import BlockingRule


class BlockingFileIo(BlockingRule):
    """# blocking-file-io

    ## What it does
    Reports opening, reading and writing of files, work on directory trees, and parsers that read files, on the event loop.

    ## Why is this bad?
    A local disk answers fast until it does not: a full queue, a network mount or a cold cache stalls every task of the loop.

    ## Example
    ```python
    async def load(path):
        with open(path) as file:
            return file.read()
    ```

    ## Use instead
    ```python
    import asyncio
    from pathlib import Path

    async def load(path):
        return await asyncio.to_thread(Path(path).read_text)
    ```

    ## Known gaps
    Files in memory (`io.BytesIO`, `io.StringIO`) are not reported.

    ## References
    - [asyncio: running blocking code](https://docs.python.org/3/library/asyncio-dev.html#running-blocking-code)
    - [asyncio.to_thread](https://docs.python.org/3/library/asyncio-task.html#asyncio.to_thread)
    """

    code = "BCK204"
    name = "blocking-file-io"
    summary = "file input or output on the event loop"
    kind = "file"
