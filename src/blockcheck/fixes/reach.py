"""What a call leads to before it returns, as far as it matters on which thread that happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.fixes.refusal import Refused
from blockcheck.project.fate import statements
from blockcheck.project.model import path_of
from blockcheck.project.values import BOUND, EXTERNAL, FUNCTION, METHOD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Code, Project, Record, Target
    from blockcheck.project.values import Value

# A call that leads to more functions than this is not looked through, so nothing is promised of it.
_MOST = 3000
MAKING = frozenset({"construct", "instantiate"})


def reached(project: Project, record: Record) -> Iterator[tuple[str, int, str]]:
    """Yield externals by name and functions of the project by number (-1 for externals), and how each is called.

    What is called as a parameter counts as far as the way there gives it, a decorator its function, say. Of what other
    callers give only externals count: too much would seem to be called.

    Raises:
        Refused: it leads to too many.
    """
    seen: set[int] = set()
    given: dict[Any, Value] = {}
    pending = [record]
    while pending:
        for target in pending.pop().targets:
            for key, value in target.binding.items():
                given[key] = (*given.get(key, ()), *value)
            if target.external:
                yield project.catalogue.canonical(target.external), -1, target.how
            elif target.symbol is not None:
                for atom in project.solver.given(target.symbol, None):
                    if atom[0] in (EXTERNAL, BOUND):
                        yield project.catalogue.canonical(atom[1]), -1, target.how
            for gid in _functions(target, given):
                if gid in seen:
                    continue
                if len(seen) > _MOST:
                    raise Refused("it leads to more functions than can be looked through")
                seen.add(gid)
                yield "", gid, target.how
                if not project.codes[gid].is_async:
                    pending += project.all_records(gid)


def _functions(target: Target, given: dict[Any, Value]) -> Iterator[int]:
    """The functions of the project that a call runs."""
    if target.gid >= 0:
        yield target.gid
    elif target.symbol is not None and not target.symbol[3]:
        for atom in given.get(target.symbol[1:3], ()):
            function = atom[1] if atom[0] == METHOD else atom
            if function[0] == FUNCTION:
                yield function[1]


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


def registered(project: Project, gid: int) -> str:
    """What a function calls of those that others put into an attribute: listeners and the like; empty if none."""
    code = project.codes[gid]
    kept = {
        part[1]: path
        for part in statements(code)
        if part[0] == ir.FOR and isinstance(part[1], str) and (path := _iterated(part[2])) is not None
    }
    for record in project.all_records(gid) if kept else ():
        expression = record.expression
        called = expression[1] if isinstance(expression, list) and expression[0] == ir.CALL else None
        if isinstance(called, str) and called in kept and all(target.gid < 0 for target in record.targets):
            return kept[called]
    return ""


def _iterated(expression: Any) -> str | None:
    """The attribute that a loop goes over, or a copy of it."""
    if isinstance(expression, list) and expression[0] == ir.CALL and len(expression[2]) == 1:
        expression = expression[2][0]
    path = path_of(expression)
    return path if path is not None and "." in path else None


def lives_on_loop(project: Project, gid: int) -> bool:
    """Whether a class, or that of a method, has coroutine methods, or such as a framework calls on the loop."""
    code = project.codes[gid]
    owner = code if code.facts.kind == "class" else code.owner
    if owner is None:
        return False
    mro = project.solver.mro(owner.gid, None)
    if not project.coroutine_classes.isdisjoint(mro):
        return True
    return any(is_called_on_loop(project, base) for base in mro if isinstance(base, str))


def is_called_on_loop(project: Project, name: str) -> bool:
    """Whether a framework calls methods of a type's objects on the event loop."""
    catalogue = project.catalogue
    handlers = (handler for base in catalogue.mro(name) for handler in catalogue.handlers(base))
    return any(handler.context == "loop" for handler in handlers)


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
