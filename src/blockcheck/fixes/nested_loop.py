"""BCK211: what would be run on an event loop of its own is awaited on the one that runs.

Only where the nested loop is started in the coroutine function itself, with nothing but the coroutine. Unsafe:
the coroutine now shares the loop with everything else, and its tasks outlive the statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from blockcheck.findings import Applicability
from blockcheck.fixes import awaiting
from blockcheck.fixes.refusal import Refused
from blockcheck.source.edits import Change

if TYPE_CHECKING:
    from blockcheck.findings import Fix
    from blockcheck.fixes.place import Place

_TIGHT = (cst.Name, cst.Attribute, cst.Call, cst.Subscript)


def fix(place: Place) -> Fix:
    """Await the coroutine."""
    syntax, call, record = place.syntax, place.node, place.record
    if not isinstance(call, cst.Call) or record is None:
        raise Refused("there is no plain call to replace")
    targets = record.targets
    direct = len(targets) == 1 and targets[0].entry is not None and targets[0].entry.kind == "nested-loop"
    if not direct:
        raise Refused("the function that starts the loop should become a coroutine function")
    if len(call.args) != 1 or call.args[0].star or isinstance(call.args[0].value, cst.Lambda):
        raise Refused("the loop is started in a special way")
    awaiting.check(place, call)
    coroutine = call.args[0].value
    start, end = syntax.span(call)
    first, last = syntax.span(call.args[0].value)
    head, tail = ("await ", "") if isinstance(coroutine, _TIGHT) else ("await (", ")")
    if awaiting.needs_parentheses(syntax, call):
        head, tail = f"({head}", f"{tail})"
    changes = [Change(start, first, head), Change(last, end, tail)]
    return place.fix(Applicability.UNSAFE, "await it", changes)
