"""Names by Python's scoping rules, modules' attributes, imports and annotations."""

from __future__ import annotations

import builtins
from functools import partial
from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project import typehints
from blockcheck.project.values import CONSTANT, EXTERNAL, FUNCTION, MODULE, POSTPONED, Value, join

if TYPE_CHECKING:
    from blockcheck.project.model import Code, Reader, Unit
    from blockcheck.project.solver import Solver

BUILTINS = frozenset(dir(builtins))


def name(solver: Solver, code: Code, name: str, reader: Reader | None) -> Value:
    """A name that is not local to ``code``, by Python's scoping rules."""
    inner, scope = code, code.parent
    if name not in code.facts.outer:
        while scope is not None and scope.parent is not None:
            if scope.facts.kind != "class" and name in scope.bound:
                solver.ensure(scope.gid)
                narrowed = solver.read(("n", inner.gid, name), reader)
                return narrowed or solver.read(("v", scope.gid, name), reader)
            inner, scope = scope, scope.parent
    return solver.global_name(code.unit, name, reader)


def global_name(solver: Solver, unit: Unit, name: str, reader: Reader | None) -> Value:
    """A module's global, or a builtin."""
    if name in solver.codes[unit.first].bound:
        solver.ensure(unit.first)
        return solver.imported(solver.read(("g", unit.index, name), reader), reader)
    key = ("g", unit.index, name)
    if unit.index in solver.star_units or key in solver.cells:
        found = solver.imported(solver.read(key, reader), reader)
        if found:
            return found
    if name in BUILTINS:
        return ((EXTERNAL, f"builtins.{name}"),)
    return ()


def module_attribute(solver: Solver, index: int, name: str, reader: Reader | None) -> Value:
    """A module's attribute: a global, else a submodule."""
    return solver.imported(_module_attribute(solver, index, name, reader), reader)


def star(solver: Solver, index: int, name: str, reader: Reader | None) -> Value:
    """The same for a star import: what the module has postponed stays so."""
    return _module_attribute(solver, index, name, reader)


def _module_attribute(solver: Solver, index: int, name: str, reader: Reader | None) -> Value:
    unit = solver.units[index]
    out: Value = ()
    if name in solver.codes[unit.first].bound or unit.index in solver.star_units:
        solver.ensure(unit.first)
        out = solver.read(("g", index, name), reader)
    else:
        solver.ensure(unit.first)
        key = ("g", index, name)
        if unit.index in solver.star_units or name in solver.other_stores or key in solver.cells:
            out = solver.read(key, reader)
    if not out and unit.file.is_package:
        sub = solver.modules.find(f"{unit.module}.{name}", unit)
        if sub is not None:
            out = ((MODULE, sub),)
    if not out and "__getattr__" in solver.codes[unit.first].bound and name[:2] != "__":
        out = _by_module(solver, index, name, reader)
    return out


def import_from(
    solver: Solver, dotted: str, name: str, unit: Unit, reader: Reader | None, *, at_top: bool = True
) -> Value:
    """What ``from dotted import name`` gives in a module, at its top or in a function."""
    index = solver.modules.find(dotted, unit)
    if index is not None and not (at_top and index == unit.index):
        return solver.module_attribute(index, name, reader)
    sub = solver.modules.find(f"{dotted}.{name}", unit)
    if sub is not None:
        return ((MODULE, sub),)
    if index is not None or solver.modules.is_package(dotted):
        return ()
    canonical = solver.catalogue.canonical(dotted)
    if solver.catalogue.attribute(canonical, name) is not None:
        return solver.attribute((EXTERNAL, dotted), name, reader)
    return ((EXTERNAL, f"{dotted}.{name}"),)


def imported(solver: Solver, value: Value, reader: Reader | None) -> Value:
    """A value in which postponed imports are done: somebody needs them now."""
    if not solver.postponed or not any(atom[0] == POSTPONED for atom in value):
        return value
    out: Value = ()
    for atom in value:
        if atom[0] != POSTPONED:
            out = join(out, (atom,))
        elif atom not in solver.importing:
            solver.importing.add(atom)
            _, dotted, name, index = atom
            unit = solver.units[index]
            made: Value = (
                (solver.modules.atom(dotted, unit),)
                if name is None
                else solver.import_from(dotted, name, unit, reader)
            )
            out = join(out, made)
            solver.importing.discard(atom)
    return out


def _by_module(solver: Solver, index: int, name: str, reader: Reader | None) -> Value:
    """What a module's own ``__getattr__`` gives for a name that it lacks; by custom it keeps what it gave once."""
    out: Value = ()
    for hook in solver.read(("g", index, "__getattr__"), reader):
        if hook[0] != FUNCTION or reader is None or reader.code.gid == hook[1]:
            continue
        if solver.keep_all:
            out = join(out, reader.property(hook, None, [((CONSTANT, name),)]))
        else:
            out = join(out, solver.returned(hook, None, reader))
    return out


def exports(solver: Solver, index: int) -> list[str]:
    """The names that a star import of a module brings."""
    facts = solver.units[index].facts
    if facts.exports is not None:
        return facts.exports
    names = [n for n in facts.codes[0].bound if not n.startswith("_")]
    if index in solver.star_units:
        known = frozenset(names)
        names += [n for n in solver.globals.get(index, ()) if n not in known]
    return names


def annotated(solver: Solver, code: Code, annotation: Any, reader: Reader | None) -> Value:
    """The instances that an annotation in a code's scope allows."""
    owner = code.owner or (code if code.facts.kind == "class" else None)
    # A closure would have to hold itself, and with it keep the reader alive for the collector to find.
    evaluate = partial(_in_annotation, solver, code, reader)
    return typehints.instances(annotation, evaluate, owner.gid if owner is not None else None)


def _in_annotation(solver: Solver, scope: Code, reader: Reader | None, expression: Any) -> Value:
    """What a name or attribute stands for in an annotation."""
    if type(expression) is str:
        if scope.facts.kind == "class" and expression in scope.bound and reader is not None:
            found = solver.read(("c", scope.gid, expression), reader)
            if found:
                return found
        return (
            solver.name(scope, expression, reader)
            if scope.parent is not None
            else solver.global_name(scope.unit, expression, reader)
        )
    if type(expression) is list and expression[0] == ir.ATTR:
        out: Value = ()
        for atom in _in_annotation(solver, scope, reader, expression[1]):
            out = join(out, solver.attribute(atom, expression[2], None))
        return out
    if type(expression) is list and expression[0] == ir.SUBSCRIPT:
        return _in_annotation(solver, scope, reader, expression[1])
    return ()
