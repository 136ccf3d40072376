"""Work handed to executors, and tasks that wait for other tasks of their own executor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project.model import POOL_ROLES, Event, called
from blockcheck.project.parallel import functions_of
from blockcheck.project.spawns import loops_of
from blockcheck.project.values import CONTAINER, OBJECT, SEQUENCE, SYMBOL, Atom, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Project
    from blockcheck.project.model import Record, Target

_SUBMITTING = frozenset({"submit", "map"})
_WAITING = frozenset({"result", "wait"})
_FAR = 12  # calls from a task down to where it waits


@dataclass
class Submission:
    """One call that hands work to an executor.

    Attributes:
        pool: the executor; where it is made tells it from others.
        role: thread-pool or process-pool.
        functions: the project functions handed over; ``other`` are callables from elsewhere.
        many: several tasks come of this call, or of the loop around it.
    """

    record: Record
    target: Target
    pool: Atom
    role: str
    functions: list[int]
    other: list[Atom]
    many: bool


@dataclass
class SelfWait:
    """A task that waits for a task of its own executor.

    Attributes:
        record: the call in the task that waits, itself or through what it calls.
        event: the chain down to the wait.
        task: gid of the function that is the task.
        submission: the one by which the task comes into the executor.
        inner: the submission that is waited for.
    """

    record: Record
    event: Event
    task: int
    submission: Submission
    inner: Submission


def submissions(project: Project) -> list[Submission]:
    """Every call that hands work to an executor, in order of their places."""
    out = []
    for gid in sorted(project.solver.records):
        for record in project.records(gid):
            for target in record.targets:
                entry, pool = target.entry, target.receiver
                if entry is None or entry.does not in _SUBMITTING or pool is None:
                    continue
                role = project.solver.role(pool)
                if role not in POOL_ROLES:
                    continue
                atoms: list[Atom] = []
                for reference in record.references:
                    if reference.context in ("thread", "process"):
                        atoms += (
                            project.solver.given(reference.atom, None)
                            if reference.atom[0] == SYMBOL
                            else (reference.atom,)
                        )
                functions = functions_of(atoms)
                other = [a for a in atoms if not functions_of([a])]
                many = entry.does == "map" or bool(loops_of(record.regions))
                out.append(Submission(record, target, pool, role, functions, other, many))
                break
    return out


def self_waits(project: Project) -> Iterator[SelfWait]:
    """Tasks of thread pools that wait for tasks that they, or what they call, hand to the same pool."""
    made = [s for s in project.submissions if s.role == "thread-pool" and is_known(s.pool)]
    for task in sorted({f for s in made for f in s.functions}):
        outers = [s for s in made if task in s.functions]
        ways = _ways(project, task)
        for gid, way in ways.items():
            passed = {task, gid, *(r.gid for r in way)}
            for record, inner in _waits(project, gid, [s for s in made if s.record.gid in ways]):
                outer = next((s for s in outers if s.pool == inner.pool), None)
                if outer is None or inner.pool[2][0] in passed:
                    continue  # another pool, or one that is made anew on the way
                event = Event(
                    "wait", inner.target.external, 3, 1, gid, record.site, record.packed, None, record
                )
                for link in reversed(way):
                    event = Event(
                        "wait", event.primitive, 3, event.length + 1, link.gid, link.site, link.packed,
                        event, record,
                    )  # fmt: skip
                yield SelfWait(way[0] if way else record, event, task, outer, inner)


def is_known(pool: Atom) -> bool:
    """Whether it is known where an executor is made."""
    return pool[0] == OBJECT and pool[2] is not None


def _ways(project: Project, task: int) -> dict[int, list[Record]]:
    """The functions that a task runs, with the calls that lead there."""
    ways: dict[int, list[Record]] = {task: []}
    todo = [task]
    for gid in todo:
        if len(ways[gid]) >= _FAR:
            continue
        for record in project.records(gid):
            for target in record.targets:
                for callee in project.parallel.called(target):
                    if callee not in ways:
                        ways[callee] = [*ways[gid], record]
                        todo.append(callee)
    return ways


def _waits(project: Project, gid: int, made: list[Submission]) -> Iterator[tuple[Record, Submission]]:
    """The calls of a function that wait for what is submitted, each with the submission."""
    by_site = {(s.record.gid, s.record.site): s for s in made}
    for record in project.records(gid):
        own = by_site.get((gid, record.site))
        if own is not None and own.target.entry is not None and own.target.entry.does == "map":
            if own.target.how == "iterate" or not own.target.entry.lazy:
                yield record, own
            continue
        for target in record.targets:
            entry = target.entry
            if entry is None or entry.does not in _WAITING or not target.blocks or _times_out(record):
                continue
            values = [(target.receiver,)] if target.receiver is not None else record.arguments
            origins = [o for value in values for o in _origins(project, value)]
            inner = next((by_site[o] for o in origins if o in by_site), None)
            if inner is not None:
                yield record, inner
                break


def _origins(project: Project, value: Value) -> list[Any]:
    """Where objects, or the elements of containers, are made."""
    out = []
    for atom in value:
        if atom[0] == OBJECT and atom[2] is not None:
            out.append(atom[2])
        elif atom[0] in (CONTAINER, SEQUENCE):
            out += [e[2] for e in project.solver.elements(atom, None) if e[0] == OBJECT and e[2] is not None]
    return out


def _times_out(record: Record) -> bool:
    call = record.expression
    return called(call) is not None and any(k == "timeout" for k, _ in call[3])


def names_pool(submission: Submission) -> Any:
    """The executor as the submitting call writes it."""
    function = called(submission.record.expression)
    return function[1] if isinstance(function, list) and function[0] == ir.ATTR else None
