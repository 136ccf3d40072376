"""Calls that a coroutine function makes in one branch and hands to something awaited in the other.

``if self.in_memory: self.file.write(data)`` beside ``else: await run_in_threadpool(self.file.write, data)``: the
author knows that the call may block, and has decided when it does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project.fate import blocks, calls_below, every, expressions, walk
from blockcheck.project.model import path_of

if TYPE_CHECKING:
    from blockcheck.project.model import Code

_LEAVING = (ir.RETURN, ir.RAISE, ir.BREAK, ir.CONTINUE)


def chosen_sites(code: Code) -> frozenset[int]:
    """The sites of direct calls whose callable is handed over and awaited in another branch of the same `if`."""
    out: set[int] = set()
    todo = [code.unit.facts.body(code.index)]
    while todo:
        body = todo.pop()
        for position, statement in enumerate(body):
            if statement[0] == ir.IF:
                then, other = statement[2], statement[3]
                if not other and then and then[-1][0] in _LEAVING:
                    other = body[position + 1 :]
                for here, there in ((then, other), (other, then)):
                    handed = _handed(there)
                    if handed:
                        out.update(
                            c[4] for c in calls_below(here) if path_of(c[1]) in handed and not _writes(c[1])
                        )
            todo.extend(blocks(statement))
    return frozenset(out)


def _writes(function: Any) -> bool:
    """Whether a method writes: that may change the very state which the test has asked for, and spill to disk."""
    return type(function) is list and function[0] == ir.ATTR and function[2].startswith("write")


def _handed(body: list[Any]) -> frozenset[str]:
    """The paths that stand as arguments of awaited calls."""
    return frozenset(
        path
        for statement in every(body)
        for expression in expressions(statement)
        for e in walk(expression)
        if e[0] == ir.AWAIT and type(e[1]) is list and e[1][0] == ir.CALL
        for argument in e[1][2]
        if (path := path_of(argument)) is not None and "." in path
    )
