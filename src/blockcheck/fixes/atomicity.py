"""What an await must not be put between: a look at an object's state, and what is done because of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from blockcheck.fixes.refusal import Refused

if TYPE_CHECKING:
    from blockcheck.fixes.place import Place
    from blockcheck.fixes.syntax import Syntax


def check(place: Place, node: cst.CSTNode, function: cst.FunctionDef) -> None:
    """Refuse to await where a condition looks at an attribute before, which is used behind, and nothing awaits yet.

    An attribute counts if the condition asks whether something is in it, or if the object's methods set it anew.

    Raises:
        Refused: naming the attribute.
    """
    syntax = place.syntax
    start, end = syntax.span(node)
    inside = [part for part in syntax.walk(function.body) if syntax.function(part) is function]
    owners = _owners(syntax, function)
    awaits = [syntax.span(part) for part in inside if isinstance(part, cst.Await)]
    since = max((last for _, last in awaits if last <= start), default=0)
    until = min((first for first, _ in awaits if first >= end), default=len(syntax.text))
    looked_at: set[str] = set()
    used: set[str] = set()
    anew = set_anew(place) | _set_around(syntax, function, owners)
    for part in inside:
        path = _own_attribute(part, owners)
        if not path:
            continue
        first, last = syntax.span(part)
        if end <= first < until:
            used.add(path)
        elif (
            since <= first
            and last <= start
            and (_is_searched(syntax, part) or _decides(syntax, part, path, anew))
        ):
            looked_at.add(path)
    both = sorted(looked_at & used)
    if both:
        raise Refused(
            f"{both[0]} is looked at before and used behind it, and other tasks may change it meanwhile"
        )


def _owners(syntax: Syntax, function: cst.FunctionDef) -> set[str]:
    """What a function, and those that it stands in, call their first parameter: methods, their object."""
    functions = (function, *_around(syntax, function))
    return {one.params.params[0].name.value for one in functions if one.params.params}


def _around(syntax: Syntax, function: cst.FunctionDef) -> list[cst.FunctionDef]:
    """The functions that a function stands in, innermost first."""
    return [outer for outer in syntax.ancestors(function) if isinstance(outer, cst.FunctionDef)]


def _set_around(syntax: Syntax, function: cst.FunctionDef, owners: set[str]) -> set[str]:
    """The attributes of their object that functions set, of which one stands in the other, a method outermost."""
    outermost = _around(syntax, function)[-1:]
    targets = (
        part.target
        for part in (syntax.walk(outermost[0]) if outermost else ())
        if isinstance(part, (cst.AssignTarget, cst.AugAssign, cst.AnnAssign))
    )
    paths = (_own_attribute(target, owners) for target in targets)
    return {path.partition(".")[2] for path in paths if path}


def _own_attribute(node: cst.CSTNode, owners: set[str]) -> str:
    """``self.x`` where a node is that."""
    if not isinstance(node, cst.Attribute) or not isinstance(node.value, cst.Name):
        return ""
    return f"{node.value.value}.{node.attr.value}" if node.value.value in owners else ""


def _is_searched(syntax: Syntax, node: cst.CSTNode) -> bool:
    """Whether a comparison asks if something is in a node, as a condition."""
    target = syntax.parent(node)
    return (
        isinstance(target, cst.ComparisonTarget)
        and isinstance(target.operator, (cst.In, cst.NotIn))
        and _is_condition(syntax, target)
    )


def _decides(syntax: Syntax, node: cst.CSTNode, path: str, set_anew: set[str]) -> bool:
    return path.partition(".")[2] in set_anew and _is_condition(syntax, node)


def _is_condition(syntax: Syntax, node: cst.CSTNode) -> bool:
    inner = node
    for outer in syntax.ancestors(node):
        if isinstance(outer, (cst.If, cst.While, cst.IfExp, cst.Assert)):
            return inner is outer.test
        if isinstance(outer, cst.BaseSmallStatement):
            return False
        inner = outer
    return False


def set_anew(place: Place) -> set[str]:
    """The attributes that methods of the function's class set after it was made."""
    owner = place.code.owner
    if owner is None:
        return set()
    bases = set(place.project.solver.mro(owner.gid, None))
    return {
        name
        for code in place.project.codes
        if code.owner is not None and code.owner.gid in bases and code.facts.name != "__init__"
        for name in code.facts.self_stores
    }
