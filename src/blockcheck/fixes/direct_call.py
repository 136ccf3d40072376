"""BCK104: what a thread was started for, and waited for at once, is called.

Only where making, starting and joining are three statements in a row, the thread is used for nothing else, and what it
runs and its arguments are written in the call. Unsafe: an exception ends the loop, where the thread printed it
and the next turn began; what the function keeps per thread is then kept for this one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from blockcheck.findings import Applicability
from blockcheck.fixes import blocks, thread_shape
from blockcheck.fixes.refusal import Refused
from blockcheck.source.edits import Change

if TYPE_CHECKING:
    from blockcheck.findings import Fix
    from blockcheck.fixes.place import Place


def fix(place: Place) -> Fix:
    """Call the function."""
    syntax = place.syntax
    thread = thread_shape.read(place, "thread")
    making = syntax.statement(place.node)
    body, index = blocks.beside(syntax, making)
    name = thread_shape.assigned(making, thread.call)
    if not name or index < 0:
        raise Refused("the thread is not kept in a variable of its own")
    following = body[index + 1 : index + 3]
    if len(following) < 2 or not all(
        blocks.calls_method(line, name, method)
        for line, method in zip(following, ("start", "join"), strict=True)
    ):
        raise Refused("making, starting and joining are not three statements in a row")
    if thread_shape.uses(place, name) != 2:
        raise Refused(f"{name} is used for other things as well")
    start, join = following
    assert isinstance(start, cst.SimpleStatementLine)
    assert isinstance(join, cst.SimpleStatementLine)
    text = f"{thread.target}({', '.join(thread.arguments)})"
    part = blocks.small(making)
    assert part is not None
    changes = [
        Change(*syntax.span(part), text),
        blocks.without_line(syntax, start),
        blocks.without_line(syntax, join),
    ]
    return place.fix(Applicability.UNSAFE, f"call {thread.target} itself", changes)
