"""BCK213."""

from __future__ import annotations

from blockcheck.rules.event_loop.blocking import BlockingRule


class BlockingImport(BlockingRule):
    """# blocking-import

    ## What it does
    Reports `importlib.import_module`, `exec_module`, `__import__` and entry-point loading on the event loop.

    ## Why is this bad?
    An import reads files and runs the module's whole body, with all of its own imports: milliseconds to seconds.

    ## Example
    ```python
    import importlib

    async def plugin(name):
        return importlib.import_module(name)
    ```

    ## Use instead
    ```python
    import asyncio
    import importlib

    async def plugin(name):
        return await asyncio.to_thread(importlib.import_module, name)
    ```

    ## Known gaps
    `import` statements inside functions are not reported: most are of modules that are loaded already.

    ## References
    - [asyncio: running blocking code](https://docs.python.org/3/library/asyncio-dev.html#running-blocking-code)
    - [importlib.import_module](https://docs.python.org/3/library/importlib.html#importlib.import_module)
    """

    code = "BCK213"
    name = "blocking-import"
    summary = "importing a module by a computed name on the event loop"
    kind = "import"
