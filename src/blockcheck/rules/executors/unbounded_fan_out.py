"""BCK307."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blockcheck.findings import Confidence
from blockcheck.project.fanout import fan_outs
from blockcheck.project.model import call_text
from blockcheck.rules.base import Draft, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Project


class UnboundedFanOut(Rule):
    """# unbounded-fan-out

    ## What it does
    Reports tasks that are started for each element of an input at once, with nothing that limits how many are at
    work: `gather` over it, or `create_task` and its like in a loop. Off by default.

    ## Why is this bad?
    Tasks are cheap, what they hold is not: each has its request in memory and wants a connection. A large input
    opens as many at once, and the other side refuses or slows down.

    ## Example
    ```python
    import asyncio

    async def fetch_all(session, urls):
        return await asyncio.gather(*[session.fetch(url) for url in urls])
    ```

    ## Use instead
    ```python
    import asyncio

    async def fetch_all(session, urls):
        limit = asyncio.Semaphore(16)

        async def fetch(url):
            async with limit:
                return await session.fetch(url)

        return await asyncio.gather(*[fetch(url) for url in urls])
    ```

    ## Known gaps
    A limit inside a library, such as a pool of connections, is not seen. Input that is always small looks like any
    other: that is why the rule is off by default.

    ## References
    - [asyncio.Semaphore](https://docs.python.org/3/library/asyncio-sync.html#asyncio.Semaphore)
    - [CWE-770: allocation of resources without limits](https://cwe.mitre.org/data/definitions/770.html)
    """

    code = "BCK307"
    name = "unbounded-fan-out"
    summary = "a task at once for each element of an input, without a limit"
    default = False

    def check(self, project: Project) -> Iterator[Draft]:
        """Yield calls that start tasks without a limit."""
        for found in fan_outs(project):
            record = found.record
            yield self.draft(
                project.codes[record.gid],
                record.site,
                f"{call_text(record)} starts a task for each {found.what}; nothing limits how many are at work",
                kind="task",
                confidence=Confidence.MEDIUM,
                primitive=next(
                    t.external for t in record.targets if t.entry is not None and t.entry.spawns == "task"
                ),
                related=[(record.gid, found.loop, "the loop")],
                help="let each task take a slot of a semaphore, or give the input to a few workers by a queue",
                record=record,
            )
