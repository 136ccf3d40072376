"""Circles in the order in which locks are taken: A before B, B before C, C before A."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Project
    from blockcheck.project.locking import Taking
    from blockcheck.project.parallel import Entry
    from blockcheck.project.values import Atom

LONGEST = 5  # locks of a circle: of longer ones nobody has seen a deadlock
_WAYS = 4  # takings of one pair of locks that are tried, best first

Orders = dict[tuple["Atom", "Atom"], list["Taking"]]


def circles(project: Project, orders: Orders) -> Iterator[tuple[list[Taking], tuple[Entry, ...]]]:
    """The takings of each circle that as many threads can close at the same time, with what these threads run.

    A circle that has a smaller one in it is left to that one.
    """
    done: list[frozenset[Atom]] = []
    for locks in sorted(_paths(orders), key=len):
        members = frozenset(locks)
        if any(smaller <= members for smaller in done):
            continue
        edges = [orders[pair] for pair in zip(locks, [*locks[1:], locks[0]], strict=True)]
        ways = [sorted(edge, key=lambda t: t.key())[:_WAYS] for edge in edges]
        for takings in sorted(product(*ways), key=_sureness):
            entries = project.parallel.all_together([t.record.gid for t in takings])
            if entries is not None and _is_open(project, list(takings)):
                done.append(members)
                yield list(takings), entries
                break


def _paths(orders: Orders) -> Iterator[tuple[Atom, ...]]:
    """Every circle of locks once, from the one of its locks that comes first."""
    after: dict[Atom, list[Atom]] = {}
    rank: dict[Atom, int] = {}
    for outer, inner in orders:
        rank.setdefault(outer, len(rank))
        rank.setdefault(inner, len(rank))
        after.setdefault(outer, []).append(inner)
    for start in after:
        todo: list[tuple[Atom, ...]] = [(start,)]
        while todo:
            path = todo.pop()
            for lock in after.get(path[-1], ()):
                if lock == start and len(path) > 1:
                    yield path
                elif rank[lock] > rank[start] and lock not in path and len(path) < LONGEST:
                    todo.append((*path, lock))


def _sureness(takings: tuple[Taking, ...]) -> tuple[int, tuple[tuple[object, ...], ...]]:
    return -sum(int(t.event.confidence) for t in takings), tuple(t.key() for t in takings)


def _is_open(project: Project, takings: list[Taking]) -> bool:
    """Whether no lock is held around two of the takings: who holds it as well is never in between."""
    seen: set[Atom] = set()
    for taking in takings:
        gates = _gates(project, taking)
        if not seen.isdisjoint(gates):
            return False
        seen |= gates
    return True


def _gates(project: Project, taking: Taking) -> frozenset[Atom]:
    held = frozenset(h[0] for h in taking.record.held if h[0] != taking.outer[0])
    return held | project.locking.held_by_callers(taking.record.gid) - {taking.outer[0]}
