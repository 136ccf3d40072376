"""Calls of what the catalogue knows: what they cause, and whether what is called can be awaited."""

from __future__ import annotations

from dataclasses import replace

from blockcheck.facts import ir
from blockcheck.project.drained_pools import is_drained
from blockcheck.project.model import (
    LOCK_ROLES,
    LOW,
    POOL_ROLES,
    Event,
    Record,
    Target,
    called,
    is_within,
)
from blockcheck.project.readiness import tells_beginning
from blockcheck.project.summaries.state import State
from blockcheck.project.values import (
    AWAITABLE,
    CONSTANT,
    CONTAINER,
    FUNCTION,
    INSTANCE,
    LITERAL,
    MAPPING,
    METHOD,
    NONE,
    OBJECT,
    SELF,
    SEQUENCE,
    SYMBOL,
    TUPLE,
)

_NEVER_AWAITABLE = frozenset({CONSTANT, CONTAINER, SEQUENCE, MAPPING, TUPLE, LITERAL})
#: What raises BlockingIOError instead of waiting where it is on a non-blocking descriptor: who catches that has one.
_POLLED = frozenset({"socket", "file"})
#: What names the two ends of a lock.
_TAKING_AND_GIVING = (("acquire", "release"), ("lock", "unlock"), ("__enter__", "__exit__"))


class Primitives(State):
    """Events of primitives."""

    def _of_external(self, record: Record, target: Target, confidence: int) -> list[Event]:
        entry = target.entry
        out = []

        def event(kind: str) -> Event:
            return Event(
                kind, target.external, confidence, 1, record.gid, record.site, record.packed, None, record
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
            elif entry.does == "shutdown" and is_drained(self.solver.codes[record.gid], record.site):
                # It waits for what a cancelled await has left behind.
                out.append(replace(event(entry.kind), confidence=LOW))
            elif entry.does == "wait" and (self._is_acquiring(record, target) or self._is_beginning(target)):
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

    def _is_beginning(self, target: Target) -> bool:
        """Whether an event is waited for that is set, once and for all, as soon as something has begun."""
        event = target.receiver
        if event is None or event[0] != OBJECT or event[2] is None or self.solver.role(event) != "event":
            return False
        known = self._beginnings.get(event)
        if known is None:
            known = self._beginnings[event] = tells_beginning(self.solver, event)
        return known

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
        return self.solver.catalogue.role(name) in POOL_ROLES and self.solver.catalogue.type(name) is not None
