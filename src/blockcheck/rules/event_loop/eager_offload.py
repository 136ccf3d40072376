"""BCK212."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blockcheck.findings import Confidence
from blockcheck.project.model import call_text
from blockcheck.project.results import is_instance
from blockcheck.project.values import INSTANCE, SELF
from blockcheck.rules.base import Draft, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Project

_CALLABLE_ROLES = frozenset({SELF, INSTANCE})


class EagerOffload(Rule):
    """# eager-offload

    ## What it does
    Reports `to_thread(f())`, `run_in_executor(None, f())`, `Thread(target=f())` and their like: the function is
    called first, here, and its result handed over instead of it.

    ## Why is this bad?
    The work runs in the caller, on the event loop if that is one; the thread gets something that it cannot call.

    ## Example
    ```python
    import asyncio
    import time

    def work():
        time.sleep(1)

    async def main():
        await asyncio.to_thread(work())
    ```

    ## Use instead
    ```python
    import asyncio
    import time

    def work():
        time.sleep(1)

    async def main():
        await asyncio.to_thread(work)
    ```

    ## Known gaps
    A call whose result may be a callable is not reported.

    ## References
    - [asyncio.to_thread](https://docs.python.org/3/library/asyncio-task.html#asyncio.to_thread)
    - [asyncio.loop.run_in_executor](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.run_in_executor)
    """

    code = "BCK212"
    name = "eager-offload"
    summary = "a function called before it is handed to a thread"
    fix_safety = (
        "The call is taken apart into the function and its arguments, in the way that the offloader takes them. The fix is "
        "unsafe: the work moves to where it was meant to be, and what it touches must bear that."
    )

    def check(self, project: Project) -> Iterator[Draft]:
        """Yield calls whose offloaded argument is a call that blocks, or that gives nothing callable."""
        for gid in project.own:
            by_site = None
            for record in project.solver.records[gid]:
                for reference in record.references:
                    if reference.context != "eager":
                        continue
                    if by_site is None:
                        by_site = {r.site: r for r in project.solver.records[gid]}
                    inner = by_site.get(reference.atom[1])
                    if inner is None:
                        continue
                    events = project.summaries.record_events(inner)
                    plain = bool(inner.result) and all(
                        is_instance(a) and a[0] not in _CALLABLE_ROLES for a in inner.result
                    )
                    event = min(
                        (e for e in events.values() if e.kind not in ("lock", "executor")),
                        key=lambda e: (-e.confidence, e.length, e.kind),
                        default=None,
                    )
                    if event is None and not plain:
                        continue
                    confidence: int = Confidence.HIGH if plain else Confidence.MEDIUM
                    if event is not None and plain:
                        confidence = event.confidence
                    yield self.draft(
                        project.codes[gid],
                        inner.site,
                        f"{call_text(inner)} runs here, before {reference.by} gets its result",
                        kind="offload",
                        confidence=confidence,
                        event=event,
                        primitive=None if event is not None else reference.by,
                        related=[(gid, record.site, "handed over here")],
                        help=f"hand over the function itself: {call_text(inner).removesuffix('()')}, and its arguments after it",
                        record=inner,
                    )
