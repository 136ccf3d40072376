"""What a call was resolved to, and, where it was not, why."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project.model import called
from blockcheck.project.values import CLASS, FUNCTION

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
        own.extend(atom[1] for atom in solver.given(symbol, None) if atom[0] in (FUNCTION, CLASS))
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


def derivation(project: Project, record: Record) -> str:
    """Where what is called, or what it is called on, comes from, in words; empty where that says nothing."""
    code = project.codes[record.gid]
    callee = called(record.expression)
    if isinstance(callee, str):
        return _origin(code, callee)
    base = callee[1] if isinstance(callee, list) and callee and callee[0] == ir.ATTR else None
    if isinstance(base, str):
        return _origin(code, base)
    if not isinstance(base, list) or not base:
        return ""
    if base[0] in (ir.CALL, ir.AWAIT):
        return "what the call before gives"
    if base[0] == ir.SUBSCRIPT:
        return "what the container holds"
    if base[0] == ir.ATTR and code.owner is not None and base[1] == (code.facts.params.names or [""])[0]:
        return _stored(project, code.owner.gid, base[2])
    return ""


def _stored(project: Project, owner: int, name: str) -> str:
    """Where an attribute of the receiver is set."""
    for base in project.solver.mro(owner, None):
        if isinstance(base, int):
            storing = [project.codes[gid].name for gid in project.solver.storing(base, name)]
            if storing:
                return f"what {' and '.join(storing)} stores as {name}"
            if name in project.codes[base].bound:
                return f"{name} in the body of {project.codes[base].name}"
    return ""


def _origin(code: Code, name: str) -> str:
    scope: Code | None = code
    while scope is not None:
        given = scope.facts.params
        if name in given.names:
            if scope.owner is not None and name == given.names[0]:
                return ""  # the receiver is of the class around it
            if name in given.annotations:
                return f"the annotation of parameter {name}"
            return f"what callers give as {name}, or its default"
        if name in scope.bound and scope.facts.kind != "class":
            where = "the module" if scope.facts.kind == "module" else scope.name
            return f"what {name} is bound to in {where}"
        scope = scope.parent
    return ""
