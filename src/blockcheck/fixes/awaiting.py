"""Where an ``await`` can stand, and which parentheses it needs there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from blockcheck.fixes import atomicity, iteration
from blockcheck.fixes.refusal import Refused
from blockcheck.fixes.syntax import COMPREHENSIONS

if TYPE_CHECKING:
    from blockcheck.fixes.place import Place
    from blockcheck.fixes.syntax import Syntax


_NEVER: dict[type[cst.CSTNode], str] = {
    cst.Annotation: "it stands in an annotation",
    cst.Decorator: "it stands in a decorator",
    cst.ClassDef: "a class body cannot await",
    cst.Lambda: "a lambda cannot await",
}


def check(place: Place, node: cst.CSTNode) -> cst.FunctionDef:
    """Return the coroutine function in which an expression may be awaited.

    Raises:
        Refused: it may not be.
    """
    function = _coroutine_function(place, node)
    _check_locks(place, node)
    atomicity.check(place, node, function)
    iteration.check(place, node, function)
    return function


def _coroutine_function(place: Place, node: cst.CSTNode) -> cst.FunctionDef:
    """Return the coroutine function around an expression, with nothing in between that cannot await."""
    syntax = place.syntax
    inner = node
    comprehensions = 0
    if isinstance(syntax.parent(node), cst.Await):
        raise Refused("what the call gives is awaited")
    for outer in syntax.ancestors(node):
        if isinstance(outer, cst.FunctionDef):
            if outer.asynchronous is None:
                raise Refused(f"{outer.name.value} is no coroutine function, so it cannot await")
            return outer
        if isinstance(outer, COMPREHENSIONS) and not _in_first_iterable(syntax, outer, node):
            comprehensions += 1
            if isinstance(outer, cst.GeneratorExp):
                raise Refused("a generator expression cannot await and stay what it is")
            if comprehensions > 1:
                raise Refused("only the outermost comprehension can await in every Python")
        reason = _obstacle(place, outer, inner)
        if reason:
            raise Refused(reason)
        inner = outer
    raise Refused("only a coroutine function can await")


def _obstacle(place: Place, outer: cst.CSTNode, inner: cst.CSTNode) -> str:
    """Why nothing in one part of a piece of syntax can be awaited, or should not be; empty where it can."""
    for kind, reason in _NEVER.items():
        if isinstance(outer, kind):
            return reason
    if isinstance(outer, cst.FormattedStringExpression) and outer.equal is not None:
        return "the text of the expression is part of the string"
    if isinstance(outer, cst.Param) and inner is outer.default:
        return "a default argument is evaluated once, where the function is defined"
    if isinstance(outer, cst.AugAssign) and not _is_own(place, outer.target):
        return "the old value would be read before the await, and what others set meanwhile be lost"
    if _is_cleanup(outer) and place.dialect.scopes:
        return "a cancelled scope would cancel the await too, and what must be done here be left out"
    return ""


def _is_cleanup(outer: cst.CSTNode) -> bool:
    """Whether a block runs even if the task is cancelled."""
    if isinstance(outer, cst.ExceptHandler):
        return outer.type is None or (
            isinstance(outer.type, cst.Name) and outer.type.value == "BaseException"
        )
    return isinstance(outer, cst.Finally)


def _is_own(place: Place, target: cst.CSTNode) -> bool:
    """Whether a target is a variable of the function that no other task can see."""
    facts = place.code.facts
    shared = {*facts.outer, *facts.nonlocals, *facts.captured}
    return isinstance(target, cst.Name) and target.value not in shared


def _check_locks(place: Place, node: cst.CSTNode) -> None:
    """No lock may be held at an await: neither one that is known, nor one that a context manager takes."""
    record = place.record
    if record is not None and record.held:
        raise Refused("a lock is held here, which an await would keep while others run")
    syntax = place.syntax
    function = syntax.function(node)
    items = [
        item
        for outer in syntax.ancestors(node)
        if isinstance(outer, cst.With)
        and outer.asynchronous is None
        and syntax.function(outer) is function
        and syntax.within(node, outer.body)
        for item in outer.items
    ]
    for other in place.project.all_records(place.gid) if items else ():
        if any(syntax.within(syntax.nodes[other.site], item) for item in items):
            events = place.project.summaries.record_events(other).values()
            if any(event.kind == "lock" for event in events):
                raise Refused("a lock seems to be held here, which an await would keep while others run")


def _in_first_iterable(syntax: Syntax, comprehension: cst.CSTNode, node: cst.CSTNode) -> bool:
    """The first iterable of a comprehension is evaluated outside of it."""
    first = comprehension.for_in.iter  # type: ignore[attr-defined]
    return syntax.within(node, first)


def needs_parentheses(syntax: Syntax, node: cst.BaseExpression) -> bool:
    """Whether ``await`` before an expression would bind to more than that."""
    if node.lpar:
        return False
    parent = syntax.parent(node)
    if isinstance(parent, (cst.Attribute, cst.Subscript)):
        return parent.value is node
    return isinstance(parent, cst.Call) and parent.func is node
