"""Tasks started for each element of an input, and what keeps them few."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project.fate import every, expressions, statements, walk
from blockcheck.project.model import called, regions_around, render
from blockcheck.project.parallel import functions_of
from blockcheck.project.spawns import loops_of, repeating, worst_trip
from blockcheck.project.trips import limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Code, Project, Record, Region

_LIMITERS = frozenset({"limiter", "semaphore", "async-lock"})
_WAITING = frozenset({"acquire", "wait", "result", "join"})
_NAMED = re.compile(r"(?i)sem(aphore)?(_|s?$|\W)|limit|throttl|slots?\b|bucket|capacity|gate")
_DEEP = 2  # calls below a task that are searched for its limiter
_POOL = 64  # as many tasks need no limiter


@dataclass
class FanOut:
    """One call that starts a task for each turn of a loop, or for each element that it is given.

    Attributes:
        what: of what there is a task for each.
        loop: site of the loop or comprehension.
    """

    record: Record
    what: str
    loop: int


def fan_outs(project: Project) -> Iterator[FanOut]:
    """Every call that starts as many tasks as an input has elements, with nothing in sight that limits them."""
    for gid in sorted(project.solver.records):
        records = project.records(gid)
        spawning = [r for r in records if _starts_task(r)]
        if not spawning:
            continue
        code = project.codes[gid]
        for record in spawning:
            found = _in_loop(code, record, records) or _of_elements(code, record, records, spawning)
            if found is not None and not _is_limited(project, code, records, found):
                yield found


def _starts_task(record: Record) -> bool:
    return any(t.entry is not None and t.entry.spawns == "task" for t in record.targets)


def _in_loop(code: Code, record: Record, records: list[Record]) -> FanOut | None:
    if any(isinstance(a, list) and a[0] == ir.STAR for a in _arguments(record)):
        return None
    awaited = _awaiting_loops(code, records)
    loops = []
    for region in repeating(code, record.site, _open_loops(record)):
        if region.site in awaited:
            break  # what a turn starts has ended when the next one begins
        loops.append(region)
    worst = worst_trip(loops, _POOL)
    if worst is None:
        return None
    loop, word, detail = worst
    return FanOut(record, _input(word, detail), loop.site)


def _open_loops(record: Record) -> list[Region]:
    """The loops around a call, up to the block that waits for the tasks of its group."""
    groups = [t.receiver for t in record.targets if t.receiver is not None]
    out = []
    for region in regions_around(record.regions):
        if region.kind in ("loop", "comprehension"):
            out.append(region)
        elif region.kind == "with" and any(a in groups for a in region.info[1]):
            break
    return out


def _awaiting_loops(code: Code, records: list[Record]) -> set[int]:
    """The loops that wait in each turn for what it started."""
    gathering = {r.site for r in records if _starts_task(r) or _waits(r)}
    out = set()
    for statement in statements(code):
        if statement[0] not in (ir.FOR, ir.WHILE):
            continue
        body = statement[3] if statement[0] == ir.FOR else statement[2]
        for inner in every(body):
            for expression in expressions(inner):
                for e in walk(expression):
                    if e[0] == ir.AWAIT and _is_wait(e[1], gathering):
                        out.add(statement[-1])
    return out


def _is_wait(awaited: Any, gathering: set[int]) -> bool:
    """Whether what is awaited is a task by its name, or a call that waits for tasks."""
    return isinstance(awaited, str) or (called(awaited) is not None and awaited[4] in gathering)


def _of_elements(code: Code, record: Record, records: list[Record], spawning: list[Record]) -> FanOut | None:
    """A call that is given a sequence of coroutines: ``gather(*[f(x) for x in xs])``."""
    for argument in _arguments(record):
        if not isinstance(argument, list) or argument[0] != ir.STAR:
            continue
        made = _made_in(code, argument[1])
        if made is None:
            return None
        elements, iterable, loop = made
        sites = {e[4] for x in elements for e in walk(x) if e[0] == ir.CALL}
        if any(r.site in sites for r in spawning):
            return None  # the tasks are started there, and reported there
        inside = [region for r in records for region in loops_of(r.regions) if region.site == loop]
        if not inside:
            return None if _is_short(iterable) else FanOut(record, f"element of {render(iterable)}", loop)
        worst = worst_trip(inside[:1], _POOL)
        return None if worst is None else FanOut(record, _input(worst[1], worst[2]), loop)
    return None


def _arguments(record: Record) -> list[Any]:
    call = record.expression
    return list(call[2]) if called(call) is not None else []


def _made_in(code: Code, expression: Any) -> tuple[list[Any], Any, int] | None:
    """The expressions that make the elements of a sequence, what is iterated for them, and the loop's site."""
    if isinstance(expression, list) and expression[0] == ir.COMP:
        return [expression[2]], expression[4][0][1], expression[4][0][4]
    if not isinstance(expression, str):
        return None
    for statement in statements(code):
        if statement[0] == ir.ASSIGN and expression in statement[1]:
            value = statement[2]
            if isinstance(value, list) and value[0] == ir.COMP:
                return [value[2]], value[4][0][1], value[4][0][4]
        if statement[0] == ir.FOR:
            added = [
                call[2][0]
                for inner in every(statement[3])
                for e in expressions(inner)
                for call in walk(e)
                if call[0] == ir.CALL and render(call[1]) == f"{expression}.append" and call[2]
            ]
            if added:
                return added, statement[2], statement[-1]
    return None


def _is_short(iterable: Any) -> bool:
    """Whether an iterable is written out, or a range of a written number, and has few elements."""
    if not isinstance(iterable, list):
        return False
    if iterable[0] in (ir.TUPLE, ir.LIST, ir.SET):
        return len(iterable[1]) <= _POOL
    return called(iterable) == "range" and all(
        isinstance(a, list) and a[0] == ir.CONST and isinstance(a[1], int) and a[1] <= _POOL
        for a in iterable[2]
    )


def _input(word: str, detail: Any) -> str:
    if word == "constant":
        return f"of {detail} turns"
    if word == "count":
        return f"of {detail}"
    return f"element of {detail}" if word == "data" and detail != "while" else "turn of a loop"


# -- limits


def _is_limited(project: Project, code: Code, records: list[Record], found: FanOut) -> bool:
    """Whether something waits for a slot: the loop before it starts a task, or each task before it works."""
    if any(_waits(r) and any(x.site == found.loop for x in loops_of(r.regions)) for r in records):
        return True
    for statement in statements(code):
        if statement[0] in (ir.FOR, ir.WHILE) and statement[-1] == found.loop:
            body = statement[3] if statement[0] == ir.FOR else statement[2]
            if limits(statement) or any(limits(inner) for inner in every(body)):
                return True
    return any(_waits_for_slot(project, gid, _DEEP, set()) for gid in _tasks(project, records, found))


def _waits(record: Record) -> bool:
    """Whether a call waits for a slot or for other work."""
    return any(t.entry is not None and t.entry.does in _WAITING and t.how == "call" for t in record.targets)


def _tasks(project: Project, records: list[Record], found: FanOut) -> list[int]:
    """The functions that the tasks run."""
    near = [r for r in records if r is found.record or any(x.site == found.loop for x in loops_of(r.regions))]
    out = []
    for record in near:
        out += [t.gid for t in record.targets if t.gid >= 0 and project.codes[t.gid].is_async]
        for reference in record.references:
            if reference.context.startswith("loop"):
                out += functions_of([reference.atom])
    return out


def _waits_for_slot(project: Project, gid: int, depth: int, seen: set[int]) -> bool:
    """Whether a task takes a limiter, itself or in what it calls."""
    if gid in seen:
        return False
    seen.add(gid)
    code = project.codes[gid]
    for statement in statements(code):
        if statement[0] == ir.WITH and any(_NAMED.search(render(context)) for context, _, _ in statement[1]):
            return True
    for record in project.records(gid):
        for region in regions_around(record.regions):
            if region.kind == "with" and any(project.solver.role(a) in _LIMITERS for a in region.info[1]):
                return True
        for target in record.targets:
            if target.entry is not None and target.entry.does == "acquire":
                return True
            if depth and target.gid >= 0 and _waits_for_slot(project, target.gid, depth - 1, seen):
                return True
    return False
