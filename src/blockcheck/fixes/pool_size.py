"""BCK301 and BCK302: the number of workers is bounded where it is written.

A number becomes the configured bound; what follows the input is put into `min`. Unsafe: tasks that wait for each
other may need as many workers as there were. Refused where the number is written elsewhere, or may be None.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from blockcheck.facts import ir
from blockcheck.findings import Applicability
from blockcheck.fixes.refusal import Refused
from blockcheck.source.edits import Change

if TYPE_CHECKING:
    from blockcheck.findings import Fix
    from blockcheck.fixes.place import Place

#: As many waiting threads as the standard library takes for enough on any machine.
WORKERS = 32


def cap(place: Place) -> Fix:
    """Write the bound in place of a number beyond it."""
    value = _argument(place)
    bound = place.project.options.max_workers_bound
    if not isinstance(value, cst.Integer):
        raise Refused("the number of workers is not written here")
    start, end = place.syntax.outer(value)
    return place.fix(Applicability.UNSAFE, f"use {bound} workers", [Change(start, end, str(bound))])


def limit(place: Place) -> Fix:
    """Put the smaller of a bound and the size of the input."""
    value = _argument(place)
    expression = _bound(place)
    if not isinstance(expression, list) or expression[0] not in (ir.CALL, ir.BINOP):
        raise Refused("the number of workers may be none")
    if not place.is_builtin("min"):
        raise Refused("'min' means something else here")
    start, end = place.syntax.outer(value)
    whole = place.syntax.text[start:end]
    text = f"min({WORKERS}, {whole if '#' in whole else place.syntax.code(value)})"
    return place.fix(Applicability.UNSAFE, f"use at most {WORKERS} workers", [Change(start, end, text)])


def _argument(place: Place) -> cst.BaseExpression:
    """What the call is given as its number of workers."""
    call, record = place.node, place.record
    target = (
        next((t for t in record.targets if t.entry is not None and t.entry.bound is not None), None)
        if record is not None
        else None
    )
    if not isinstance(call, cst.Call) or target is None or target.entry is None:
        raise Refused("there is no plain call that makes the pool")
    table = target.entry.bound or {}
    if any(argument.star for argument in call.args):
        raise Refused("its arguments are unpacked")
    for position, argument in enumerate(call.args):
        named = argument.keyword is not None and argument.keyword.value == table.get("name")
        if named or (argument.keyword is None and position == table.get("at")):
            return argument.value
    raise Refused("the number of workers is not written here")


def _bound(place: Place) -> Any:
    """The expression of the number of workers, as the project sees it."""
    return next(
        (p.bound for p in place.project.pools if p.code.gid == place.gid and p.record.site == place.site),
        None,
    )
