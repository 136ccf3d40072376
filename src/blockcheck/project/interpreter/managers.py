"""Context managers entered: what they run, what `as` is given, and the locks held inside."""

from __future__ import annotations

from typing import Any

from blockcheck.facts import ir
from blockcheck.project.interpreter import idioms
from blockcheck.project.interpreter.iteration import Iteration
from blockcheck.project.model import LOCK_ROLES
from blockcheck.project.results import evaluate_text
from blockcheck.project.values import (
    AWAITABLE,
    BOUND,
    CONTEXT,
    FUNCTION,
    INSTANCE,
    METHOD,
    NONE,
    OBJECT,
    SELF,
    SYMBOL,
    Atom,
    Value,
    join,
    settled,
)


class Managers(Iteration):
    """Context managers."""

    def enter(self, value: Value, site: int, e: Any, *, is_async: bool) -> tuple[Value, list[Any]]:
        """Enter a context manager: what ``as`` is given, and the locks held inside."""
        out: Value = ()
        locks: list[Any] = []
        for outer in settled(value):
            for atom in settled(self.solver.given(outer, self)) if outer[0] == SYMBOL else (outer,):
                tag = atom[0]
                if tag == CONTEXT:
                    out = join(out, atom[2])
                    if len(atom) > 4:
                        self._leave_by(atom[2], atom[4], site, e)
                    if not is_async:
                        held = self.solver.read(("h", atom[1]), self)
                        locks.extend((a, site, e) for a in held)
                elif tag == OBJECT:
                    out = join(out, self._enter_object(atom, site, e, locks, is_async=is_async))
                elif tag in (SELF, INSTANCE):
                    if not is_async and self.solver.role(atom) in LOCK_ROLES:
                        locks.append((self.solver.lock_of(atom, self), site, e))
                    out = join(out, self._enter_instance(atom, site, e, locks, is_async=is_async))
                elif tag == AWAITABLE:
                    out = join(out, atom[1])
        return out, locks

    def may_swallow(self, value: Value, e: Any, *, is_async: bool) -> bool:
        """Whether a context manager may end what is raised inside it: then what follows its block is reached in any case."""
        if self.suppresses(e):
            return True
        for atom in value:
            if atom[0] == CONTEXT and self.solver.read(("swallows", atom[1]), self):
                return True
            if atom[0] in (SELF, INSTANCE):
                for leave in self.solver.attribute(atom, "__aexit__" if is_async else "__exit__", self):
                    function = leave[1] if leave[0] == METHOD else leave
                    if function[0] == FUNCTION and idioms.may_return_true(self.solver.codes[function[1]]):
                        return True
        return False

    def suppresses(self, e: Any) -> bool:
        """Whether an expression calls ``contextlib.suppress``, or what the catalogue knows to do the same."""
        record = self.records.get(e[4]) if type(e) is list and e[0] == ir.CALL else None
        return record is not None and any(
            t.entry is not None and t.entry.does == "suppress" for t in record.targets
        )

    def _leave_by(self, value: Value, method: str, site: int, e: Any) -> None:
        """A context manager that calls a method of what it manages when it is left."""
        for atom in value:
            for found in self.solver.attribute(atom, method, self):
                self.call_atom(found, [], {}, self._loop_record(site, e), how="exit")

    def _enter_object(self, atom: Atom, site: int, e: Any, locks: list[Any], *, is_async: bool) -> Value:
        catalogue = self.solver.catalogue
        kind = catalogue.canonical(atom[1])
        if not is_async:
            if self.solver.role(atom) in LOCK_ROLES:
                locks.append((self.solver.lock_of(atom, self), site, e))
            for special in ("__enter__", "__exit__"):
                entry = catalogue.method(kind, special)
                if entry is not None:
                    record = self._loop_record(site, e)
                    self._external_target(
                        entry.name, entry, atom, [], {}, record, "enter" if special == "__enter__" else "exit"
                    )
        for base in catalogue.mro(kind):
            info = catalogue.type(base)
            text = (info.aenter if is_async else info.enter) if info is not None else ""
            if text:
                return (atom,) if text == "self" else evaluate_text(self.solver, text, atom)
        return (atom,)

    def _enter_instance(self, atom: Atom, site: int, e: Any, locks: list[Any], *, is_async: bool) -> Value:
        out: Value = ()
        for special in ("__aenter__", "__aexit__") if is_async else ("__enter__", "__exit__"):
            for inner in self.solver.attribute(atom, special, self):
                if inner[0] == BOUND and not is_async:
                    entry = self.solver.catalogue.entry(inner[1])
                    if entry is not None:
                        record = self._loop_record(site, e)
                        self._external_target(
                            inner[1],
                            entry,
                            atom,
                            [],
                            {},
                            record,
                            "enter" if special == "__enter__" else "exit",
                        )
                    if special == "__enter__":
                        out = join(out, (atom,))
                if inner[0] != METHOD or inner[1][0] != FUNCTION:
                    continue
                record = self._loop_record(site, e)
                before = self.env.held
                value = self.call_function(
                    inner[1],
                    inner[2],
                    [],
                    {},
                    record,
                    how="enter" if special in ("__enter__", "__aenter__") else "exit",
                )
                if special == "__enter__":
                    locks.extend((h[0], site, e) for h in self.env.held[len(before) :])
                self.env.held = before
                if special == "__enter__":
                    out = join(out, tuple(a for a in value if a != NONE))
                elif special == "__aenter__":
                    for got in value:
                        out = join(out, self.awaited(got))
        return out
