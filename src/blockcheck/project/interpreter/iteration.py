"""What looping over a value runs and gives, and what awaiting one gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project.interpreter.callees import Callees
from blockcheck.project.model import BEGUN, HIGH, MEDIUM, Record, Region, Target, is_within
from blockcheck.project.results import evaluate_text
from blockcheck.project.values import (
    AWAITABLE,
    AWAITED,
    CLASS,
    EXTERNAL,
    FUNCTION,
    GENERATOR,
    INSTANCE,
    LONGEST_PATH,
    METHOD,
    OBJECT,
    SELF,
    SYMBOL,
    Atom,
    Value,
    join,
)

if TYPE_CHECKING:
    from blockcheck.catalogue import Entry


class Iteration(Callees):
    """Iteration."""

    def awaited(self, atom: Atom) -> Value:
        """What awaiting an atom gives."""
        tag = atom[0]
        if tag == AWAITABLE:
            value: Value = atom[1]
            return value
        if tag == SYMBOL:
            path = atom[3]
            return ((SYMBOL, atom[1], atom[2], (*path, AWAITED)),) if len(path) < LONGEST_PATH else ()
        if tag == OBJECT:
            for base in self.solver.catalogue.mro(self.solver.catalogue.canonical(atom[1])):
                info = self.solver.catalogue.type(base)
                if info is not None and info.awaits:
                    return evaluate_text(self.solver, info.awaits, atom)
        return ()

    def begin(self, targets: list[Any], e: Any) -> Value:
        """The value of an expression that is assigned; what an iterator does, it does once its name is used."""
        name = targets[0] if len(targets) == 1 and type(targets[0]) is str else ""
        lazy = type(e) is list and (e[0] == ir.CALL or (e[0] == ir.COMP and e[1] == "generator"))
        if not name or not lazy or not self.code.is_function or name in self.captured:
            return self.ev(e)
        self.beginning = e
        value = self.ev(e)
        self.beginning = None
        self.begun.pop(name, None)
        if e[0] == ir.COMP:
            others = {r.site for records in self.begun.values() for r in records}
            inside = [r for r in self.records.values() if is_within(r.regions, BEGUN)]
            begun = [r for r in inside if r.site not in others]
        else:
            made = self.records.get(e[4])
            begun = [made] if made is not None and any(t.how == BEGUN for t in made.targets) else []
        if begun:
            self.begun[name] = begun
        return value

    def use(self, name: str) -> None:
        """An iterator's name is used: nothing tells that it is not consumed."""
        for record in self.begun.pop(name):
            record.regions = _without(record.regions, BEGUN)
            for target in record.targets:
                if target.how == BEGUN:
                    target.how = "here"

    def consume(self, e: Any) -> None:
        """What a lazy call only began happens now: its result is iterated."""
        if type(e) is str:  # what a name was given before
            value = self.env.names.get(e)
            records = [r for r in self.records.values() if value and r.result == value]
        else:
            known = self.records.get(e[4]) if type(e) is list and e[0] == ir.CALL else None
            records = [known] if known is not None else []
        for record in records:
            for target in record.targets:
                lazy = target.entry is not None and target.entry.lazy and target.how == "call"
                if lazy or target.how == "lazy":
                    target.how = "iterate"

    def iterate(self, value: Value, site: int, e: Any, *, is_async: bool) -> Value:
        """What looping over a value gives; generators run their bodies here."""
        self.consume(e)
        out: Value = ()
        for atom in value:
            tag = atom[0]
            if tag == GENERATOR:
                if atom[1] >= 0 and not atom[3]:
                    self._run_generator(atom[1], self._loop_record(site, e), "iterate")
                out = join(out, atom[2])
            elif tag in (SELF, INSTANCE) or (tag == CLASS and self.solver.metaclass(atom[1]) is not None):
                out = join(out, self._iterate_instance(atom, site, e, is_async=is_async))
            elif tag == SYMBOL:
                left_open = self.solver.elements(atom, self)
                out = join(
                    out,
                    self.with_given(
                        atom, left_open, lambda a: self.iterate((a,), site, e, is_async=is_async)
                    ),
                )
            elif tag in (OBJECT, EXTERNAL):
                kind = self.solver.catalogue.canonical(atom[1])
                if not is_async:
                    for entry in self._waiting_for_elements(kind):
                        record = self._loop_record(site, e)
                        self._external_target(entry.name, entry, atom, [], {}, record, "iterate")
                out = join(out, self.solver.elements(atom, self))
            else:
                out = join(out, self.solver.elements(atom, self))
        return out

    def exhaust(self, value: Value, record: Record, *, lazy: bool = False) -> None:
        """A call takes all that there is in an iterable; a lazy one will, once what it gives is iterated."""
        how = "lazy" if lazy else "iterate"
        for atom in value:
            if atom[0] == GENERATOR:
                if atom[1] >= 0 and not atom[3]:
                    self._run_generator(atom[1], record, how)
            elif atom[0] in (SELF, INSTANCE):
                self._iterate_instance(atom, record.site, record.expression, is_async=False, how=how)
            elif atom[0] == OBJECT:
                for entry in self._waiting_for_elements(self.solver.catalogue.canonical(atom[1])):
                    self._external_target(entry.name, entry, atom, [], {}, record, how)

    def starred(self, e: Any) -> Value:
        """The value of what a star takes whole: ``[*rows()]``, ``take(*rows())``."""
        value = self.ev(e)
        self.unpack(value, e)
        return value

    def unpack(self, value: Value, e: Any) -> None:
        """All that a call gives is taken where it stands: ``first, *rest = rows()``."""
        record = self.records.get(e[4]) if type(e) is list and e[0] == ir.CALL else None
        if record is not None and not self.solver.keep_all:
            self.consume(e)
            self.exhaust(value, record)

    def _run_generator(self, gid: int, record: Record, how: str) -> None:
        confidence = MEDIUM if "unknown-decorator" in self.solver.codes[gid].flags else HIGH
        record.targets.append(Target(gid=gid, how=how, binding={}, confidence=confidence))

    def _waiting_for_elements(self, kind: str) -> list[Entry]:
        """The methods by which an external type's objects wait for their elements."""
        found = (self.solver.catalogue.method(kind, special) for special in ("__iter__", "__next__"))
        return [entry for entry in found if entry is not None and entry.blocks]

    def _loop_record(self, site: int, e: Any) -> Record:
        record = self.records.get(site)
        if record is None or record.expression is not e:
            record = self.record(site, e)
        return record

    def _iterate_instance(
        self, atom: Atom, site: int, e: Any, *, is_async: bool, how: str = "iterate"
    ) -> Value:
        out: Value = ()
        first = "__aiter__" if is_async else "__iter__"
        made: Value = ()
        for inner in self.solver.special_method(atom, first, self):
            if inner[0] == METHOD and inner[1][0] == FUNCTION:
                record = self._loop_record(site, e)
                made = join(made, self.call_function(inner[1], inner[2], [], {}, record, how=how))
        for inner in made:
            if inner[0] == GENERATOR:
                record = self._loop_record(site, e)
                record.targets.append(Target(gid=inner[1], how=how, binding={}))
                out = join(out, inner[2])
            elif inner[0] in (SELF, INSTANCE):
                out = join(out, self._next(inner, site, e, is_async=is_async, how=how))
            else:
                out = join(out, self.solver.elements(inner, self))
        if not made:
            for inner in self.solver.special_method(atom, "__getitem__", self):
                if inner[0] == METHOD and inner[1][0] == FUNCTION:
                    record = self._loop_record(site, e)
                    out = join(out, self.call_function(inner[1], inner[2], [], {}, record, how=how))
            view = self.solver.container(atom)
            if view is not None:
                out = join(out, self.solver.elements(view, self))
        return out

    def _next(self, atom: Atom, site: int, e: Any, *, is_async: bool, how: str = "iterate") -> Value:
        out: Value = ()
        for inner in self.solver.attribute(atom, "__anext__" if is_async else "__next__", self):
            if inner[0] == METHOD and inner[1][0] == FUNCTION:
                record = self._loop_record(site, e)
                value = self.call_function(inner[1], inner[2], [], {}, record, how=how)
                for got in value:
                    out = join(out, self.awaited(got) if got[0] == AWAITABLE else (got,))
        return out

    def next_of(self, atom: Atom, record: Record) -> Value:
        """What `next(x)` gives."""
        if atom[0] in (SELF, INSTANCE):
            return self._next(atom, record.site, record.expression, is_async=False)
        return ()


def _without(region: Region | None, kind: str) -> Region | None:
    """The regions around a place, but those of a kind."""
    if region is None:
        return None
    outer = _without(region.outer, kind)
    return outer if region.kind == kind else region._replace(outer=outer)
