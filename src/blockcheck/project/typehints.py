"""Annotations read as types: what an instance of the annotated thing may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project.values import (
    AWAITABLE,
    CLASS,
    CONSTANT,
    EXTERNAL,
    HINT,
    INSTANCE,
    MAPPING,
    OBJECT,
    SELF,
    SEQUENCE,
    SYMBOL,
    TUPLE,
    Value,
    join,
)

if TYPE_CHECKING:
    from collections.abc import Callable

_FIRST_ARGUMENT = frozenset({
    "Optional", "Annotated", "Final", "ClassVar", "Required", "NotRequired", "ReadOnly", "InitVar", "Mapped",
})  # fmt: skip
_AWAITABLES = {"Awaitable": 0, "Coroutine": 2, "Future": 0, "Task": 0}
_SEQUENCES = frozenset({
    "list", "List", "Sequence", "MutableSequence", "Iterable", "Iterator", "Collection", "set", "Set", "frozenset",
    "FrozenSet", "AbstractSet", "MutableSet", "deque", "Deque", "Generator", "AsyncIterator", "AsyncIterable",
    "AsyncGenerator", "Container", "Reversible", "KeysView", "ValuesView",
})  # fmt: skip
_MAPPINGS = frozenset({
    "dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "DefaultDict", "OrderedDict", "WeakValueDictionary", "ChainMap",
})  # fmt: skip
_OPAQUE = frozenset(
    {
        "Any",
        "object",
        "Callable",
        "TypeVar",
        "Hashable",
        "None",
        "Literal",
        "LiteralString",
        "Never",
        "NoReturn",
    }
)


def instances(annotation: Any, evaluate: Callable[[Any], Value], owner: int | None) -> Value:
    """The values that an annotation allows.

    Args:
        annotation: the annotation as a facts expression; inner strings are forward references.
        evaluate: evaluates a name or attribute expression in the annotation's scope.
        owner: gid of the class that `Self` means, if any.
    """
    if annotation is None:
        return ()
    if type(annotation) is list:
        tag = annotation[0]
        if tag == ir.CONST:
            text = annotation[1]
            if isinstance(text, str) and all(p.isidentifier() for p in text.split(".")):
                return instances(_dotted(text), evaluate, owner)
            return ()
        if tag == ir.BINOP and annotation[1] == "|":
            return join(instances(annotation[2], evaluate, owner), instances(annotation[3], evaluate, owner))
        if tag == ir.SUBSCRIPT:
            return _generic(annotation, evaluate, owner)
        if tag != ir.ATTR:
            return ()
    name = _last(annotation)
    if name in _OPAQUE:
        return ()
    if name == "Self" and owner is not None:
        return ((SELF, owner),)
    out: Value = ()
    for atom in evaluate(annotation):
        out = join(out, of_class(atom))
    return out


def allows_callable(annotation: Any) -> bool:
    """Whether a callable is among the alternatives that an annotation names: ``str | Callable[[], None]``."""
    if type(annotation) is list:
        if annotation[0] == ir.BINOP and annotation[1] == "|":
            return allows_callable(annotation[2]) or allows_callable(annotation[3])
        if annotation[0] == ir.SUBSCRIPT:
            name, index = _last(annotation[1]), annotation[2]
            if name in ("Union", "Optional"):
                members = index[1] if type(index) is list and index[0] == ir.TUPLE else [index]
                return any(allows_callable(member) for member in members)
            return name == "Callable"
    return _last(annotation) == "Callable"


def of_class(atom: Any) -> Value:
    """Instances of the class that an atom is."""
    if atom[0] == CLASS:
        return ((INSTANCE, atom[1]),)
    if atom[0] == EXTERNAL:
        return ((OBJECT, atom[1], None),)
    if atom[0] == HINT:
        allowed: Value = atom[1]
        return allowed
    return ()


def _generic(annotation: Any, evaluate: Callable[[Any], Value], owner: int | None) -> Value:
    name = _last(annotation[1])
    index = annotation[2]
    arguments = index[1] if type(index) is list and index[0] == ir.TUPLE else [index]
    if name in _OPAQUE or not arguments:
        return ()
    if name == "Union":
        out: Value = ()
        for argument in arguments:
            out = join(out, instances(argument, evaluate, owner))
        return out
    if name in _FIRST_ARGUMENT:
        return instances(arguments[0], evaluate, owner)
    if name in ("type", "Type"):
        return tuple(a for a in evaluate(arguments[0]) if a[0] in (CLASS, EXTERNAL))
    if name in ("tuple", "Tuple"):
        if len(arguments) == 2 and type(arguments[1]) is not list and arguments[1] is None:
            return ((SEQUENCE, "tuple", instances(arguments[0], evaluate, owner)),)
        return ((TUPLE, *(instances(a, evaluate, owner) for a in arguments)),)
    if name in _AWAITABLES:
        at = _AWAITABLES[name]
        inner = instances(arguments[at], evaluate, owner) if at < len(arguments) else ()
        plain = instances(annotation[1], evaluate, owner) if name in ("Future", "Task") else ()
        return ((AWAITABLE, inner), *plain)
    if name in _SEQUENCES:
        return ((SEQUENCE, name.lower(), instances(arguments[0], evaluate, owner)),)
    if name in _MAPPINGS:
        return ((MAPPING, instances(arguments[-1], evaluate, owner)),)
    return instances(annotation[1], evaluate, owner)


def _last(annotation: Any) -> str:
    if type(annotation) is str:
        return annotation
    if type(annotation) is list and annotation[0] == ir.ATTR:
        return str(annotation[2])
    return ""


def _dotted(text: str) -> Any:
    first, *rest = text.split(".")
    made: Any = first
    for part in rest:
        made = [ir.ATTR, made, part, -1]
    return made


def is_alias(annotation: Any) -> bool:
    """Whether an annotation says that what is assigned is a type."""
    return _last(annotation) == "TypeAlias"


def known(value: Value) -> bool:
    """Whether an annotation said more than nothing."""
    return any(a[0] not in (CONSTANT, SYMBOL) for a in value)
