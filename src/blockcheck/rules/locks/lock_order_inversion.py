"""BCK404."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blockcheck.findings import Confidence, Severity
from blockcheck.project.lock_cycles import circles
from blockcheck.project.locking import lock_expression
from blockcheck.project.parallel import LOOP, MAIN, Entry
from blockcheck.rules.base import FAR, Draft, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Event, Project
    from blockcheck.project.locking import Taking
    from blockcheck.project.values import Atom


class LockOrderInversion(Rule):
    """# lock-order-inversion

    ## What it does
    Reports two locks that are taken in opposite orders, direct or through calls, by code that can run in two threads
    at the same time; and three or more that are taken in a circle. All ways are shown.

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
    Circles of more than five locks are not looked for. The locks of all objects of a class count as one; those that a
    decorator makes, one for each function, are left out.

    ## References
    - [CWE-833: deadlock](https://cwe.mitre.org/data/definitions/833.html)
    - [threading: lock objects](https://docs.python.org/3/library/threading.html#lock-objects)
    """

    code = "BCK404"
    name = "lock-order-inversion"
    summary = "two locks taken in opposite orders by threads that can run in parallel"
    severity = Severity.ERROR

    def check(self, project: Project) -> Iterator[Draft]:
        """Yield one finding for each circle of locks, with all ways."""
        orders: dict[tuple[Atom, Atom], list[Taking]] = {}
        for taking in project.locking.takings:
            if self._counts(project, taking):
                orders.setdefault((taking.outer[0], taking.lock), []).append(taking)
        for takings, entries in circles(project, orders):
            yield self._draft(project, takings, entries)
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
                confidence=min(taking.event.confidence, Confidence.MEDIUM),
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
                project.solver.role(lock) != "semaphore"
                and project.locking.is_known(lock)
                and not project.locking.is_of_what_is_wrapped(lock)
                for lock in locks
            )
            and locks[1] not in project.locking.held_by_callers(taking.record.gid)
        )

    def _draft(self, project: Project, takings: list[Taking], entries: tuple[Entry, ...]) -> Draft:
        names = _names(project, takings)
        one = takings[0]
        related: list[tuple[int, int, str]] = []
        for i, (taking, entry) in enumerate(zip(takings, entries, strict=True)):
            text = f"{names[i]} is taken here, {_runs(project, entry)}"
            if i:
                text = ("the other way: " if len(takings) == 2 else "and then: ") + text
            related.append((taking.record.gid, taking.outer[1], text))
            related += _links(project, taking.event, names[(i + 1) % len(names)], skip=0 if i else 1)
        others = [project.codes[t.record.gid].facts.name for t in takings[1:]]
        rest = (
            f"{others[0]} takes them the other way round"
            if len(others) == 1
            else f"{' and '.join(others)} close the circle of {', '.join(names)}"
        )
        far = max(t.event.length for t in takings) > FAR
        single = all(project.locking.is_one(t.lock) for t in takings)
        known = Confidence.HIGH if single else Confidence.MEDIUM
        sure = min(t.event.confidence for t in takings)
        return self.draft(
            project.codes[one.record.gid],
            one.record.site,
            f"{names[1]} is taken while {names[0]} is held; {rest}",
            kind="lock",
            confidence=min(sure, Confidence.LOW if far else known),
            event=one.event,
            related=related,
            help=f"take the {'two ' if len(takings) == 2 else ''}locks in the same order everywhere, or hold only one at a time",
            record=one.record,
        )


def _names(project: Project, takings: list[Taking]) -> list[str]:
    """The locks of a circle, each as one of its takers writes it; with its class where two have one name."""
    names = []
    for i, taking in enumerate(takings):
        before = takings[i - 1]
        words = [taking.outer[2], lock_expression(before.last.call)]
        # The function that is reported says it in its own words, as far as it names the lock.
        names.append(
            project.locking.name(*(reversed(words) if i == 1 and before.event.length == 1 else words))
        )
    if len(set(names)) < len(names):
        names = [project.locking.full_name(t.outer[0], n) for t, n in zip(takings, names, strict=True)]
    return names


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
    for link in event.links():
        text = (
            f"and then {lock} is taken"
            if link.next is None
            else f"which calls {project.codes[link.next.gid].facts.name}"
        )
        out.append((link.gid, link.site, text))
    return out[skip:]
