"""Functions that only compute: loops of arithmetic, and no call that would let another thread run meanwhile."""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project.fate import expressions, statements, walk
from blockcheck.project.model import called
from blockcheck.project.values import BOUND, CLASS, EXTERNAL, FUNCTION, METHOD, Value, join

if TYPE_CHECKING:
    from blockcheck.project import Code, Project

_ARITHMETIC = frozenset({"+", "-", "*", "/", "//", "%", "**", "<<", ">>", "&", "|", "^"})
_LONG = 1000  # turns of a loop over a constant range that are worth a thread
_DEEP = 3  # calls below a function that are looked into
_CONTAINERS = frozenset(
    name for kind in (list, dict, set, str, bytes, collections.deque) for name in dir(kind)
)
_TEXT = frozenset({ir.STRING})


def computes(project: Project, code: Code) -> bool:
    """Whether a function computes in Python for long: under the interpreter's lock, one thread at a time."""
    if not code.is_function or code.is_async or code.facts.is_generator:
        return False
    body = code.unit.facts.body(code.index)
    return _is_heavy(project, code, body) and _only_computes(project, code, _DEEP, set())


def _is_heavy(project: Project, code: Code, body: list[Any], deeper: int = 1) -> bool:
    """Whether a function, or one that it calls, has loops of arithmetic in one another, or calls itself to calculate."""
    called_here = {t.gid for r in project.records(code.gid) for t in r.targets if t.gid >= 0}
    if _depth(body) > 1 or (code.gid in called_here and _calculates(body)):
        return True
    return deeper > 0 and any(
        _is_heavy(project, inner, inner.unit.facts.body(inner.index), deeper - 1)
        for inner in (project.codes[gid] for gid in sorted(called_here - {code.gid}))
    )


def _depth(body: list[Any]) -> int:
    """How deep the loops are nested that calculate; a long count or a ``while`` is as good as two."""
    deepest = 0
    for statement in body:
        tag = statement[0]
        for expression in expressions(statement):
            deepest = max(deepest, _comprehended(expression))
        if tag == ir.FOR:
            inner = _depth(statement[3])
            own = 2 if _counts(statement[2]) else 1
            deepest = max(deepest, own + inner if inner else own if _calculates(statement[3]) else 0)
        elif tag == ir.WHILE:
            deepest = max(deepest, 2 if _calculates(statement[2]) and not _endless(statement[1]) else 0)
        elif tag == ir.IF:
            deepest = max(deepest, _depth(statement[2]), _depth(statement[3]))
        elif tag in (ir.WITH, ir.TRY):
            deepest = max(deepest, _depth(statement[2] if tag == ir.WITH else statement[1]))
    return deepest


def _comprehended(expression: Any) -> int:
    """How deep comprehensions that calculate are nested in an expression."""
    deepest = 0
    for e in walk(expression):
        if e[0] == ir.COMP and any(_arithmetic(w) for w in walk(e)):
            counts = sum(2 if _counts(generator[1]) else 1 for generator in e[4])
            deepest = max(deepest, counts + _comprehended(e[2]))
    return deepest


def _endless(test: Any) -> bool:
    return isinstance(test, list) and test[0] == ir.CONST


def _counts(iterable: Any) -> bool:
    """Whether a loop runs over a range that is not plainly short."""
    if called(iterable) != "range":
        return False
    ends = [a for a in iterable[2] if isinstance(a, list) and a[0] == ir.CONST and isinstance(a[1], int)]
    return len(ends) < len(iterable[2]) or max((abs(a[1]) for a in ends), default=0) >= _LONG


def _calculates(body: list[Any]) -> bool:
    """Whether the statements of a block, nested ones included, calculate with numbers."""
    for statement in body:
        if (
            statement[0] == ir.AUGMENTED
            and statement[2].rstrip("=") in _ARITHMETIC
            and statement[3] != [ir.CONST, 1]
        ):
            return True
        if any(_arithmetic(e) for expression in expressions(statement) for e in walk(expression)):
            return True
        inner = {ir.IF: (2, 3), ir.FOR: (3,), ir.WHILE: (2,), ir.WITH: (2,), ir.TRY: (1,)}.get(
            statement[0], ()
        )
        if any(_calculates(statement[position]) for position in inner):
            return True
    return False


def _arithmetic(e: Any) -> bool:
    """Whether an expression is a sum or product of numbers, as far as it shows: not of texts."""
    if e[0] != ir.BINOP or e[1] not in _ARITHMETIC:
        return False
    return not any(
        isinstance(part, list) and (part[0] in _TEXT or (part[0] == ir.CONST and isinstance(part[1], str)))
        for part in e[2:4]
    )


def _only_computes(project: Project, code: Code, depth: int, seen: set[int]) -> bool:
    """Whether every call of a function is one that is known to compute and nothing else."""
    if code.gid in seen:
        return True
    seen.add(code.gid)
    return all(
        _is_computing(project, code, call, depth, seen)
        for statement in statements(code)
        for expression in expressions(statement)
        for call in walk(expression)
        if call[0] == ir.CALL
    )


def _is_computing(project: Project, code: Code, call: Any, depth: int, seen: set[int]) -> bool:
    function = called(call)
    value = _callee(project, code, function)
    if not value:
        return isinstance(function, list) and function[0] == ir.ATTR and function[2] in _CONTAINERS
    for atom in value:
        inner = atom[1] if atom[0] == METHOD else atom
        if inner[0] == FUNCTION:
            callee = project.codes[inner[1]]
            if depth == 0 or callee.is_async or not _only_computes(project, callee, depth - 1, seen):
                return False
        elif inner[0] in (EXTERNAL, BOUND):
            name = project.catalogue.canonical(inner[1])
            entry = project.catalogue.entry(name)
            if entry is None and not name.startswith("builtins."):
                return False
            if entry is not None and (entry.blocks or entry.spawns or entry.does):
                return False
        elif inner[0] != CLASS:
            return False
    return True


def _callee(project: Project, code: Code, function: Any) -> Value:
    """What a name or a path of names stands for, where it is not a local variable."""
    if isinstance(function, str):
        if function in code.bound and code.facts.kind != "module":
            return ()
        return project.solver.name(code, function, None)
    if isinstance(function, list) and function[0] == ir.ATTR:
        base = function[1]
        names = code.facts.params.names
        if isinstance(base, str) and code.owner is not None and names and base == names[0]:
            return project.solver.instance_attribute(
                ("self", code.owner.gid), code.owner.gid, function[2], None
            )
        out: Value = ()
        for atom in _callee(project, code, base):
            out = join(out, project.solver.attribute(atom, function[2], None))
        return out
    return ()
