"""Guards: what a test asks of a parameter, so that a call whose argument answers otherwise is told apart.

A guard is ``(gid, parameter, condition)``. A condition is the truth of the parameter (a bool), whether it is a
coroutine function ("async", "sync"), or ``(operator, operand, truth)`` for a comparison with a constant, the start or
end of a text, its type, or whether it is a file in memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project.fate import kept_calls
from blockcheck.project.model import argument
from blockcheck.project.values import (
    ASKS,
    CLASS,
    CONSTANT,
    CONTAINER,
    FUNCTION,
    IN_MEMORY,
    INSTANCE,
    LITERAL,
    METHOD,
    OBJECT,
    SELF,
    TUPLE,
    Atom,
    Value,
    constant_type,
)

if TYPE_CHECKING:
    from blockcheck.project.interpreter.interpreter import Interpreter
    from blockcheck.project.model import Record
    from blockcheck.project.solver import Solver

Guard = tuple[int, str, Any]

#: Comparisons with a constant, and the operator that says the same with the other outcome.
_COMPARED = {"==": ("==", True), "!=": ("==", False), "is": ("==", True), "is not": ("==", False)}
_CONTAINED = {"in": ("in", True), "not in": ("in", False)}
_TEXT = frozenset({"startswith", "endswith"})


def of_test(frame: Interpreter, test: Any, value: Value) -> tuple[list[Guard], list[Guard]]:
    """What a test tells of parameters that have the value which the caller gave: where it holds, and where not."""
    asked = [a for a in value if a[0] == ASKS]
    if len(asked) == 1:
        guard = (asked[0][1], asked[0][2], "async" if asked[0][3] else "sync")
        return [guard], [opposite(guard)]
    if type(test) is list and test[0] == ir.NOT:
        holds, fails = of_test(frame, test[1], ())
        return fails, holds
    if type(test) is list and test[0] == ir.BOOL:
        both = [of_test(frame, part, ()) for part in test[2]]
        every = [g for holds, fails in both for g in (holds if test[1] == "and" else fails)]
        return (every, []) if test[1] == "and" else ([], every)
    name, condition = _condition(frame, test)
    if name is None or not frame.is_given(name):
        return [], []
    guard = (frame.code.gid, name, condition)
    return [guard], [opposite(guard)]


def opposite(guard: Guard) -> Guard:
    """The guard of the other branch."""
    gid, name, condition = guard
    other: Any
    if isinstance(condition, str):
        other = {"async": "sync", "sync": "async"}[condition]
    elif isinstance(condition, tuple):
        other = (*condition[:2], not condition[2])
    else:
        other = not condition
    return (gid, name, other)


def _condition(frame: Interpreter, test: Any) -> tuple[str | None, Any]:
    if type(test) is str:
        kept = kept_question(frame, test)
        return (test, True) if kept is None else _condition(frame, kept)
    if type(test) is not list:
        return None, None
    if test[0] == ir.COMPARE and len(test[2]) == 1 and type(test[1]) is str:
        operator, operand = test[2][0]
        if operator in _COMPARED and _is_constant(operand):
            said, truth = _COMPARED[operator]
            return test[1], (said, operand[1], truth)
        if operator in _CONTAINED and _is_display(operand):
            said, truth = _CONTAINED[operator]
            return test[1], (said, tuple(e[1] for e in operand[1]), truth)
    if test[0] == ir.CALL and not test[3]:
        function, arguments = test[1], test[2]
        if function == "isinstance" and len(arguments) == 2 and type(arguments[0]) is str:
            types = frame.types_of(arguments[1])
            return (arguments[0], ("isinstance", types, True)) if types else (None, None)
        on_name = type(function) is list and function[0] == ir.ATTR and type(function[1]) is str
        if on_name and function[2] in _TEXT and len(arguments) == 1 and _is_constant(arguments[0]):
            return function[1], (function[2], arguments[0][1], True)
    return None, None


def kept_question(frame: Interpreter, name: str) -> Any:
    """What a name keeps the answer of: a question for the type of a parameter that is still what the caller gave."""
    kept = kept_calls(frame.code).get(name)
    if kept is None or kept[1] != "isinstance" or not kept[2] or type(kept[2][0]) is not str:
        return None
    return kept if frame.is_given(kept[2][0]) else None


def _is_display(e: Any) -> bool:
    """Whether an expression is a tuple, list or set of constants."""
    return type(e) is list and e[0] in (ir.TUPLE, ir.LIST, ir.SET) and all(_is_constant(p) for p in e[1])


def _is_constant(e: Any) -> bool:
    return type(e) is list and e[0] == ir.CONST


def excluded(solver: Solver, guards: tuple[Guard, ...], callee: int, binding: dict[Any, Value]) -> bool:
    """Whether a call gives a parameter something for which what is guarded does not happen."""
    for gid, name, condition in guards:
        value = binding.get((gid, name))
        if gid != callee and value is None:
            continue
        if value is None and (gid, "**") not in binding:
            value = solver.default(gid, name, None)
        if value and all(_answer(solver, condition, atom) is False for atom in value):
            return True
    return False


def handed_on(
    solver: Solver, guards: tuple[Guard, ...], record: Record, callee: int, *, bound: bool
) -> tuple[Guard, ...]:
    """A callee's guards as its caller's, where that hands on what it was given itself.

    Args:
        bound: whether the callee's first parameter is a receiver, which is not among the arguments.
    """
    call = record.expression
    names = solver.codes[callee].facts.params.names
    caller = solver.codes[record.gid].facts
    out: list[Guard] = []
    for gid, name, condition in guards:
        if gid != callee or name not in names:
            continue
        given = argument(call, name, names.index(name) - bound)
        if type(given) is str and given in caller.params.names and given not in caller.rebound:
            out.append((record.gid, given, condition))
    return tuple(out)


def _answer(solver: Solver, condition: Any, atom: Atom) -> bool | None:
    """Whether an argument meets a condition; None where it is not known."""
    if isinstance(condition, str):
        is_async = is_coroutine_function(solver, atom)
        return None if is_async is None else is_async == (condition == "async")
    if isinstance(condition, bool):
        return bool(atom[1]) == condition if atom[0] == CONSTANT else None
    operator, operand, truth = condition
    if operator == IN_MEMORY:
        met: bool | None = solver.in_memory(atom, None) or None
    elif operator == "isinstance":
        met = _is_a(solver, atom, operand)
    else:
        met = _holds(operator, operand, atom)
    return None if met is None else met == truth


def _holds(operator: str, operand: Any, atom: Atom) -> bool | None:
    if atom[0] != CONSTANT:
        # A function or display is something; what is annotated may still be None.
        return False if operator == "==" and operand is None and atom[0] in _THERE else None
    value = atom[1]
    if operator == "in":
        return value in operand
    if operator == "==":
        return bool(value == operand and (value is None) == (operand is None))
    if type(value) is not str or type(operand) is not str:
        return None
    return value.startswith(operand) if operator == "startswith" else value.endswith(operand)


_THERE = frozenset({FUNCTION, METHOD, CLASS, CONTAINER, LITERAL, TUPLE})
_BUILTIN_TYPES = {
    "list": "builtins.list", "dict": "builtins.dict", "set": "builtins.set", "tuple": "builtins.tuple",
}  # fmt: skip


def _is_a(solver: Solver, atom: Atom, types: Value) -> bool | None:
    """Whether an argument is of one of some types."""
    tag = atom[0]
    order: tuple[Any, ...]
    if tag == INSTANCE:
        order = solver.mro(atom[1], None)
        if any(t[0] == INSTANCE and atom[1] in solver.mro(t[1], None) and t[1] != atom[1] for t in types):
            return None  # it may be of the class that derives from its own
    else:
        kind = _kind(solver, atom)
        if kind is None:
            return None
        order = solver.catalogue.mro(kind)
    wanted = [solver.catalogue.canonical(t[1]) if t[0] == OBJECT else t[1] for t in types]
    if any(w in order for w in wanted):
        return True
    if tag == OBJECT and not solver.in_memory(atom, None):
        return None  # what is declared may be of a class below
    # Abstract classes count others among theirs.
    return None if any(isinstance(w, str) and not w.startswith("builtins.") for w in wanted) else False


def _kind(solver: Solver, atom: Atom) -> str | None:
    tag = atom[0]
    if tag == OBJECT:
        return solver.catalogue.canonical(atom[1])
    if tag == CONSTANT:
        return constant_type(atom[1])
    if tag == TUPLE:
        return "builtins.tuple"
    if tag in (CONTAINER, LITERAL):
        return _BUILTIN_TYPES.get(atom[3] if tag == CONTAINER else atom[1])
    return None


def is_coroutine_function(solver: Solver, atom: Atom) -> bool | None:
    """Whether calling an atom gives a coroutine; None where it is not known."""
    while atom[0] == METHOD:
        atom = atom[1]
    if atom[0] == FUNCTION:
        code = solver.codes[atom[1]]
        return code.is_async and not code.facts.is_generator
    return False if atom[0] in (CLASS, INSTANCE, SELF) else None
