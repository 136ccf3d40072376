"""Functions with an implementation a type: registered one by one, chosen by the first argument."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blockcheck.project import typehints
from blockcheck.project.values import (
    CLASS,
    CONSTANT,
    EXTERNAL,
    FUNCTION,
    GETTER,
    HINT,
    INSTANCE,
    OBJECT,
    SELF,
    TUPLE,
    Atom,
    Value,
    constant_type,
    join,
    join_all,
)

if TYPE_CHECKING:
    from blockcheck.project.interpreter.interpreter import Interpreter

_TYPES = frozenset({CLASS, EXTERNAL, HINT})


def register(frame: Interpreter, getter: Atom, arguments: list[Value]) -> Value:
    """`f.register(…)`: with a type first, with a function whose annotation tells it, or with both."""
    solver = frame.solver
    dispatching = getter[2][0][0]
    types: Value = getter[2][1] if len(getter[2]) > 1 else ()
    functions = arguments[-1]
    if not types and all(a[0] in _TYPES for a in arguments[0]):
        types = join_all([typehints.of_class(a) for a in arguments[0]])
        if len(arguments) < 2:
            return ((GETTER, "register", ((dispatching,), types)),)
    for atom in functions:
        if atom[0] == FUNCTION:
            taken = types or _annotated(frame, atom)
            solver.write(("i", dispatching[1]), ((TUPLE, taken, (atom,)),))
    return functions


def _annotated(frame: Interpreter, function: Atom) -> Value:
    code = frame.solver.codes[function[1]]
    first = code.facts.params.names[1 if code.owner is not None else 0 :][:1]
    annotation = code.facts.params.annotations.get(first[0]) if first else None
    return frame.solver.annotated(code.parent or code, annotation, frame) if annotation is not None else ()


def implementations(frame: Interpreter, gid: int, given: Value) -> tuple[Value, bool]:
    """The registered functions that a first argument may choose, and whether it may choose none."""
    chosen: Value = ()
    given = frame.settled(given)
    left = not given
    known = frame.solver.read(("i", gid), frame)
    for atom in given:
        fitting = [entry for entry in known if _fits(frame, atom, entry[1])]
        chosen = join(chosen, join_all([entry[2] for entry in fitting]))
        left = left or not fitting
    if not given:
        chosen = join_all([entry[2] for entry in known])
    return chosen, left


def _fits(frame: Interpreter, atom: Atom, types: Value) -> bool:
    solver = frame.solver
    if atom[0] in (INSTANCE, SELF):
        order = solver.mro(atom[1], frame)
        return any(t[1] in order for t in types if t[0] in (INSTANCE, OBJECT))
    if atom[0] in (CONSTANT, OBJECT):
        kind = constant_type(atom[1]) if atom[0] == CONSTANT else solver.catalogue.canonical(atom[1])
        return any(t[0] == OBJECT and t[1] in solver.catalogue.mro(kind) for t in types)
    return True
