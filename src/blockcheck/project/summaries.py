"""Summaries: what each function may cause before it returns, by the shortest witness chain.

A fixpoint over the call graph. A function's *events* are those of the externals that it calls and of
the project functions that it runs; its *open calls* are those on what a caller gives (a parameter, the
receiver), settled at each call site with the values given there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project.model import Code, Event, Record, Region, Target
from blockcheck.project.values import (
    BOUND,
    CLASS,
    CONSTANT,
    EXTERNAL,
    FUNCTION,
    INSTANCE,
    METHOD,
    PARTIAL,
    SELF,
    SYMBOL,
    Atom,
    Value,
)

if TYPE_CHECKING:
    from blockcheck.project.solver import Solver

#: Roles of objects that a thread holds while it works.
LOCK_ROLES = frozenset({"lock", "rlock", "condition", "semaphore"})

LOW, MEDIUM, HIGH = 1, 2, 3
_LONGEST = 25  # links of a chain; longer ones convince nobody
_NESTED = 6  # callables handed over inside callables handed over
_MANY = 12  # open calls kept of one function

#: Events of these kinds pass through an await: they are caused whoever waits.
_THROUGH_AWAIT = frozenset({"thread", "process", "executor"})


@dataclass(frozen=True, slots=True)
class Open:
    """A call on something that the caller gives, with the links down to it."""

    symbol: Atom
    confidence: int
    length: int
    gid: int
    site: int
    call: Any
    inner: Open | None = None


Events = dict[str, Event]


class Summaries:
    """Events and open calls of every function."""

    def __init__(self, solver: Solver) -> None:
        self.solver = solver
        self.events: list[Events] = [{} for _ in solver.codes]
        self.opens: list[tuple[Open, ...]] = [() for _ in solver.codes]
        self._dependents: list[set[int]] = [set() for _ in solver.codes]
        self._current = -1
        self._abstract: dict[int, bool] = {}
        self._settling: list[Atom] = []

    def solve(self) -> None:
        """Propagate until nothing changes."""
        queue: dict[int, None] = dict.fromkeys(sorted(self.solver.records))
        while queue:
            gid = next(iter(queue))
            del queue[gid]
            if self._update(gid):
                queue.update(dict.fromkeys(sorted(self._dependents[gid])))

    def _update(self, gid: int) -> bool:
        self._current = gid
        events: Events = {}
        opens: dict[Atom, Open] = {}
        for record in self.solver.records[gid]:
            for event in self._of_record(record, opens):
                self._keep(events, event)
        self._current = -1
        new_opens = tuple(sorted(opens.values(), key=lambda o: (o.length, o.site, repr(o.symbol))))[:_MANY]
        old = self.events[gid]
        changed = [(o.symbol, o.confidence) for o in new_opens] != [
            (o.symbol, o.confidence) for o in self.opens[gid]
        ]
        if not changed:
            changed = old.keys() != events.keys() or any(
                (old[k].confidence, old[k].length, old[k].primitive, old[k].site, old[k].next_key())
                != (e.confidence, e.length, e.primitive, e.site, e.next_key())
                for k, e in events.items()
            )
        if changed:
            self.events[gid] = events
            self.opens[gid] = new_opens
        return changed

    @staticmethod
    def _keep(events: Events, event: Event) -> None:
        key = event.kind if event.kind != "lock" else f"lock:{event.detail!r}"
        if event.guards:
            key = f"{key} {event.guards!r}"
        known = events.get(key)
        if known is None or event.better(known):
            events[key] = event

    def record_events(self, record: Record) -> Events:
        """The events of one call site, open calls settled by what is known of all callers."""
        opens: dict[Atom, Open] = {}
        events: Events = {}
        for event in self._of_record(record, opens):
            self._keep(events, event)
        for opened in opens.values():
            for event in self._settle_by_callers(opened):
                self._keep(events, event)
        if any(e.guards for e in events.values()):
            plain: Events = {}
            for event in events.values():
                self._keep(plain, replace(event, guards=()))
            return plain
        return events

    # -- one record

    def _of_record(self, record: Record, opens: dict[Atom, Open]) -> list[Event]:
        out: list[Event] = []
        ceiling = MEDIUM if is_lazy(record.regions) else HIGH
        guards = guards_of(record.regions)
        for target in record.targets:
            if target.reason == "virtual" or target.how in ("make-generator", "instantiate"):
                continue
            confidence = min(ceiling, target.confidence)
            if target.gid >= 0:
                self._of_project(record, target, confidence, out, opens)
            elif target.symbol is not None:
                self._open(
                    opens, Open(target.symbol, confidence, 1, record.gid, record.site, record.expression)
                )
            else:
                out.extend(self._of_external(record, target, confidence))
        if guards:
            out = [replace(e, guards=guards) for e in out]
        return out

    def _of_external(self, record: Record, target: Target, confidence: int) -> list[Event]:
        entry = target.entry
        out = []

        def event(kind: str) -> Event:
            return Event(
                kind, target.external, confidence, 1, record.gid, record.site, record.expression, None, record
            )

        if (
            target.blocks
            and entry is not None
            and entry.kind is not None
            and not (entry.lazy and target.how == "call")
        ):
            if entry.does == "acquire" and target.receiver is not None:
                if self.solver.role(target.receiver) in LOCK_ROLES:
                    # Taking a lock is an event of its own: short where nothing slow is done under it.
                    made = event("lock")
                    out.append(replace(made, detail=target.receiver))
            else:
                out.append(event(entry.kind))
        if entry is not None and entry.spawns in ("thread", "process"):
            out.append(event(entry.spawns))
        if target.how in ("call", "construct", "here") and self._makes_executor(target.external):
            out.append(event("executor"))
        return out

    def _makes_executor(self, name: str) -> bool:
        return (
            self.solver.catalogue.role(name) in ("thread-pool", "process-pool")
            and self.solver.catalogue.type(name) is not None
        )

    def _of_project(
        self, record: Record, target: Target, confidence: int, out: list[Event], opens: dict[Atom, Open]
    ) -> None:
        code = self.solver.codes[target.gid]
        if "non-blocking" in code.flags:
            return
        if self._current >= 0:
            self._dependents[target.gid].add(self._current)
        if "blocking" in code.flags:
            out.append(
                Event(
                    "wait", code.name, confidence, 1, record.gid, record.site, record.expression, None, record
                )
            )
            return
        if target.how == "abstract" or self.is_abstract(code):
            self._of_overrides(record, code, target, confidence, out)
            return
        only: frozenset[str] | None = None
        if code.is_async and "asynchronous" not in code.flags:
            if target.how == "iterate":
                return
            only = _THROUGH_AWAIT
        elif (
            record.awaited and ("unknown-decorator" in code.flags or "asynchronous" in code.flags)
        ) or "synchronous-barrier" in code.flags:
            return
        for event in self.events[target.gid].values():
            if only is not None and event.kind not in only:
                continue
            if event.guards and self._excluded(event.guards, target):
                continue
            if event.length < _LONGEST:
                out.append(
                    Event(
                        event.kind, event.primitive, min(confidence, event.confidence), event.length + 1,
                        record.gid, record.site, record.expression, event, event.detail,
                    )
                )  # fmt: skip
        if only is None:
            for opened in self.opens[target.gid]:
                self._close(record, target, opened, min(confidence, opened.confidence), out, opens)

    def _excluded(self, guards: tuple[Any, ...], target: Target) -> bool:
        """Whether this call gives a parameter a truth under which the event does not happen."""
        for gid, name, truth in guards:
            if gid != target.gid:
                continue
            value = (target.binding or {}).get((gid, name))
            if value is None and "**" not in {k[1] for k in target.binding or ()}:
                value = self.solver.default(gid, name, None)
            if value and all(a[0] == CONSTANT and bool(a[1]) != truth for a in value):
                return True
        return False

    # -- open calls

    @staticmethod
    def _open(opens: dict[Atom, Open], opened: Open) -> None:
        known = opens.get(opened.symbol)
        if known is None or (-opened.confidence, opened.length, opened.site) < (
            -known.confidence,
            known.length,
            known.site,
        ):
            opens[opened.symbol] = opened

    def _close(
        self,
        record: Record,
        target: Target,
        opened: Open,
        confidence: int,
        out: list[Event],
        opens: dict[Atom, Open],
    ) -> None:
        """Settle a callee's open call with what this call gives."""
        symbol = opened.symbol
        key = (symbol[1], symbol[2])
        binding = target.binding or {}
        value: Value
        if key in binding:
            value = self.solver.follow(binding[key], symbol[3], None)
        elif symbol[1] == target.gid:
            value = self.solver.follow(self.solver.default(target.gid, symbol[2], None), symbol[3], None)
        elif self._within(record.gid, symbol[1]):
            value = (symbol,)
        else:
            value = self.solver.given(symbol, None)
            confidence = min(confidence, MEDIUM)
        if opened.length >= _LONGEST:
            return
        for atom in value:
            if atom[0] == SYMBOL:
                link = Open(
                    atom, confidence, opened.length + 1, record.gid, record.site, record.expression, opened
                )
                self._open(opens, link)
                continue
            again = self._virtual(atom, record.gid)
            if again is not None:
                link = Open(
                    again, confidence, opened.length + 1, record.gid, record.site, record.expression, opened
                )
                self._open(opens, link)
                continue
            out.extend(
                Event(
                    event.kind, event.primitive, event.confidence, event.length + 1,
                    record.gid, record.site, record.expression, event, event.detail,
                )
                for event in self._of_atom(atom, opened, confidence)
            )  # fmt: skip

    def _virtual(self, atom: Atom, gid: int) -> Atom | None:
        """A method of this function's own receiver that subclasses override: still open, now on our receiver."""
        if atom[0] != METHOD or atom[2][0] != SELF or atom[1][0] != FUNCTION:
            return None
        code = self.solver.codes[gid]
        if code.owner is None or code.owner.gid != atom[2][1] or not code.facts.params.names:
            return None
        name = self.solver.codes[atom[1][1]].facts.name
        if not self.solver.overridden(code.owner.gid, name):
            return None
        return (SYMBOL, gid, code.facts.params.names[0], (name,))

    def _within(self, gid: int, outer: int) -> bool:
        code: Code | None = self.solver.codes[gid]
        while code is not None:
            if code.gid == outer:
                return True
            code = code.parent
        return False

    def _of_atom(self, atom: Atom, opened: Open, confidence: int) -> list[Event]:
        """Events of calling an atom at an open call's place; each starts with the open call's own links."""
        if atom in self._settling or len(self._settling) >= _NESTED:
            return []  # recursion through what is handed over adds no shorter chain
        self._settling.append(atom)
        try:
            return self._tails(atom, opened, confidence)
        finally:
            self._settling.pop()

    def _tails(self, atom: Atom, opened: Open, confidence: int) -> list[Event]:
        tails: list[Event] = []
        last = opened
        prefix: list[Open] = []
        while last.inner is not None:
            prefix.append(last)
            last = last.inner
        for event in self.atom_events(atom, last, confidence):
            made = event
            for link in reversed(prefix):
                made = Event(
                    made.kind,
                    made.primitive,
                    made.confidence,
                    made.length + 1,
                    link.gid,
                    link.site,
                    link.call,
                    made,
                    made.detail,
                )
            tails.append(made)
        return tails

    def atom_events(self, atom: Atom, at: Open, confidence: int) -> list[Event]:
        """Events of calling an atom at a place."""
        tag = atom[0]
        record = Record(at.gid, at.site, at.call, None, ())
        if tag == FUNCTION or (tag == METHOD and atom[1][0] == FUNCTION):
            function, receiver = (atom, None) if tag == FUNCTION else (atom[1], atom[2])
            code = self.solver.codes[function[1]]
            if code.facts.is_generator:
                return []
            binding: dict[Any, Value] = dict(function[2])
            if receiver is not None and code.facts.params.names:
                binding[code.gid, code.facts.params.names[0]] = (receiver,)
            weaker = MEDIUM if "unknown-decorator" in code.flags or "cached" in code.flags else HIGH
            record.targets.append(
                Target(gid=code.gid, binding=binding, receiver=receiver, confidence=min(confidence, weaker))
            )
        elif tag in (EXTERNAL, BOUND):
            name = self.solver.catalogue.canonical(atom[1])
            entry = self.solver.catalogue.entry(name)
            if entry is None or entry.unless or entry.only_if:
                confidence = min(confidence, MEDIUM)
            if entry is None:
                return []
            target = Target(
                external=name,
                entry=entry,
                confidence=min(confidence, int(entry.confidence)),
                blocks=entry.blocks,
            )
            record.targets.append(target)
        elif tag == CLASS:
            for base in self.solver.mro(atom[1], None):
                if isinstance(base, int) and "__init__" in self.solver.codes[base].bound:
                    for inner in self.solver.cells.get(("c", base, "__init__"), ()):
                        if inner[0] == FUNCTION:
                            binding = {
                                (
                                    inner[1],
                                    self.solver.codes[inner[1]].facts.params.names[0]
                                    if self.solver.codes[inner[1]].facts.params.names
                                    else "",
                                ): ((INSTANCE, atom[1]),)
                            }
                            record.targets.append(
                                Target(gid=inner[1], binding=binding, confidence=confidence, how="construct")
                            )
                    break
        elif tag == PARTIAL:
            return self.atom_events(atom[1], at, confidence)
        elif tag in (SELF, INSTANCE):
            out: list[Event] = []
            for inner in self.solver.attribute(atom, "__call__", None):
                if inner[0] == METHOD:
                    out.extend(self.atom_events(inner, at, confidence))
            return out
        opens: dict[Atom, Open] = {}
        return self._of_record(record, opens)

    def _settle_by_callers(self, opened: Open) -> list[Event]:
        """An open call where no caller decides: what all known callers give, a step less sure."""
        symbol = opened.symbol
        code = self.solver.codes[symbol[1]]
        names = code.facts.params.names
        out: list[Event] = []
        if code.owner is not None and names and symbol[2] == names[0] and symbol[3]:
            return self._settle_receiver(opened, code)
        for atom in self.solver.given(symbol, None):
            out.extend(self._of_atom(atom, opened, min(opened.confidence, MEDIUM)))
        return out

    def _settle_receiver(self, opened: Open, code: Code) -> list[Event]:
        """A method of the receiver: the class's own, and, less surely, those of subclasses."""
        assert code.owner is not None
        owner = code.owner.gid
        out: list[Event] = []
        own = self.solver.follow(((SELF, owner),), opened.symbol[3], None)
        for atom in own:
            out.extend(self._of_atom(atom, opened, opened.confidence))
        if len(opened.symbol[3]) == 1:
            overrides = [
                c for c in self.solver.subclasses(owner) if self.solver.defines(c, opened.symbol[3][0])
            ]
            for child in overrides[:_MANY]:
                for atom in self.solver.follow(((SELF, child),), opened.symbol[3], None):
                    out.extend(self._of_atom(atom, opened, LOW))
        return out

    # -- abstract methods

    def is_abstract(self, code: Code) -> bool:
        """Whether a method only says that subclasses have it."""
        known = self._abstract.get(code.gid)
        if known is None:
            known = code.owner is not None and ("abstract" in code.flags or _only_raises(code))
            self._abstract[code.gid] = known
        return known

    def _of_overrides(
        self, record: Record, code: Code, target: Target, confidence: int, out: list[Event]
    ) -> None:
        """An abstract method stands for all overrides: surely only as far as all of them agree."""
        if code.owner is None:
            return
        name = code.facts.name
        owner = code.owner.gid
        if target.receiver is not None and target.receiver[0] in (SELF, INSTANCE):
            owner = target.receiver[1]
        found: list[Events] = []
        for child in self.solver.subclasses(owner)[:24]:
            if name not in self.solver.codes[child].bound:
                continue
            for atom in self.solver.cells.get(("c", child, name), ()):
                if atom[0] == FUNCTION:
                    other = self.solver.codes[atom[1]]
                    if self.is_abstract(other) or (other.is_async and not code.is_async):
                        continue
                    if self._current >= 0:
                        self._dependents[atom[1]].add(self._current)
                    found.append({} if other.is_async else self.events[atom[1]])
        if not found:
            return
        for kind in sorted({k for events in found for k in events}):
            having = [e[kind] for e in found if kind in e]
            best = having[0]
            for event in having[1:]:
                if event.better(best):
                    best = event
            blocking = sum(1 for e in found if any(k not in _THROUGH_AWAIT for k in e))
            sure = MEDIUM if blocking == len(found) else LOW
            if best.length < _LONGEST:
                out.append(
                    Event(
                        best.kind, best.primitive, min(confidence, best.confidence, sure), best.length + 1,
                        record.gid, record.site, record.expression, best, best.detail,
                    )
                )  # fmt: skip


def is_lazy(region: Region | None) -> bool:
    """Whether a place is in a branch that runs once, to initialise something."""
    while region is not None:
        if region.kind == "lazy":
            return True
        region = region.outer
    return False


def guards_of(region: Region | None) -> tuple[Any, ...]:
    """The truths of parameters under which a place is reached."""
    out = []
    while region is not None:
        if region.kind == "when" and region.info not in out:
            out.append(region.info)
        region = region.outer
    return tuple(sorted(out))


def _only_raises(code: Code) -> bool:
    if code.facts.kind != "function":
        return False
    body = code.unit.facts.body(code.index)
    if not body:
        return True
    if len(body) != 1:
        return False
    statement = body[0]
    if statement[0] != ir.RAISE:
        return False
    text = repr(statement[1])
    return "NotImplementedError" in text
