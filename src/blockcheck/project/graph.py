"""The call graph as names: who calls whom, as far as values tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blockcheck.project.values import (
    BOUND,
    CLASS,
    EXTERNAL,
    FUNCTION,
    INSTANCE,
    METHOD,
    OFFLOADED,
    PARTIAL,
    SELF,
    Atom,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from blockcheck.project import Project
    from blockcheck.project.model import Code, Target

_BUILTINS = "builtins."


def adjacency(project: Project, shown: Collection[str]) -> dict[str, list[str]]:
    """Callees by caller, both qualified names, sorted.

    Every function, lambda and module of the files ``shown`` (display paths) is a caller; calls of a class body count for the code around
    it. External callees stand under their qualified names, builtins under ``<builtin>.name``. The project must
    have been linked with ``keep_all``.
    """
    out: dict[str, set[str]] = {}
    for code in project.codes:
        if code.unit.file.display not in shown:
            continue
        caller = code
        while caller.facts.kind == "class" and caller.parent is not None:
            caller = caller.parent
        edges = out.setdefault(caller.name, set())
        for record in project.solver.records.get(code.gid, ()):
            for target in record.targets:
                edges.update(_callees(project, code, target))
    return {name: sorted(edges) for name, edges in sorted(out.items())}


def _callees(project: Project, code: Code, target: Target) -> list[str]:
    if target.how == "instantiate" or target.reason == "settled":
        return []
    if target.gid >= 0:
        if target.reason == "virtual" and _given(project, code, project.codes[target.gid].facts.name):
            return []  # the receivers that callers give say more than the class does
        return [project.codes[target.gid].name]
    if target.symbol is not None:
        names: list[str] = []
        for atom in project.solver.given(target.symbol, None):
            names.extend(_names(project, atom))
        return names
    name = target.external
    if target.how == "construct" and not name.startswith(_BUILTINS):
        return [f"{name}.__init__"]
    if target.how == "construct":
        return []
    return [builtin_name(name)]


def _given(project: Project, code: Code, method: str) -> bool:
    names = code.facts.params.names
    return bool(names) and bool(project.solver.given(("symbol", code.gid, names[0], (method,)), None))


def _names(project: Project, atom: Atom) -> list[str]:
    """The names of what calling an atom runs."""
    tag = atom[0]
    if tag == FUNCTION:
        return [project.codes[atom[1]].name]
    if tag in (METHOD, PARTIAL, OFFLOADED):
        return _names(project, atom[1])
    if tag == CLASS:
        for base in project.solver.mro(atom[1], None):
            if isinstance(base, int) and "__init__" in project.codes[base].bound:
                return [f"{project.codes[base].name}.__init__"]
        return []
    if tag == EXTERNAL:
        return [builtin_name(atom[1])]
    if tag == BOUND:
        return [builtin_name(project.catalogue.canonical(atom[1]))]
    if tag in (SELF, INSTANCE):
        return [n for a in project.solver.attribute(atom, "__call__", None) for n in _names(project, a)]
    return []


def builtin_name(name: str) -> str:
    """The name under which a builtin stands in the graph; others keep theirs."""
    return f"<builtin>.{name[len(_BUILTINS) :]}" if name.startswith(_BUILTINS) else name
