"""BCK209."""

from __future__ import annotations

from blockcheck.rules.event_loop.blocking import BlockingRule


class BlockingStdin(BlockingRule):
    """# blocking-stdin

    ## What it does
    Reports `input()`, `getpass` and reads of `sys.stdin` on the event loop.

    ## Why is this bad?
    A person takes seconds to answer; nothing else runs meanwhile.

    ## Example
    ```python
    async def ask():
        return input("Name? ")
    ```

    ## Use instead
    ```python
    import asyncio

    async def ask():
        return await asyncio.to_thread(input, "Name? ")
    ```

    ## Known gaps
    None known.

    ## References
    - [asyncio: running blocking code](https://docs.python.org/3/library/asyncio-dev.html#running-blocking-code)
    - [asyncio: executing code in thread or process pools](https://docs.python.org/3/library/asyncio-eventloop.html#executing-code-in-thread-or-process-pools)
    """

    code = "BCK209"
    name = "blocking-stdin"
    summary = "reading standard input on the event loop"
    kind = "stdin"
