"""BCK406: what stands between `acquire` and `release` becomes the body of a `with`.

Only where both are statements of one block, and nothing between them gives the lock back or sets it anew. Unsafe:
the lock is given back on ways out that kept it so far, on purpose as it may be. Refused where a loop is left or
a generator yields in between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from blockcheck.findings import Applicability
from blockcheck.fixes import blocks
from blockcheck.fixes.refusal import Refused
from blockcheck.source.edits import Change

if TYPE_CHECKING:
    from collections.abc import Sequence

    from blockcheck.findings import Fix
    from blockcheck.fixes.place import Place


def fix(place: Place) -> Fix:
    """Write the `with`."""
    syntax, call = place.syntax, place.node
    if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute):
        raise Refused("there is no plain call that takes the lock")
    if call.args:
        raise Refused("the lock is taken in a special way")
    taking = syntax.statement(call)
    body, index = blocks.beside(syntax, taking)
    if blocks.call_alone(taking) is not call or index < 0:
        raise Refused("what the call gives is used")
    lock = syntax.text[slice(*syntax.outer(call.func.value))]
    giving = next((n for n in range(index + 1, len(body)) if _is_release(place, body[n], lock)), -1)
    if giving < 0:
        raise Refused("the lock is not given back in the same block")
    if giving == index + 1:
        raise Refused("nothing stands between the two")
    between = body[index + 1 : giving]
    _check(place, between, lock)
    last = body[giving]
    assert isinstance(last, cst.SimpleStatementLine)
    start = syntax.line_end(syntax.span(call)[1])
    end = syntax.line_start(syntax.span(last)[0])
    removed = blocks.without_line(syntax, last)
    changes = [
        Change(*syntax.span(call), f"with {lock}:"),
        *blocks.indented(syntax, start, end),
        removed,
    ]
    return place.fix(Applicability.UNSAFE, f"hold it in a block: with {lock}:", changes)


def _is_release(place: Place, statement: cst.CSTNode, lock: str) -> bool:
    owner = blocks.method_call(statement, "release")
    return owner is not None and place.syntax.code(owner) == lock


def _check(place: Place, between: Sequence[cst.CSTNode], lock: str) -> None:
    """Refuse what would be something else in a `with`."""
    syntax = place.syntax
    function = syntax.function(place.node)
    for statement in between:
        for node in syntax.walk(statement):
            if isinstance(node, cst.Attribute) and node.attr.value in ("acquire", "release"):
                if syntax.code(node.value) == lock:
                    raise Refused("the lock is taken or given back in between as well")
            elif isinstance(node, (cst.AssignTarget, cst.AugAssign, cst.AnnAssign, cst.For, cst.NamedExpr)):
                _check_target(syntax.code(node.target), lock)
            elif isinstance(node, cst.AsName):
                _check_target(syntax.code(node.name), lock)
            elif isinstance(node, cst.Del):
                _check_target(syntax.code(node.target), lock)
            if syntax.function(node) is not function:
                continue
            if isinstance(node, (cst.Yield, cst.Await)):
                raise Refused("the function waits or yields in between")
            if isinstance(node, (cst.Break, cst.Continue)):
                loop = syntax.enclosing(node, cst.For, cst.While)
                if loop is None or not any(syntax.within(loop, one) for one in between):
                    raise Refused("a loop is left in between")


def _check_target(target: str, lock: str) -> None:
    parts = [part.strip(" *()[]") for part in target.split(",")]
    if any(lock == part or lock.startswith((f"{part}.", f"{part}[")) for part in parts):
        raise Refused("the lock is set anew in between")
