"""What external callables return, by the catalogue's `returns` texts."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from blockcheck.catalogue.model import parse_result
from blockcheck.project.values import (
    AWAITABLE,
    BOUND,
    CALLABLES,
    CLASS,
    CONSTANT,
    CONTAINER,
    CONTEXT,
    EXTERNAL,
    GENERATOR,
    GETTER,
    INSTANCE,
    LITERAL,
    MAPPING,
    OBJECT,
    SELF,
    SEQUENCE,
    TUPLE,
    Atom,
    Value,
    join,
    shallow,
)

if TYPE_CHECKING:
    from blockcheck.catalogue import Entry
    from blockcheck.project.solver import Solver


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Any:
    return parse_result(text)


def evaluate_text(solver: Solver, text: str, receiver: Atom | None) -> Value:
    """The value that a `returns` text names, for a given receiver."""
    return evaluate(solver, _parsed(text), receiver, [], {}, None)


def evaluate(
    solver: Solver,
    result: Any,
    receiver: Atom | None,
    arguments: list[Value],
    keywords: dict[str, Value],
    origin: tuple[int, int] | None,
) -> Value:
    """The value of a parsed `returns`.

    Args:
        origin: where an object with a role is made: its identity.
    """
    tag = result[0]

    def again(inner: Any) -> Value:
        return evaluate(solver, inner, receiver, arguments, keywords, None)

    def argument(which: int | str) -> Value:
        if isinstance(which, int):
            return arguments[which] if which < len(arguments) else ()
        return keywords.get(which, ())

    if tag == INSTANCE:
        name = solver.catalogue.canonical(result[1])
        own = solver.declared_classes.get(name)
        return ((INSTANCE, own),) if own is not None else ((OBJECT, name, origin),)
    if tag == SELF:
        return (receiver,) if receiver is not None else ()
    if tag == "element":
        source = (receiver,) if receiver is not None else argument(0)
        out: Value = ()
        for atom in source:
            out = join(out, solver.elements(atom, None))
        return out
    if tag == "elements":
        out = ()
        for value in arguments:
            for atom in value:
                out = join(out, solver.elements(atom, None))
        return out
    if tag == "argument":
        return argument(result[1])
    if tag == "getter":
        kept = arguments[:1] if result[1] == "value" else arguments
        return ((GETTER, result[1], tuple(shallow(v, 4) for v in kept)),)
    if tag == "manager":
        return ((CONTEXT, -1, shallow(again(result[1])), False),)
    if tag == "type":
        out = ()
        for atom in argument(result[1]):
            if atom[0] == CLASS:
                out = join(out, ((INSTANCE, atom[1]),))
            elif atom[0] == EXTERNAL:
                out = join(out, ((OBJECT, solver.catalogue.canonical(atom[1]), None),))
        return out
    if tag == "callable":
        out = ()
        for atom in argument(result[1]):
            if atom[0] in CALLABLES:
                out = join(out, solver.result_of(atom))
        return out
    if tag in ("class", "module"):
        return ((EXTERNAL, result[1]),)
    if tag == "union":
        out = ()
        for part in result[1:]:
            out = join(out, again(part))
        return out
    if tag == "tuple":
        return ((TUPLE, *(again(p) for p in result[1:])),)
    if tag in ("list", "set", "iterator"):
        return ((SEQUENCE, tag, again(result[1])),)
    if tag == "async-iterator":
        return ((GENERATOR, -1, again(result[1]), True),)
    if tag == "dict":
        return ((MAPPING, again(result[-1])),)
    if tag in ("awaitable", "async-context", "context"):
        inner = again(result[1])
        return ((AWAITABLE, inner),) if tag == "awaitable" else inner
    return ()


def external_result(solver: Solver, atom: Atom) -> Value:
    """What calling an external callable gives, arguments unknown."""
    name = solver.catalogue.canonical(atom[1])
    receiver = atom[2] if atom[0] == BOUND else None
    entry = solver.catalogue.entry(name)
    return entry_result(solver, name, entry, receiver, [], {}, None)


def entry_result(
    solver: Solver,
    name: str,
    entry: Entry | None,
    receiver: Atom | None,
    arguments: list[Value],
    keywords: dict[str, Value],
    origin: tuple[int, int] | None,
) -> Value:
    """What a call of an external callable gives."""
    if entry is not None:
        for choice in entry.returns_by:
            at, key = choice.get("at"), choice.get("name")
            given = keywords.get(key, ()) if key is not None else ()
            if not given and at is not None and at < len(arguments):
                given = arguments[at]
            if (CONSTANT, choice["is"]) in given:
                return evaluate(solver, _parsed(choice["returns"]), receiver, arguments, keywords, origin)
        if entry.result is not None:
            value = evaluate(solver, entry.result, receiver, arguments, keywords, origin)
            if entry.exits:
                value = tuple((*a, entry.exits) if a[0] == CONTEXT else a for a in value)
            if entry.awaitable and not any(a[0] == AWAITABLE for a in value):
                return ((AWAITABLE, value),)
            return value
        if entry.awaitable:
            return ((AWAITABLE, ()),)
    if solver.catalogue.type(name) is not None:
        return ((OBJECT, name, origin),)
    if receiver is not None and receiver[0] == OBJECT:
        for base in solver.catalogue.mro(solver.catalogue.canonical(receiver[1])):
            info = solver.catalogue.type(base)
            if info is not None and info.asynchronous:
                return ((AWAITABLE, ()),)
    last = name.rpartition(".")[2]
    if receiver is None and last[:1].isupper() and not last.isupper():
        return ((OBJECT, name, origin),)  # by convention a class
    return ()


def is_instance(atom: Atom) -> bool:
    """Whether an atom is an object that a call made, rather than something callable by design."""
    return atom[0] in (OBJECT, INSTANCE, SELF, CONSTANT, CONTAINER, LITERAL, SEQUENCE, MAPPING, TUPLE)
