"""Events that say only that something has begun: who waits for one waits once, and not for any work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project.fate import blocks, every, expressions, has_site, walk

if TYPE_CHECKING:
    from blockcheck.project.model import Record, Target
    from blockcheck.project.solver import Solver
    from blockcheck.project.values import Atom

Site = tuple[int, int]  # function and site


def tells_beginning(solver: Solver, event: Atom) -> bool:
    """Whether an event is never reset, and is set by what begins with that and then goes on until it is told to stop."""
    told = [
        (record, target)
        for records in solver.records.values()
        for record in records
        for target in record.targets
        if target.receiver == event and target.entry is not None and target.how == "call"
    ]
    setting = [r for r, t in told if t.entry is not None and t.entry.does == "notify"]
    return (
        bool(setting)
        and not any(_resets(t) for _, t in told)
        and all(_begins(solver, record) for record in setting)
    )


def _resets(target: Target) -> bool:
    return target.entry is not None and target.entry.does == "reset"


def _begins(solver: Solver, record: Record) -> bool:
    """Whether a function does nothing that takes time before a call, and goes on without end after it."""
    code = solver.codes[record.gid]
    body = code.unit.facts.body(code.index)
    before, after = _around(body, record.site)
    slow = {
        r.site
        for r in solver.records.get(record.gid, ())
        for t in r.targets
        if t.gid >= 0 or (t.entry is not None and t.blocks and t.entry.kind not in (None, "none"))
    }
    lasting = {
        r.site
        for r in solver.records.get(record.gid, ())
        for t in r.targets
        if t.entry is not None and t.entry.duration == "unbounded"
    }
    return not any(_does(s, slow) or _awaits(s) for s in before) and any(
        s[0] == ir.WHILE or _awaits(s) or _does(s, lasting) for s in after
    )


def _around(body: list[Any], site: int) -> tuple[list[Any], list[Any]]:
    """The statements before and after the one that a call stands in; those of its own block and of the blocks around it."""
    for position, statement in enumerate(body):
        if has_site(statement, site):
            return every(body[:position]), every(body[position + 1 :])
        if statement[0] == ir.TRY and any(has_site(s, site) for s in every(statement[4])):
            return [], []  # a `finally`: it tells the end
        for block in blocks(statement):
            if any(has_site(s, site) for s in every(block)):
                before, after = _around(block, site)
                return every(body[:position]) + before, after + every(body[position + 1 :])
    return [], []


def _does(statement: Any, sites: set[int]) -> bool:
    return any(has_site(statement, site) for site in sites)


def _awaits(statement: Any) -> bool:
    return any(e[0] == ir.AWAIT for x in expressions(statement) for e in walk(x))
