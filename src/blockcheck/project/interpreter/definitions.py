"""Statements that define: functions, classes and imports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.project import implicit
from blockcheck.project.interpreter.assignment import Assignment
from blockcheck.project.interpreter.decorators import Decorators
from blockcheck.project.values import (
    CLASS,
    CLASSMETHOD,
    CONSTANT,
    EXTERNAL,
    FUNCTION,
    INSTANCE,
    POSTPONED,
    RECORD,
    STATIC,
    Value,
    join,
)

if TYPE_CHECKING:
    from blockcheck.project.interpreter.env import Env
    from blockcheck.project.model import Code


class Definitions(Decorators, Assignment):
    """Definitions."""

    def _s_def(self, s: Any, env: Env) -> Env | None:
        self.env = env
        code = self.solver.codes[self.code.unit.first + s[1]]
        for name, default in code.facts.params.defaults.items():
            self.solver.write(("d", code.gid, name), self.ev(default))
        self.note_narrowed(code)
        value = self.decorate(code, ((FUNCTION, code.gid, ()),))
        self.assign(code.facts.name, value, None)
        return self.env

    def _s_class(self, s: Any, env: Env) -> Env | None:
        self.env = env
        code = self.solver.codes[self.code.unit.first + s[1]]
        bases: Value = ()
        for base in code.facts.bases:
            value = self.settled(self.ev(base))
            bases = join(bases, tuple(a for a in value if a[0] in (CLASS, EXTERNAL, RECORD)))
        for name, keyword in code.facts.keywords:
            value = self.ev(keyword)
            if name == "metaclass":
                self.solver.metaclasses.update((code.gid, a[1]) for a in value if a[0] == CLASS)
        self.solver.write(("b", code.gid), bases)
        for atom in bases:
            if atom[0] == RECORD:
                self.solver.fields.setdefault(code.gid, set()).update(atom[1])
        self.publish()
        self.solver.ensure(code.gid)
        if self.solver.keep_all:
            self._made(code)
            self._init_subclass(code)
        self.assign(code.facts.name, self.decorate(code, ((CLASS, code.gid),)), None)
        return self.env

    def _made(self, code: Code) -> None:
        """A class is made: by its metaclass, and what stands in its body is told its name."""
        solver = self.solver
        record = self.record(self.nowhere(), None)
        meta = solver.metaclass(code.gid)
        for special in ("__new__", "__init__") if meta is not None else ():
            receiver = (CLASS, meta) if special == "__new__" else (CLASS, code.gid)
            for base in solver.mro(meta or 0, self):
                if isinstance(base, int) and special in solver.codes[base].bound:
                    solver.ensure(base)
                    for atom in solver.read(("c", base, special), self):
                        if atom[0] == FUNCTION:
                            self.call_function(atom, receiver, [], {}, record)
                    break
        for name in code.facts.bound if "__init__" in code.bound else ():
            for member in solver.class_attribute((CLASS, code.gid), name, None):
                if member == (INSTANCE, code.gid, name):  # an enumeration makes its members at once
                    self.instantiate(code.gid, [], {}, record)
        if "__set_name__" in solver.specials:
            for name in code.facts.bound:
                held = solver.read(("c", code.gid, name), self)
                implicit.special(self, held, ("__set_name__",), [((CLASS, code.gid),), ((CONSTANT, name),)])

    def _init_subclass(self, code: Code) -> None:
        """A class is made: the nearest base that wants to know is told."""
        for base in self.solver.mro(code.gid, self)[1:]:
            if isinstance(base, int) and "__init_subclass__" in self.solver.codes[base].bound:
                self.solver.ensure(base)
                for atom in self.solver.read(("c", base, "__init_subclass__"), self):
                    function = atom[1] if atom[0] in (CLASSMETHOD, STATIC) else atom
                    if function[0] == FUNCTION:
                        record = self.record(self.nowhere(), None)
                        self.call_function(function, (CLASS, code.gid), [], {}, record)
                return

    def _s_import(self, s: Any, env: Env) -> Env | None:
        self.env = env
        self.publish()
        unit = self.code.unit
        for dotted, alias in s[1]:
            head = dotted.partition(".")[0]
            module = head if alias is None else dotted
            value = self._postponed(module, None) or (self.solver.modules.atom(module, unit),)
            self.assign(alias or head, value, None)
        return env

    def _postponed(self, module: str, name: str | None) -> Value:
        """An installed package's own imports wait until somebody needs what they bring."""
        unit = self.code.unit
        if unit.installed and self.code.parent is None and self.solver.modules.may_be_installed(module):
            self.solver.postponed = True
            return ((POSTPONED, module, name, unit.index),)
        return ()

    def _s_from(self, s: Any, env: Env) -> Env | None:
        _, level, module, names = s
        self.env = env
        self.publish()
        solver, unit = self.solver, self.code.unit
        dotted = solver.modules.absolute(level, module, unit)
        for name, alias in names:
            if name == "*":
                self._star(solver.modules.find(dotted, unit))
                continue
            value = self._postponed(dotted, name) or solver.import_from(
                dotted, name, unit, self, at_top=self.code.parent is None
            )
            self.assign(alias or name, value, None)
        return env

    def _star(self, index: int | None) -> None:
        if index is None:
            return
        self.solver.ensure(self.solver.units[index].first)
        for name in self.solver.exports(index):
            value = self.solver.star(index, name, self)
            if value:
                if self.code.parent is None:
                    self.solver.star_units.add(self.code.unit.index)
                self.assign(name, value, None)
