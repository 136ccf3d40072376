"""Expressions that make something anew: containers, comprehensions and lambdas."""

from __future__ import annotations

from typing import Any

from blockcheck.facts import ir
from blockcheck.project import containers, implicit, trips
from blockcheck.project.interpreter.assignment import Assignment
from blockcheck.project.interpreter.narrowing import Narrowing
from blockcheck.project.model import BEGUN, Region
from blockcheck.project.values import (
    FUNCTION,
    LITERAL,
    MAPPING,
    SEQUENCE,
    TUPLE,
    Value,
    interesting,
    join,
    shallow,
)


class Displays(Narrowing, Assignment):
    """Displays."""

    def _e_tuple(self, e: Any) -> Value:
        if any(type(x) is list and x[0] == ir.STAR for x in e[1]):
            out: Value = ()
            for x in e[1]:
                if type(x) is list and x[0] == ir.STAR:
                    for atom in self.starred(x[1]):
                        out = join(out, self.solver.elements(atom, self))
                else:
                    out = join(out, self.ev(x))
            return ((SEQUENCE, "tuple", out),)
        return ((TUPLE, *(shallow(self.ev(x), 6) for x in e[1])),)

    def _e_list(self, e: Any) -> Value:
        return self._literal(e, "list" if e[0] == ir.LIST else "set")

    def _literal(self, e: Any, kind: str) -> Value:
        values: list[Value] = []
        loose: Value = ()  # what comes behind elements whose number is not known
        starred = False
        for x in e[1]:
            if type(x) is not list or x[0] != ir.STAR:
                if starred:
                    loose = join(loose, self.ev(x))
                else:
                    values.append(self.ev(x))
                continue
            inner = self.settled(self.starred(x[1]))
            whole = containers.sequence(self.solver, inner[0], self) if len(inner) == 1 else None
            if whole is not None and not starred:
                values.extend(whole)
                continue
            starred = True
            for atom in inner:
                loose = join(loose, self.solver.elements(atom, self))
        if values and not starred and all(v and not interesting(v) for v in values):
            return ((LITERAL, kind, len(values)),)
        made = containers.new_sequence(self, e[2], kind, values)
        if starred:
            containers.put(self.solver, made[0], "*" if kind == "set" else containers.ADDED, loose)
        return made

    def _e_dict(self, e: Any) -> Value:
        table: dict[Any, Value] = {}
        for key, expression in e[1]:
            if key is None and type(expression) is list and expression[0] == ir.STAR:
                table.update(containers.entries(self.solver, self.settled(self.ev(expression[1])), self))
                continue
            where = containers.key_of(self.settled(self.ev(key)))
            value = self.ev(expression)
            table[where] = join(table.get(where, ()), value) if where == "*" else value
        return containers.new_table(self, e[2], table)

    def _e_lambda(self, e: Any) -> Value:
        code = self.solver.codes[self.code.unit.first + e[1]]
        for name, default in code.facts.params.defaults.items():
            self.solver.write(("d", code.gid, name), self.ev(default))
        self.note_narrowed(code)
        return ((FUNCTION, code.gid, ()),)

    def _e_comp(self, e: Any) -> Value:
        _, kind, element, key, clauses, _site = e
        outer = self.region
        # Comprehension variables live in a scope of their own.
        outside = self.env
        self.env = outside.copy()
        begins = self.beginning is e
        for target, iterable, conditions, is_async, clause in clauses:
            if is_async:
                self._awaiting = True
            value = self.ev(iterable)
            self._awaiting = False
            if begins and self.region is outer:
                self.region = Region(BEGUN, clause, None, outer)
            trip = trips.of_iterable(self, iterable, value)
            item = self.iterate(value, clause, iterable, is_async=is_async)
            self.region = Region("comprehension", clause, trip, self.region)
            self._bind_target(target, item)
            self.narrow_counted(iterable, self.env)
            for condition in conditions:
                implicit.truth(self, self.ev(condition))
                self.narrow(condition, self.env, truth=True)
        if key is not None:
            self.ev(key)
        made = self.ev(element)
        self.region = outer
        self.env = outside
        if kind == "dict":
            return ((MAPPING, shallow(made)),)
        return ((SEQUENCE, kind, shallow(made)),)

    def _bind_target(self, target: Any, value: Value) -> None:
        """Bind comprehension variables: local to the expression, so nothing is written to cells but captures."""
        if type(target) is str:
            self.env.names[target] = value
            if target in self.captured:
                self.solver.write(("v", self.code.gid, target), shallow(value))
            elif self.code.parent is None:
                self.solver.write(("g", self.code.unit.index, target), ())
        else:
            self.assign(target, value, None)
