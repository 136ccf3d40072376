"""BCK308."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.findings import Confidence
from blockcheck.project.model import call_text
from blockcheck.project.pools import bound_of
from blockcheck.project.values import OBJECT
from blockcheck.rules.base import Draft, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Project, Record


class UnboundedQueue(Rule):
    """# unbounded-queue

    ## What it does
    Reports queues without a limit that one function fills and another empties. Off by default.

    ## Why is this bad?
    Where the filling side is faster, even for a while, the queue grows without a limit: memory, and the time that
    each element waits.

    ## Example
    ```python
    import queue

    jobs = queue.Queue()

    def produce(job):
        jobs.put(job)

    def consume(handle):
        while True:
            handle(jobs.get())
    ```

    ## Use instead
    ```python
    import queue

    jobs = queue.Queue(maxsize=100)

    def produce(job):
        jobs.put(job)

    def consume(handle):
        while True:
            handle(jobs.get())
    ```

    ## Known gaps
    A producer that is known to be slow, or that makes a fixed number of elements, is not told from others.

    ## References
    - [queue.Queue](https://docs.python.org/3/library/queue.html#queue.Queue)
    - [CWE-770: allocation of resources without limits](https://cwe.mitre.org/data/definitions/770.html)
    """

    code = "BCK308"
    name = "unbounded-queue"
    summary = "a queue between producers and consumers that has no limit"
    default = False

    def check(self, project: Project) -> Iterator[Draft]:
        """Yield queues made without a bound that are put to and got from in different functions."""
        filled, emptied = self._uses(project, "put"), self._uses(project, "get")
        for gid in project.own:
            for record in project.records(gid):
                made = self._made(project, record)
                if made is None or not filled.get(made, set()) or not emptied.get(made, set()) - filled[made]:
                    continue
                yield self.draft(
                    project.codes[gid],
                    record.site,
                    f"{call_text(record)} has no limit: it grows where it is filled faster than it is emptied",
                    kind="queue",
                    confidence=Confidence.MEDIUM,
                    primitive=record.targets[0].external,
                    help="give it a maxsize, so that producers wait",
                    record=record,
                )

    def _made(self, project: Project, record: Record) -> tuple[int, int] | None:
        """The identity of an unbounded queue that a call makes."""
        for target in record.targets:
            table = target.entry.bound if target.entry is not None else None
            if (
                table is None
                or table.get("default") not in ("none", 0)
                or project.catalogue.role(target.external) != "queue"
            ):
                continue
            expression, size = bound_of(project.codes[record.gid], record, target)
            if (expression is None and size is None) or (size is not None and size <= 0):
                return (record.gid, record.site)
        return None

    def _uses(self, project: Project, what: str) -> dict[Any, set[int]]:
        """The functions that put to, or get from, each queue."""
        out: dict[Any, set[int]] = {}
        for gid, records in project.solver.records.items():
            for record in records:
                for target in record.targets:
                    entry, receiver = target.entry, target.receiver
                    if (
                        entry is not None
                        and entry.does == what
                        and receiver is not None
                        and receiver[0] == OBJECT
                    ):
                        out.setdefault(receiver[2], set()).add(gid)
        return out
