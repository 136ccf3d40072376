"""BCK402."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blockcheck.findings import Severity
from blockcheck.project import render
from blockcheck.project.dialects import Dialect, likely
from blockcheck.project.values import OBJECT
from blockcheck.rules.base import Draft, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Project
    from blockcheck.project.values import Atom


class AwaitUnderLock(Rule):
    """# await-under-lock

    ## What it does
    Reports `await` (and `async for`, `async with`) while a threading lock or semaphore is held.

    ## Why is this bad?
    While the coroutine waits, the loop runs others. One that asks for the same lock blocks the whole loop, and the
    holder can never go on to release it: a deadlock.

    ## Example
    ```python
    import threading

    lock = threading.Lock()

    async def refresh(session):
        with lock:
            await session.renew()
    ```

    ## Use instead
    ```python
    import asyncio

    lock = asyncio.Lock()

    async def refresh(session):
        async with lock:
            await session.renew()
    ```

    ## Known gaps
    A lock that only ever one task takes is reported all the same: nothing says that it stays so.

    ## References
    - [asyncio: synchronization primitives](https://docs.python.org/3/library/asyncio-sync.html)
    - [CWE-833: deadlock](https://cwe.mitre.org/data/definitions/833.html)
    """

    code = "BCK402"
    name = "await-under-lock"
    summary = "a threading lock held across an await"
    severity = Severity.ERROR
    fix_safety = (
        "A lock that is made once, for a module or in a class, and is used in coroutine functions of that file only, by `with` each "
        "time, becomes the lock of the asynchronous library, held by `async with`. That is unsafe: all of these have to run on "
        "one event loop, and other tasks may run wherever the lock is taken. There is no fix where the lock is also used "
        "elsewhere, or otherwise."
    )

    def check(self, project: Project) -> Iterator[Draft]:
        """Yield each lock region with an await in it, once."""
        waited_for = _waited_for(project) if project.solver.awaits else set()
        for gid in sorted(project.solver.awaits):
            code = project.codes[gid]
            seen: dict[int, Draft] = {}
            for site, held, _region in project.solver.awaits[gid]:
                for lock, taken, text in held:
                    if lock not in waited_for and lock[0] == OBJECT and lock[2] is not None:
                        continue  # whoever finds it taken goes on: nothing can wait for it for ever
                    known = seen.get(taken)
                    if known is not None:
                        known.related.append((gid, site, "also awaited here"))
                        continue
                    made = self.draft(
                        code,
                        taken,
                        f"{render(text) if text is not None else 'a threading lock'} is held across an await",
                        kind="lock",
                        primitive=lock[1] if lock[0] == OBJECT else None,
                        related=[(gid, site, "awaited here")],
                        help=f"{_instead(likely(project, code.unit))}release the lock before the await",
                    )
                    seen[taken] = made
            yield from seen.values()


def _waited_for(project: Project) -> set[Atom]:
    """The locks that some call waits for; others are only ever tried."""
    return {
        project.lock_of(target.receiver)
        for records in project.solver.records.values()
        for record in records
        for target in record.targets
        if target.receiver is not None
        and target.blocks
        and target.entry is not None
        and target.entry.does == "acquire"
    }


def _instead(dialect: Dialect) -> str:
    return f"use {dialect.lock} with `async with`, or " if dialect.lock else ""
