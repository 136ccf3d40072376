"""Callables handed over to external functions: run here, elsewhere or later."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from blockcheck.catalogue.model import decorator_entry
from blockcheck.facts import ir
from blockcheck.project import containers
from blockcheck.project.interpreter.interpreter import Interpreter
from blockcheck.project.model import BEGUN, LOCK_ROLES, Record, Reference, argument, path_of
from blockcheck.project.values import (
    AWAITABLE,
    CALLABLES,
    CLASSMETHOD,
    CONSTANT,
    FUNCTION,
    GETTER,
    INSTANCE,
    METHOD,
    OBJECT,
    OFFLOADED,
    PARTIAL,
    SELF,
    SEQUENCE,
    STATIC,
    SYMBOL,
    TUPLE,
    Atom,
    Value,
    join,
    join_all,
    shallow,
)

if TYPE_CHECKING:
    from blockcheck.catalogue import Entry, Run


#: What a partial application may be of.
_BOUND = CALLABLES | {SYMBOL, SELF, INSTANCE, STATIC, CLASSMETHOD}


class Handing(Interpreter):
    """What becomes of callables that are handed to a call."""

    def _runs(
        self,
        entry: Entry,
        arguments: list[Value],
        keywords: dict[str, Value],
        record: Record,
        e: Any,
        name: str,
    ) -> Value | None:
        """Callables handed over: run here, elsewhere or later. A result that they decide is returned."""
        out: Value | None = None
        for run in entry.runs:
            value: Value = ()
            given = False
            if run.name is not None and run.name in keywords:
                value, given = keywords[run.name], True
            elif run.at is not None and run.at < len(arguments):
                value, given = arguments[run.at], True
            elif "**" in keywords and run.context in ("thread", "process"):
                value = tuple(a for a in keywords["**"] if a[0] in CALLABLES or a[0] == SYMBOL)
                given = bool(value)
            if not given:
                continue
            if run.rest and run.at is not None:
                for more in arguments[run.at + 1 :]:
                    value = join(value, more)
            executor = (
                arguments[run.executor] if run.executor is not None and run.executor < len(arguments) else ()
            )
            if any(self.solver.role(atom) == "process-pool" for atom in executor):
                run = replace(run, context="process")  # noqa: PLW2901
            made = self._run(run, entry, value, arguments, keywords, record, e, name)
            if run.rest and run.result and run.at is not None:
                made = self._results(arguments[run.at :], e)
            if made is not None:
                out = made if out is None else join(out, made)
        return out

    def _results(self, arguments: list[Value], e: Any) -> Value:
        """What several awaitables give together: one result each, in order."""
        results: list[Value] = []
        for value in arguments:
            given: Value = ()
            for atom in value:
                given = join(given, self.awaited(atom))
            results.append(shallow(given, 6))
        if any(type(a) is list and a[0] == ir.STAR for a in e[2]):
            return ((SEQUENCE, "list", join_all(results)),)
        return ((TUPLE, *results),)

    def _run(
        self,
        run: Run,
        entry: Entry,
        value: Value,
        arguments: list[Value],
        keywords: dict[str, Value],
        record: Record,
        e: Any,
        name: str,
    ) -> Value | None:
        solver = self.solver
        out: Value = ()
        if run.partial:
            rest = arguments[(run.at or 0) + 1 :]
            named = tuple(sorted((k, v) for k, v in keywords.items() if k != run.name))
            return tuple((PARTIAL, a, tuple(rest), named) for a in value if a[0] in _BOUND)
        if run.context == "missing":
            solver.write(("f", self.code.gid, record.site), value)
            return None
        if run.context == "field":
            for atom in value:
                out = join(out, solver.result_of(atom, self))
            return join(out, ((GETTER, "factory", (shallow(value, 4),)),))
        if run.context == "left":
            call = record.expression
            stack = path_of(call[1][1]) if type(call[1]) is list and call[1][0] == ir.ATTR else None
            if stack is not None:
                self.at_end.setdefault(stack, []).append(value)
            return None
        if run.decorates:
            return tuple((OFFLOADED, a, run.context) for a in value)
        if run.context in ("thread", "process"):
            inner = argument(e, run.name, run.at)
            if (
                type(inner) is list
                and inner[0] == ir.CALL
                and not any(a[0] in CALLABLES or a[0] in (SYMBOL, AWAITABLE) for a in value)
            ):
                record.references.append(Reference("eager", (CONSTANT, inner[4]), False, "", name))
        if run.context == "thread" and run.hands:
            positional, by_name = self._arguments_handed(run, arguments, keywords)
            for atom in value:
                self._hand_locks(atom, positional, by_name)
        for atom in value:
            if run.context == "here":
                before = len(record.targets)
                result = (
                    self.call_atom(atom, self._handed(run, arguments), {}, record, how="here")
                    if atom[0] in CALLABLES or atom[0] in (SYMBOL, SELF, INSTANCE)
                    else ()
                )
                out = join(out, result)
                if run.lazy and self.beginning is record.expression:
                    for target in record.targets[before:]:
                        target.how = BEGUN
                continue
            if atom[0] == AWAITABLE and (run.result or run.context == "loop-now"):
                out = join(out, atom[1])
                continue
            if atom[0] in CALLABLES or atom[0] in (SYMBOL, SELF, INSTANCE):
                record.references.append(
                    Reference(run.context, atom, run.per_request, run.async_context, name, run.ready)
                )
            if run.result:
                out = join(out, solver.result_of(atom, self))
        if run.result:
            return ((AWAITABLE, out),) if entry.awaitable else out
        return None

    def _arguments_handed(
        self, run: Run, arguments: list[Value], keywords: dict[str, Value]
    ) -> tuple[list[Value], dict[str, Value]]:
        """The arguments with which another thread will call what it is handed."""
        at = run.at or 0
        if run.hands != "args":
            return arguments[at + 1 :], {k: v for k, v in keywords.items() if k != run.name}
        packed = keywords.get("args", arguments[at + 2] if at + 2 < len(arguments) else ())
        whole = next((w for a in packed if (w := containers.sequence(self.solver, a, self)) is not None), [])
        by_name = containers.entries(self.solver, keywords.get("kwargs", ()), self)
        return whole, {key: value for key, value in by_name.items() if isinstance(key, str)}

    def _hand_locks(self, atom: Atom, positional: list[Value], named: dict[str, Value]) -> None:
        """A function that another thread runs is given locks: these are what its parameters mean."""
        if atom[0] == PARTIAL:
            return self._hand_locks(atom[1], [*atom[2], *positional], {**dict(atom[3]), **named})
        function, skipped = (atom[1], 1) if atom[0] == METHOD else (atom, 0)
        if function[0] != FUNCTION:
            return None
        names = self.solver.codes[function[1]].facts.params.names
        given = [
            *zip(names[skipped:], positional, strict=False),
            *((k, v) for k, v in named.items() if k in names),
        ]
        for name, value in given:
            locks = tuple(a for a in value if a[0] == OBJECT and self.solver.role(a) in LOCK_ROLES)
            if locks:
                self.solver.write(("p", function[1], name), locks)
        return None

    def _handed(self, run: Run, arguments: list[Value]) -> list[Value]:
        """What a callable that is run at once gets, as in `map`: the elements of the other arguments."""
        if not self.solver.keep_all:
            return []
        out: list[Value] = []
        for position, value in enumerate(arguments):
            if position != run.at:
                inner: Value = ()
                for atom in self.settled(value):
                    inner = join(inner, self.solver.elements(atom, self))
                out.append(inner)
        return out

    def _registrars(
        self, name: str, arguments: list[Value], keywords: dict[str, Value], record: Record
    ) -> None:
        for table in self.solver.catalogue.registrar(name):
            conditions = decorator_entry(name, table)
            if not self.may_block(conditions, None, arguments, keywords, record):
                continue
            value: Value = ()
            if table.get("name") in keywords:
                value = keywords[table["name"]]
            elif table.get("at") is not None and table["at"] < len(arguments):
                value = arguments[table["at"]]
            for atom in value:
                if atom[0] in CALLABLES or atom[0] == SYMBOL:
                    record.references.append(
                        Reference(
                            table["context"],
                            atom,
                            table.get("per_request", False),
                            table.get("async_context", "loop"),
                            name,
                        )
                    )
