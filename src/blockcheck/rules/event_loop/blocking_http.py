"""BCK202."""

from __future__ import annotations

from blockcheck.rules.event_loop.blocking import BlockingRule


class BlockingHttp(BlockingRule):
    """# blocking-http

    ## What it does
    Reports HTTP requests and calls of cloud SDKs made with synchronous clients on the event loop, direct or through functions that are called.

    ## Why is this bad?
    A request takes from milliseconds to its whole timeout. All that time the loop serves nobody else.

    ## Example
    ```python
    import requests

    async def price(symbol):
        return requests.get(f"https://example.com/{symbol}").json()
    ```

    ## Use instead
    ```python
    import httpx

    async def price(symbol):
        async with httpx.AsyncClient() as client:
            return (await client.get(f"https://example.com/{symbol}")).json()
    ```

    ## Known gaps
    Clients that the catalogue does not list are not known to block; a pack can add them.

    ## References
    - [asyncio: running blocking code](https://docs.python.org/3/library/asyncio-dev.html#running-blocking-code)
    - [asyncio.to_thread](https://docs.python.org/3/library/asyncio-task.html#asyncio.to_thread)
    """

    code = "BCK202"
    name = "blocking-http"
    summary = "a synchronous HTTP or cloud SDK call on the event loop"
    kind = "http"
