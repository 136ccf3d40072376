"""BCK304."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.findings import Confidence
from blockcheck.project.fate import statements
from blockcheck.project.model import POOL_ROLES, call_text
from blockcheck.project.spawns import is_endless, loops_of
from blockcheck.project.trips import limits
from blockcheck.rules.base import Draft, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Code, Project, Record, Region

_BOUNDING = frozenset({"acquire", "result", "wait", "join", "shutdown"})


class UnboundedSubmission(Rule):
    """# unbounded-submission

    ## What it does
    Reports `submit` in a loop without an end where nothing in the loop waits for earlier work or counts it.

    ## Why is this bad?
    An executor's queue has no limit. Where work comes in faster than it is done, the queue grows until memory ends,
    and each task waits longer than the one before.

    ## Example
    ```python
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(max_workers=8)

    def serve(receive, handle):
        while True:
            pool.submit(handle, receive())
    ```

    ## Use instead
    ```python
    import threading
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(max_workers=8)
    slots = threading.BoundedSemaphore(64)

    def serve(receive, handle):
        while True:
            slots.acquire()
            pool.submit(handle, receive()).add_done_callback(lambda _: slots.release())
    ```

    ## Known gaps
    A `for` loop over a stream that never ends looks like one over a list, and is not reported.

    ## References
    - [CWE-770: allocation of resources without limits](https://cwe.mitre.org/data/definitions/770.html)
    - [concurrent.futures.Executor.submit](https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.Executor.submit)
    """

    code = "BCK304"
    name = "unbounded-submission"
    summary = "work submitted in an endless loop without backpressure"

    def check(self, project: Project) -> Iterator[Draft]:
        """Yield submissions in endless loops that nothing slows down."""
        for gid in project.own:
            records = project.records(gid)
            for record in records:
                if not any(t.entry is not None and t.entry.does == "submit" for t in record.targets):
                    continue
                if not any(
                    t.receiver is not None and project.solver.role(t.receiver) in POOL_ROLES
                    for t in record.targets
                ):
                    continue
                code = project.codes[gid]
                loop = next((r for r in loops_of(record.regions) if is_endless(code, r)), None)
                if loop is None or _bounded(records, loop) or limits(_body(code, loop)):
                    continue
                yield self.draft(
                    code,
                    record.site,
                    f"{call_text(record)} in an endless loop: nothing keeps the executor's queue from growing",
                    kind="executor",
                    confidence=Confidence.MEDIUM,
                    primitive=record.targets[0].external,
                    related=[(gid, loop.site, "the loop")],
                    help="take a slot of a BoundedSemaphore before each submit and give it back when the work is done",
                    record=record,
                )


def _bounded(records: list[Record], loop: Region) -> bool:
    """Whether something in the loop waits: for a slot, for a result, for other work."""
    return any(
        any(r.site == loop.site for r in loops_of(other.regions))
        and any(
            t.entry is not None and (t.entry.does in _BOUNDING or (t.entry.does == "put" and t.blocks))
            for t in other.targets
        )
        for other in records
    )


def _body(code: Code, loop: Region) -> list[Any]:
    """The statements of a loop."""
    return next((s for s in statements(code) if loop.site in s[1:] and isinstance(s[2], list)), [])
