"""Files that objects were given when they were made: whether every known caller gives one in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project.fate import statements
from blockcheck.project.values import FUNCTION, INSTANCE, NONE, SELF, SYMBOL

if TYPE_CHECKING:
    from blockcheck.project.interpreter.interpreter import Interpreter
    from blockcheck.project.model import Code


def is_given_memory(frame: Interpreter, expression: Any) -> bool:
    """Whether an expression is an attribute that keeps what a constructor was given, always a file in memory."""
    if type(expression) is not list or expression[0] != ir.ATTR:
        return False
    owners = [a[1] for a in frame.peek(expression[1]) if a[0] in (SELF, INSTANCE)]
    return bool(owners) and all(_is_given_memory(frame, owner, expression[2]) for owner in owners)


def _is_given_memory(frame: Interpreter, owner: int, name: str) -> bool:
    solver = frame.solver
    stored = False
    for base in solver.mro(owner, frame):
        if type(base) is not int:
            continue
        makers = {a[1] for a in solver.read(("c", base, "__init__"), frame) if a[0] == FUNCTION}
        unit = solver.codes[base].unit
        for code in solver.codes[unit.first : unit.first + len(unit.facts.codes)]:
            if code.owner is None or code.owner.gid != base or name not in code.facts.self_stores:
                continue
            given = _kept_parameter(code, name) if code.gid in makers else None
            if given is None:
                return False
            known = solver.given((SYMBOL, code.gid, given, ()), frame)
            files = [a for a in known if a != NONE]
            if not files or not all(solver.in_memory(a, frame) for a in files):
                return False
            stored = True
    return stored


def _kept_parameter(code: Code, name: str) -> str | None:
    """The parameter that a constructor keeps as an attribute, untouched and always given by its callers."""
    params = code.facts.params
    kept = None
    for statement in statements(code):
        if statement[0] == ir.ASSIGN:
            targets, value = statement[1], statement[2]
        elif statement[0] == ir.ANNOTATED:
            targets, value = [statement[1]], statement[3]
        else:
            continue
        if any(type(t) is list and t[0] == ir.ATTR and t[1:3] == [params.names[0], name] for t in targets):
            if kept is not None or type(value) is not str or value not in params.names[1:]:
                return None
            kept = value
    return kept if kept not in code.facts.rebound and kept not in params.defaults else None
