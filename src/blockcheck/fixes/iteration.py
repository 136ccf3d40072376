"""What an await must not be put in: a loop over a container that other tasks may change meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from blockcheck.fixes.refusal import Refused
from blockcheck.fixes.syntax import COMPREHENSIONS

if TYPE_CHECKING:
    from blockcheck.fixes.place import Place
    from blockcheck.fixes.syntax import Syntax

_VIEWS = frozenset({"items", "keys", "values"})
# Methods of builtin containers.
_CHANGING = frozenset(
    {
        "add",
        "append",
        "appendleft",
        "clear",
        "discard",
        "extend",
        "insert",
        "pop",
        "popitem",
        "popleft",
        "remove",
    }
    | {"setdefault", "update"}
)


def check(place: Place, node: cst.CSTNode, function: cst.FunctionDef) -> None:
    """Refuse to await in a loop that awaits nothing yet, over what hangs from an object or the module and changes.

    Raises:
        Refused: naming the container.
    """
    syntax = place.syntax
    for outer in syntax.ancestors(node):
        if outer is function:
            return
        container = _container(syntax, outer, node)
        if container is None or any(isinstance(n, (cst.Await, cst.Asynchronous)) for n in syntax.walk(outer)):
            continue
        if isinstance(container, cst.Name) and not _is_global(place, container.value):
            continue
        if any(_changes(syntax, other, container) for other in syntax.walk(syntax.tree)):
            shown = syntax.code(container)
            raise Refused(f"the loop goes over {shown}, and other tasks may change it meanwhile")


def _container(syntax: Syntax, outer: cst.CSTNode, node: cst.CSTNode) -> cst.Name | cst.Attribute | None:
    """What a loop or comprehension around a node goes over, itself or a view of it."""
    iterable = None
    if isinstance(outer, cst.For) and syntax.within(node, outer.body):
        iterable = outer.iter
    elif isinstance(outer, COMPREHENSIONS) and not syntax.within(node, outer.for_in.iter):
        iterable = outer.for_in.iter
    if isinstance(iterable, cst.Call) and not iterable.args and isinstance(iterable.func, cst.Attribute):
        iterable = iterable.func.value if iterable.func.attr.value in _VIEWS else None
    return iterable if isinstance(iterable, (cst.Name, cst.Attribute)) else None


def _is_global(place: Place, name: str) -> bool:
    code = place.code
    return name not in code.facts.params.names and (name not in code.bound or name in code.facts.outer)


def _changes(syntax: Syntax, node: cst.CSTNode, container: cst.Name | cst.Attribute) -> bool:
    """Whether a mention of a container, by its last name, puts something in it or takes something out."""
    if isinstance(container, cst.Attribute):
        same = isinstance(node, cst.Attribute) and node.attr.value == container.attr.value
    else:
        same = isinstance(node, cst.Name) and node.value == container.value
    parent = syntax.parent(node) if same else None
    if isinstance(parent, cst.Attribute) and parent.value is node:
        return parent.attr.value in _CHANGING and isinstance(syntax.parent(parent), cst.Call)
    if not isinstance(parent, cst.Subscript) or parent.value is not node:
        return False
    target = syntax.parent(parent)
    return isinstance(target, (cst.AssignTarget, cst.Del)) or (
        isinstance(target, (cst.AugAssign, cst.AnnAssign)) and target.target is parent
    )
