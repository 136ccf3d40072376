"""Builtin containers: what their methods and the builtin functions over them do with elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project.model import Record
from blockcheck.project.values import (
    CALLABLES,
    CLASS,
    CONSTANT,
    CONTAINER,
    EXTERNAL,
    FUNCTION,
    GENERATOR,
    INSTANCE,
    LITERAL,
    MAPPING,
    NAMESPACE,
    SELF,
    SEQUENCE,
    SYMBOL,
    TUPLE,
    Atom,
    Value,
    join,
    join_all,
    shallow,
)

if TYPE_CHECKING:
    from blockcheck.project.interpreter.interpreter import Interpreter
    from blockcheck.project.model import Reader
    from blockcheck.project.solver import Solver

_ADDING = {"append": 0, "add": 0, "appendleft": 0, "insert": 1, "setdefault": 1, "put": 0, "put_nowait": 0}
#: Methods after which an index no longer names what it named.
MOVING = frozenset({"insert", "appendleft", "popleft", "remove", "sort", "reverse", "clear"})
_CONSUMING = frozenset({
    "list", "tuple", "set", "frozenset", "dict", "sum", "sorted", "next", "any", "all", "max", "min", "enumerate", "zip",
    "reversed", "filter", "map",
})  # fmt: skip
#: The cell of what is added behind the elements that a list was made with.
ADDED = "+"


def keys_of(index: Value) -> list[Any] | None:
    """The keys or indices that a value may be; None where one is not known."""
    keys: list[Any] = []
    for atom in index:
        if atom[0] == CONSTANT and atom[1] is not None:
            keys.append(atom[1])
        elif _is_key(atom):
            keys.append(atom)
        else:
            return None
    return keys or None


def _is_key(atom: Atom) -> bool:
    """Whether an atom stands for one thing, such as a class or a pair of constants."""
    if atom[0] == TUPLE:
        return all(len(v) == 1 and v[0][0] == CONSTANT for v in atom[1:])
    if atom[0] == EXTERNAL:
        return bool(atom[1].startswith("builtins."))
    if atom[0] == INSTANCE:
        return len(atom) > 2  # a member of an enumeration
    return atom[0] == CLASS or (atom[0] == FUNCTION and not atom[2])


def key_of(index: Value) -> Any:
    """The key of a container's cell that an index names; "*" where it is not known."""
    keys = keys_of(index)
    return keys[0] if keys is not None and len(keys) == 1 and keys[0] not in ("*", ADDED) else "*"


def put(solver: Solver, container: Atom, key: Any, value: Value) -> None:
    """Add to the elements of a container under a key."""
    kept = shallow(value)
    solver.write(("e", container[1], container[2], key), kept)
    solver.write(("e", container[1], container[2], None), kept)


def values(solver: Solver, atom: Atom, reader: Reader | None) -> Value:
    """The elements of a sequence, the values of a mapping."""
    view = solver.container(atom)
    if view is not None:
        return solver.read(("e", view[1], view[2], None), reader)
    if atom[0] == MAPPING:
        inner: Value = atom[1]
        return inner
    return solver.elements(atom, reader)


def keys(solver: Solver, atom: Atom, reader: Reader | None) -> Value:
    """The keys of a mapping, as far as they are constants, classes or functions."""
    view = solver.container(atom)
    if view is None:
        return ()
    solver.read(("e", view[1], view[2], None), reader)
    return tuple(k if type(k) is tuple else (CONSTANT, k) for k in solver.keys(view) if k not in ("*", ADDED))


def sequence(solver: Solver, atom: Atom, reader: Reader | None) -> list[Value] | None:
    """The elements of a tuple or list one by one; None where their number or order is not known."""
    if atom[0] == TUPLE:
        return list(atom[1:])
    length = solver.lengths.get(atom[1:3]) if atom[0] == CONTAINER else None
    if length is None or _added(solver, atom, reader) or _moved(solver, atom, reader):
        return None
    return [solver.read(("e", atom[1], atom[2], i), reader) for i in range(length)]


def _added(solver: Solver, atom: Atom, reader: Reader | None) -> Value:
    loose = solver.read(("e", atom[1], atom[2], "*"), reader)
    return join(loose, solver.read(("e", atom[1], atom[2], ADDED), reader))


def _moved(solver: Solver, atom: Atom, reader: Reader | None) -> bool:
    return bool(solver.read(("m", atom[1], atom[2]), reader))


def element(solver: Solver, atom: Atom, index: Value, reader: Reader | None) -> Value:
    """The elements under an index or key; all where that is not known."""
    wanted = keys_of(index)
    if wanted is None:
        return values(solver, atom, reader)
    if atom[0] == TUPLE:
        size = len(atom) - 1
        if all(type(k) is int and -size <= k < size for k in wanted):
            out: Value = ()
            for key in wanted:
                out = join(out, atom[1:][key])
            return out
    view = solver.container(atom)
    if view is None or view[3] == "queue":
        return values(solver, atom, reader)
    out = solver.read(("e", view[1], view[2], "*"), reader)
    for key in wanted:
        out = join(out, _at(solver, view, key, reader))
    return out


def _at(solver: Solver, atom: Atom, key: Any, reader: Reader | None) -> Value:
    if atom[3] == "dict":
        return solver.read(("e", atom[1], atom[2], key), reader)
    length = solver.lengths.get(atom[1:3])
    if length is None or type(key) is not int or _moved(solver, atom, reader):
        return values(solver, atom, reader)
    added = solver.read(("e", atom[1], atom[2], ADDED), reader)
    if key >= length:
        return added
    if key < 0 and added:
        return values(solver, atom, reader)
    return solver.read(("e", atom[1], atom[2], key if key >= 0 else length + key), reader)


def new_sequence(frame: Interpreter, site: int, kind: str, parts: list[Value]) -> Value:
    """A list made at a site from its elements; a tuple stands for itself."""
    if kind == "tuple":
        return ((TUPLE, *(shallow(p, 6) for p in parts)),)
    container = (CONTAINER, frame.code.gid, site, kind)
    frame.solver.lengths[frame.code.gid, site] = len(parts)
    for position, value in enumerate(parts):
        if value:
            put(frame.solver, container, "*" if kind == "set" else position, value)
    return (container,)


def new_table(frame: Interpreter, site: int, entries: dict[Any, Value]) -> Value:
    """A dict made at a site."""
    container = (CONTAINER, frame.code.gid, site, "dict")
    for key, value in entries.items():
        if value:
            put(frame.solver, container, key, value)
    return (container,)


def entries(solver: Solver, value: Value, reader: Reader | None) -> dict[Any, Value]:
    """What mappings hold under each key; "*" for keys that are not known."""
    out: dict[Any, Value] = {}
    for atom in value:
        view = solver.container(atom)
        if view is not None and view[3] == "dict":
            for key in solver.keys(view):
                out[key] = join(out.get(key, ()), solver.read(("e", view[1], view[2], key), reader))
            solver.read(("e", view[1], view[2], None), reader)
        elif atom[0] == MAPPING:
            out["*"] = join(out.get("*", ()), atom[1])
        elif atom[0] in (CONTAINER, SEQUENCE, TUPLE):  # pairs
            for pair in solver.elements(atom, reader):
                if pair[0] == TUPLE and len(pair) == 3:
                    key = key_of(pair[1])
                    out[key] = join(out.get(key, ()), pair[2])
    return out


def new_record(
    frame: Interpreter, site: int, names: tuple[str, ...], given: list[Value], keywords: dict[str, Value]
) -> Value:
    """A tuple whose elements have names."""
    container = (CONTAINER, frame.code.gid, site, "record")
    frame.solver.lengths[frame.code.gid, site] = len(names)
    for position, name in enumerate(names):
        value = given[position] if position < len(given) else keywords.get(name, ())
        put(frame.solver, container, position, value)
        frame.solver.write(("e", frame.code.gid, site, name), shallow(value))
    return (container,)


def missing(frame: Interpreter, atom: Atom, index: Value, site: int, e: Any) -> None:
    """An element is asked for: where it is not there, what the container was given makes it."""
    view = frame.solver.container(atom)
    factory = frame.solver.read(("f", view[1], view[2]), frame) if view is not None else ()
    if view is None or not factory:
        return
    for callable_ in factory:
        ours = callable_[0] != EXTERNAL  # a builtin's own call is part of the subscript
        record = frame.record(site, e) if ours else Record(frame.code.gid, site, e, frame.region, ())
        if callable_[0] in CALLABLES or callable_[0] == SYMBOL:
            made = frame.call_atom(callable_, [], {}, record, how="here")
            put(frame.solver, view, key_of(index), made)


def combined(frame: Interpreter, operator: str, left: Value, right: Value, site: int) -> Value | None:
    """What an operator makes of builtin containers; None where it is none of theirs."""
    solver = frame.solver
    if operator == "|" and any(a[0] == CONTAINER and a[3] == "dict" for a in left):
        return new_table(frame, site, {**entries(solver, left, frame), **entries(solver, right, frame)})
    lists = [a for a in left if a[0] in (CONTAINER, TUPLE)]
    if not lists or len(lists) != len(left):
        return None
    kind = "tuple" if lists[0][0] == TUPLE else "list"
    if operator == "+" and len(lists) == len(right) == 1:
        first, second = sequence(solver, lists[0], frame), sequence(solver, right[0], frame)
        if first is not None and second is not None:
            return new_sequence(frame, site, kind, [*first, *second])
    if operator in ("+", "*") and kind == "list":
        made = (CONTAINER, frame.code.gid, site, kind)
        for atom in (*lists, *right) if operator == "+" else lists:
            put(solver, made, "*", values(solver, atom, frame))
        return (made,)
    return None


def sliced(frame: Interpreter, atom: Atom, bounds: list[Value], site: int) -> Value:
    """A slice of a tuple or list."""
    whole = sequence(frame.solver, atom, frame)
    limits = [
        b[0][1] for b in bounds if len(b) == 1 and b[0][0] == CONSTANT and type(b[0][1]) in (int, type(None))
    ]
    if whole is None or len(limits) != 3 or limits[2] == 0:
        return (atom,)
    return new_sequence(frame, site, "tuple" if atom[0] == TUPLE else atom[3], whole[slice(*limits)])


def method(
    frame: Interpreter,
    receiver: Atom,
    name: str,
    arguments: list[Value],
    keywords: dict[str, Value],
    record: Record,
) -> Value | None:
    """A method of a builtin container; None where it says nothing about elements."""
    solver = frame.solver
    if receiver[0] == NAMESPACE:
        for key, value in {**entries(solver, frame.settled(join_all(arguments)), frame), **keywords}.items():
            if name == "update" and type(key) is str and key != "*":
                frame.store((receiver[1],), key, value)
        return ()
    receiver = solver.container(receiver) or receiver
    if receiver[0] == CONTAINER:
        handled = _change(frame, receiver, name, arguments, keywords)
        if handled is not None:
            return handled
        if name in ("get", "pop", "__getitem__") and arguments and receiver[3] != "queue":
            out = element(solver, receiver, frame.settled(arguments[0]), frame)
            return join(out, arguments[1]) if len(arguments) > 1 else out
        if name == "copy":
            if receiver[3] == "dict":
                return new_table(frame, record.site, entries(solver, (receiver,), frame))
            whole = sequence(solver, receiver, frame)
            return new_sequence(frame, record.site, receiver[3], whole) if whole is not None else (receiver,)
    every = values(solver, receiver, frame)
    if name == "values":
        return ((SEQUENCE, "list", every),)
    if name == "items":
        return ((SEQUENCE, "list", ((TUPLE, keys(solver, receiver, frame), shallow(every, 6)),)),)
    if name == "keys":
        return ((SEQUENCE, "list", keys(solver, receiver, frame)),)
    if name in ("copy", "union", "difference", "intersection"):
        return (receiver,)
    if name in ("get_nowait", "get") and receiver[0] == CONTAINER and receiver[3] == "queue":
        return every
    if name in ("get", "pop", "popleft", "popitem", "setdefault", "__getitem__"):
        return join(every, arguments[1]) if len(arguments) > 1 else every
    if name in ("send", "__next__"):
        if receiver[0] == GENERATOR:
            if name == "send" and arguments and receiver[1] >= 0:
                solver.write(("sent", receiver[1]), shallow(arguments[0]))
            return frame.iterate((receiver,), record.site, record.expression, is_async=False)
        return every
    return None


def _change(
    frame: Interpreter, receiver: Atom, name: str, arguments: list[Value], keywords: dict[str, Value]
) -> Value | None:
    """A method that adds to a container or moves its elements; None where it is another."""
    solver = frame.solver
    if name in MOVING or (name == "pop" and arguments and receiver[3] != "dict"):
        solver.write(("m", receiver[1], receiver[2]), ((CONSTANT, True),))
    if name in _ADDING:
        at = _ADDING[name]
        if at < len(arguments):
            key = key_of(frame.settled(arguments[0])) if name == "setdefault" else ADDED
            put(solver, receiver, key, arguments[at])
            solver.grown.add((receiver[1], receiver[2]))
        return element(solver, receiver, arguments[0], frame) if name == "setdefault" and arguments else ()
    if name in ("extend", "update"):
        for value in arguments:
            if receiver[3] == "dict":
                for key, inner in entries(solver, value, frame).items():
                    put(solver, receiver, key, inner)
            else:
                for atom in value:
                    put(solver, receiver, ADDED, solver.elements(atom, frame))
        for key, inner in keywords.items():
            put(solver, receiver, key, inner)
        solver.grown.add((receiver[1], receiver[2]))
        return ()
    return None


def made_by(
    frame: Interpreter, name: str, arguments: list[Value], keywords: dict[str, Value], site: int
) -> Value | None:
    """A list, dict or set made by its constructor; None where its elements are looked at elsewhere."""
    if name == "dict":
        given = entries(frame.solver, arguments[0], frame) if arguments else {}
        return new_table(frame, site, {**given, **keywords})
    if name in ("list", "set", "tuple", "reversed"):
        if not arguments:
            return new_sequence(frame, site, name, []) if name != "reversed" else None
        whole = sequence(frame.solver, arguments[0][0], frame) if len(arguments[0]) == 1 else None
        if whole is not None and name != "set":
            return new_sequence(
                frame,
                site,
                "tuple" if name == "reversed" else name,
                whole[:: -1 if name == "reversed" else 1],
            )
    return None


def function(frame: Interpreter, name: str, arguments: list[Value], record: Record) -> Value | None:
    """A builtin function over iterables; None where it says nothing about elements."""
    solver = frame.solver
    if name == "len" and arguments:
        sizes = [a[2] if a[0] == LITERAL else len(a) - 1 for a in arguments[0] if a[0] in (LITERAL, TUPLE)]
        return ((CONSTANT, sizes[0]),) if len(sizes) == len(arguments[0]) == 1 else None
    if name == "dict.fromkeys" and arguments:
        keys_given = join_all([solver.elements(a, frame) for a in frame.settled(arguments[0])])
        value = arguments[1] if len(arguments) > 1 else ()
        return new_table(frame, record.site, dict.fromkeys(keys_of(keys_given) or ("*",), value))
    if name in ("dict", "list", "set", "tuple", "reversed"):
        made = made_by(frame, name, arguments, record.keywords, record.site)
        if made is not None:
            return made
    if name not in _CONSUMING or not arguments:
        return None
    position = 1 if name in ("filter", "map") and len(arguments) > 1 else 0
    elements: Value = ()
    value = arguments[position]
    for expression in record.expression[2] if record.expression[0] == ir.CALL else ():
        frame.consume(expression)
    for atom in value:
        ours = atom[0] == GENERATOR or (atom[0] in (SELF, INSTANCE) and name != "next")
        if ours and (solver.keep_all or name == "next"):
            elements = join(elements, frame.iterate((atom,), record.site, record.expression, is_async=False))
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
    if name == "map":
        return None
    if name in ("list", "tuple", "set", "frozenset", "sorted", "reversed", "filter"):
        return ((SEQUENCE, "list" if name in ("sorted", "reversed", "filter") else name, elements),)
    return None
