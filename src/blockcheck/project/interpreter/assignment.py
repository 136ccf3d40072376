"""Assignment to names, attributes, elements and tuples of them."""

from __future__ import annotations

from typing import Any

from blockcheck.facts import ir
from blockcheck.project import containers, effects, implicit
from blockcheck.project.interpreter.iteration import Iteration
from blockcheck.project.values import (
    CLASS,
    CONSTANT,
    CONTAINER,
    INSTANCE,
    MODULE,
    NAMESPACE,
    OBJECT,
    SELF,
    SEQUENCE,
    SYMBOL,
    TUPLE,
    Atom,
    Value,
    join,
    shallow,
)


class Assignment(Iteration):
    """Assignment."""

    def assign(self, target: Any, value: Value, source: Any) -> None:
        """Bind a target; names strongly, attributes and elements strongly here and weakly everywhere."""
        if type(target) is str:
            self._assign_name(target, value, source)
            return
        if type(target) is not list:
            return
        tag = target[0]
        if tag == ir.ATTR:
            self._assign_attribute(target, value)
        elif tag == ir.SUBSCRIPT:
            self._assign_element(target, value)
        elif tag == ir.TUPLE:
            self._unpack(target[1], value, source)
        elif tag == ir.STAR:
            self.assign(target[1], ((SEQUENCE, "list", value),), None)

    def _assign_name(self, name: str, value: Value, source: Any) -> None:
        env, solver, code = self.env, self.solver, self.code
        kind = self.facts.kind
        if name in self.global_names:
            solver.write(("g", code.unit.index, name), shallow(value))
            env.names[name] = value
            return
        if name in self.nonlocal_names:
            scope = code.parent
            while scope is not None and (scope.facts.kind == "class" or name not in scope.bound):
                scope = scope.parent
            if scope is not None:
                solver.write(("v", scope.gid, name), shallow(value))
            env.names[name] = value
            return
        env.names[name] = value
        env.bind(name, source)
        if kind == "module":
            self._unwritten[name] = value
        elif name in self.captured and kind != "class":
            solver.write(("v", code.gid, name), shallow(value))

    def _assign_attribute(self, target: Any, value: Value) -> None:
        base = self.settled(self.ev(target[1]))
        name = target[2]
        self.call_accessors(base, target, (value,), 2)
        implicit.special(self, base, ("__setattr__",), [((CONSTANT, name),), value])
        self.store(base, name, value)
        path = self.env.path(target)
        if path is not None:
            self.env.forget(path)
            self.env.paths[path] = value

    def store(self, base: Value, name: str, value: Value) -> None:
        """Assign an attribute: its cells are told."""
        kept = shallow(value)
        if self.solver.keep_all:
            effects.stored(self, name)
        for atom in base:
            tag = atom[0]
            if tag in (SELF, INSTANCE):
                self.solver.write(("a", self._storing_class(atom, name), name), kept)
                self._set_descriptor(atom, name, value)
            elif tag == CLASS:
                self.solver.write(("c", atom[1], name), kept)
            elif tag == MODULE:
                self.solver.write(("g", atom[1], name), kept)

    def _set_descriptor(self, atom: Atom, name: str, value: Value) -> None:
        """An attribute of the class may be an object that is told of assignments."""
        if self.solver.keep_all:
            for base in self.solver.mro(atom[1], self):
                if isinstance(base, int) and name in self.solver.codes[base].bound:
                    held = self.solver.read(("c", base, name), self)
                    implicit.special(self, held, ("__set__",), [(atom,), value])
                    return

    def _storing_class(self, atom: Atom, name: str) -> int:
        """The class under whose name an attribute's cell is read: the nearest that declares it."""
        if self.solver.defines(atom[1], name):
            return int(atom[1])
        for base in self.solver.mro(atom[1], self):
            if type(base) is int and self.solver.defines(base, name):
                return base
        return int(atom[1])

    def _assign_element(self, target: Any, value: Value) -> None:
        base = self.settled(self.ev(target[1]))
        index = self.settled(self.ev(target[2]))
        key = containers.key_of(index)
        kept = shallow(value)
        if self.solver.keep_all:
            effects.stored(self, effects.ELEMENT)
        for atom in base:
            view = self.solver.container(atom)
            if view is not None:
                self.solver.write(("e", view[1], view[2], key), kept)
                self.solver.write(("e", view[1], view[2], None), kept)
            if atom[0] == NAMESPACE and type(key) is str and key != "*":
                self.store((atom[1],), key, value)
            if atom[0] in (SELF, INSTANCE) or (atom[0] == OBJECT and view is None):
                self.call_special(atom, "__setitem__", [index, value], target[3], target)
        path = self.env.path(target)
        if path is not None:
            self.env.forget(path)
            self.env.paths[path] = value

    def _unpack(self, targets: list[Any], value: Value, source: Any) -> None:
        if type(source) is list and source[0] in (ir.TUPLE, ir.LIST) and len(source[1]) == len(targets):
            parts = [self.ev(e) for e in source[1]]
            for target, given in zip(targets, parts, strict=True):
                self.assign(target, given, None)
            return
        self.unpack(value, source)
        star = next((i for i, t in enumerate(targets) if type(t) is list and t[0] == ir.STAR), None)
        for position, target in enumerate(targets):
            part: Value = ()
            if star == position:
                self._unpack_rest(target[1], value, position, len(targets) - 1 - position)
                continue
            behind = star is not None and position > star
            index: Value = ((CONSTANT, position - len(targets) if behind else position),)
            for atom in value:
                if atom[0] in (TUPLE, CONTAINER, SYMBOL):
                    got = self.solver.element(atom, index, self)
                    if atom[0] == SYMBOL:
                        got = self.with_given(atom, got, lambda a, i=index: self.solver.element(a, i, self))  # type: ignore[misc]
                    part = join(part, got)
                else:
                    part = join(part, self._element_in_order(atom))
            self.assign(target, part, None)

    def _element_in_order(self, atom: Atom) -> Value:
        """An element of something that is unpacked."""
        if self.solver.keep_all and atom[0] in (SELF, INSTANCE):
            return self.iterate((atom,), self.nowhere(), None, is_async=False)
        return self.solver.elements(atom, self)

    def _unpack_rest(self, target: Any, value: Value, before: int, after: int) -> None:
        """Bind `*rest`: a list of what the other targets leave."""
        rest: Value = ()
        for atom in value:
            whole = containers.sequence(self.solver, atom, self)
            if whole is not None and len(whole) >= before + after:
                rest = join(rest, ((TUPLE, *whole[before : len(whole) - after]),))
            else:
                rest = join(rest, ((SEQUENCE, "list", self.solver.elements(atom, self)),))
        self.assign(target, rest, None)
