"""Expressions: names, attributes, subscripts, operators, conditions and suspensions."""

from __future__ import annotations

from typing import Any

from blockcheck.facts import ir
from blockcheck.project import containers, implicit, typehints
from blockcheck.project.interpreter.branches import Branches
from blockcheck.project.interpreter.env import merge
from blockcheck.project.interpreter.externals import OTHERS, WINDOWS
from blockcheck.project.interpreter.operators import OPERATORS
from blockcheck.project.model import Region
from blockcheck.project.values import (
    ASKS,
    BOUND,
    CLASS,
    CONSTANT,
    CONTAINER,
    EXTERNAL,
    FUNCTION,
    GENERATOR,
    HINT,
    INSTANCE,
    LITERAL,
    MAPPING,
    METHOD,
    NAMESPACE,
    NONE,
    OBJECT,
    PLATFORM,
    RUNNING,
    SELF,
    SEQUENCE,
    SYMBOL,
    TUPLE,
    Atom,
    Value,
    either,
    join,
    join_all,
)

_SAME = {"is": True, "==": True, "is not": False, "!=": False}


_MOST_TEXTS = 6
_TYPES = frozenset({CLASS, EXTERNAL, HINT})


class Expressions(Branches):
    """Expressions."""

    def load(self, name: str) -> Value:
        """The value of a name."""
        value = self.env.names.get(name)
        if value is not None:
            return self.solver.imported(value, self) if self.code.unit.installed else value
        code = self.code
        if name in code.bound and code.is_function and name not in self.global_names:
            return ()
        if code.parent is None:
            return self.solver.global_name(code.unit, name, self)
        return self.solver.name(code, name, self)

    def _e_const(self, e: Any) -> Value:
        return ((CONSTANT, e[1]),)

    def _e_attr(self, e: Any) -> Value:
        if self.env.paths:
            path = self.env.path(e)
            if path is not None:
                known = self.env.paths.get(path)
                if known is not None:
                    return known
        awaiting, self._awaiting = self._awaiting, False
        base = self.ev(e[1])
        out: Value = ()
        self._property_site = (e[3], e)
        for atom in base:
            self._property_site = (e[3], e)
            got = self.solver.attribute(atom, e[2], self)
            if atom[0] == SYMBOL and (not got or self.solver.runs_when_read(e[2])):
                got = self.with_given(atom, got, lambda a: self.solver.attribute(a, e[2], self))
            out = join(out, got)
        self._awaiting = awaiting
        return out

    def _e_subscript(self, e: Any) -> Value:
        if self.env.paths:
            path = self.env.path(e)
            if path is not None:
                known = self.env.paths.get(path)
                if known is not None:
                    return known
        base = self.ev(e[1])
        index = self.settled(self.ev(e[2]))
        out: Value = ()
        if self.facts.kind != "function" and any(a[0] == EXTERNAL for a in base):
            allowed = self.solver.annotated(self.code, e, self)
            if typehints.known(allowed):
                return ((HINT, allowed),)
        for atom in base:
            out = join(out, self._element(atom, index, e))
        return out

    def _element(self, atom: Atom, index: Value, e: Any) -> Value:
        tag = atom[0]
        if tag in (CONTAINER, TUPLE, SEQUENCE) and type(e[2]) is list and e[2][0] == ir.SLICE:
            return containers.sliced(self, atom, [self.ev(b) for b in e[2][1]], e[3])
        if tag in (CONTAINER, TUPLE, SEQUENCE, MAPPING):
            return self.solver.element(atom, index, self)
        if tag == SYMBOL:
            left_open = self.solver.element(atom, index, self)
            return self.with_given(atom, left_open, lambda a: self._element(a, index, e))
        if tag in (SELF, INSTANCE):
            out = self.call_special(atom, "__getitem__", [index], e[3], e)
            if not out and self.solver.container(atom) is not None:
                out = join(
                    containers.element(self.solver, atom, index, self),
                    self.call_special(atom, "__missing__", [index], e[3], e),
                )
            return out
        if tag == NAMESPACE:  # globals()["name"]
            out = ()
            for key in containers.keys_of(index) or ():
                if isinstance(key, str):
                    out = join(out, self.solver.attribute(atom[1], key, self))
            return out
        if tag == CLASS:
            of_class = self.call_special(atom, "__getitem__", [index], e[3], e)
            for method in self.solver.class_attribute(atom, "__class_getitem__", self):
                if method[0] == FUNCTION or method[0] == METHOD:
                    function = method[1] if method[0] == METHOD else method
                    made = self.call_function(
                        function, atom, [index], {}, self.record(e[3], e), how="operator"
                    )
                    of_class = join(of_class, made)
            return of_class or (atom,)
        if tag == EXTERNAL:
            return (atom,)
        if tag == OBJECT and self.solver.container(atom) is not None:
            containers.missing(self, atom, index, e[3], e)
            return containers.element(self.solver, atom, index, self)
        if tag == OBJECT:
            entry = self.solver.catalogue.method(self.solver.catalogue.canonical(atom[1]), "__getitem__")
            if entry is not None:
                record = self.record(e[3], e)
                return self.call_external((BOUND, entry.name, atom), [index], {}, record, e)
            return self.solver.elements(atom, self)
        return ()

    def _e_binop(self, e: Any) -> Value:
        left, right = self.ev(e[2]), self.ev(e[3])
        method = OPERATORS.get(e[1])
        if method is None:
            return ()
        if e[1] == "|":
            hint = self._union(left, right)
            if hint:
                return hint
        if e[1] == "+" and any(a[0] == CONSTANT and type(a[1]) is str for a in (*left, *right)):
            text = self._concatenated([self.settled(left), self.settled(right)])
            if text:
                return text
        together = containers.combined(self, e[1], left, right, e[4])
        if together is not None:
            return together
        out: Value = ()
        for atom in left:
            tag = atom[0]
            if tag in (SELF, INSTANCE, OBJECT):
                out = join(out, self.call_special(atom, method, [right], e[4], e))
            elif tag in (CONTAINER, SEQUENCE, TUPLE, LITERAL, MAPPING):
                out = join(out, (atom,))
        if e[1] in ("+", "|"):
            for atom in right:
                if atom[0] in (CONTAINER, SEQUENCE, TUPLE, MAPPING):
                    out = join(out, (atom,))
        if not out:
            reverse = "__r" + method[2:]
            for atom in right:
                if atom[0] in (SELF, INSTANCE, OBJECT):
                    out = join(out, self.call_special(atom, reverse, [left], e[4], e))
        return out

    def _union(self, left: Value, right: Value) -> Value:
        """``A | B`` as a type expression."""
        parts = (*left, *right)
        if not left or not right or any(a[0] not in _TYPES and a != NONE for a in parts):
            return ()
        if self.facts.kind == "function" and not any(a[0] in (CLASS, HINT) for a in parts):
            return ()  # flags of a library, more likely
        allowed = join_all([typehints.of_class(a) for a in parts])
        return ((HINT, allowed),) if allowed else ()

    def _e_bool(self, e: Any) -> Value:
        parts = e[2]
        out: Value = ()
        before = self.env
        for position, part in enumerate(parts):
            if position:
                # Later operands run only where the earlier ones came out a certain way.
                self.env = self.env.copy()
                self.narrow(parts[position - 1], self.env, truth=e[1] == "and")
            value = self.ev(part)
            if position < len(parts) - 1:
                implicit.truth(self, value)
            if e[1] == "or" and position < len(parts) - 1:
                value = tuple(a for a in value if not (a[0] == CONSTANT and not a[1]))
            elif e[1] == "and" and position < len(parts) - 1:
                value = tuple(
                    a for a in value if (a[0] in (CONSTANT, RUNNING) and not a[1]) or a == (PLATFORM, True)
                )
            out = join(out, value)
        held = before.held
        merged = merge(before, self.env) if self.env is not before else before
        self.env = merged or before
        self.env.held = held
        return out

    def _e_ifexp(self, e: Any) -> Value:
        test = self.ev(e[1])
        implicit.truth(self, test)
        running = self._running(e[1], test)
        base, outer = self.env, self.region
        self.env = base.copy()
        self.narrow(e[1], self.env, truth=True)
        if running is False:
            self.region = Region("off-loop", -1, None, outer)
        left = self.ev(e[2])
        after_left = self.env
        self.env = base
        self.narrow(e[1], self.env, truth=False)
        self.region = outer if running is not True else Region("off-loop", -1, None, outer)
        right = self.ev(e[3])
        self.region = outer
        self.env = merge(after_left, self.env) or base
        if running is not None:
            return left if running else right
        return either(left, right)

    def _e_await(self, e: Any) -> Value:
        self._awaiting = True
        value = self.ev(e[1])
        self._awaiting = False
        if self.env.held:
            self.awaits.append((e[2], self.env.held, self.region))
        out: Value = ()
        for atom in value:
            out = join(out, self.awaited(atom))
        return out

    def _e_yield(self, e: Any) -> Value:
        self.yielded = join(self.yielded, self.ev(e[1]))
        self._may_suspend(e[2])
        held = self.env.held
        if self.yield_held is None:
            self.yield_held = held
        elif self.yield_held:
            there = {h[0] for h in held}
            self.yield_held = tuple(h for h in self.yield_held if h[0] in there)
        return self.solver.read(("sent", self.code.gid), self)

    def _may_suspend(self, site: int) -> None:
        """Note a yield under a lock that is an await by another name: of `__await__`, or of a generator made a coroutine."""
        if self.env.held and (self.facts.name == "__await__" or "asynchronous" in self.code.flags):
            self.awaits.append((site, self.env.held, self.region))

    def _e_yield_from(self, e: Any) -> Value:
        value = self.ev(e[1])
        self._may_suspend(e[2])
        self.yielded = join(self.yielded, self.iterate(value, e[2], e[1], is_async=False))
        out: Value = ()
        for atom in value:
            if atom[0] == GENERATOR and atom[1] >= 0:
                returned = self.solver.read(("r", atom[1]), self)
                out = join(out, tuple(a for a in returned if a != NONE))
        return out

    def _e_named(self, e: Any) -> Value:
        value = self.ev(e[2])
        self.assign(e[1], value, None)
        return value

    def _e_star(self, e: Any) -> Value:
        return self.ev(e[1])

    def _e_eval(self, e: Any) -> Value:
        for part in e[1]:
            self.ev(part)
        return ()

    def _e_compare(self, e: Any) -> Value:
        left = self.ev(e[1])
        asked, before = left, left
        made: Value = ()
        for operator, operand in e[2]:
            right = self.ev(operand)
            asked = join(asked, right)
            made = implicit.compare(self, operator, before, right)
            if operator in ir.CONTAINMENT and not self.solver.keep_all:
                self._look_for(before, right, e)
            before = right
        if (RUNNING, "thread") in asked:
            return ((RUNNING, "thread"),)
        platform = self._platform(left, before, e[2][0][0])
        if platform:
            return platform
        operator, other = e[2][0]
        is_none = len(e[2]) == 1 and operator in ("is", "is not") and other == [ir.CONST, None]
        if self._ever_asked and is_none and self._is_loop(left):
            return ((RUNNING, operator == "is not"),)
        if self._ever_asked and operator in _SAME and (self._is_loop(left) or self._is_loop(before)):
            return ((RUNNING, _SAME[operator]),)  # whether this is the very loop that runs here
        return made

    def _look_for(self, wanted: Value, places: Value, e: Any) -> None:
        """``key in places``: what is asked for it does so here."""
        for atom in places:
            own = atom[0] in (SELF, INSTANCE)
            if atom[0] == OBJECT or (
                own and any(a[0] == METHOD for a in self.solver.special_method(atom, "__contains__", self))
            ):
                self.call_special(atom, "__contains__", [wanted], e[3], e)
            elif own or atom[0] == GENERATOR:
                self.iterate((atom,), e[3], e, is_async=False)

    def _platform(self, left: Value, right: Value, operator: str) -> Value:
        """A comparison that asks on which platform this runs: what Windows answers."""
        if operator not in _SAME or len(left) != 1 or len(right) != 1:
            return ()
        for asked, said in ((left[0], right[0]), (right[0], left[0])):
            if said[0] == CONSTANT and self.is_platform(asked) and said[1] in WINDOWS:
                return ((PLATFORM, _SAME[operator]),)
            if said[0] == CONSTANT and self.is_platform(asked) and said[1] in OTHERS:
                return ((PLATFORM, not _SAME[operator]),)
        return ()

    def _e_not(self, e: Any) -> Value:
        value = self.ev(e[1])
        implicit.truth(self, value)
        told = tuple((PLATFORM, not a[1]) for a in value if a[0] == PLATFORM)
        return (
            told
            + tuple((ASKS, *a[1:3], not a[3]) for a in value if a[0] == ASKS)
            + tuple((RUNNING, a[1] if a[1] == "thread" else not a[1]) for a in value if a[0] == RUNNING)
        )

    def _e_string(self, e: Any) -> Value:
        values = []
        for part in e[1]:
            value = self.ev(part)
            implicit.text(self, value)
            values.append(self.settled(value))
        return self._concatenated(values) or ((OBJECT, "builtins.str", None),)

    @staticmethod
    def _concatenated(values: list[Value]) -> Value:
        """The texts that strings give when put together, where all are known and few."""
        texts = [""]
        for value in values:
            parts = [a[1] for a in value if a[0] == CONSTANT and type(a[1]) in (str, int)]
            if not parts or len(parts) != len(value) or len(parts) * len(texts) > _MOST_TEXTS:
                return ()
            texts = [f"{text}{part}" for text in texts for part in parts]
        return tuple((CONSTANT, t) for t in dict.fromkeys(texts)) if values else ()
