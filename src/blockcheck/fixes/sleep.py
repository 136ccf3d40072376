"""BCK201: a sleep becomes the awaited sleep of the module's own asynchronous library.

Only where the sleep itself stands in an ``async def``; one that is reached through other functions is handed
to a thread as a whole. Safe where others may run at that very point anyway, because the statement before or
behind it suspends, and where the time is known not to be negative, which the two sleeps treat differently.
Unsafe elsewhere: a new suspension lets other tasks in, and cancellation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from blockcheck.facts import ir
from blockcheck.findings import Applicability
from blockcheck.fixes import awaiting, offload
from blockcheck.source.edits import Change

if TYPE_CHECKING:
    from collections.abc import Sequence

    from blockcheck.findings import Fix
    from blockcheck.fixes.place import Place
    from blockcheck.fixes.syntax import Syntax
    from blockcheck.project import Record


def fix(place: Place) -> Fix:
    """Await the equivalent of the sleep."""
    call = place.node
    record = place.record
    target = equivalent(place)
    if not isinstance(call, cst.Call) or record is None or not target:
        return offload.fix(place)
    awaiting.check(place, call)
    syntax = place.syntax
    dialect = place.dialect
    name, changes = place.name(target, target.partition(".")[0])
    start, end = syntax.span(call)
    head = "await "
    if awaiting.needs_parentheses(syntax, call):
        head = "(await "
        changes = [*changes, Change(end, end, ")")]
    changes = [*changes, Change(start, syntax.outer(call.func)[1], head + name)]
    safe = dialect.sure and not _may_be_negative(record) and _beside_suspension(syntax, call)
    applicability = Applicability.SAFE if safe else Applicability.UNSAFE
    return place.fix(applicability, f"await {name}", changes)


def equivalent(place: Place) -> str:
    """The awaitable counterpart of what a call calls, if it takes the same arguments; empty where there is none."""
    record = place.record
    targets = record.targets if record is not None else []
    if len(targets) != 1 or targets[0].entry is None:
        return ""
    entry = targets[0].entry
    if entry.arguments != "same" or not entry.equivalent:
        return ""
    return entry.equivalent.get(place.dialect.name, "")


def _may_be_negative(record: Record) -> bool:
    arguments, keywords = record.expression[2:4]
    if len(arguments) != 1 or keywords:
        return True
    value = arguments[0]
    is_number = isinstance(value, list) and value[0] == ir.CONST and isinstance(value[1], (int, float))
    return not (is_number and value[1] >= 0)


def _beside_suspension(syntax: Syntax, call: cst.Call) -> bool:
    """Whether the statement just before or behind the call's own does nothing but suspend and keep a local."""
    statement = syntax.statement(call)
    block = syntax.parent(statement)
    if not isinstance(block, (cst.IndentedBlock, cst.Module)) or not _is_expression(statement, call):
        return False
    index = next(number for number, other in enumerate(block.body) if other is statement)
    return any(_suspends(other) for other in _neighbours(block.body, index))


def _neighbours(body: Sequence[cst.CSTNode], index: int) -> list[cst.CSTNode]:
    return [*body[max(index - 1, 0) : index], *body[index + 1 : index + 2]]


def _is_expression(statement: cst.CSTNode, call: cst.Call) -> bool:
    return (
        isinstance(statement, cst.SimpleStatementLine)
        and len(statement.body) == 1
        and isinstance(statement.body[0], cst.Expr)
        and statement.body[0].value is call
    )


def _suspends(statement: cst.CSTNode) -> bool:
    """Whether a statement is one await of a call of plain names, its result dropped or kept in a local."""
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return False
    part = statement.body[0]
    if isinstance(part, cst.Assign):
        if not all(isinstance(target.target, cst.Name) for target in part.targets):
            return False
    elif not isinstance(part, cst.Expr):
        return False
    return isinstance(part.value, cst.Await)
