"""Blocking calls while a lock is held, and how much each of them matters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project import purposes
from blockcheck.project.fate import has_site, statements
from blockcheck.project.locking import gives_up, last_link, lock_expression
from blockcheck.project.model import LOW, MEDIUM, called, render
from blockcheck.project.spawns import loops_of, makers, target_functions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Code, Event, Project, Record
    from blockcheck.project.locking import Held

SLOW = ("sleep", "http", "subprocess", "socket", "database", "wait", "stdin", "file")
_FAR = 8  # links of a chain that nobody would follow, and that hardly ever is run
_DEEP = 4  # and such a chain to what waits only sometimes
_ENDS = frozenset({"join", "result"})
_DOUBTED = frozenset({"socket", "wait"})
_NEAR = 2  # links down to a file that is plainly this function's business


@dataclass
class Hit:
    """One blocking call under a lock.

    Attributes:
        confidence: how sure it is that the call blocks, and that the lock is not there for that very call.
        repeated: a loop inside of the locked region makes it happen again and again.
        circular: what is waited for takes the lock itself.
    """

    record: Record
    event: Event
    confidence: int
    repeated: bool
    circular: bool = False


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


def holds(project: Project) -> list[Hold]:
    """Every region in which a lock is held around something that blocks, in order of their places."""
    out = list(_holds(project))
    _doubt_file_guards(project, out)
    for hold in out:
        _doubt_pumps(hold)
    return out


def _holds(project: Project) -> Iterator[Hold]:
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


def _doubt_file_guards(project: Project, found: list[Hold]) -> None:
    """A lock whose every region works on files is there for these files: nobody waits for it who wants less."""
    suspects = {
        hold.lock[0]
        for hold in found
        for hit in hold.hits
        if hit.event.kind == "file" and hit.confidence > LOW
    }
    on_files = {
        (gid, site)
        for gid in {gid for lock in suspects for gid, _ in project.locking.places.get(lock, ())}
        for record in project.records(gid)
        for lock, site, _ in record.held
        if lock in suspects and purposes.is_on_files(project, record)
    }
    guards = {
        lock
        for lock in suspects
        if project.locking.is_known(lock) and project.locking.places.get(lock, frozenset()) <= on_files
    }
    for hold in found:
        if hold.lock[0] in guards:
            for hit in hold.hits:
                if hit.event.kind == "file":
                    hit.confidence = LOW


def _doubt_pumps(hold: Hold) -> None:
    """What is read from a file in the very loop that sends it is read in the order of the sending, hence under its lock."""
    sinks = {
        loop.site
        for hit in hold.hits
        if hit.event.kind == "socket"
        for loop in loops_of(hit.record.regions)[:1]
    }
    for hit in hold.hits:
        if hit.event.kind == "file" and any(r.site in sinks for r in loops_of(hit.record.regions)[:1]):
            hit.confidence = LOW


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
        circular = _needs_lock(project, lock, event)
        # A deadlock is none the less one for happening once, or for being behind a door that is shut afterwards.
        weight = MEDIUM if circular else _weight(project, record, lock, event, repeated=repeated)
        confidence = min(int(event.confidence), weight)
        if best is None or confidence > best[1].confidence:
            best = (lock, Hit(record, event, confidence, repeated, circular))
    return best


def _needs_lock(project: Project, lock: Held, event: Event) -> bool:
    """Whether what is waited for, a thread's end or a task's result, comes only after it has had the lock itself."""
    if not project.locking.is_known(lock[0]):
        return False
    made = [
        r
        for t in event.detail.targets
        if t.receiver is not None and t.entry is not None and t.entry.does in _ENDS
        for r in makers(project, t.receiver)
    ]
    functions = [f for r in made for f in target_functions(project, r)[0]]
    return any(
        e.kind == "lock" and e.detail == lock[0] and not gives_up(last_link(e))
        for f in functions
        for e in project.summaries.events[f.gid].values()
    )


def _suffering(project: Project, record: Record, event: Event) -> Held | None:
    """The innermost lock that stays held meanwhile: a condition gives back its own one while it waits."""
    own = {
        project.lock_of(t.receiver)
        for t in event.detail.targets
        if t.receiver is not None and t.entry is not None and t.entry.does in ("wait", "acquire")
    }
    waited_on = lock_expression(last_link(event).call)
    if own and event.length > 1 and isinstance(waited_on, str):
        given = project.locking.given_to_last(event, waited_on)
        own |= {lock for a in given for lock in (project.lock_of(a), *project.locking.shared_by(a))}
    kept = project.locking.kept(record)
    # What is taken at one place is one lock, whichever of several it may be.
    exempt = {h[1] for h in kept if h[0] in own or project.locking.is_given_away(record.gid, h)}
    held = [h for h in kept if h[1] not in exempt]
    return held[-1] if held else None


def _is_repeated(record: Record, lock: Held) -> bool:
    """Whether a loop stands between where the lock is taken and the call."""
    return any(region.site > lock[1] for region in loops_of(record.regions))


def _weight(project: Project, record: Record, lock: Held, event: Event, *, repeated: bool) -> int:
    """The most that a hit can be worth, by what is done and what the lock is for."""
    deep = _DEEP if event.kind in _DOUBTED else _FAR
    if event.length > deep or purposes.is_deliberate(project, record, lock, event):
        return LOW
    if event.kind == "file":
        return MEDIUM if event.length <= _NEAR + repeated else LOW
    if event.kind == "wait" and event.length > 1:
        return MEDIUM
    return 3


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


def statement_of(code: Code, site: int) -> str:
    """The statement in which a call stands, in short: what has to move."""
    return next((_short(s) for s in statements(code) if has_site(s, site)), "")


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
