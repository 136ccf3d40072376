"""BCK205."""

from __future__ import annotations

from blockcheck.rules.event_loop.blocking import BlockingRule


class BlockingFsMetadata(BlockingRule):
    """# blocking-fs-metadata

    ## What it does
    Reports look-ups in the file system, such as `os.stat`, `Path.exists` and `os.listdir`, on the event loop. Off by default.

    ## Why is this bad?
    Each is a system call that usually takes microseconds, and seconds on a network file system that does not answer.

    ## Example
    ```python
    from pathlib import Path

    async def present(path):
        return Path(path).exists()
    ```

    ## Use instead
    ```python
    import asyncio
    from pathlib import Path

    async def present(path):
        return await asyncio.to_thread(Path(path).exists)
    ```

    ## Known gaps
    Purely textual path operations (`os.path.join`, `Path.with_suffix`) never block and are not reported.

    ## References
    - [asyncio: running blocking code](https://docs.python.org/3/library/asyncio-dev.html#running-blocking-code)
    - [asyncio.to_thread](https://docs.python.org/3/library/asyncio-task.html#asyncio.to_thread)
    """

    code = "BCK205"
    name = "blocking-fs-metadata"
    summary = "a file system look-up (stat, exists, listdir) on the event loop"
    kind = "fs-metadata"
    default = False
