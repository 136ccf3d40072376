"""What callers give: parameters replaced in a callee's values, and what a parameter is over all calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.project.values import (
    AWAITABLE,
    BOUND,
    CLASS,
    CLASSMETHOD,
    CONSTANT,
    CONTEXT,
    EXTERNAL,
    FUNCTION,
    GETTER,
    INSTANCE,
    LITERAL,
    MAPPING,
    METHOD,
    MODULE,
    OBJECT,
    OFFLOADED,
    PARTIAL,
    PROPERTY,
    SELF,
    SEQUENCE,
    STATIC,
    SYMBOL,
    TUPLE,
    Atom,
    Value,
    join,
)

if TYPE_CHECKING:
    from blockcheck.project.model import Reader
    from blockcheck.project.solver import Solver

_HANDED_ON = 12  # parameters that the graph follows from one to the other
_STEPS = 200  # parameters that are replaced to learn what one is given
_FEW_STEPS = 4  # the same once a large project has taken _WORK of them


def default(solver: Solver, gid: int, name: str, reader: Reader | None) -> Value:
    """The value of a parameter's default."""
    if name in solver.codes[gid].facts.params.defaults:
        return solver.read(("d", gid, name), reader)
    return ()


def given(solver: Solver, symbol: Atom, reader: Reader | None) -> Value:
    """What a symbol stands for over all calls that are known: used where no call decides."""
    if not solver.closed or reader is not None:
        return _given_by_calls(solver, symbol, reader)
    known = solver.givens.get(symbol)
    if known is None:
        known = solver.givens[symbol] = _given_by_calls(solver, symbol, None)
    return known


def _given_by_calls(solver: Solver, symbol: Atom, reader: Reader | None) -> Value:
    if solver.keep_all:
        solver.steps = _STEPS if solver.work > 0 else _FEW_STEPS
        found = _given_anywhere(solver, symbol, reader)
        solver.steps = -1
        return found
    gid, name, path = symbol[1], symbol[2], symbol[3]
    value = join(solver.read(("p", gid, name), reader), solver.default(gid, name, reader))
    out: Value = ()
    for atom in value:
        if atom[0] == SYMBOL:
            # One step further only: a parameter handed on from another parameter.
            inner = solver.read(("p", atom[1], atom[2]), reader)
            inner = tuple(a for a in inner if a[0] != SYMBOL)
            out = join(out, solver.follow(inner, (*atom[3], *path), reader))
        else:
            out = join(out, solver.follow((atom,), path, reader))
    return tuple(a for a in out if a[0] != SYMBOL)


def _given_anywhere(solver: Solver, symbol: Atom, reader: Reader | None) -> Value:
    """What a symbol stands for, however far it was handed on; a default where a call leaves it out, or none is known."""
    out: Value = ()
    todo, seen = [symbol], {symbol}
    while todo:
        handed_on = todo.pop(0)
        gid, name, path = handed_on[1:]
        value = solver.read(("p", gid, name), reader) or solver.default(gid, name, reader)
        code = solver.codes[gid]
        if not value and code.facts.kind == "function" and name in code.facts.params.names[:1]:
            receiver = solver.receiver(code)
            value = (receiver,) if receiver is not None else ()
        for atom in solver.follow(value, path, reader) if path else value:
            if atom[0] != SYMBOL:
                out = join(out, (atom,))
            elif atom not in seen and len(seen) < _HANDED_ON:
                seen.add(atom)
                todo.append(atom)
    return out


def substitute(
    solver: Solver,
    value: Value,
    gid: int,
    bindings: dict[Any, Value],
    receiver: Atom | None,
    reader: Reader | None,
) -> Value:
    """A callee's value as a caller sees it: parameters replaced, closures bound, the receiver made exact."""
    for atom in value:
        if atom[0] not in (CONSTANT, INSTANCE, OBJECT, EXTERNAL, CLASS, MODULE, LITERAL):
            break
    else:
        return value
    out: Value = ()
    for atom in value:
        out = join(out, _substitute(solver, atom, gid, bindings, receiver, reader))
    return out


def _substitute(
    solver: Solver,
    atom: Atom,
    gid: int,
    bindings: dict[Any, Value],
    receiver: Atom | None,
    reader: Reader | None,
) -> Value:
    tag = atom[0]
    if tag == SYMBOL:
        if solver.steps >= 0:
            if solver.steps == 0:
                return ()  # what is given leads too far
            solver.steps -= 1
            solver.work -= 1
        found = bindings.get((atom[1], atom[2]))
        if found is None:
            if atom[1] == gid:
                return solver.follow(solver.default(gid, atom[2], reader), atom[3], reader)
            return (atom,)
        return solver.follow(found, atom[3], reader) if atom[3] else found
    if tag == SELF:
        if (
            receiver is not None
            and receiver[0] in (INSTANCE, SELF)
            and receiver[1] != atom[1]
            and atom[1] in solver.mro(receiver[1], reader)
        ):
            return (receiver,)
        return (atom,)
    if tag == FUNCTION:
        code = solver.codes[atom[1]]
        scope = code.parent
        inside = False
        while scope is not None:
            if scope.gid == gid:
                inside = True
                break
            scope = scope.parent
        closure = {key: solver.substitute(bound, gid, bindings, receiver, reader) for key, bound in atom[2]}
        if not inside:
            return ((FUNCTION, atom[1], tuple(closure.items())),)
        for key, bound in bindings.items():
            if key not in closure and bound and key[1] in solver.codes[key[0]].facts.captured:
                closure[key] = tuple(a for a in bound if _size(a) < 40)  # keeps recursion finite
        return ((FUNCTION, atom[1], tuple(sorted(closure.items(), key=lambda i: (i[0][0], i[0][1])))),)

    def again(inner: Value) -> Value:
        return solver.substitute(inner, gid, bindings, receiver, reader)

    if tag == METHOD:
        made: list[Atom] = []
        for function in _substitute(solver, atom[1], gid, bindings, receiver, reader):
            made.extend(
                (METHOD, function, r) for r in _substitute(solver, atom[2], gid, bindings, receiver, reader)
            )
        return tuple(made)
    if tag == BOUND:
        return tuple(
            (BOUND, atom[1], r) for r in _substitute(solver, atom[2], gid, bindings, receiver, reader)
        )
    if tag == TUPLE:
        return ((TUPLE, *(again(v) for v in atom[1:])),)
    if tag == AWAITABLE:
        return ((AWAITABLE, again(atom[1])),)
    if tag == SEQUENCE:
        return ((SEQUENCE, atom[1], again(atom[2])),)
    if tag == MAPPING:
        return ((MAPPING, again(atom[1])),)
    if tag == PARTIAL:
        return tuple(
            (PARTIAL, f, tuple(again(v) for v in atom[2]), tuple((k, again(v)) for k, v in atom[3]))
            for f in _substitute(solver, atom[1], gid, bindings, receiver, reader)
        )
    if tag == OFFLOADED:
        return tuple(
            (OFFLOADED, f, *atom[2:]) for f in _substitute(solver, atom[1], gid, bindings, receiver, reader)
        )
    if tag in (STATIC, CLASSMETHOD, PROPERTY):
        return tuple(
            (tag, f, *atom[2:]) for f in _substitute(solver, atom[1], gid, bindings, receiver, reader)
        )
    if tag == GETTER:
        return ((GETTER, atom[1], tuple(again(v) for v in atom[2])),)
    if tag == CONTEXT:
        return ((CONTEXT, atom[1], again(atom[2]), *atom[3:]),)
    return (atom,)


def _size(atom: Any) -> int:
    if type(atom) is not tuple:
        return 1
    return 1 + sum(_size(part) for part in atom)
