"""Summaries: what each function may cause before it returns, by the shortest witness chain.

A fixpoint over the call graph. A function's *events* are those of the externals that it calls and of
the project functions that it runs; its *open calls* are those on what a caller gives (a parameter, the
receiver), settled at each call site with the values given there.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.findings import Confidence
from blockcheck.project.alternatives import chosen_sites
from blockcheck.project.guards import excluded
from blockcheck.project.model import (
    BEGUN,
    LOCK_ROLES,
    Code,
    Event,
    Record,
    Region,
    Target,
    called,
    guards_of,
    is_within,
)
from blockcheck.project.values import (
    AWAITABLE,
    BOUND,
    CLASS,
    CONSTANT,
    CONTAINER,
    EXTERNAL,
    FUNCTION,
    INSTANCE,
    LITERAL,
    MAPPING,
    METHOD,
    NONE,
    OBJECT,
    PARTIAL,
    SELF,
    SEQUENCE,
    SYMBOL,
    TUPLE,
    Atom,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from blockcheck.project.solver import Solver

LOW, MEDIUM, HIGH = 1, 2, 3
_LONGEST = 25  # links of a chain; longer ones convince nobody
_NESTED = 6  # callables handed over inside callables handed over
_NEVER_AWAITABLE = frozenset({CONSTANT, CONTAINER, SEQUENCE, MAPPING, TUPLE, LITERAL})
_MANY = 12  # open calls kept of one function

#: What raises BlockingIOError instead of waiting where it is on a non-blocking descriptor: who catches that has one.
_POLLED = frozenset({"socket", "file"})
#: What a package imports, it imports once; and a loop that it would run on the running one, it would have failed with.
_NOT_IN_PACKAGES = frozenset({"import", "nested-loop"})

_RARE = ("off-loop", "fallback", "raise", "platform")  # regions in which nothing is sure to happen
#: What names the two ends of a lock.
_TAKING_AND_GIVING = (("acquire", "release"), ("lock", "unlock"), ("__enter__", "__exit__"))

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
    awaited: bool = False
    """Whether what the call itself returns is awaited there."""


Events = dict[str, Event]
_NO_EVENTS: Events = {}


class Summaries:
    """Events and open calls of every function."""

    def __init__(self, solver: Solver) -> None:
        self.solver = solver
        self.events: list[Events] = [{} for _ in solver.codes]
        self.opens: list[tuple[Open, ...]] = [() for _ in solver.codes]
        self._chosen: dict[int, frozenset[int]] = {}
        # Events of functions with a known receiver or closure: an inherited method on an instance of a subclass.
        self._special: dict[Atom, Events] = {}
        self._dependents: dict[Any, dict[Any, None]] = {}
        self._queue: OrderedDict[Any, None] = OrderedDict()  # a dict is slow to find its first entry
        self._current: Any = None
        #: What was answered for call sites: several rules ask for the same.
        self._asked: dict[Record, Events] = {}
        self._nesting = 0
        self._abstract: dict[int, bool] = {}

    def solve(self) -> None:
        """Propagate until nothing changes."""
        self._queue.update(dict.fromkeys(self.solver.records))  # what is called comes first, mostly
        self._drain()

    def _drain(self) -> None:
        while self._queue:
            node, _ = self._queue.popitem(last=False)
            changed = self._update(node) if isinstance(node, int) else self._update_special(node)
            if changed:
                self._queue.update(self._dependents.get(node, {}))

    def _depend(self, node: Any) -> None:
        """The node being computed is to be computed again when another changes."""
        if self._current is not None:
            self._dependents.setdefault(node, {})[self._current] = None

    def _update(self, gid: int) -> bool:
        self._current = gid
        events: Events = {}
        opens: dict[tuple[Atom, bool], Open] = {}
        for record in self.solver.records[gid]:
            for event in self._of_record(record, opens):
                self._keep(events, event)
        self._current = None
        new_opens = tuple(sorted(opens.values(), key=lambda o: (o.length, o.site, repr(o.symbol))))[:_MANY]
        old_opens = [(o.symbol, o.confidence) for o in self.opens[gid]]
        changed = [(o.symbol, o.confidence) for o in new_opens] != old_opens or _differ(
            self.events[gid], events
        )
        if changed:
            self.events[gid] = events
            self.opens[gid] = new_opens
        return changed

    def _update_special(self, atom: Atom) -> bool:
        """Compute the events of a function whose receiver or closure is known; its arguments are not."""
        function, receiver = (atom, None) if atom[0] == FUNCTION else (atom[1], atom[2])
        gid = function[1]
        code = self.solver.codes[gid]
        bindings: dict[Any, Value] = dict(function[2])
        if receiver is not None and code.facts.params.names:
            bindings[gid, code.facts.params.names[0]] = (receiver,)
        before, self._current = self._current, atom
        self._depend(gid)
        events: Events = {}
        for event in self.events[gid].values():
            if not event.guards or not excluded(self.solver, event.guards, gid, bindings):
                self._keep(events, replace(event, guards=()) if event.guards else event)
        for opened in self.opens[gid]:
            symbol = opened.symbol
            bound = bindings.get((symbol[1], symbol[2]))
            confidence = opened.confidence
            if bound is not None:
                value = self.solver.follow(bound, symbol[3], None)
            elif symbol[1] == gid:
                value = self.solver.follow(self.solver.default(gid, symbol[2], None), symbol[3], None)
            else:
                value = self.solver.given(symbol, None)
                confidence = min(confidence, MEDIUM)
            for inner in value:
                if inner[0] != SYMBOL and inner != atom:
                    for event in self._of_atom(inner, opened, confidence):
                        self._keep(events, event)
        self._current = before
        changed = _differ(self._special[atom], events)
        if changed:
            self._special[atom] = events
        return changed

    def _specialised(self, atom: Atom) -> Events:
        """Events of a function atom, computed when first asked for."""
        gid = atom[1] if atom[0] == FUNCTION else atom[1][1]
        if not self.opens[gid] and atom not in self._special:
            self._depend(gid)
            return self.events[gid]
        self._depend(atom)
        known = self._special.get(atom)
        if known is None:
            self._special[atom] = {}
            if self._nesting < _NESTED:
                self._nesting += 1
                self._update_special(atom)
                self._nesting -= 1
            else:
                self._queue[atom] = None
            known = self._special[atom]
        return known

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
        known = self._asked.get(record)
        if known is None:
            known = self._asked[record] = self._record_events(record) or _NO_EVENTS
        return known

    def _record_events(self, record: Record) -> Events:
        events = self._settled(record)
        while self._queue:  # functions that were met with a new receiver
            self._drain()
            events = self._settled(record)
        if any(e.guards for e in events.values()):
            plain: Events = {}
            for event in events.values():
                self._keep(plain, replace(event, guards=()))
            return plain
        return events

    def _settled(self, record: Record) -> Events:
        opens: dict[tuple[Atom, bool], Open] = {}
        events: Events = {}
        for event in self._of_record(record, opens):
            self._keep(events, event)
        for opened in opens.values():
            for event in self._settle_by_callers(opened):
                self._keep(events, event)
        return events

    # -- one record

    def _of_record(self, record: Record, opens: dict[tuple[Atom, bool], Open]) -> list[Event]:
        out: list[Event] = []
        if is_within(record.regions, BEGUN):
            return out
        rare = any(is_within(record.regions, kind) for kind in _RARE)
        ceiling = LOW if rare else MEDIUM if is_lazy(record.regions) else HIGH
        installed = record.gid >= self.solver.own
        if installed and is_within(record.regions, "except"):
            ceiling = LOW  # what a package does about errors is not what it is called for
        guards = guards_of(record.regions)
        others_await = record.awaited and any(self._gives_awaitable(t) for t in record.targets)
        twins = record.awaited and any(
            t.gid >= 0 and self.solver.codes[t.gid].is_async for t in record.targets
        )
        for target in record.targets:
            # An await of a function that gives no awaitable would fail: another one is meant.
            others = others_await and not self._gives_awaitable(target)
            if record.awaited and target.gid >= 0 and (others or self._cannot_be_awaited(target.gid)):
                continue
            if target.reason == "virtual" or target.how in ("make-generator", "instantiate", BEGUN):
                continue
            confidence = min(ceiling, target.confidence)
            if twins and target.gid >= 0 and not self.solver.codes[target.gid].is_async:
                confidence = (
                    LOW  # beside a coroutine function, its synchronous twin is hardly what is awaited
                )
            if confidence < HIGH and installed:
                confidence = LOW  # whoever does not maintain a package wants to hear of what is sure in it
            if (
                target.gid >= self.solver.own
                and not self._gives_awaitable(target)
                and (record.awaited or self._has_async_twin(record, target))
            ):
                confidence = LOW  # what the package gives here is awaitable, though it is not seen how
            if target.gid >= 0:
                self._of_project(record, target, confidence, out, opens)
            elif target.symbol is not None:
                made = Open(target.symbol, confidence, 1, record.gid, record.site, record.expression)
                self._open(opens, replace(made, awaited=record.awaited))
            else:
                out.extend(self._of_external(record, target, confidence))
        if guards:
            out = [replace(e, guards=guards) for e in out]
        if installed:
            out = [
                e if e.confidence == HIGH and e.kind not in _NOT_IN_PACKAGES else replace(e, confidence=LOW)
                for e in out
            ]
        if out and self._is_chosen(record):
            out = [replace(e, confidence=max(int(e.confidence) - 1, LOW)) for e in out]
        return out

    def _is_chosen(self, record: Record) -> bool:
        """Whether the call is one that its coroutine function hands over instead, in another branch."""
        code = self.solver.codes[record.gid]
        if not code.is_async:
            return False
        if record.gid not in self._chosen:
            self._chosen[record.gid] = chosen_sites(code)
        return record.site in self._chosen[record.gid]

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
            and target.how != "lazy"
            and not (entry.kind in _POLLED and is_within(record.regions, "polled"))
        ):
            if entry.does == "acquire" and target.receiver is not None:
                if self.solver.role(target.receiver) in LOCK_ROLES:
                    # Taking a lock is an event of its own: short where nothing slow is done under it.
                    made = event("lock")
                    out.append(replace(made, detail=self.solver.lock_of(target.receiver, None)))
            elif entry.does == "wait" and self._is_acquiring(record, target):
                out.append(replace(event(entry.kind), confidence=LOW))
            else:
                out.append(event(entry.kind))
        if entry is not None and entry.spawns in ("thread", "process"):
            out.append(event(entry.spawns))
        if target.how in ("call", "construct", "here") and self._makes_executor(target.external):
            out.append(event("executor"))
        return out

    def _is_acquiring(self, record: Record, target: Target) -> bool:
        """Whether a condition is waited for to take a lock of the project's own making, whose class gives it back too.

        Such a lock is held as shortly, or as long, as any other: that is not told by the waiting for it.
        """
        code = self.solver.codes[record.gid]
        name = code.facts.name
        return (
            code.owner is not None
            and target.receiver is not None
            and self.solver.role(target.receiver) == "condition"
            and any(
                taking in name and name.replace(taking, giving) in code.owner.bound
                for taking, giving in _TAKING_AND_GIVING
            )
        )

    def _has_async_twin(self, record: Record, target: Target) -> bool:
        """Whether the method is a coroutine function in a subclass of what the receiver is declared to be."""
        callee = called(record.expression)
        receiver = target.receiver
        if receiver is None or receiver[0] not in (SELF, INSTANCE) or type(callee) is not list:
            return False
        if callee[0] != ir.ATTR:
            return False
        return any(
            atom[0] == FUNCTION and self.solver.codes[atom[1]].is_async
            for child in self.solver.subclasses(receiver[1])
            for atom in self.solver.cells.get(("c", child, callee[2]), ())
        )

    def _gives_awaitable(self, target: Target) -> bool:
        if target.gid < 0 or target.how == "property":
            return False
        code = self.solver.codes[target.gid]
        value = self.solver.cells.get(("r", target.gid), ())
        return code.is_async or any(a[0] == AWAITABLE for a in value)

    def _cannot_be_awaited(self, gid: int) -> bool:
        """Whether a function is known to return something else than an awaitable: then an await means another."""
        code = self.solver.codes[gid]
        if code.is_async or code.flags or code.facts.kind == "class":
            return False
        # What it passes on from callers stays open, and decides nothing.
        value = [a for a in self.solver.cells.get(("r", gid), ()) if a[0] != SYMBOL]
        return bool(value) and all(
            (a[0] in _NEVER_AWAITABLE and a != NONE)
            or (
                a[0] in (INSTANCE, SELF)
                and not any(
                    m[0] == METHOD for m in self.solver.instance_attribute(a, a[1], "__await__", None)
                )
            )
            for a in value
        )

    def _makes_executor(self, name: str) -> bool:
        return (
            self.solver.catalogue.role(name) in ("thread-pool", "process-pool")
            and self.solver.catalogue.type(name) is not None
        )

    def _of_project(
        self,
        record: Record,
        target: Target,
        confidence: int,
        out: list[Event],
        opens: dict[tuple[Atom, bool], Open],
    ) -> None:
        code = self.solver.codes[target.gid]
        if "non-blocking" in code.flags:
            return
        self._depend(target.gid)
        if "blocking" in code.flags:
            said = self.solver.catalogue.declaration(code.name)
            kind = (said.kind if said is not None else None) or "wait"
            out.append(
                Event(
                    kind, code.name, confidence, 1, record.gid, record.site, record.expression, None, record
                )
            )
            return
        if target.how == "abstract" or self.is_abstract(code):
            self._of_overrides(record, code, target, confidence, out)
            return
        for kind, name, sure in self.solver.decorator_events.get(code.gid, ()):
            weaker = min(confidence, int(Confidence[sure.upper()]))
            out.append(Event(kind, name, weaker, 1, record.gid, record.site, record.expression, None, record))
        only: frozenset[str] | None = None
        if code.is_async and "synchronous" in code.flags:
            out.append(
                Event(
                    "wait", code.name, confidence, 1, record.gid, record.site, record.expression, None, record
                )
            )
            only = _THROUGH_AWAIT
        elif code.is_async and "asynchronous" not in code.flags:
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
            if event.guards and excluded(self.solver, event.guards, target.gid, target.binding or {}):
                continue
            if event.length < _LONGEST:
                out.append(
                    _step(
                        event, record.gid, record.site, record.expression, min(confidence, event.confidence)
                    )
                )
        if only is None:
            for opened in self.opens[target.gid]:
                self._close(record, target, opened, min(confidence, opened.confidence), out, opens)

    # -- open calls

    @staticmethod
    def _open(opens: dict[tuple[Atom, bool], Open], opened: Open) -> None:
        last = opened
        while last.inner is not None:
            last = last.inner
        key = (opened.symbol, last.awaited)
        known = opens.get(key)
        if known is None or (-opened.confidence, opened.length, opened.site) < (
            -known.confidence,
            known.length,
            known.site,
        ):
            opens[key] = opened

    def _close(
        self,
        record: Record,
        target: Target,
        opened: Open,
        confidence: int,
        out: list[Event],
        opens: dict[tuple[Atom, bool], Open],
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
            # What another call gave and an object kept: which of them is meant here, nobody knows.
            value = self.solver.given(symbol, None)
            confidence = min(confidence, MEDIUM if len(value) == 1 else LOW)
        if opened.length >= _LONGEST:
            return
        if record.awaited and self._gives_result(target.gid, symbol):
            opened = replace(opened, awaited=True)
        for atom in self._meant(value, opened):
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
                _step(event, record.gid, record.site, record.expression, event.confidence)
                for event in self._of_atom(atom, opened, confidence)
            )

    def _gives_result(self, gid: int, symbol: Atom) -> bool:
        """Whether a function returns what its call of a symbol gives."""
        return (*symbol[:3], (*symbol[3], "()")) in self.solver.cells.get(("r", gid), ())

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
        last = opened
        prefix: list[Open] = []
        while last.inner is not None:
            prefix.append(last)
            last = last.inner
        out = self._at(atom, last, confidence)
        for link in reversed(prefix):
            out = [_step(event, link.gid, link.site, link.call, event.confidence) for event in out]
        return out

    def _meant(self, value: Iterable[Atom], opened: Open) -> list[Atom]:
        """Of all that callers may give, what an open call can mean: where it is awaited, coroutine functions."""
        link: Open | None = opened
        while link is not None and not link.awaited:
            link = link.inner
        if link is None:
            return list(value)
        targets = [(atom, self._function_of(atom)) for atom in value]
        if any(gid >= 0 and self.solver.codes[gid].is_async for _, gid in targets):
            return []
        return [
            atom
            for atom, gid in targets
            if (gid >= 0 and self._gives_awaitable(Target(gid=gid)))
            or atom[0] in (SYMBOL, PARTIAL, SELF, INSTANCE)
        ]

    @staticmethod
    def _function_of(atom: Atom) -> int:
        if atom[0] == METHOD:
            atom = atom[1]
        return atom[1] if atom[0] == FUNCTION else -1

    def _at(self, atom: Atom, at: Open, confidence: int) -> list[Event]:
        """Events of calling an atom at a place."""
        tag = atom[0]
        if tag == FUNCTION or (tag == METHOD and atom[1][0] == FUNCTION):
            code = self.solver.codes[atom[1] if tag == FUNCTION else atom[1][1]]
            if code.facts.is_generator or code.is_async or "non-blocking" in code.flags:
                return []
            if code.gid in self.solver.declared:
                said = (EXTERNAL, code.name) if tag == FUNCTION else (BOUND, code.name, atom[2])
                return self._external_at(said, at, confidence)
            if self.is_abstract(code):
                out: list[Event] = []
                record = Record(at.gid, at.site, at.call, None, ())
                target = Target(gid=code.gid, receiver=atom[2] if tag == METHOD else None)
                self._of_overrides(record, code, target, confidence, out)
                return out
            if "unknown-decorator" in code.flags or "cached" in code.flags:
                confidence = min(confidence, MEDIUM)
            return [
                _step(event, at.gid, at.site, at.call, min(confidence, event.confidence))
                for event in self._specialised(atom).values()
                if event.length < _LONGEST
            ]
        if tag in (EXTERNAL, BOUND):
            return self._external_at(atom, at, confidence)
        if tag == CLASS:
            return [e for init in self._constructors(atom[1]) for e in self._at(init, at, confidence)]
        if tag == PARTIAL:
            return self._at(atom[1], at, confidence)
        if tag in (SELF, INSTANCE):
            calls = self.solver.attribute(atom, "__call__", None)
            return [e for inner in calls if inner[0] == METHOD for e in self._at(inner, at, confidence)]
        if tag == OBJECT:
            entry = self.solver.catalogue.method(self.solver.catalogue.canonical(atom[1]), "__call__")
            return self._external_at((BOUND, entry.name, atom), at, confidence) if entry is not None else []
        return []

    def _external_at(self, atom: Atom, at: Open, confidence: int) -> list[Event]:
        name = self.solver.catalogue.canonical(atom[1])
        entry = self.solver.catalogue.entry(name)
        if entry is None or (at.awaited and not entry.awaitable):
            return []
        if entry.unless or entry.only_if:
            confidence = min(confidence, MEDIUM)  # the arguments are not known
        record = Record(at.gid, at.site, at.call, None, ())
        receiver = atom[2] if atom[0] == BOUND else None
        target = Target(external=name, entry=entry, receiver=receiver, blocks=entry.blocks)
        record.targets.append(target)
        return self._of_external(record, target, min(confidence, int(entry.confidence)))

    def _constructors(self, gid: int) -> list[Atom]:
        for base in self.solver.mro(gid, None):
            if isinstance(base, int) and "__init__" in self.solver.codes[base].bound:
                found = self.solver.cells.get(("c", base, "__init__"), ())
                return [(METHOD, a, (INSTANCE, gid)) for a in found if a[0] == FUNCTION]
        return []

    def _settle_by_callers(self, opened: Open) -> list[Event]:
        """An open call where no caller decides: what all known callers give, a step less sure."""
        symbol = opened.symbol
        code = self.solver.codes[symbol[1]]
        names = code.facts.params.names
        out: list[Event] = []
        if code.owner is not None and names and symbol[2] == names[0] and symbol[3]:
            return self._settle_receiver(opened, code)
        for atom in self._meant(self.solver.given(symbol, None), opened):
            out.extend(self._of_atom(atom, opened, min(opened.confidence, MEDIUM)))
        return out

    def _settle_receiver(self, opened: Open, code: Code) -> list[Event]:
        """A method of the receiver: the class's own, and, less surely, those of subclasses."""
        assert code.owner is not None
        owner = code.owner.gid
        out: list[Event] = []
        own = self.solver.follow(((SELF, owner),), opened.symbol[3], None)
        for atom in self._meant(own, opened):
            out.extend(self._of_atom(atom, opened, opened.confidence))
        if len(opened.symbol[3]) == 1:
            overrides = [
                c for c in self.solver.subclasses(owner) if self.solver.defines(c, opened.symbol[3][0])
            ]
            for child in overrides[:_MANY]:
                value = self.solver.follow(((SELF, child),), opened.symbol[3], None)
                for atom in self._meant(value, opened):
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
                    self._depend(atom[1])
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


def _step(event: Event, gid: int, site: int, call: Any, confidence: int) -> Event:
    """An event as seen from one call further up."""
    return Event(
        event.kind, event.primitive, confidence, event.length + 1, gid, site, call, event, event.detail
    )


def _differ(old: Events, new: Events) -> bool:
    """Whether what callers see of events has changed."""
    if old.keys() != new.keys():
        return True
    return any(
        (old[k].confidence, old[k].length, old[k].primitive, old[k].site, old[k].next_key())
        != (e.confidence, e.length, e.primitive, e.site, e.next_key())
        for k, e in new.items()
    )


def is_lazy(region: Region | None) -> bool:
    """Whether a place is in a branch that runs once, to initialise something."""
    return is_within(region, "lazy")


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
