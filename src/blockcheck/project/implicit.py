"""Special methods that syntax and builtin functions run: truth, comparison, length, text.

Only the graph of all calls asks for them; they stand at no place of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from blockcheck.project.values import INSTANCE, METHOD, SELF, Value, join

if TYPE_CHECKING:
    from blockcheck.project.frame import Frame

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
_ITERATING = frozenset({
    "list", "tuple", "set", "frozenset", "dict", "sorted", "sum", "any", "all", "max", "min", "enumerate", "zip", "map", "filter",
})  # fmt: skip


def special(frame: Frame, value: Value, names: tuple[str, ...], arguments: list[Value]) -> Value:
    """Call the first special method of these names that each instance has."""
    out: Value = ()
    if not frame.solver.keep_all:
        return out
    for atom in frame.settled(value):
        if atom[0] not in (SELF, INSTANCE):
            continue
        for name in names:
            found = frame.solver.attribute(atom, name, None)
            if any(a[0] == METHOD for a in found):
                out = join(out, frame.call_special(atom, name, arguments, frame.nowhere(), None))
                break
    return out


def truth(frame: Frame, value: Value) -> None:
    """A value is asked whether it is true."""
    special(frame, value, ("__bool__", "__len__"), [])


def text(frame: Frame, value: Value) -> None:
    """A value stands in a formatted string."""
    special(frame, value, ("__format__", "__str__", "__repr__"), [])


def compare(frame: Frame, operator: str, left: Value, right: Value) -> Value:
    """Two values are compared."""
    if operator in ("in", "not in"):
        return special(frame, right, ("__contains__",), [left])
    names = _COMPARING.get(operator)
    if names is None:
        return ()
    first = special(frame, left, (names[0], "__eq__") if operator == "!=" else names[:1], [right])
    return first or special(frame, right, names[1:], [left])


def builtin(frame: Frame, name: str, arguments: list[Value]) -> Value | None:
    """A builtin function that calls its argument back; its result where that decides it."""
    if not frame.solver.keep_all or not arguments:
        return None
    names = _BUILTINS.get(name)
    if names is not None:
        made: Value = ()
        for argument in arguments if name == "print" else arguments[:1]:
            made = join(
                made, special(frame, argument, names, arguments[1:] if name in ("divmod", "pow") else [])
            )
        return made if made and name in ("iter", "aiter", "reversed", "abs", "divmod", "pow") else None
    return None
