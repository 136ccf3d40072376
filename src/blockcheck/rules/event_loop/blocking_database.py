"""BCK207."""

from __future__ import annotations

from blockcheck.rules.event_loop.blocking import BlockingRule


class BlockingDatabase(BlockingRule):
    """# blocking-database

    ## What it does
    Reports queries, connections and commits through synchronous database drivers on the event loop.

    ## Why is this bad?
    A query takes as long as the server, the network and its locks need; the loop waits for all of it.

    ## Example
    ```python
    import sqlite3

    async def names(path):
        return sqlite3.connect(path).execute("select name from t").fetchall()
    ```

    ## Use instead
    ```python
    import asyncio
    import sqlite3

    def read_names(path):
        return sqlite3.connect(path).execute("select name from t").fetchall()

    async def names(path):
        return await asyncio.to_thread(read_names, path)
    ```

    ## Known gaps
    Drivers that the catalogue does not list are not known to block; a pack can add them.

    ## References
    - [asyncio: running blocking code](https://docs.python.org/3/library/asyncio-dev.html#running-blocking-code)
    - [asyncio.to_thread](https://docs.python.org/3/library/asyncio-task.html#asyncio.to_thread)
    """

    code = "BCK207"
    name = "blocking-database"
    summary = "a synchronous database call on the event loop"
    kind = "database"
