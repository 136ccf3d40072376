"""BCK404."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blockcheck.findings import Severity
from blockcheck.project.locking import lock_expression
from blockcheck.project.parallel import LOOP, MAIN, Entry
from blockcheck.rules.base import Draft, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Event, Project
    from blockcheck.project.locking import Taking
    from blockcheck.project.values import Atom

_FAR = 6  # links of a chain that nobody would follow, and that hardly ever is run


class LockOrderInversion(Rule):
    """# lock-order-inversion

    ## What it does
    Reports two locks that are taken in opposite orders, direct or through calls, by code that can run in two threads
    at the same time. Both ways are shown.

    ## Why is this bad?
    Each thread may hold the lock that the other waits for. Neither goes on, ever: a deadlock that comes once in many
    runs.

    ## Example
    ```python
    import threading

    accounts = threading.Lock()
    journal = threading.Lock()

    def transfer():
        with accounts:
            with journal:
                pass

    def audit():
        with journal:
            with accounts:
                pass

    def main():
        threading.Thread(target=transfer).start()
        threading.Thread(target=audit).start()
    ```

    ## Use instead
    ```python
    import threading

    accounts = threading.Lock()
    journal = threading.Lock()

    def transfer():
        with accounts:
            with journal:
                pass

    def audit():
        with accounts:
            with journal:
                pass

    def main():
        threading.Thread(target=transfer).start()
        threading.Thread(target=audit).start()
    ```

    ## Known gaps
    Cycles of three and more locks are not looked for. The locks of all objects of a class count as one.

    ## References
    - [CWE-833: deadlock](https://cwe.mitre.org/data/definitions/833.html)
    - [threading: lock objects](https://docs.python.org/3/library/threading.html#lock-objects)
    """

    code = "BCK404"
    name = "lock-order-inversion"
    summary = "two locks taken in opposite orders by threads that can run in parallel"
    severity = Severity.ERROR

    def check(self, project: Project) -> Iterator[Draft]:
        """Yield one finding for each pair of locks, with both ways."""
        orders: dict[tuple[Atom, Atom], list[Taking]] = {}
        for taking in project.locking.takings:
            if self._counts(project, taking):
                orders.setdefault((taking.outer[0], taking.lock), []).append(taking)
        done: set[frozenset[Atom]] = set()
        for (outer, inner), ways in orders.items():
            pair = frozenset((outer, inner))
            if pair in done or (inner, outer) not in orders:
                continue
            done.add(pair)
            for one, other in sorted(
                ((a, b) for a in ways for b in orders[inner, outer]),
                key=lambda p: (p[0].key()[0] + p[1].key()[0], p[0].key(), p[1].key()),
            ):
                entries = project.parallel.together(one.record.gid, other.record.gid)
                if entries is not None and not _gates(project, one) & _gates(project, other):
                    yield self._draft(project, one, other, entries)
                    break

        yield from self._swapped(project)

    def _swapped(self, project: Project) -> Iterator[Draft]:
        """Yield functions that take the locks of two given objects in the order in which these are given."""
        for taking in project.locking.takings:
            record, lock = taking.record, taking.lock
            if lock != taking.outer[0] or taking.event.length > 1 or not project.locking.of_two(taking):
                continue
            if project.parallel.together(record.gid, record.gid) is None:
                continue
            inner = project.locking.name(lock_expression(taking.last.call))
            outer = project.locking.name(taking.outer[2])
            yield self.draft(
                project.codes[record.gid],
                record.site,
                f"{inner} is taken while {outer} is held; a call with the two swapped takes them the other way round",
                kind="lock",
                confidence=min(int(taking.event.confidence), 2),
                event=taking.event,
                related=[(record.gid, taking.outer[1], f"{outer} is taken here")],
                help="sort the two objects by something that never changes, and take their locks in that order",
                record=record,
            )

    def _counts(self, project: Project, taking: Taking) -> bool:
        """Whether a taking says something of an order: of two known locks, neither a semaphore nor held already."""
        locks = (taking.outer[0], taking.lock)
        held = {h[0] for h in taking.record.held}
        return (
            locks[1] not in held
            and not project.locking.is_local(taking)
            and all(
                project.solver.role(lock) != "semaphore" and project.locking.is_known(lock) for lock in locks
            )
            and locks[1] not in project.locking.held_by_callers(taking.record.gid)
        )

    def _draft(self, project: Project, one: Taking, other: Taking, entries: tuple[Entry, Entry]) -> Draft:
        first = project.locking.name(one.outer[2], lock_expression(other.last.call))
        second = project.locking.name(other.outer[2], lock_expression(one.last.call))
        if first == second:
            first = project.locking.full_name(one.outer[0], first)
            second = project.locking.full_name(one.lock, second)
        there = project.codes[other.record.gid]
        near = max(one.event.length, other.event.length) <= _FAR
        single = all(project.locking.is_one(t.lock) for t in (one, other))
        related = [(one.record.gid, one.outer[1], f"{first} is taken here, {_runs(project, entries[0])}")]
        related += _links(project, one.event, second, skip=1)
        related.append(
            (
                other.record.gid,
                other.outer[1],
                f"the other way: {second} is taken here, {_runs(project, entries[1])}",
            )
        )
        related += _links(project, other.event, first, skip=0)
        return self.draft(
            project.codes[one.record.gid],
            one.record.site,
            f"{second} is taken while {first} is held; {there.facts.name} takes them the other way round",
            kind="lock",
            confidence=min(
                int(one.event.confidence), int(other.event.confidence), 1 if not near else 3 if single else 2
            ),
            event=one.event,
            related=related,
            help="take the two locks in the same order everywhere, or hold only one at a time",
            record=one.record,
        )


def _gates(project: Project, taking: Taking) -> frozenset[Atom]:
    """The locks held around both: who holds one of them as well is never in between."""
    held = frozenset(h[0] for h in taking.record.held if h[0] != taking.outer[0])
    return held | project.locking.held_by_callers(taking.record.gid) - {taking.outer[0]}


def _runs(project: Project, entry: Entry) -> str:
    if entry == MAIN:
        return "on the thread that calls from outside"
    if entry == LOOP:
        return "on the event loop's thread"
    name = project.codes[entry.gid].facts.name
    return f"on threads that run {name}" if entry.many else f"on the thread that runs {name}"


def _links(project: Project, event: Event, lock: str, skip: int) -> list[tuple[int, int, str]]:
    """The links of a chain as places; the last one takes the lock."""
    out = []
    link: Event | None = event
    while link is not None:
        text = (
            f"and then {lock} is taken"
            if link.next is None
            else f"which calls {project.codes[link.next.gid].facts.name}"
        )
        out.append((link.gid, link.site, text))
        link = link.next
    return out[skip:]
