"""Statements of one block: who stands beside whom, and how lines are moved inwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from blockcheck.source.edits import Change

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from blockcheck.fixes.syntax import Syntax


def beside(syntax: Syntax, statement: cst.CSTNode) -> tuple[Sequence[cst.CSTNode], int]:
    """The statements of the block that a statement stands in, and its place among them; none if it has no block."""
    body = getattr(syntax.parent(statement), "body", ())
    index = next((number for number, one in enumerate(body) if one is statement), -1)
    return (body, index) if index >= 0 else ((), -1)


def small(statement: cst.CSTNode) -> cst.BaseSmallStatement | None:
    """The one small statement that a line consists of."""
    if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1:
        return statement.body[0]
    return None


def call_alone(statement: cst.CSTNode) -> cst.Call | None:
    """The call that a line consists of."""
    part = small(statement)
    return part.value if isinstance(part, cst.Expr) and isinstance(part.value, cst.Call) else None


def method_call(statement: cst.CSTNode, method: str) -> cst.BaseExpression | None:
    """The object whose method a line calls without arguments, and does nothing else."""
    call = call_alone(statement)
    if call is None or call.args or not isinstance(call.func, cst.Attribute):
        return None
    return call.func.value if call.func.attr.value == method else None


def calls_method(statement: cst.CSTNode, name: str, method: str) -> bool:
    """Whether all that a line does is to call a method of a variable, without arguments."""
    owner = method_call(statement, method)
    return isinstance(owner, cst.Name) and owner.value == name


def indented(syntax: Syntax, start: int, end: int) -> Iterator[Change]:
    """Move the lines between two offsets inwards by one step; what is inside of strings stays."""
    step = syntax.tree.default_indent
    for at, line in _lines(syntax, start, end):
        if line.strip():
            yield Change(at, at, step)


def dedented(syntax: Syntax, start: int, end: int, inner: str, outer: str) -> Iterator[Change]:
    """Move the lines between two offsets outwards; what is inside of strings stays."""
    for at, line in _lines(syntax, start, end):
        if line.startswith(inner):
            yield Change(at + len(outer), at + len(inner), "")


def _lines(syntax: Syntax, start: int, end: int) -> Iterator[tuple[int, str]]:
    """The lines between two offsets that do not begin inside of a string, and where each does."""
    strings = [
        syntax.span(node)
        for node in syntax.walk(syntax.tree)
        if isinstance(node, (cst.SimpleString, cst.FormattedString))
    ]
    at = start
    while at < end:
        following = syntax.line_end(at)
        if not any(first < at < last for first, last in strings):
            yield at, syntax.text[at:following]
        if following <= at:
            break
        at = following


def without_line(syntax: Syntax, statement: cst.SimpleStatementLine) -> Change:
    """Take a line away, except for its comment."""
    start, end = syntax.span(statement.body[0])[0], syntax.span(statement.body[-1])[1]
    comment = statement.trailing_whitespace.comment
    if comment is not None:
        return Change(start, syntax.text.index("#", end), "")
    return Change(syntax.line_start(start), syntax.line_end(end), "")
