"""Statements without a body of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project import containers, implicit, typehints
from blockcheck.project.interpreter.branches import Branches
from blockcheck.project.interpreter.calls import Calls
from blockcheck.project.interpreter.operators import OPERATORS
from blockcheck.project.model import Region, guards_of, is_within, path_of
from blockcheck.project.values import (
    CLASS,
    CONSTANT,
    CONTAINER,
    HINT,
    INSTANCE,
    MAPPING,
    NONE,
    RUNNING,
    SELF,
    SEQUENCE,
    SYMBOL,
    Value,
    join,
    shallow,
)

if TYPE_CHECKING:
    from blockcheck.project.interpreter.env import Env


class Statements(Calls, Branches):
    """Simple statements."""

    def _s_expr(self, s: Any, env: Env) -> Env | None:
        self.env = env
        self.ev(s[1])
        return self.env

    def _s_assign(self, s: Any, env: Env) -> Env | None:
        self.env = env
        value = self.begin(s[1], s[2])
        for target in s[1]:
            self.assign(target, value, s[2])
        return self.env

    def _s_annotated(self, s: Any, env: Env) -> Env | None:
        self.env = env
        declared = self.solver.annotated(self.code, s[2], self)
        value = self.ev(s[3]) if s[4] else ()
        if s[4] and typehints.is_alias(s[2]):
            allowed = self.solver.annotated(self.code, s[3], self)
            self.assign(s[1], ((HINT, allowed),) if allowed else value, s[3])
            return self.env
        if declared and not any(a[0] not in (CONSTANT, SYMBOL) for a in value):
            value = declared
        elif declared and (self.facts.kind == "class" or any(a[0] in (SEQUENCE, MAPPING) for a in declared)):
            # A default that a constructor's argument replaces; a container, whose elements only the annotation tells.
            value = join(declared, value)
        if s[4] or value:
            self.assign(s[1], value, s[3])
        if declared:
            self._declare(s[1], declared)
        return self.env

    def _declare(self, target: Any, declared: Value) -> None:
        """Note the declared type of an attribute: it decides among what is assigned."""
        if type(target) is list and target[0] == ir.ATTR:
            for atom in self.ev(target[1]):
                if atom[0] in (SELF, INSTANCE):
                    self.solver.write(("t", atom[1], target[2]), declared)
        elif type(target) is str and self.facts.kind == "class":
            self.solver.write(("t", self.code.gid, target), declared)

    def _s_augmented(self, s: Any, env: Env) -> Env | None:
        self.env = env
        old = self.ev(s[1])
        right = self.ev(s[3])
        in_place = OPERATORS.get(s[2], "").replace("__", "__i", 1)
        value = implicit.special(self, old, (in_place,), [right])
        if not value and not (s[2] == "+" and any(a[0] == CONTAINER for a in old)):
            value = self.ev([ir.BINOP, s[2], s[1], s[3], s[4]])
        if s[2] == "+":
            for atom in old:
                if atom[0] == CONTAINER:
                    for other in right:
                        containers.put(self.solver, atom, containers.ADDED, self.solver.elements(other, self))
        site = s[1][3] if type(s[1]) is list and len(s[1]) > 3 else None
        read = self.records.get(site) if site is not None else None
        self.assign(s[1], join(old, value), None)
        written = self.records.get(site) if site is not None else None
        if read is not None and written is not None and written is not read:
            written.targets[:0] = read.targets  # the same place reads and writes
        return self.env

    def _s_return(self, s: Any, env: Env) -> Env | None:
        if type(s[1]) is list and s[1][0] == ir.IFEXP:
            _, test, left, right = s[1]
            return self._s_if([ir.IF, test, [[ir.RETURN, left]], [[ir.RETURN, right]]], env)
        self.env = env
        value = shallow(self._answer(self._returned_value(s[1])))
        self.returned = join(self.returned, value)
        guards = guards_of(self.region)
        self.guarded[guards] = join(self.guarded.get(guards, ()), value)
        self.leave(self.env)
        return None

    def _answer(self, value: Value) -> Value:
        """What a function that asks whether a loop runs says on one."""
        off_loop = is_within(self.region, "off-loop")
        if off_loop and (value == (NONE,) or any(a[0] == CONSTANT and type(a[1]) is bool for a in value)):
            return ()
        if self._ever_asked:
            return tuple((RUNNING, a[1]) if a[0] == CONSTANT and type(a[1]) is bool else a for a in value)
        return value

    def _returned_value(self, e: Any) -> Value:
        if type(e) is list and e[0] == ir.COMP and e[1] == "generator":
            self.ev(e[4][0][1])  # only its first iterable is evaluated here: the rest is left to the caller
            return self.peek(e)
        return self.ev(e)

    def _s_raise(self, s: Any, env: Env) -> Env | None:
        self.env = env
        outer, self.region = self.region, Region("raise", -1, None, self.region)
        value = self.ev(s[1])
        if self.solver.keep_all:
            self._raise_classes(value)
        self.region = outer
        return None

    def _raise_classes(self, value: Value) -> None:
        """`raise C` makes an instance of C; the statement has no site, the graph needs none."""
        classes = [a for a in self.settled(value) if a[0] == CLASS]
        if classes:
            record = self.record(self.nowhere(), None)
            for atom in classes:
                self.call_atom(atom, [], {}, record)

    def _s_del(self, s: Any, env: Env) -> Env | None:
        self.env = env
        for target in s[1]:
            if type(target) is list and target[0] == ir.SUBSCRIPT:
                base, index = self.ev(target[1]), self.ev(target[2])
                implicit.special(self, base, ("__delitem__",), [index])
            elif type(target) is list and target[0] == ir.ATTR:
                base = self.settled(self.ev(target[1]))
                implicit.special(self, base, ("__delattr__",), [])
                self.call_accessors(base, target, (), 3)
            path = path_of(target)
            if path is not None:
                env.names.pop(path, None)
                env.paths.pop(path, None)
                env.forget(path)
        return env

    def _s_assert(self, s: Any, env: Env) -> Env | None:
        self.env = env
        implicit.truth(self, self.ev(s[1]))
        self.env = env.copy()
        self.ev(s[2])
        self.env = env
        self.narrow(s[1], self.env, truth=True)
        return self.env
