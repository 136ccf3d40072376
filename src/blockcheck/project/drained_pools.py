"""Pools that are left only when all that was given to them has been awaited: leaving them waits for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project.fate import every, expressions, statements, walk

if TYPE_CHECKING:
    from blockcheck.project.model import Code


def is_drained(code: Code, site: int) -> bool:
    """Whether the ``with`` statement at a site awaits, before it ends, everything that its pool was given."""
    for statement in statements(code):
        for context, target, at in statement[1] if statement[0] == ir.WITH else ():
            name = context if target is None else target
            if at == site and isinstance(name, str) and name not in code.facts.captured:
                return _awaits_all(every(statement[2]), name)
    return False


def _awaits_all(body: list[Any], pool: str) -> bool:
    kept: set[str] = set()
    for statement in body:
        for expression in expressions(statement):
            if not _mentions(expression, {pool}):
                continue
            if any(_waits_for(a[1], {pool}, giving=True) for a in _awaits(expression)):
                continue
            name = _kept_under(statement)
            if name is None:
                return False
            kept.add(name)
    return all(any(_is_awaited(statement, name, kept) for statement in body) for name in kept)


def _kept_under(statement: Any) -> str | None:
    """The name under which a statement keeps what it makes: ``x = …``, ``x.append(…)``."""
    if statement[0] == ir.ASSIGN and len(statement[1]) == 1 and isinstance(statement[1][0], str):
        return statement[1][0]
    if statement[0] == ir.EXPR and isinstance(statement[1], list) and statement[1][0] == ir.CALL:
        function = statement[1][1]
        if isinstance(function, list) and function[0] == ir.ATTR and isinstance(function[1], str):
            return function[1] if function[2] in ("append", "add") else None
    return None


def _is_awaited(statement: Any, name: str, kept: set[str]) -> bool:
    waited_for = [a[1] for e in expressions(statement) for a in _awaits(e)]
    if statement[0] == ir.FOR and any(_awaits(e) for s in every(statement[3]) for e in expressions(s)):
        waited_for.append(statement[2])
    return any(_mentions(e, {name}) and _waits_for(e, kept, giving=False) for e in waited_for)


def _waits_for(expression: Any, names: set[str], *, giving: bool) -> bool:
    """Whether awaiting an expression waits for all that names stand for: it sets no limit of time or number.

    Args:
        giving: the name is the pool's, which is given work to do, by a call that may have any further arguments.
    """
    if isinstance(expression, str):
        return expression in names
    if not isinstance(expression, list) or not expression:
        return False
    tag = expression[0]
    if tag in (ir.STAR, ir.AWAIT):
        return _waits_for(expression[1], names, giving=giving)
    if tag == ir.COMP:
        return _mentions(expression, names)
    if tag in (ir.LIST, ir.TUPLE):
        parts = [p for p in expression[1] if _mentions(p, names)]
        return bool(parts) and all(_waits_for(p, names, giving=giving) for p in parts)
    if tag != ir.CALL:
        return False
    given = [*expression[2], *(value for _, value in expression[3])]
    if giving and any(isinstance(a, str) and a in names for a in given):
        return True
    bearing = [a for a in given if _mentions(a, names)]
    limits = [a for a in given if a not in bearing and not _is_flag(a)]
    return bool(bearing) and not limits and all(_waits_for(a, names, giving=giving) for a in bearing)


def _is_flag(expression: Any) -> bool:
    return isinstance(expression, list) and expression[0] == ir.CONST and type(expression[1]) is bool


def _awaits(expression: Any) -> list[Any]:
    return [e for e in walk(expression) if e[0] == ir.AWAIT]


def _mentions(expression: Any, names: set[str]) -> bool:
    if isinstance(expression, str):
        return expression in names
    if not isinstance(expression, list) or not expression or expression[0] == ir.CONST:
        return False
    parts = expression[1:2] if expression[0] == ir.ATTR else expression
    return any(_mentions(part, names) for part in parts)
