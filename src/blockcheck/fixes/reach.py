"""What a call leads to before it returns, as far as it matters on which thread that happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.fixes.refusal import Refused
from blockcheck.project.values import BOUND, EXTERNAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Code, Project, Record

# A call that leads to more functions than this is not looked through, so nothing is promised of it.
_MOST = 3000
MAKING = frozenset({"construct", "instantiate"})


def reached(project: Project, record: Record) -> Iterator[tuple[str, int, str]]:
    """Yield externals by name and functions of the project by number (-1 for externals), and how each is called.

    Of what callers give for a parameter only externals count: too much would seem to be called.

    Raises:
        Refused: it leads to too many.
    """
    seen: set[int] = set()
    pending = [record]
    while pending:
        for target in pending.pop().targets:
            if target.external:
                yield project.catalogue.canonical(target.external), -1, target.how
            elif target.symbol is not None:
                for atom in project.solver.given(target.symbol, None):
                    if atom[0] in (EXTERNAL, BOUND):
                        yield project.catalogue.canonical(atom[1]), -1, target.how
            if target.gid < 0 or target.gid in seen:
                continue
            if len(seen) > _MOST:
                raise Refused("it leads to more functions than can be looked through")
            seen.add(target.gid)
            yield "", target.gid, target.how
            if not project.codes[target.gid].is_async:
                pending += project.all_records(target.gid)


def loop_state(project: Project, gid: int, how: str) -> str:
    """What a function does to objects that live on the event loop: those whose classes have coroutine methods."""
    code = project.codes[gid]
    if not lives_on_loop(project, gid):
        return ""
    owner = code if code.owner is None else code.owner
    if how in MAKING:
        return f"making a {owner.facts.name}"
    changed = changed_attribute(code)
    return f"{owner.facts.name}.{code.facts.name}, which changes {changed}" if changed else ""


def lives_on_loop(project: Project, gid: int) -> bool:
    """Whether a class, or that of a method, has coroutine methods."""
    code = project.codes[gid]
    owner = code if code.facts.kind == "class" else code.owner
    if owner is None:
        return False
    return not project.coroutine_classes.isdisjoint(project.solver.mro(owner.gid, None))


def changed_attribute(code: Code) -> str:
    """An attribute of its object that a method sets, or whose elements it sets; empty if none."""
    if code.facts.self_stores:
        return f"self.{code.facts.self_stores[0]}"
    names = code.facts.params.names
    return _stored(code.unit.facts.body(code.index), names[0]) if names else ""


def _stored(part: Any, root: str) -> str:
    if not isinstance(part, list) or not part:
        return ""
    if part[0] == ir.ASSIGN and len(part) == 3 and isinstance(part[1], list):
        targets = part[1]
    elif part[0] == ir.AUGMENTED and len(part) == 5:
        targets = [part[1]]
    elif part[0] == ir.DEL and len(part) == 2 and isinstance(part[1], list):
        targets = part[1]
    else:
        targets = []
    for target in targets:
        path = _path(target)
        if path.startswith(f"{root}."):
            return path
    return next((found for inner in part if (found := _stored(inner, root))), "")


def _path(expression: Any) -> str:
    """The attributes below a name, elements left out."""
    if isinstance(expression, str):
        return expression
    if isinstance(expression, list) and expression:
        if expression[0] == ir.ATTR and len(expression) == 4:
            base = _path(expression[1])
            return f"{base}.{expression[2]}" if base else ""
        if expression[0] == ir.SUBSCRIPT and len(expression) == 4:
            return _path(expression[1])
    return ""
