"""What the arguments of a call say as they are written, where nothing else is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project.model import Code, argument, called
from blockcheck.project.values import CONSTANT, Value

if TYPE_CHECKING:
    from blockcheck.catalogue import Entry
    from blockcheck.catalogue.model import Condition


def binding(call: Any, code: Code, *, bound: bool) -> dict[Any, Value] | None:
    """The constants that a call gives a function's parameters; None where it hides what it gives.

    Args:
        bound: whether the function's first parameter is a receiver, which is not among the arguments.
    """
    if _hides(call):
        return None
    params = code.facts.params
    given: dict[Any, Value] = {}
    for at, name in enumerate(params.names):
        expression = argument(call, name, at - bound if at < params.positional else None)
        if expression is not None:
            given[code.gid, name] = ((CONSTANT, expression[1]),) if _is_constant(expression) else ()
    return given


def blocks(entry: Entry, call: Any, states: frozenset[Any]) -> bool | None:
    """Whether the conditions hold under which a callable blocks; None where the arguments do not tell.

    Args:
        states: what is known of the receiver.
    """
    if any(c.test == "state" and c.value in states for c in entry.unless):
        return False
    if _hides(call):
        return None if entry.unless or entry.only_if else True
    unless = [_holds(c, call) for c in entry.unless]
    only_if = [_holds(c, call) for c in entry.only_if]
    if True in unless or (only_if and not {True, None} & {*only_if}):
        return False
    return None if None in unless or (only_if and True not in only_if) else True


def _holds(condition: Condition, call: Any) -> bool | None:
    expression = argument(call, condition.name, condition.at)
    if condition.test == "given":  # None stands for what is left out
        return (expression is not None and expression != [ir.CONST, None]) is bool(condition.value)
    if condition.test == "state":
        return None
    if expression is None:
        return False
    if condition.test != "is" or not _is_constant(expression):
        return None
    constant = expression[1]
    return bool(constant == condition.value) and type(constant) in (type(condition.value), int, float)


def _hides(call: Any) -> bool:
    """Whether an expression is no call, or gives what other names hold: ``f(*args)``."""
    return (
        called(call) is None
        or any(isinstance(a, list) and a[0] == ir.STAR for a in call[2])
        or any(keyword is None for keyword, _ in call[3])
    )


def _is_constant(expression: Any) -> bool:
    return isinstance(expression, list) and expression[0] == ir.CONST
