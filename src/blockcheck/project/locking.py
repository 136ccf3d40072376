"""Locks taken while others are held: by whom, on which way, and whether two names mean one lock."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project.fate import calls_below, expressions, statements, walk
from blockcheck.project.model import argument, called, path_of, render
from blockcheck.project.releases import hands_on
from blockcheck.project.values import FUNCTION, OBJECT, Atom

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Project
    from blockcheck.project.model import Code, Event, Record

_ORDERS = frozenset({"<", ">", "<=", ">="})

Held = tuple[Atom, int, Any]  # a lock, the site where it is taken, its expression there


@dataclass(frozen=True)
class Taking:
    """A lock is taken, here or in what is called, while another is held.

    Attributes:
        record: the call in whose course it happens.
        outer: the lock that is held meanwhile.
        lock: the lock that is taken.
        event: the chain to where it is taken.
    """

    record: Record
    outer: Held
    lock: Atom
    event: Event

    @property
    def last(self) -> Event:
        """The chain's last link: the taking itself."""
        return last_link(self.event)

    def key(self) -> tuple[Any, ...]:
        """Surest first, then shortest, then by place."""
        return (-int(self.event.confidence), self.event.length, self.record.gid, self.record.site)


@dataclass
class Locking:
    """What a project does with its locks."""

    project: Project
    _entry: dict[int, frozenset[Atom] | None] = field(default_factory=dict)

    @cached_property
    def takings(self) -> list[Taking]:
        """Every taking of a lock while a lock is surely held."""
        out: list[Taking] = []
        for gid in self.project.own:
            for record in self.project.records(gid):
                held = surely(self.kept(record))
                if not held or not record.targets:
                    continue
                for event in self.project.summaries.record_events(record).values():
                    if event.kind != "lock" or gives_up(last_link(event)) or not self._is_single(event):
                        continue
                    out.extend(Taking(record, outer, event.detail, event) for outer in held)
        return out

    @cached_property
    def places(self) -> dict[Atom, frozenset[tuple[int, int]]]:
        """Where each lock is taken: function and site."""
        out: dict[Atom, set[tuple[int, int]]] = {}
        for gid in self.project.own:
            for record in self.project.records(gid):
                for lock, site, _ in record.held:
                    out.setdefault(lock, set()).add((gid, site))
                for target in record.targets:
                    if target.receiver is None or target.entry is None or target.entry.does != "acquire":
                        continue
                    out.setdefault(self.project.lock_of(target.receiver), set()).add((gid, record.site))
        return {lock: frozenset(places) for lock, places in out.items()}

    def _is_single(self, event: Event) -> bool:
        """Whether the taking at the end of a chain is of one lock, not of one among several."""
        last = last_link(event)
        for record in self.project.solver.records.get(last.gid, ()):
            if record.site == last.site:
                locks = {
                    self.project.lock_of(t.receiver)
                    for t in record.targets
                    if t.receiver is not None and t.entry is not None and t.entry.does == "acquire"
                }
                return len(locks) == 1
        return True

    def kept(self, record: Record) -> tuple[Held, ...]:
        """The locks that stay held during a call: some callees give their caller's back for a while."""
        if not record.held:
            return ()
        given_back = {
            lock
            for target in record.targets
            if target.gid >= 0
            for lock in self.project.solver.cells.get(("gives-back", target.gid), ())
        }
        return tuple(h for h in record.held if h[0] not in given_back) if given_back else record.held

    def is_one(self, lock: Atom) -> bool:
        """Whether a lock's identity means one object: a module's or a class's, not one for each instance."""
        return self._maker(lock) in ("module", "class")

    def _maker(self, lock: Atom) -> str:
        if lock[0] != OBJECT or lock[2] is None:
            return ""
        kind: str = self.project.codes[lock[2][0]].facts.kind
        return kind

    def is_local(self, taking: Taking) -> bool:
        """Whether one of the locks is made by the very call that takes it: each call has one of its own."""
        code = self.project.codes[taking.record.gid]
        makers = [
            lock[2][0] for lock in (taking.outer[0], taking.lock) if lock[0] == OBJECT and lock[2] is not None
        ]
        return code.is_function and code.gid in makers

    def is_of_what_is_wrapped(self, lock: Atom) -> bool:
        """Whether a function makes a lock for a function that it gives back: as many locks as there are of these."""
        if self._maker(lock) != "function":
            return False
        gid = lock[2][0]
        given = self.project.solver.cells.get(("r", gid), ())
        return any(
            a[0] == FUNCTION and self.project.codes[a[1]].parent is self.project.codes[gid] for a in given
        )

    def is_signal(self, taking: Taking) -> bool:
        """Whether a lock is made here and given to others, for them to release: then it is a signal to wait for."""
        code = self.project.codes[taking.record.gid]
        path = path_of(taking.outer[2])
        return self.is_local(taking) and path is not None and hands_on(statements(code), path)

    def is_given_away(self, gid: int, held: Held) -> bool:
        """Whether a function makes a lock, takes it and gives it to another to release: nobody else waits for it yet."""
        code, path = self.project.codes[gid], path_of(held[2])
        lock = held[0]
        if path is None or lock[0] != OBJECT or lock[2] is None or lock[2][0] != gid or not code.is_function:
            return False
        called_on = {
            f[2]
            for c in calls_below(code.unit.facts.body(code.index))
            if isinstance(f := c[1], list) and f[0] == ir.ATTR and path_of(f[1]) == path
        }
        return "acquire" in called_on and "release" not in called_on and hands_on(statements(code), path)

    def is_known(self, lock: Atom) -> bool:
        """Whether it is known where a lock is made."""
        return self._maker(lock) != ""

    def name(self, *expressions: Any) -> str:
        """A lock as one of its takers writes it: the first that names it, not what gives it."""
        named = next((path for e in expressions if (path := path_of(e)) is not None), None)
        return named or (render(expressions[0]) if any(expressions) else "a lock")

    def full_name(self, lock: Atom, name: str) -> str:
        """A lock with the class whose instances have it, to tell it from another of the same name."""
        maker = self.project.codes[lock[2][0]] if self.is_known(lock) else None
        owner = maker.owner if maker is not None else None
        return name if owner is None else f"{owner.facts.name}.{name.rpartition('.')[2]}"

    def held_by_callers(self, gid: int) -> frozenset[Atom]:
        """The locks that every known caller of a function holds."""
        if not self._entry:
            self._solve_entry()
        return self._entry.get(gid) or frozenset()

    def _solve_entry(self) -> None:
        """The greatest fixpoint: a function's callers' locks, common to all of its call sites."""
        parallel, records = self.project.parallel, self.project.solver.records
        calls: dict[int, list[tuple[int, frozenset[Atom]]]] = {}
        for gid in sorted(records):
            for record in records[gid]:
                held = frozenset(h[0] for h in surely(self.kept(record)))
                for target in record.targets:
                    for callee in parallel.called(target):
                        calls.setdefault(callee, []).append((gid, held))
        roots = {root.gid for root in self.project.contexts.roots.values()}
        entry: dict[int, frozenset[Atom] | None] = {
            code.gid: None if code.gid in calls and code.gid not in roots else frozenset()
            for code in self.project.codes
        }
        todo = dict.fromkeys(sorted(calls))
        while todo:
            gid = next(iter(todo))
            del todo[gid]
            if gid in roots:
                continue
            known = [held | before for caller, held in calls[gid] if (before := entry[caller]) is not None]
            now = frozenset.intersection(*known) if known else None
            if now != entry[gid]:
                entry[gid] = now
                todo.update((c, None) for c in parallel.callees.get(gid, ()) if c in calls)
        self._entry = entry

    # -- one object under two names

    def is_same_object(self, taking: Taking) -> bool:
        """Whether what is taken is surely the very lock that is held."""
        if self.is_one(taking.lock):
            return True
        held = path_of(taking.outer[2])
        taken = self.path_here(taking.event, path_of(lock_expression(taking.last.call)))
        if held is None or taken is None:
            return False
        # Of one object, also its condition and the lock that the condition was given.
        owner = held.rpartition(".")[0]
        return held == taken or (owner != "" and owner == taken.rpartition(".")[0])

    def is_tried(self, taking: Taking) -> bool:
        """Whether the way to the taking leads through ``if lock.acquire(False):`` of that very lock: not while it is held."""
        held = path_of(taking.outer[2])
        owner = self.project.codes[taking.record.gid].owner
        if held is None:
            return False
        links = ((self.project.codes[link.gid], link.site) for link in taking.event.links())
        return any(
            (code.owner is owner or "." not in held) and _is_behind_trial(code, site, held)
            for code, site in links
        )

    def of_two(self, taking: Taking) -> bool:
        """Whether the two locks are the same attribute of two parameters that nothing puts in an order."""
        held, taken = path_of(taking.outer[2]), path_of(lock_expression(taking.last.call))
        if held is None or taken is None or not self.is_known(taking.lock):
            return False
        code = self.project.codes[taking.record.gid]
        (one, _, attribute), (other, _, same) = held.partition("."), taken.partition(".")
        given = set(code.facts.params.names).difference(code.facts.rebound)
        return attribute == same != "" and one != other and {one, other} <= given and not _compares(code)

    def shared_by(self, condition: Atom) -> tuple[Atom, ...]:
        """The locks that a condition may have been given: several where one function makes the conditions of many."""
        if condition[0] != OBJECT or condition[2] is None:
            return ()
        return tuple(self.project.solver.cells.get(("lock", condition[2]), ()))

    def given_to_last(self, event: Event, name: str) -> list[Atom]:
        """What the calls of a chain give to the last function for one of its parameters."""
        if name not in self.project.codes[last_link(event).gid].facts.params.names:
            return []
        for caller, callee in upwards(event):
            found = [
                atom
                for record in self.project.solver.records.get(caller.gid, ())
                if record.site == caller.site
                for target in record.targets
                if target.gid == callee.gid and target.binding is not None
                for atom in target.binding.get((callee.gid, name), ())
            ]
            made = [a for a in found if a[0] == OBJECT and a[2] is not None]
            to, here = self.project.codes[callee.gid], self.project.codes[caller.gid]
            names = to.facts.params.names
            expression = argument(caller.call, name, names.index(name) - self._binds(caller, to))
            if made or not isinstance(expression, str) or expression not in here.facts.params.names:
                return made
            name = expression
        return []

    def path_here(self, event: Event, path: str | None) -> str | None:
        """What the end of a chain calls by a path, as the function at the chain's head would write it."""
        for caller, callee in upwards(event):
            if path is None:
                return None
            path = self._as_caller(path, self.project.codes[callee.gid], caller)
        return path

    def _as_caller(self, path: str, callee: Code, link: Event) -> str | None:
        """What a callee calls by a path that starts with one of its parameters, in its caller's words."""
        root, dot, rest = path.partition(".")
        names = callee.facts.params.names
        caller = self.project.codes[link.gid]
        if root not in names:
            return path if callee.parent is caller and root in caller.bound else None
        bound = self._binds(link, callee)
        if bound and root == names[0]:
            given = _receiver(link.call, caller)
        else:
            given = path_of(argument(link.call, root, names.index(root) - bound) or [])
        return None if given is None else given + dot + rest

    def _binds(self, link: Event, callee: Code) -> bool:
        """Whether a call gives its callee a receiver besides the arguments in sight."""
        for record in self.project.solver.records.get(link.gid, ()):
            if record.site == link.site:
                for target in record.targets:
                    if target.gid == callee.gid:
                        return target.receiver is not None
        function = called(link.call)
        return callee.owner is not None and (function is None or isinstance(function, list))


def surely(held: tuple[Held, ...]) -> list[Held]:
    """The locks that are held whichever object a name means: one taken at a site, not one of several."""
    locks: dict[int, set[Atom]] = {}
    for lock, site, _ in held:
        locks.setdefault(site, set()).add(lock)
    return [h for h in held if len(locks[h[1]]) == 1]


def upwards(event: Event) -> Iterator[tuple[Event, Event]]:
    """The links of a chain from its end to its head, each with the one below it."""
    links = list(event.links())
    return zip(reversed(links[:-1]), reversed(links), strict=False)


def last_link(event: Event) -> Event:
    """The end of a chain: the primitive's own call."""
    *_, last = event.links()
    return last


def gives_up(link: Event) -> bool:
    """Whether a lock is asked for with a timeout: then whoever waits goes on some time."""
    call = link.call
    if called(call) is None:
        return False
    return len(call[2]) > 1 or any(k == "timeout" for k, _ in call[3])


def lock_expression(call: Any) -> Any:
    """The lock of ``lock.acquire()`` or of ``with lock:``."""
    function = called(call)
    if function is None:
        return call
    return function[1] if isinstance(function, list) and function[0] == ir.ATTR else None


def _is_behind_trial(code: Code, site: int, lock: str) -> bool:
    """Whether a call stands where an attempt to take a lock succeeded that does not wait for it."""
    for statement in statements(code):
        if statement[0] != ir.IF or not any(e[-1] == site for e in calls_below(statement[2])):
            continue
        for e in walk(statement[1]):
            if e[0] != ir.CALL or not isinstance(e[1], list) or e[1][0] != ir.ATTR or e[1][2] != "acquire":
                continue
            if path_of(e[1][1]) == lock and [ir.CONST, False] in [*e[2], *(v for _, v in e[3])]:
                return True
    return False


def _receiver(call: Any, caller: Code) -> str | None:
    """The path of the object whose method a call runs."""
    function = called(call)
    if function is None:
        return path_of(call[1] if isinstance(call, list) and call[0] == ir.ATTR else call)
    if not isinstance(function, list) or function[0] != ir.ATTR:
        return None
    base = function[1]
    if called(base) == "super" and caller.facts.params.names:
        return caller.facts.params.names[0]
    return path_of(base)


def _compares(code: Code) -> bool:
    """Whether a function looks at which of two things comes first."""
    return any(
        e[0] == ir.COMPARE and any(operator in _ORDERS for operator, _ in e[2])
        for statement in statements(code)
        for expression in expressions(statement)
        for e in walk(expression)
    )
