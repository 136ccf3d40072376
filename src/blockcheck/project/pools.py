"""Executors and pools that calls create, with their bound and what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project.fate import Fate, definition, fate_of, walk
from blockcheck.project.model import MEDIUM, POOL_ROLES, Code, Record, Region, Target, render
from blockcheck.project.spawns import loops_of
from blockcheck.project.summaries import is_lazy
from blockcheck.project.values import CONSTANT, OBJECT

if TYPE_CHECKING:
    from blockcheck.project import Project


@dataclass
class Pool:
    """One call that creates an executor or pool.

    Attributes:
        role: thread-pool or process-pool.
        bound: the argument that sets its size, as an expression; None where it is left out.
        size: the number, where the source says it.
        lazy: made once, in a branch that initialises something.
    """

    code: Code
    record: Record
    target: Target
    role: str
    bound: Any
    size: int | None
    fate: Fate
    loops: list[Region]
    lazy: bool


def pools(project: Project) -> list[Pool]:
    """All executors and pools that a project creates, in order of their places."""
    out = []
    for gid in project.own:
        code = project.codes[gid]
        for record in project.records(gid):
            for target in record.targets:
                if not target.external or target.how not in ("call", "construct"):
                    continue
                kind = target.external
                if project.catalogue.type(kind) is None:
                    kind = _made(project, record)
                role = project.catalogue.role(kind) if kind else None
                if role not in POOL_ROLES:
                    continue
                bound, size = bound_of(code, record, target)
                out.append(
                    Pool(
                        code,
                        record,
                        target,
                        role,
                        bound,
                        size,
                        fate_of(code, record.site),
                        loops_of(record.regions),
                        is_lazy(record.regions),
                    )
                )
                break
    return out


def _made(project: Project, record: Record) -> str:
    """The pool type that a factory call returns, told by its origin: this very call."""
    for atom in record.result:
        if atom[0] == OBJECT and atom[2] == (record.gid, record.site):
            return project.catalogue.canonical(atom[1])
    return ""


def bound_of(code: Code, record: Record, target: Target) -> tuple[Any, int | None]:
    """The argument that sets the size of what a call makes, and the number if the source says it."""
    table = target.entry.bound if target.entry is not None else None
    call = record.expression
    if table is None or not isinstance(call, list) or call[0] != ir.CALL:
        return None, None
    expression = next((v for k, v in call[3] if k == table.get("name")), None)
    value = record.keywords.get(table.get("name", ""), ())
    if expression is None and table.get("at") is not None and table["at"] < len(call[2]):
        expression = call[2][table["at"]]
        value = record.arguments[table["at"]] if table["at"] < len(record.arguments) else ()
    if expression == [ir.CONST, None]:
        return None, None
    sizes = [a[1] for a in value if a[0] == CONSTANT and isinstance(a[1], int) and not isinstance(a[1], bool)]
    size = max(sizes) if sizes and len(sizes) == len(value) else None
    if isinstance(expression, str) and size is None:
        expression = definition(code, expression) or expression
    if (
        isinstance(expression, list)
        and expression[0] in (ir.BOOL, ir.IFEXP)
        and input_of(expression) is not None
    ):
        size = None  # the number is that of one alternative only
    return expression, size


def input_of(expression: Any, code: Code | None = None) -> str | None:
    """The input whose size an expression is: ``len(xs)`` without a ``min``.

    Args:
        code: where the expression stands, to look up what the names in it are bound to.
    """
    if isinstance(expression, str) and code is not None:
        found = definition(code, expression)
        return input_of(found, code) if isinstance(found, list) else None
    if not isinstance(expression, list):
        return None
    if expression[0] == ir.CALL:
        name = render(expression[1]).rpartition(".")[2]
        if name == "min":
            return None
        if name == "len" and expression[2]:
            return render(expression[2][0])
        if name in ("max", "int", "round"):
            return _input_of_any(expression[2], code)
        return None
    if expression[0] == ir.BINOP:
        return _input_of_any(expression[2:4], code)
    if expression[0] in (ir.BOOL, ir.IFEXP):
        if any(e[0] == ir.CALL and render(e[1]) == "min" for e in walk(expression)):
            return None
        parts = expression[2] if expression[0] == ir.BOOL else expression[2:]
        if expression[0] == ir.IFEXP and any(_is_bound(p) for p in parts):
            return None  # `len(xs) if len(xs) < 8 else 8`
        return _input_of_any(parts, code)
    return None


def _input_of_any(parts: list[Any], code: Code | None) -> str | None:
    return next((found for part in parts if (found := input_of(part, code))), None)


def _is_bound(expression: Any) -> bool:
    return (
        isinstance(expression, list)
        and expression[0] == ir.CONST
        and type(expression[1]) is int
        and expression[1] > 1
    )


def made_often(project: Project, constructor: int) -> tuple[int, str] | None:
    """How sure it is that objects are made again and again, and what for: by what runs their constructor."""
    for maker in sorted(project.makers.get(constructor, ())):
        code = project.codes[maker]
        root = project.contexts.per_request(maker)
        for record in project.records(maker):
            if not any(t.gid == constructor and t.how == "construct" for t in record.targets) or is_lazy(
                record.regions
            ):
                continue
            if root is not None:
                return min(root.confidence, MEDIUM), f"call of {code.facts.name}, {root.reason}"
            loops = [r for r in loops_of(record.regions) if r.info[0] in ("data", "forever")]
            if loops and not fate_of(code, record.site).kept:
                return MEDIUM, f"turn of a loop of {code.facts.name}"
    return None


def is_the_program(project: Project, gid: int) -> bool:
    """Whether all that ever happens to a coroutine function is that a loop is begun for it: ``asyncio.run(main())``."""
    calls = [
        (caller, record.site)
        for caller, records in project.solver.records.items()
        for record in records
        if any(t.gid == gid for t in record.targets)
    ]
    return bool(calls) and all(_begins_loop(project, caller, site) for caller, site in calls)


def _begins_loop(project: Project, caller: int, site: int) -> bool:
    """Whether a call is the argument of one that runs an event loop."""
    return any(
        isinstance(record.expression, list)
        and record.expression[0] == ir.CALL
        and any(isinstance(a, list) and a and a[-1] == site for a in record.expression[2])
        and any(t.entry is not None and t.entry.kind == "nested-loop" for t in record.targets)
        for record in project.solver.records.get(caller, ())
    )
