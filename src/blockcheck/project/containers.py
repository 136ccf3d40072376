"""Builtin containers: what their methods and the builtin functions over them do with elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project.values import (
    CONSTANT,
    CONTAINER,
    GENERATOR,
    LITERAL,
    MAPPING,
    SEQUENCE,
    TUPLE,
    Atom,
    Value,
    join,
    shallow,
)

if TYPE_CHECKING:
    from blockcheck.project.calls import Calls
    from blockcheck.project.model import Record

_ADDING = {"append": 0, "add": 0, "appendleft": 0, "insert": 1, "setdefault": 1, "put": 0, "put_nowait": 0}
_CONSUMING = frozenset({
    "list", "tuple", "set", "frozenset", "dict", "sum", "sorted", "next", "any", "all", "max", "min", "enumerate", "zip",
    "reversed", "filter", "map",
})  # fmt: skip


def method(frame: Calls, receiver: Atom, name: str, arguments: list[Value], record: Record) -> Value | None:
    """A method of a builtin container; None where it says nothing about elements."""
    solver = frame.solver
    if receiver[0] == CONTAINER:
        _, gid, site, _kind = receiver
        if name in _ADDING:
            at = _ADDING[name]
            if at < len(arguments):
                kept = shallow(arguments[at])
                key: Any = "*"
                if name == "setdefault":
                    key = next((a[1] for a in arguments[0] if a[0] == CONSTANT and a[1] is not None), "*")
                solver.write(("e", gid, site, key), kept)
                solver.write(("e", gid, site, None), kept)
                solver.grown.add((gid, site))
            if name == "setdefault":
                return solver.read(("e", gid, site, None), frame)
            return ()
        if name in ("extend", "update"):
            for value in arguments:
                for atom in value:
                    inner = atom[1] if atom[0] == MAPPING else solver.elements(atom, frame)
                    if atom[0] == CONTAINER and name == "update":
                        for key in solver.keys(atom):
                            got = solver.read(("e", atom[1], atom[2], key), frame)
                            solver.write(("e", gid, site, key), got)
                    else:
                        solver.write(("e", gid, site, "*"), inner)
                    solver.write(("e", gid, site, None), inner)
                    solver.grown.add((gid, site))
            return ()
        if name in ("get", "pop", "popleft", "popitem", "__getitem__"):
            key = next((a[1] for a in arguments[0] if a[0] == CONSTANT), None) if arguments else None
            if key is None:
                out = solver.read(("e", gid, site, None), frame)
            else:
                out = join(
                    solver.read(("e", gid, site, key), frame), solver.read(("e", gid, site, "*"), frame)
                )
            return join(out, arguments[1]) if len(arguments) > 1 else out
    elements = receiver[1] if receiver[0] == MAPPING else solver.elements(receiver, frame)
    if name == "values":
        return ((SEQUENCE, "list", elements),)
    if name == "items":
        return ((SEQUENCE, "list", ((TUPLE, (), shallow(elements, 6)),)),)
    if name == "keys":
        return ((SEQUENCE, "list", ()),)
    if name in ("copy", "union", "difference", "intersection"):
        return (receiver,)
    if name in ("get", "pop", "popleft", "setdefault", "__getitem__"):
        return join(elements, arguments[1]) if len(arguments) > 1 else elements
    if name in ("send", "__next__"):
        if receiver[0] == GENERATOR:
            return frame.iterate((receiver,), record.site, record.expression, is_async=False)
        return elements
    return None


def function(frame: Calls, name: str, arguments: list[Value], record: Record) -> Value | None:
    """A builtin function over iterables; None where it says nothing about elements."""
    solver = frame.solver
    if name == "len" and arguments:
        sizes = [a[2] if a[0] == LITERAL else len(a) - 1 for a in arguments[0] if a[0] in (LITERAL, TUPLE)]
        return ((CONSTANT, sizes[0]),) if len(sizes) == len(arguments[0]) == 1 else None
    if name not in _CONSUMING or not arguments:
        return None
    position = 1 if name in ("filter", "map") and len(arguments) > 1 else 0
    elements: Value = ()
    value = arguments[position]
    for expression in record.expression[2] if record.expression[0] == ir.CALL else ():
        frame.consume(expression)
    for atom in value:
        if atom[0] == GENERATOR:
            elements = join(elements, frame.iterate((atom,), record.site, record.expression, is_async=False))
        elif atom[0] == MAPPING:
            continue
        else:
            elements = join(elements, solver.elements(atom, frame))
    if name == "next":
        for atom in value:
            elements = join(elements, frame.next_of(atom, record))
        return join(elements, arguments[1]) if len(arguments) > 1 else elements
    if name in ("max", "min"):
        return elements
    if name == "enumerate":
        return ((SEQUENCE, "list", ((TUPLE, (), shallow(elements, 6)),)),)
    if name == "zip":
        parts = []
        for other in arguments:
            inner: Value = ()
            for atom in other:
                inner = join(inner, solver.elements(atom, frame))
            parts.append(shallow(inner, 6))
        return ((SEQUENCE, "list", ((TUPLE, *parts),)),)
    if name in ("sum", "any", "all"):
        return ()
    if name == "dict":
        return tuple(a for a in value if a[0] in (CONTAINER, MAPPING)) or None
    if name == "map":
        return None
    if name in ("list", "tuple", "set", "frozenset", "sorted", "reversed", "filter"):
        if (
            name in ("list", "tuple", "sorted", "reversed")
            and all(a[0] in (CONTAINER, TUPLE) for a in value)
            and value
        ):
            return value
        return ((SEQUENCE, "list" if name in ("sorted", "reversed", "filter") else name, elements),)
    return None
