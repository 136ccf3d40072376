"""What a call was resolved to, and, where it was not, why."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project.model import called

if TYPE_CHECKING:
    from collections.abc import Iterable

    from blockcheck.project import Project
    from blockcheck.project.model import Code, Record

PROJECT = "project"
INSTALLED = "installed package"
CATALOGUE = "catalogue"
EXTERNAL = "other external name"
#: What calls are resolved to; every other answer of `classify` is a reason why one is not.
RESOLVED = (PROJECT, INSTALLED, CATALOGUE, EXTERNAL)


def count(project: Project, gids: Iterable[int]) -> Counter[str]:
    """The calls in some codes, by what they were resolved to. The project must have kept every record."""
    return Counter(
        classify(project, record)
        for gid in gids
        for record in project.records(gid)
        if record.site >= 0 and called(record.expression) is not None
    )


def classify(project: Project, record: Record) -> str:
    """What a call was resolved to: one of `RESOLVED`, else the reason in words."""
    solver = project.solver
    own = [t.gid for t in record.targets if t.gid >= 0]
    symbols = [t.symbol for t in record.targets if t.symbol is not None]
    for symbol in symbols:
        own.extend(atom[1] for atom in solver.given(symbol, None) if atom[0] in ("function", "class"))
    if own:
        return PROJECT if min(own) < solver.own else INSTALLED
    names = [t.external for t in record.targets if t.external]
    if any(_is_known(project, name) for name in names):
        return CATALOGUE
    if names:
        return EXTERNAL
    if symbols:
        return "what callers give is not known"
    return _reason(project.codes[record.gid], called(record.expression))


def _is_known(project: Project, name: str) -> bool:
    catalogue = project.catalogue
    owner, _, method = name.rpartition(".")
    return (
        catalogue.entry(name) is not None
        or catalogue.type(name) is not None
        or catalogue.decorator(name) is not None
        or catalogue.method(owner, method) is not None
        or owner.startswith("builtins.")
        or owner == "builtins"
    )


def _reason(code: Code, callee: Any) -> str:
    """Why nothing is known of a callee, told by what it begins with."""
    if isinstance(callee, str):
        return _of_name(code, callee, "is called")
    if not isinstance(callee, list) or not callee:
        return "an expression that is not followed"
    base = callee
    while isinstance(base, list) and base and base[0] == ir.ATTR:
        base = base[1]
    if isinstance(base, str):
        return _of_name(code, base, "has the method")
    tag = base[0] if isinstance(base, list) and base else None
    if tag == ir.AWAIT:
        base = base[1]
        tag = base[0] if isinstance(base, list) and base else None
    return _TAGS.get(tag, "an expression that is not followed")


_TAGS = {
    ir.CALL: "the result of a call is not known",
    ir.SUBSCRIPT: "the element of a container is not known",
}


def _of_name(code: Code, name: str, how: str) -> str:
    facts = code.facts
    names = facts.params.names
    scope: Code | None = code
    if names and name == names[0] and code.owner is not None and how == "has the method":
        return "an attribute of the receiver is not known"
    while scope is not None:
        given = scope.facts.params
        if name in given.names or name in (given.star, given.double_star):
            annotated = name in given.annotations
            return f"a parameter {'of a type that is not followed' if annotated else 'without a type'}"
        if name in scope.bound:
            where = "module or class" if scope.facts.kind in ("module", "class") else "function"
            return f"the value of a name of the {where} is not known"
        scope = scope.parent
    return "the name is not bound"
