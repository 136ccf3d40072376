"""Whether what is done under a lock happens once: in the life of an object, or for each thread that is started."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project.fate import fate_of, has_site, is_told, statements
from blockcheck.project.locking import last_link
from blockcheck.project.model import called, path_of, regions_around, render

if TYPE_CHECKING:
    from blockcheck.project import Code, Event, Project, Record, Region
    from blockcheck.project.locking import Held


def happens_once(project: Project, record: Record, lock: Held, event: Event) -> bool:
    """Whether a call, or one further down, stands in a branch that fills one place, once in its life."""
    code = project.codes[record.gid]
    often = ("once", "each") if event.kind == "file" else ("once",)
    if event.kind == "file" and _fails(code, record):
        return True
    if _fills(record.regions, often) or _is_checked_twice(code, record, lock) or _is_done(code, record, lock):
        return True
    for link in event.next.links() if event.next is not None else ():
        code = project.codes[link.gid]
        for r in project.solver.records.get(link.gid, ()):
            if r.site == link.site and (
                _fills(r.regions, often) or any(_is_checked_twice(code, r, held) for held in r.held)
            ):
                return True
    return False


def is_start_up(project: Project, event: Event) -> bool:
    """Whether a thread that is kept is waited for to say that it runs: not for its work, which has no end."""
    last = last_link(event)
    function = called(last.call)
    if event.kind != "wait" or not isinstance(function, list) or function[0] != ir.ATTR:
        return False
    code = project.codes[last.gid]
    signal = render(function[1])
    tells = any(
        is_told(other, signal) for other in project.codes if other.parent is code and other.unit is code.unit
    )
    return tells and any(
        "thread" in project.summaries.record_events(record) and fate_of(code, record.site).stored
        for record in project.solver.records.get(code.gid, ())
        if record.targets
    )


def _fails(code: Code, record: Record) -> bool:
    """Whether a call stands in a branch that ends in an error: what it cleans up, it cleans up then only."""
    return any(
        s[0] == ir.IF and s[2] and s[2][-1][0] == ir.RAISE and any(has_site(i, record.site) for i in s[2])
        for s in statements(code)
    )


def _fills(region: Region | None, often: tuple[str, ...]) -> bool:
    return any(around.kind == "lazy" and around.info in often for around in regions_around(region))


def _is_checked_twice(code: Code, record: Record, lock: Held) -> bool:
    """Double-checked initialisation: the same question asked before the lock is taken and again under it."""
    every = statements(code)
    taken, here = _at(every, lock[1]), _at(every, record.site)
    if taken is None or here is None:
        return False
    before = {asked for s in every[:taken] if s[0] == ir.IF for asked in _asked(s[1])}
    if any(s[0] == ir.IF and not before.isdisjoint(_asked(s[1])) for s in every[taken : here + 1]):
        return True
    # What is looked up again answers the same question.
    again = every[here]
    return again[0] == ir.ASSIGN and any(
        s[0] == ir.ASSIGN and _plain(s) == _plain(again) and not before.isdisjoint(map(path_of, s[1]))
        for s in every[:taken]
    )


def _is_done(code: Code, record: Record, lock: Held) -> bool:
    """Whether the region is left at once where a flag tells that it has run, and sets that flag itself."""
    every = statements(code)
    taken, here = _at(every, lock[1]), _at(every, record.site)
    if taken is None or here is None:
        return False
    flags = {
        path
        for s in every[taken:]
        if s[0] == ir.ASSIGN and s[2] in ([ir.CONST, True], [ir.CONST, False])
        for target in s[1]
        if (path := path_of(target)) is not None and ("." in path or path not in code.bound)
    }
    return any(
        s[0] == ir.IF and s[2] and s[2][-1][0] == ir.RETURN and not flags.isdisjoint(_asked(s[1]))
        for s in every[taken : here + 1]
    )


def _at(every: list[Any], site: int) -> int | None:
    """Which of some statements a site stands in."""
    return next((i for i, s in enumerate(every) if has_site(s, site)), None)


def _plain(statement: Any) -> str:
    return f"{render(statement[1][0])} = {render(statement[2])}"


def _asked(test: Any) -> set[str]:
    """What a test looks at, without its sense."""
    if isinstance(test, list) and test:
        if test[0] in (ir.NOT, ir.COMPARE):
            return _asked(test[1])
        if test[0] == ir.BOOL:
            return set().union(*(_asked(part) for part in test[2]))
    path = path_of(test)
    if path is not None:
        return {path}
    return {render(test)} if called(test) is not None else set()
