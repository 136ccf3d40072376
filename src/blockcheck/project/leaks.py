"""Locks that a way out of a function leaves acquired."""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from blockcheck.facts import ir
from blockcheck.project.fate import expressions, statements, walk
from blockcheck.project.model import LOCK_ROLES, Target, called, path_of
from blockcheck.project.names import BUILTINS
from blockcheck.project.releases import FREE, Exit, Ways, hands_on
from blockcheck.project.values import BOUND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Project
    from blockcheck.project.model import Code, Record
    from blockcheck.project.values import Atom

_MANAGERS = frozenset({"contextmanager", "asynccontextmanager"})
_POSSIBLE, _LIKELY, _CERTAIN = 1, 2, 3  # how sure it is that a way out is taken
_CONVERSIONS = frozenset({"int", "float", "next", "open"})
_CONTAINERS = frozenset(name for kind in (list, dict, set, str, collections.deque) for name in dir(kind))
_REPORTS = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical", "log"})


class Leak(NamedTuple):
    """An acquisition, and the way out that leaves it behind; None where nobody ever releases."""

    record: Record
    target: Target
    exit: Exit | None
    confidence: int


def leaks(project: Project) -> Iterator[Leak]:
    """Every acquisition that some way out of its function leaves behind, in order of their places."""
    takers, releasers = _users(project)
    for gid in sorted(project.solver.records):
        code = project.codes[gid]
        if not code.is_function:
            continue
        taken: dict[str, list[tuple[Record, Target]]] = {}
        for record in project.records(gid):
            target = _acquiring(project, record)
            function = called(record.expression)
            path = path_of(function[1]) if target is not None and isinstance(function, list) else None
            if target is not None and path is not None:
                taken.setdefault(path, []).append((record, target))
        for path, acquired in taken.items():
            yield from _of_path(project, code, path, acquired, takers, releasers)


def _acquiring(project: Project, record: Record) -> Target | None:
    """The one lock that a record's call takes."""
    targets = _settled(project, record)
    found = [
        t
        for t in targets
        if t.how == "call"
        and t.entry is not None
        and t.entry.does == "acquire"
        and t.receiver is not None
        and project.solver.role(t.receiver) in LOCK_ROLES
    ]
    if len(targets) != 1:
        return None
    return found[0] if found else _by_method(project, targets[0])


def _by_method(project: Project, target: Target) -> Target | None:
    """What a lock of the project's own takes that wraps another: its `acquire` comes back with that one."""
    if target.gid < 0 or target.how != "call" or project.codes[target.gid].facts.name != "acquire":
        return None
    locks = project.solver.cells.get(("h", target.gid), ())
    name = project.codes[target.gid].name
    return Target(external=name, receiver=locks[0], how="call", blocks=True) if len(locks) == 1 else None


def _settled(project: Project, record: Record) -> list[Target]:
    """The targets of a call; of a method of a parameter, those of what the callers give."""
    out: list[Target] = []
    for target in record.targets:
        if target.symbol is None:
            out.append(target)
            continue
        for atom in project.solver.given(target.symbol, None):
            entry = project.catalogue.entry(atom[1]) if atom[0] == BOUND else None
            if entry is not None and entry.does in ("acquire", "release"):
                out.append(
                    Target(external=entry.name, entry=entry, receiver=atom[2], how=target.how, blocks=True)
                )
            else:
                out.append(target)
    return out


Users: TypeAlias = "dict[Atom, set[int]]"


def _users(project: Project) -> tuple[Users, Users]:
    """The functions that take, and those that release, each lock."""
    takers: Users = {}
    releasers: Users = {}
    for gid, records in project.solver.records.items():
        for record in records:
            for target in _settled(project, record):
                if target.entry is None or target.receiver is None:
                    continue
                if target.entry.does == "acquire":
                    takers.setdefault(project.lock_of(target.receiver), set()).add(gid)
                elif target.entry.does == "release" and target.how == "call":
                    releasers.setdefault(project.lock_of(target.receiver), set()).add(gid)
    return takers, releasers


def _of_path(
    project: Project,
    code: Code,
    path: str,
    acquired: list[tuple[Record, Target]],
    takers: Users,
    releasers: Users,
) -> Iterator[Leak]:
    records = {r.site: r for r in project.solver.records[code.gid]}
    receiver = acquired[0][1].receiver
    giving = releasers.get(project.lock_of(receiver), set()) if receiver is not None else set()

    def releases(site: int) -> bool:
        record = records.get(site)
        return record is not None and any(t.gid in giving for t in record.targets if t.gid >= 0)

    if code.gid not in giving and not any(releases(site) for site in records):
        if not giving:
            yield from _never_released(project, code, path, acquired, takers)
        return  # else another one's business
    if hands_on(statements(code), path) or any(project.codes[gid].parent is code for gid in giving):
        return  # when it is released, only who is given the means knows
    if receiver is not None and project.solver.role(receiver) == "semaphore" and giving - {code.gid}:
        return  # it counts what is handed out; who has done with it gives it back

    def risk(call: Any) -> int:
        record = records.get(call[4])
        if record is not None:
            return _LIKELY if any(t.gid >= 0 or _may_fail(t) for t in record.targets) else 0
        return risk_by_name(called(call))

    def sureness(way_out: Exit) -> int:
        return risk(way_out.call) if way_out.how == "call" else _CERTAIN

    ways = Ways(path, releases, risk, manages=not code.flags.isdisjoint(_MANAGERS))
    exits = ways.run(code.unit.facts.body(code.index))
    normal = [e for e in exits if e.how in ("end", "return")]
    if ways.is_callers or (normal and normal[-1].state != {FREE}):
        return  # it leaves with the lock on purpose
    for record, target in acquired:
        left = [e for e in exits if record.site in e.state]
        if not left:
            continue
        worst = max(left, key=sureness)
        yield Leak(record, target, worst, sureness(worst))


def _never_released(
    project: Project, code: Code, path: str, acquired: list[tuple[Record, Target]], takers: Users
) -> Iterator[Leak]:
    """A lock that others take as well, and that nobody ever releases, as far as names tell."""
    for record, target in acquired:
        lock = project.lock_of(target.receiver)
        if (
            target.blocks
            and project.solver.role(lock) in ("lock", "rlock")
            and project.locking.is_known(lock)
            and lock[2][0] != code.gid
            and not hands_on(statements(code), path)
            and takers.get(lock, set()) - {code.gid}
            and not _names_release(project, path)
        ):
            yield Leak(record, target, None, _LIKELY)


def _names_release(project: Project, path: str) -> bool:
    """Whether a lock of that name is released, or its release handed on, anywhere: it may be this one."""
    name = path.rpartition(".")[2]
    return any(
        e[0] == ir.ATTR and e[2] == "release" and (path_of(e[1]) or "").rpartition(".")[2] == name
        for code in project.codes
        if '"release"' in code.unit.facts.bodies[code.index]
        for statement in statements(code)
        for expression in expressions(statement)
        for e in walk(expression)
    )


def _may_fail(target: Target) -> bool:
    """Whether a call of something outside does what can go wrong; mere waiting does not."""
    return target.blocks and target.entry is not None and target.entry.kind not in ("sleep", "wait")


def risk_by_name(function: Any) -> int:
    """How likely a call raises that nothing more is known of."""
    if isinstance(function, str):
        return _LIKELY if function in _CONVERSIONS else 0 if function in BUILTINS else _POSSIBLE
    if isinstance(function, list) and function[0] == ir.ATTR:
        return 0 if function[2] in _CONTAINERS or function[2] in _REPORTS else _POSSIBLE
    return _POSSIBLE
