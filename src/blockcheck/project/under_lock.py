"""Blocking calls while a lock is held, and how much each of them matters."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project.fate import expressions, statements, walk
from blockcheck.project.locking import last_link
from blockcheck.project.model import called, owner_of, path_of, render
from blockcheck.project.pools import bound_of
from blockcheck.project.spawns import loops_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Code, Event, Project, Record, Region
    from blockcheck.project.locking import Held

SLOW = ("sleep", "http", "subprocess", "socket", "database", "wait", "stdin", "file")
LOW, MEDIUM = 1, 2
_FAR = 8  # links of a chain that nobody would follow, and that hardly ever is run
_NEAR = 2  # links down to a file that is plainly this function's business
_REPORTS = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical", "log"})
_LOG = re.compile(r"(?i)(^|[._])_?log(ger|ging)?s?$")
_WORD = re.compile(r"[a-z]+")
_SAME = frozenset({"socket", "file", "stdin"})  # kinds of which an object has one: its connection, its file
_CLIENTS = frozenset({"http", "database"})  # kinds of which it may have one


@dataclass
class Hit:
    """One blocking call under a lock.

    Attributes:
        confidence: how sure it is that the call blocks, and that the lock is not there for that very call.
        repeated: a loop inside of the locked region makes it happen again and again.
    """

    record: Record
    event: Event
    confidence: int
    repeated: bool


@dataclass
class Hold:
    """A region in which a lock is held, with the blocking calls in it."""

    code: Code
    lock: Held
    hits: list[Hit] = field(default_factory=list)

    @property
    def worst(self) -> Hit:
        """The hit that the region is reported for: the surest, and of those the first."""
        return max(self.hits, key=lambda h: (h.confidence, -h.record.site))


def holds(project: Project) -> Iterator[Hold]:
    """Every region in which a lock is held around something that blocks, in order of their places."""
    for gid in project.own:
        found: dict[int, Hold] = {}
        for record in project.records(gid):
            if not record.held or not record.targets:
                continue
            hit = _hit(project, record)
            if hit is not None:
                lock, one = hit
                found.setdefault(lock[1], Hold(project.codes[gid], lock)).hits.append(one)
        yield from found.values()


def _hit(project: Project, record: Record) -> tuple[Held, Hit] | None:
    """The surest blocking event of a call, and the innermost lock that suffers from it."""
    best: tuple[Held, Hit] | None = None
    events = project.summaries.record_events(record)
    for kind in SLOW:
        event = events.get(kind)
        if event is None or event.detail is None:
            continue
        lock = _suffering(project, record, event)
        if lock is None or _is_wake_up(event):
            continue
        repeated = _is_repeated(record, lock)
        confidence = min(int(event.confidence), _weight(project, record, lock, event, repeated=repeated))
        if best is None or confidence > best[1].confidence:
            best = (lock, Hit(record, event, confidence, repeated))
    return best


def _suffering(project: Project, record: Record, event: Event) -> Held | None:
    """The innermost lock that stays held meanwhile: a condition gives back its own one while it waits."""
    own = {
        project.lock_of(t.receiver)
        for t in event.detail.targets
        if t.receiver is not None and t.entry is not None and t.entry.does in ("wait", "acquire")
    }
    held = [h for h in project.locking.kept(record) if h[0] not in own]
    return held[-1] if held else None


def _is_repeated(record: Record, lock: Held) -> bool:
    """Whether a loop stands between where the lock is taken and the call."""
    return any(region.site > lock[1] for region in loops_of(record.regions))


def _weight(project: Project, record: Record, lock: Held, event: Event, *, repeated: bool) -> int:
    """The most that a hit can be worth, by what is done and what the lock is for."""
    if (
        event.length > _FAR
        or serialises(project, lock, event)
        or _happens_once(project, record, lock, event)
        or reports(event)
        or _admits_many(project, lock)
    ):
        return LOW
    if event.kind == "file":
        return MEDIUM if event.length <= _NEAR + repeated else LOW
    if event.kind == "wait" and event.length > 1:
        return MEDIUM
    return 3


def _happens_once(project: Project, record: Record, lock: Held, event: Event) -> bool:
    """Whether a call, or one further down, stands in a branch that fills one place, once in its life."""
    if _fills(record.regions) or is_checked_twice(project.codes[record.gid], record, lock):
        return True
    link = event.next
    while link is not None:
        code = project.codes[link.gid]
        for r in project.solver.records.get(link.gid, ()):
            if r.site == link.site and (
                _fills(r.regions) or any(is_checked_twice(code, r, held) for held in r.held)
            ):
                return True
        link = link.next
    return False


def _fills(region: Region | None) -> bool:
    while region is not None:
        if region.kind == "lazy" and region.info == "once":
            return True
        region = region.outer
    return False


def _admits_many(project: Project, lock: Held) -> bool:
    """Whether what is held is a semaphore that lets several in: it is there to bound the work done under it."""
    atom = lock[0]
    if project.solver.role(atom) != "semaphore" or atom[2] is None:
        return False
    gid, site = atom[2]
    made = next((r for r in project.solver.records.get(gid, ()) if r.site == site), None)
    if made is None or not made.targets:
        return False
    expression, size = bound_of(project.codes[gid], made, made.targets[0])
    return expression is not None and size != 1


def _is_wake_up(event: Event) -> bool:
    """Whether a byte or two, written out in the source, wake somebody, or one byte is taken back: no pipe is ever full."""
    call = last_link(event).call
    does = {t.entry.does for t in event.detail.targets if t.entry is not None}
    if called(call) is None:
        return False
    return ("send" in does and any(_is_written_out(a) for a in call[2])) or (
        "recv" in does and [ir.CONST, 1] in call[2]
    )


def _is_written_out(argument: Any) -> bool:
    return argument == [ir.STRING, []] or (
        isinstance(argument, list) and argument[0] == ir.CONST and isinstance(argument[1], str)
    )


def reports(event: Event) -> bool:
    """Whether the chain goes through a logger: writing a line is what everybody does under a lock."""
    link: Event | None = event
    while link is not None:
        function = called(link.call)
        is_method = isinstance(function, list) and function[0] == ir.ATTR
        if is_method and function[2] in _REPORTS and _LOG.search(render(function[1])):
            return True
        link = link.next
    return False


def serialises(project: Project, lock: Held, event: Event) -> bool:
    """Whether the lock is evidently there for the resource: one object has both, or the lock's name says so."""
    holder = owner_of(lock[2])
    function = called(last_link(event).call)
    resource = function[1] if isinstance(function, list) and function[0] == ir.ATTR else None
    if holder is not None and resource is not None and owner_of(resource) is not None:
        owner = owner_of(resource) if event.length == 1 else _owner_here(project, event, path_of(resource))
        if owner == holder and (event.kind in _SAME or (event.length == 1 and event.kind in _CLIENTS)):
            return True
    return event.kind in _SAME and bool(_words(lock[2]) & _words(function))


def _owner_here(project: Project, event: Event, path: str | None) -> str | None:
    """The object that has the resource, as the function at the chain's head names it."""
    here = project.locking.path_here(event, path)
    return here.partition(".")[0] if here is not None and "." in here else None


def _words(expression: Any) -> set[str]:
    """The words of a lock's or a method's own name that mean a resource, not a lock."""
    name = render(expression).rpartition(".")[2].lower() if expression is not None else ""
    receiver = (
        render(expression).rpartition(".")[0].rpartition(".")[2].lower() if expression is not None else ""
    )
    words = {w for text in (name, receiver) for w in _WORD.findall(text)}
    return {w for w in words if len(w) > 1} - _LOCK_WORDS


_LOCK_WORDS = frozenset(
    {
        "lock",
        "rlock",
        "mutex",
        "guard",
        "sem",
        "semaphore",
        "cond",
        "condition",
        "self",
        "cls",
        "acquire",
        "the",
        "my",
    }
)


def is_checked_twice(code: Code, record: Record, lock: Held) -> bool:
    """Double-checked initialisation: the same question asked before the lock is taken and again under it."""
    every = statements(code)
    taken = next((i for i, s in enumerate(every) if _has_site(s, lock[1])), None)
    here = next((i for i, s in enumerate(every) if _has_site(s, record.site)), None)
    if taken is None or here is None:
        return False
    before = {asked for s in every[:taken] if s[0] == ir.IF for asked in _asked(s[1])}
    return any(s[0] == ir.IF and not before.isdisjoint(_asked(s[1])) for s in every[taken : here + 1])


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


def statement_of(code: Code, site: int) -> str:
    """The statement in which a call stands, in short: what has to move."""
    return next((_short(s) for s in statements(code) if _has_site(s, site)), "")


def _has_site(statement: Any, site: int) -> bool:
    """Whether a call, or the entering of a context manager, stands directly in a statement."""
    if statement[0] == ir.WITH and any(item[2] == site for item in statement[1]):
        return True
    if statement[0] in (ir.FOR, ir.WHILE) and statement[-1] == site:
        return True
    return any(e[0] != ir.CONST and e[-1] == site for x in expressions(statement) for e in walk(x))


def _short(statement: Any) -> str:
    tag = statement[0]
    if tag == ir.ASSIGN:
        return f"{render(statement[1][0])} = {render(statement[2])}"
    if tag == ir.RETURN:
        return f"return {render(statement[1])}"
    if tag == ir.FOR:
        return f"for {render(statement[1])} in {render(statement[2])}"
    if tag in (ir.IF, ir.WHILE):
        return f"{'if' if tag == ir.IF else 'while'} {render(statement[1])}"
    if tag == ir.WITH:
        return f"with {render(statement[1][0][0])}"
    return render(statement[1]) if len(statement) > 1 else ""
