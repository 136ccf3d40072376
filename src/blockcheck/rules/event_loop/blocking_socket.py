"""BCK206."""

from __future__ import annotations

from blockcheck.rules.event_loop.blocking import BlockingRule


class BlockingSocket(BlockingRule):
    """# blocking-socket

    ## What it does
    Reports blocking socket calls, loading of TLS certificates, DNS look-ups, and mail and FTP clients on the event loop.

    ## Why is this bad?
    A peer that is slow or gone holds the loop until a timeout, often minutes.

    ## Example
    ```python
    import socket

    async def resolve(host):
        return socket.gethostbyname(host)
    ```

    ## Use instead
    ```python
    import asyncio

    async def resolve(host):
        return await asyncio.get_running_loop().getaddrinfo(host, None)
    ```

    ## Known gaps
    Sockets set to non-blocking are not reported where the setting is seen in the same project.

    ## References
    - [asyncio: running blocking code](https://docs.python.org/3/library/asyncio-dev.html#running-blocking-code)
    - [asyncio: streams](https://docs.python.org/3/library/asyncio-stream.html)
    """

    code = "BCK206"
    name = "blocking-socket"
    summary = "socket, TLS, DNS or mail work on the event loop"
    kind = "socket"
