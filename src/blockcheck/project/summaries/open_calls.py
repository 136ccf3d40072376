"""Open calls: those on what a caller gives, settled with the values given; abstract methods, by their overrides."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from blockcheck.facts import ir
from blockcheck.project.guards import excluded
from blockcheck.project.model import (
    LOW,
    MEDIUM,
    Code,
    Event,
    Record,
    Target,
    is_by_super,
    unpacked,
)
from blockcheck.project.summaries import written
from blockcheck.project.summaries.primitives import Primitives
from blockcheck.project.summaries.state import LONGEST, THROUGH_AWAIT, Events, Open, step
from blockcheck.project.values import (
    BOUND,
    CLASS,
    EXTERNAL,
    FUNCTION,
    IN_MEMORY,
    INSTANCE,
    METHOD,
    OBJECT,
    PARTIAL,
    SELF,
    SYMBOL,
    Atom,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Iterable


_MANY = 12  # subclasses looked at
_SEVERAL = 3  # overrides that do the same, each time they are called: no coincidence


class OpenCalls(Primitives):
    """Open calls and abstract methods."""

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
        binding = target.binding
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
        if opened.length >= LONGEST:
            return
        if record.awaited and self._gives_result(target.gid, symbol):
            opened = replace(opened, awaited=True)
        for atom in self._meant(value, opened):
            if atom[0] == SYMBOL:
                link = Open(
                    atom, confidence, opened.length + 1, record.gid, record.site, record.packed, opened
                )
                self._open(opens, link)
                continue
            again = self._virtual(atom, record.gid)
            if again is not None:
                link = Open(
                    again, confidence, opened.length + 1, record.gid, record.site, record.packed, opened
                )
                self._open(opens, link)
                continue
            out.extend(
                step(event, record.gid, record.site, record.packed, event.confidence)
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
            out = [step(event, link.gid, link.site, link.packed, event.confidence) for event in out]
        return out

    def _meant(self, value: Iterable[Atom], opened: Open) -> list[Atom]:
        """Of all that callers may give, what an open call can mean: where it is awaited, coroutine functions."""
        link: Open | None = opened
        while link is not None and not link.awaited:
            link = link.inner
        if link is None:
            return list(value)
        targets = [(inner, self._function_of(inner)) for atom in value for inner in self._called_as(atom)]
        if any(gid >= 0 and self.solver.codes[gid].is_async for _, gid in targets):
            return []
        return [
            atom
            for atom, gid in targets
            if (gid >= 0 and self._gives_awaitable(Target(gid=gid)))
            or atom[0] in (SYMBOL, PARTIAL, SELF, INSTANCE)
        ]

    def _called_as(self, atom: Atom) -> Iterable[Atom]:
        """What is called when an atom is: of an instance, its method for that."""
        if atom[0] in (SELF, INSTANCE):
            return self.solver.attribute(atom, "__call__", None) or (atom,)
        return (atom,)

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
                record = Record(at.gid, at.site, at.packed, None, ())
                target = Target(gid=code.gid, receiver=atom[2] if tag == METHOD else None)
                self._of_overrides(record, code, target, confidence, out)
                return out
            if "unknown-decorator" in code.flags or "cached" in code.flags:
                confidence = min(confidence, MEDIUM)
            given = written.binding(unpacked(at.packed), code, bound=tag == METHOD)
            return [
                step(event, at.gid, at.site, at.packed, min(confidence, event.confidence))
                for event in self._specialised(atom).values()
                if event.length < LONGEST
                and not (
                    event.guards
                    and given is not None
                    and excluded(self.solver, event.guards, code.gid, given)
                )
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
        receiver = atom[2] if atom[0] == BOUND else None
        states = frozenset(a[1] for a in self.solver.read(("s", receiver), None))
        told = written.blocks(entry, unpacked(at.packed), states)
        if IN_MEMORY in states and entry.handle is None:
            told = False
        if told is None:
            confidence = min(confidence, MEDIUM)
        record = Record(at.gid, at.site, at.packed, None, ())
        target = Target(
            external=name, entry=entry, receiver=receiver, blocks=entry.blocks and told is not False
        )
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
        """An abstract method stands for all overrides: surely only as far as they agree, all or most of many."""
        if code.owner is None or is_by_super(record.expression):
            return  # `super().go()` means that very method, not what a subclass makes of it
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
            blocking = sum(1 for e in found if any(k not in THROUGH_AWAIT for k in e))
            most = kind != "import" and len(having) >= _SEVERAL and 3 * len(having) >= 2 * len(found)
            sure = MEDIUM if blocking == len(found) or most else LOW
            if best.length < LONGEST:
                out.append(
                    Event(
                        best.kind, best.primitive, min(confidence, best.confidence, sure), best.length + 1,
                        record.gid, record.site, record.packed, best, best.detail,
                    )
                )  # fmt: skip


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
