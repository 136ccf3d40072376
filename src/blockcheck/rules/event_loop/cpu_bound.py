"""BCK210."""

from __future__ import annotations

from blockcheck.rules.event_loop.blocking import BlockingRule


class CpuBound(BlockingRule):
    """# cpu-bound

    ## What it does
    Reports password hashing, key derivation, compression, image and archive work on the event loop.

    ## Why is this bad?
    Such calls are made to take long, or grow with their input. Computation holds the loop just as waiting does.

    ## Example
    ```python
    import hashlib

    async def digest(password, salt):
        return hashlib.scrypt(password, salt=salt, n=2**14, r=8, p=1)
    ```

    ## Use instead
    ```python
    import asyncio
    import hashlib

    async def digest(password, salt):
        return await asyncio.to_thread(hashlib.scrypt, password, salt=salt, n=2**14, r=8, p=1)
    ```

    ## Known gaps
    Only callables that the catalogue lists are known to be expensive. Where the work holds the GIL, a process is needed, not a thread.

    ## References
    - [asyncio: running blocking code](https://docs.python.org/3/library/asyncio-dev.html#running-blocking-code)
    - [asyncio: executing code in thread or process pools](https://docs.python.org/3/library/asyncio-eventloop.html#executing-code-in-thread-or-process-pools)
    """

    code = "BCK210"
    name = "cpu-bound"
    summary = "a computation known to burn CPU on the event loop"
    kind = "cpu"
