"""Loops that make no more threads or processes than a limit says: they count those that run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project.fate import blocks, calls_below, every, expressions, statements, walk
from blockcheck.project.model import called, path_of, render
from blockcheck.project.trips import LENGTHS, limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Project
    from blockcheck.project.model import Code

_ORDERS = frozenset({"<", ">", "<=", ">="})
_COUNTS = LENGTHS | {"sum"}
_ADDS = frozenset({"append", "add", "put", "setdefault", "insert", "update"})


def keeps_below(project: Project, code: Code, site: int, loop: int) -> bool:
    """Whether a loop comes to a site only while fewer run than a limit says, or waits until that is so."""
    for statement in statements(code):
        if statement[0] in (ir.FOR, ir.WHILE) and statement[-1] == loop:
            inside = [s for block in blocks(statement) for s in every(block)]
            return any(_waits_below(s) or (s[0] == ir.IF and _allows(project, code, s, site)) for s in inside)
    return False


def _waits_below(statement: Any) -> bool:
    """``while len(threads) >= limit:``, or ``if len(threads) >= limit: threads.pop().join()``."""
    return (statement[0] == ir.WHILE and limits(statement[1])) or (
        statement[0] == ir.IF and limits(statement[1]) and any(_joins(c) for c in calls_below(statement[2]))
    )


def _joins(call: Any) -> bool:
    function = call[1]
    return isinstance(function, list) and function[0] == ir.ATTR and function[2] == "join"


def _allows(project: Project, code: Code, statement: Any, site: int) -> bool:
    """Whether a branch makes one more where a count allows it: one that it raises itself, or that a method looks at."""
    branch = next((b for b in statement[2:4] if any(c[4] == site for c in calls_below(b))), None)
    if branch is None:
        return False
    counted = set(_counted(statement[1]))
    if counted and not counted.isdisjoint(_filled(branch)):
        return True
    asked = {e[4] for e in walk(statement[1]) if e[0] == ir.CALL}
    return any(
        _tells_of_limit(project.codes[target.gid])
        for record in project.records(code.gid)
        if record.site in asked
        for target in record.targets
        if target.gid >= 0 and target.how == "call"
    )


def _counted(test: Any) -> Iterator[str]:
    """What a test compares the length of with something."""
    for e in walk(test):
        if e[0] == ir.COMPARE and e[2][0][0] in _ORDERS:
            for side in (e[1], e[2][0][1]):
                if called(side) == "len" and (path := path_of(side[2][0])) is not None:
                    yield path


def _filled(branch: list[Any]) -> Iterator[str]:
    """What a block puts something into."""
    for statement in every(branch):
        if statement[0] == ir.ASSIGN:
            for target in statement[1]:
                if isinstance(target, list) and target[0] == ir.SUBSCRIPT:
                    yield path_of(target[1]) or ""
        for expression in expressions(statement):
            for e in walk(expression):
                function = called(e)
                if isinstance(function, list) and function[0] == ir.ATTR and function[2] in _ADDS:
                    yield path_of(function[1]) or ""


def _tells_of_limit(code: Code) -> bool:
    """Whether a function counts something, and returns whether that is below another number."""
    body = statements(code)
    return any(
        s[0] == ir.RETURN and any(e[0] == ir.COMPARE and e[2][0][0] in _ORDERS for e in walk(s[1]))
        for s in body
    ) and any(
        e[0] == ir.CALL and render(e[1]).rpartition(".")[2] in _COUNTS
        for s in body
        for x in expressions(s)
        for e in walk(x)
    )
