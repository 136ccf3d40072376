"""What calls and look-ups give where nothing is recorded: the results of results, and elements."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from blockcheck.project import containers
from blockcheck.project.values import (
    ABOVE,
    AWAITABLE,
    AWAITED,
    BOUND,
    CLASS,
    CONSTANT,
    CONTAINER,
    CONTEXT,
    EXTERNAL,
    FUNCTION,
    GENERATOR,
    GETTER,
    INSTANCE,
    LONGEST_PATH,
    METHOD,
    OBJECT,
    OFFLOADED,
    PARTIAL,
    SELF,
    SEQUENCE,
    SUPER,
    SYMBOL,
    TUPLE,
    Atom,
    Value,
    join,
    join_all,
)

if TYPE_CHECKING:
    from blockcheck.project.model import Reader
    from blockcheck.project.solver import Solver

_DEEPEST = 6  # results of results that are followed without a call site


def returned(solver: Solver, function: Atom, receiver: Atom | None, reader: Reader | None = None) -> Value:
    """What a project function returns, arguments unknown."""
    if solver.depth >= _DEEPEST:
        return ()  # properties that lead to one another
    key = (function, receiver, reader.code.gid if reader is not None else -1)
    if not solver.depth and solver.answered != solver.changes:
        solver.answers.clear()
        solver.answered = solver.changes
    known = (solver.results if solver.depth else solver.answers).get(key)
    if known is not None:
        return known
    solver.results[key] = ()  # a result that is made of itself adds nothing
    solver.depth += 1
    try:
        value = _returned(solver, function, receiver, reader)
        solver.results[key] = value
    finally:
        solver.depth -= 1
        if not solver.depth:
            solver.results.clear()
    if not solver.depth and solver.steps < 0 and solver.answered == solver.changes:
        solver.answers[key] = value
    return value


def _returned(solver: Solver, function: Atom, receiver: Atom | None, reader: Reader | None) -> Value:
    gid = function[1]
    code = solver.codes[gid]
    solver.ensure(gid)
    value = solver.read(("r", gid), reader)
    bindings: dict[Any, Value] = dict(function[2])
    if receiver is not None and code.facts.params.names:
        bindings[gid, code.facts.params.names[0]] = (receiver,)
    value = solver.substitute(value, gid, bindings, receiver, reader)
    return tuple(a for a in value if not (a[0] == SYMBOL and a[1] == gid))


def result_of(solver: Solver, atom: Atom, reader: Reader | None = None) -> Value:
    """What calling an atom gives, arguments unknown and nothing recorded."""
    tag = atom[0]
    if tag == FUNCTION:
        return _wrap(solver, atom, solver.returned(atom, None, reader))
    if tag == METHOD:
        if atom[1][0] != FUNCTION:
            return ()
        return _wrap(solver, atom[1], solver.returned(atom[1], atom[2], reader))
    if tag == CLASS:
        return ((INSTANCE, atom[1]),)
    if tag == SYMBOL:
        return ((SYMBOL, atom[1], atom[2], (*atom[3], "()")),) if len(atom[3]) < LONGEST_PATH else ()
    if tag in (EXTERNAL, BOUND):
        from blockcheck.project.results import external_result  # noqa: PLC0415

        return external_result(solver, atom)
    if tag == PARTIAL:
        return solver.result_of(atom[1], reader)
    if tag == GETTER and atom[1] == "value":
        return join_all(list(atom[2]))
    if tag == OFFLOADED:
        return ((AWAITABLE, solver.result_of(atom[1], reader)),)
    return ()


def _wrap(solver: Solver, function: Atom, value: Value) -> Value:
    code = solver.codes[function[1]]
    if "contextmanager" in code.flags or "asynccontextmanager" in code.flags:
        element = solver.cells.get(("y", code.gid), ())
        return ((CONTEXT, code.gid, element, "asynccontextmanager" in code.flags),)
    if code.facts.is_generator:
        return ((GENERATOR, code.gid, solver.cells.get(("y", code.gid), ()), code.is_async),)
    if code.is_async:
        return ((AWAITABLE, value),)
    return value


def follow(solver: Solver, value: Value, path: tuple[str, ...], reader: Reader | None) -> Value:
    """Attributes, calls ("()") and elements ("[]", "['key']") of a value, one after the other."""
    for step in path:
        out: Value = ()
        for atom in value:
            if step == "()":
                out = join(out, solver.result_of(atom, reader))
            elif step == "[]":
                out = join(out, solver.elements(atom, reader))
            elif step[0] == "[":
                out = join(out, solver.element(atom, ((CONSTANT, _key_of(step)),), reader))
            elif step == AWAITED:
                out = join(out, _awaited(atom))
            elif step.startswith(ABOVE):
                if atom[0] in (SELF, INSTANCE):
                    out = join(out, ((SUPER, int(step[len(ABOVE) :]), atom),))
            else:
                out = join(out, solver.attribute(atom, step, None))
        value = out
        if not value:
            break
    return value


def _awaited(atom: Atom) -> Value:
    if atom[0] == AWAITABLE:
        value: Value = atom[1]
        return value
    if atom[0] == SYMBOL:
        return ((*atom[:3], (*atom[3], AWAITED)),) if len(atom[3]) < LONGEST_PATH else ()
    return ()


def element(solver: Solver, atom: Atom, index: Value, reader: Reader | None) -> Value:
    """The elements of a builtin container under an index or key; all where that is not known."""
    if atom[0] != SYMBOL:
        return containers.element(solver, atom, index, reader)
    wanted = containers.keys_of(index)
    key = wanted[0] if wanted is not None and len(wanted) == 1 else None
    step = f"[{key!r}]" if type(key) in (str, int) else "[]"
    return ((SYMBOL, atom[1], atom[2], (*atom[3], step)),) if len(atom[3]) < LONGEST_PATH else ()


def elements(solver: Solver, atom: Atom, reader: Reader | None) -> Value:
    """The elements of a builtin container or generator; nothing recorded."""
    tag = atom[0]
    if tag in (CONTAINER, OBJECT):
        view = solver.container(atom)
        if view is not None:
            if view[3] == "dict":
                return containers.keys(solver, view, reader)
            return solver.read(("e", view[1], view[2], None), reader)
    if tag == SEQUENCE:
        value: Value = atom[2]
        return value
    if tag == TUPLE:
        out: Value = ()
        for part in atom[1:]:
            out = join(out, part)
        return out
    if tag == GENERATOR:
        element: Value = atom[2]
        return element
    if tag == SYMBOL:
        return ((SYMBOL, atom[1], atom[2], (*atom[3], "[]")),) if len(atom[3]) < LONGEST_PATH else ()
    if tag == OBJECT:
        for base in solver.catalogue.mro(solver.catalogue.canonical(atom[1])):
            info = solver.catalogue.type(base)
            if info is not None and info.iterates:
                from blockcheck.project.results import evaluate_text  # noqa: PLC0415

                return evaluate_text(solver, info.iterates, atom)
    return ()


@lru_cache(maxsize=4096)
def _key_of(step: str) -> Any:
    """The key of a path's step such as ``['key']``."""
    return ast.literal_eval(step[1:-1])
