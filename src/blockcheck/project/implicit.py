"""Special methods that syntax and builtin functions run: truth, comparison, length, text.

Most of them only the graph of all calls asks for: they stand at no place of their own.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from blockcheck.facts import ir
from blockcheck.project import containers
from blockcheck.project.values import (
    BOUND,
    CLASS,
    CLASSMETHOD,
    CONSTANT,
    CONTAINER,
    FUNCTION,
    INSTANCE,
    METHOD,
    MODULE,
    NAMESPACE,
    OBJECT,
    PROPERTY,
    SELF,
    SEQUENCE,
    STATIC,
    TUPLE,
    Value,
    join,
    join_all,
)

if TYPE_CHECKING:
    from blockcheck.project.interpreter.interpreter import Interpreter
    from blockcheck.project.model import Record

_COMPARING = {
    "==": ("__eq__", "__eq__"), "!=": ("__ne__", "__ne__"), "<": ("__lt__", "__gt__"), ">": ("__gt__", "__lt__"),
    "<=": ("__le__", "__ge__"), ">=": ("__ge__", "__le__"),
}  # fmt: skip
#: What a builtin function calls on its argument: the first that is there.
_BUILTINS = {
    "len": ("__len__",), "str": ("__str__", "__repr__"), "print": ("__str__", "__repr__"), "repr": ("__repr__",),
    "format": ("__format__", "__str__", "__repr__"), "bool": ("__bool__", "__len__"), "hash": ("__hash__",),
    "abs": ("__abs__",), "int": ("__int__", "__index__"), "float": ("__float__", "__index__"), "bytes": ("__bytes__",),
    "round": ("__round__",), "iter": ("__iter__",), "aiter": ("__aiter__",), "reversed": ("__reversed__",),
    "dir": ("__dir__",), "complex": ("__complex__",), "hex": ("__index__",), "oct": ("__index__",), "bin": ("__index__",),
    "divmod": ("__divmod__",), "pow": ("__pow__",), "isinstance": (), "next": (),
}  # fmt: skip
#: Those of them that are asked of objects which may have to look: of a store how much is in it.
_ASKED = frozenset({"len", "bool", "str", "repr"})
#: What a builtin function calls on the elements of its argument, or on several arguments.
_ELEMENTS = {"sum": ("__radd__", "__add__"), "sorted": ("__lt__",), "max": ("__gt__",), "min": ("__lt__",)}


def special(frame: Interpreter, value: Value, names: tuple[str, ...], arguments: list[Value]) -> Value:
    """Call the first special method of these names that each instance has."""
    out: Value = ()
    if not frame.solver.keep_all:
        return out
    for atom in frame.settled(value):
        if atom[0] not in (SELF, INSTANCE, CLASS):
            continue
        for name in names:
            found = frame.solver.special_method(atom, name, None)
            if any(a[0] == METHOD for a in found):
                out = join(out, frame.call_special(atom, name, arguments, frame.nowhere(), None))
                break
    return out


def truth(frame: Interpreter, value: Value) -> None:
    """A value is asked whether it is true."""
    special(frame, value, ("__bool__", "__len__"), [])


def text(frame: Interpreter, value: Value) -> None:
    """A value stands in a formatted string."""
    special(frame, value, ("__format__", "__str__", "__repr__"), [])


def compare(frame: Interpreter, operator: str, left: Value, right: Value) -> Value:
    """Two values are compared."""
    if operator in ir.CONTAINMENT:
        special(frame, right, ("__contains__", "__iter__", "__getitem__"), [left])
        for atom in right:
            if atom[0] in (CONTAINER, TUPLE) and frame.solver.keep_all:
                special(frame, frame.solver.elements(atom, frame), ("__eq__",), [left])
        return ()
    names = _COMPARING.get(operator)
    if names is None:
        return ()
    first = special(frame, left, (names[0], "__eq__") if operator == "!=" else names[:1], [right])
    return first or special(frame, right, names[1:], [left])


def builtin(frame: Interpreter, name: str, arguments: list[Value], record: Record) -> Value | None:
    """A builtin function that calls its argument back; its result where that decides it."""
    if name == "globals":
        return ((NAMESPACE, (MODULE, frame.code.unit.index)),)
    if name == "iter" and len(arguments) == 2:
        called = [frame.call_atom(a, [], {}, record, how="here") for a in arguments[0]]
        return ((SEQUENCE, "list", join_all(called)),)
    if not frame.solver.keep_all:
        if name in _ASKED and arguments:
            _ask(frame, arguments[0], _BUILTINS[name], record)
        return None
    if name == "locals":
        return containers.new_table(frame, record.site, dict(frame.env.names))
    if not arguments:
        return None
    if name in ("eval", "exec"):
        return _evaluated(frame, arguments[0], record)
    if name == "vars":
        return tuple((NAMESPACE, a) for a in arguments[0] if a[0] in (SELF, INSTANCE, CLASS, MODULE)) or None
    if name == "type" and len(arguments) == 1:
        return tuple((CLASS, a[1]) for a in frame.settled(arguments[0]) if a[0] in (SELF, INSTANCE)) or None
    if name == "property":
        given = [
            *arguments,
            *[record.keywords.get(n, ()) for n in ("fget", "fset", "fdel")[len(arguments) :]],
        ]
        parts = [next((a for a in part if a[0] == FUNCTION), None) for part in given[:3]]
        return ((PROPERTY, *parts, *[None] * (3 - len(parts))),)
    if name in ("staticmethod", "classmethod"):
        tag = {"staticmethod": STATIC, "classmethod": CLASSMETHOD}[name]
        return tuple((tag, a) for a in arguments[0] if a[0] == FUNCTION) or None
    if name == "setattr" and len(arguments) == 3:
        for key in frame.settled(arguments[1]):
            if key[0] == CONSTANT and isinstance(key[1], str):
                frame.store(frame.settled(arguments[0]), key[1], arguments[2])
        return ()
    for special_name in _ELEMENTS.get(name, ()):
        for argument in arguments if len(arguments) > 1 and name != "sum" else arguments[:1]:
            compared = argument
            if len(arguments) == 1 or name in ("sum", "sorted"):
                compared = join_all([frame.solver.elements(a, frame) for a in frame.settled(argument)])
            special(frame, compared, (special_name,), [compared])
    names = _BUILTINS.get(name)
    if names is not None:
        made: Value = ()
        for argument in arguments if name == "print" else arguments[:1]:
            made = join(
                made, special(frame, argument, names, arguments[1:] if name in ("divmod", "pow") else [])
            )
        return made if made and name in ("iter", "aiter", "reversed", "abs", "divmod", "pow") else None
    return None


def _ask(frame: Interpreter, value: Value, names: tuple[str, ...], record: Record) -> None:
    """Call the first special method of these names that each object has, where a builtin function is called on it."""
    catalogue = frame.solver.catalogue
    for atom in value:
        for name in names:
            found: Value = ()
            if atom[0] in (SELF, INSTANCE):
                found = tuple(a for a in frame.solver.special_method(atom, name, frame) if a[0] == METHOD)
            elif atom[0] == OBJECT:
                entry = catalogue.method(catalogue.canonical(atom[1]), name)
                found = ((BOUND, entry.name, atom),) if entry is not None and entry.blocks else ()
            for method in found:
                frame.call_atom(method, [], {}, record, how="operator")
            if found:
                break


def _evaluated(frame: Interpreter, source: Value, record: Record) -> Value:
    """Source that stands in the program as a text: what it calls by name, and what its last call gives."""
    out: Value = ()
    for atom in frame.settled(source):
        if atom[0] != CONSTANT or type(atom[1]) is not str:
            continue
        try:
            tree = ast.parse(atom[1].strip())
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                arguments = [_named(frame, a) for a in node.args]
                out = join_all([frame.call_atom(a, arguments, {}, record) for a in _named(frame, node.func)])
    return out


def _named(frame: Interpreter, node: ast.expr) -> Value:
    if isinstance(node, ast.Name):
        return frame.ev(node.id)
    if isinstance(node, ast.Attribute):
        return join_all([frame.solver.attribute(a, node.attr, frame) for a in _named(frame, node.value)])
    return (
        ((CONSTANT, node.value),) if isinstance(node, ast.Constant) and type(node.value) in (str, int) else ()
    )
