"""The fixpoint of summaries over the call graph."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from blockcheck.project.guards import excluded
from blockcheck.project.model import MEDIUM
from blockcheck.project.summaries.records import Records
from blockcheck.project.values import (
    FUNCTION,
    SYMBOL,
    Atom,
    Value,
)

if TYPE_CHECKING:
    from blockcheck.project.model import (
        Event,
        Record,
    )
    from blockcheck.project.solver import Solver
    from blockcheck.project.summaries.state import Events, Open

_NO_EVENTS: Events = {}

_NESTED = 6  # callables handed over inside callables handed over
_MANY = 12  # open calls kept of one function


class Summaries(Records):
    """Events and open calls of every function."""

    def __init__(self, solver: Solver) -> None:
        self.solver = solver
        self.events: list[Events] = [_NO_EVENTS] * len(solver.codes)
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
        self._beginnings: dict[Atom, bool] = {}

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
            known = tuple(g for g in event.guards if g[:2] in bindings)
            if not known or not excluded(self.solver, known, gid, bindings):
                self._keep(events, event)
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


def _differ(old: Events, new: Events) -> bool:
    """Whether what callers see of events has changed."""
    if old.keys() != new.keys():
        return True
    return any(
        (old[k].confidence, old[k].length, old[k].primitive, old[k].site, old[k].next_key())
        != (e.confidence, e.length, e.primitive, e.site, e.next_key())
        for k, e in new.items()
    )
