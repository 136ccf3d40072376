"""Abstract values: what a name, attribute or expression may stand for.

A *value* is a tuple of *atoms*, the alternatives; the empty tuple says that nothing is known. An atom is
a tuple that starts with one of the tags below. Atoms are compared by content, so equal things are equal.
"""

from __future__ import annotations

from typing import Any

Atom = tuple[Any, ...]
Value = tuple[Atom, ...]

UNKNOWN: Value = ()

FUNCTION = (
    "function"  # gid, closure: a project function; closure is () or ((symbol, value)…) bound by its makers
)
METHOD = "method"  # function atom, receiver atom
CLASS = "class"  # gid: a project class
INSTANCE = "instance"  # gid: an instance of just that project class, as far as is known
SELF = "self"  # gid: an instance of the class or of a subclass: the receiver inside its methods
SUPER = "super"  # gid of the class in whose method it stands, receiver atom
MODULE = "module"  # unit index: a project module
EXTERNAL = "external"  # qualified name: a module, class, function or object outside the project
OBJECT = "object"  # external type, origin: an instance; origin is (gid, site) of its creation or None
BOUND = "bound"  # external method's qualified name, receiver atom
CONSTANT = "constant"  # value
CONTAINER = "container"  # gid, site, kind: a list, set or dict made there; its elements are cells
SEQUENCE = "sequence"  # kind, element value: a builtin container whose elements are all alike
MAPPING = "mapping"  # value of the values
TUPLE = "tuple"  # element values
LITERAL = "literal"  # kind, length: a container of constants
SYMBOL = "symbol"  # gid, parameter, path: what a caller gives, and attributes and calls ("()") on it
PARTIAL = "partial"  # callable atom, positional values, ((keyword, value)…)
AWAITABLE = "awaitable"  # value: what awaiting it gives
GENERATOR = (
    "generator"  # gid, element value, is_async, symbol substitution: a generator object of a project function
)
CONTEXT = "context"  # gid or -1, value of `as`, is_async, method that leaving calls on it (if any): a context manager
PROPERTY = "property"  # getter atom, setter atom or None, deleter atom or None
STATIC = "static"  # function atom
CLASSMETHOD = "classmethod"  # function atom
OFFLOADED = "offloaded"  # callable atom, context: calling it runs the callable elsewhere
ASKS = "asks"  # gid, parameter, truth: whether what the caller gives is a coroutine function
GETTER = "getter"  # kind, values: a callable that takes an "attribute" or "item" of what it is given, calls a "method", or gives a "value"; "factory": makes a field; "register": takes one more implementation; "new": makes an instance
RECORD = "record"  # field names: a class of tuples whose elements have names
HINT = "hint"  # value: a type expression that is no class, and what an annotation with it allows
NAMESPACE = "namespace"  # atom: its attributes as a mapping
PLATFORM = "platform"  # truth: the answer, on Windows, to the question for the platform
RUNNING = "running"  # truth: the answer, on an event loop, to the question whether one runs here; "thread": which thread

#: What is callable by its nature; instances are where their class says so.
CALLABLES = frozenset({FUNCTION, METHOD, CLASS, EXTERNAL, BOUND, PARTIAL, GETTER, RECORD})

POSTPONED = "postponed"  # module, name (None: the module itself), unit index: an import of an installed module, not yet needed

EFFECT = "effect"  # text: something that a function changes for its caller

#: The state of an object that works on a file in memory; and, of a guard, the question for it.
IN_MEMORY = "in-memory"
OTHERWISE = "not "  # before a state that an object might have been made in, and was not

#: How the path of a symbol says that it is awaited: no attribute can have that name.
AWAITED = "await"
#: How the path of a symbol says that it goes on above a class: ``super()`` in the methods of that gid.
ABOVE = "super "

#: More alternatives than this are no longer followed: such a value says little and costs much.
WIDEST = 24
#: Longest chain of attributes and calls on a parameter that is followed.
LONGEST_PATH = 4
_DEEPEST = 4

NONE: Atom = (CONSTANT, None)

#: Atoms that hold no others.
_FLAT = frozenset({CONSTANT, EXTERNAL, CLASS, MODULE, INSTANCE, SELF, OBJECT, SYMBOL, CONTAINER, LITERAL})

_CONSTANT_TYPES = {
    str: "builtins.str", int: "builtins.int", float: "builtins.float", bool: "builtins.bool", type(None): "builtins.None",
}  # fmt: skip


def constant_type(value: object) -> str:
    """The qualified name of a constant's type."""
    return _CONSTANT_TYPES[type(value)]


def join(left: Value, right: Value) -> Value:
    """All alternatives of both."""
    if not right or left is right:
        return left
    if not left:
        return right
    extra = [a for a in right if a not in left]
    if not extra:
        return left
    return (*left, *extra)[:WIDEST]


def settled(value: Value) -> Value:
    """The value without what only an annotation tells, where it is known what makes an object of that very type."""
    made = {a[1] for a in value if a[0] == OBJECT and a[2] is not None}
    return (
        tuple(a for a in value if a[0] != OBJECT or a[2] is not None or a[1] not in made) if made else value
    )


def either(left: Value, right: Value) -> Value:
    """What there is after one of two ways: beside something unknown, a constant tells nothing."""
    if left and right:
        return join(left, right)
    known = left or right
    return known if interesting(known) else ()


def join_all(values: list[Value]) -> Value:
    """All alternatives of all."""
    out: Value = ()
    for value in values:
        out = join(out, value)
    return out


def depth(atom: Atom) -> int:
    """How deeply values are nested in an atom."""
    deepest = 0
    for part in atom:
        if type(part) is tuple:
            deepest = max(deepest, 1 + depth(part))
    return deepest


def shallow(value: Value, limit: int = 2 * _DEEPEST) -> Value:
    """The value without atoms that are nested too deeply: keeps recursion over data finite."""
    for atom in value:
        if atom[0] not in _FLAT and depth(atom) > limit:
            break
    else:
        return value
    out: Value = ()
    for atom in value:
        if depth(atom) <= limit:
            out = join(out, (atom,))
        elif atom[0] == FUNCTION:
            once = _unwrapped(atom)
            # Else what its makers gave counts, but not by call.
            out = join(out, (once if depth(once) <= limit else (FUNCTION, atom[1], ()),))
    return out


def _unwrapped(function: Atom) -> Atom:
    """A wrapper that wraps itself again and again, as what it wraps in the end."""
    return (
        FUNCTION,
        function[1],
        tuple((key, tuple(a for a in bound if not _mentions(a, function[1]))) for key, bound in function[2]),
    )


def _mentions(atom: Atom, gid: int) -> bool:
    """Whether a function occurs in an atom."""
    return atom[:2] == (FUNCTION, gid) or any(_mentions(part, gid) for part in atom if type(part) is tuple)


def interesting(value: Value) -> bool:
    """Whether anything but constants is known."""
    return any(a[0] != CONSTANT for a in value)
