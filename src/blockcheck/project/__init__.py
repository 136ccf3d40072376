"""All files linked: names, types, the call graph, contexts and summaries."""

from __future__ import annotations

from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from blockcheck.config import RuleOptions
from blockcheck.facts import positions
from blockcheck.project.contexts import GREENLET, HANDED_OVER, Contexts, Root
from blockcheck.project.locking import Locking
from blockcheck.project.model import Code, Event, Record, Region, Target, Unit, render
from blockcheck.project.parallel import Parallel
from blockcheck.project.pools import Pool, pools
from blockcheck.project.solver import Solver
from blockcheck.project.spawns import Spawn, spawns
from blockcheck.project.submissions import Submission, submissions
from blockcheck.project.summaries import Events, Summaries
from blockcheck.project.under_lock import Hold, holds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from blockcheck.catalogue import Catalogue
    from blockcheck.project.model import Library


_SITE = attrgetter("site")


class LoopCall(NamedTuple):
    """A call on the event loop: the function that runs there, the call, and what it may cause."""

    root: Root
    record: Record
    events: Events


__all__ = [
    "Code",
    "Event",
    "Events",
    "LoopCall",
    "Project",
    "Record",
    "Region",
    "Root",
    "Target",
    "Unit",
    "render",
]


class Project:
    """The linked project, as the rules ask it.

    Args:
        units: every analysed module; sorted by module and path here, so that their order never matters.
        options: the bounds that rules judge by.
        keep_all: keep every call edge, known or not: for the call graph.
        keep_records: keep every call site, though nothing that the rules ask for happens at it.
        library: where the source of installed packages is found.
    """

    def __init__(
        self,
        units: Iterable[Unit],
        catalogue: Catalogue,
        *,
        options: RuleOptions | None = None,
        keep_all: bool = False,
        keep_records: bool = False,
        library: Library | None = None,
    ) -> None:
        self.options = options or RuleOptions()
        self.units = sorted(units, key=lambda u: (u.module, str(u.file.path)))
        for index, unit in enumerate(self.units):
            unit.index = index
        self.catalogue = catalogue
        self.solver = Solver(
            self.units, catalogue, keep_all=keep_all, keep_records=keep_records, library=library
        )
        self.solver.solve()
        self._positions: dict[int, dict[int, tuple[int, int, int, int]]] = {}
        self._wanted: dict[int, set[int]] = {}
        self._all_records: dict[int, list[Record]] = {}

    @cached_property
    def summaries(self) -> Summaries:
        """What every function may cause."""
        made = Summaries(self.solver)
        made.solve()
        return made

    @cached_property
    def contexts(self) -> Contexts:
        """Where functions are run from outside."""
        return Contexts(self.solver)

    @cached_property
    def loop_calls(self) -> list[LoopCall]:
        """Every call, in a function that runs on an event loop, that may cause something."""
        out = []
        for root in self.contexts.on_loop():
            wraps = root.gid in self.contexts.wrappers
            for record in self.records(root.gid):
                if wraps and all(t.symbol is not None and t.symbol[1] != root.gid for t in record.targets):
                    continue
                if record.targets:
                    events = self.summaries.record_events(record)
                    if root.context == GREENLET:
                        events = {k: e for k, e in events.items() if e.kind not in HANDED_OVER}
                    if root.ready:
                        events = {k: e for k, e in events.items() if not _receives(e)}
                    if events:
                        out.append(LoopCall(root, record, events))
        return out

    @cached_property
    def coroutine_methods(self) -> dict[str, list[Code]]:
        """The methods that are coroutine functions, by name."""
        out: dict[str, list[Code]] = {}
        for code in self.codes:
            if code.owner is not None and code.is_async:
                out.setdefault(code.facts.name, []).append(code)
        return out

    @cached_property
    def coroutine_classes(self) -> frozenset[int]:
        """The classes in whose bodies coroutine functions stand."""
        return frozenset(
            m.owner.gid for ms in self.coroutine_methods.values() for m in ms if m.owner is not None
        )

    @cached_property
    def makers(self) -> dict[int, set[int]]:
        """The functions that make objects, by what is run to make one."""
        out: dict[int, set[int]] = {}
        for gid, records in self.solver.records.items():
            if self.codes[gid].is_function:
                for record in records:
                    for target in record.targets:
                        if target.how == "construct":
                            out.setdefault(target.gid, set()).add(gid)
        return out

    @cached_property
    def spawns(self) -> list[Spawn]:
        """Every call that creates a thread or a process."""
        return spawns(self)

    @cached_property
    def pools(self) -> list[Pool]:
        """Every call that creates an executor or pool."""
        return pools(self)

    @cached_property
    def submissions(self) -> list[Submission]:
        """Every call that hands work to an executor."""
        return submissions(self)

    @cached_property
    def parallel(self) -> Parallel:
        """Which functions can run at the same time."""
        return Parallel(self)

    @cached_property
    def locking(self) -> Locking:
        """What is done with locks while others are held."""
        return Locking(self)

    @cached_property
    def holds(self) -> list[Hold]:
        """Every region in which a lock is held around something that blocks."""
        return holds(self)

    @property
    def codes(self) -> list[Code]:
        """Every module, class, function and lambda, by number; those of installed packages come last."""
        return self.solver.codes

    @cached_property
    def own(self) -> list[int]:
        """The numbers of the project's own codes in which something is called."""
        return [gid for gid in sorted(self.solver.records) if gid < self.solver.own]

    def records(self, gid: int) -> list[Record]:
        """The call sites of a code, in source order."""
        known = self.solver.records.get(gid, ())
        return sorted(known, key=_SITE) if len(known) > 1 else list(known)

    def all_records(self, gid: int) -> list[Record]:
        """The call sites of a code with all that is known of them, in source order: for the few that fixes ask about."""
        known = self._all_records.get(gid)
        if known is None:
            known = sorted(self.solver.all_records(gid), key=lambda r: r.site)
            self._all_records[gid] = known
        return known

    def lock_of(self, atom: Any) -> Any:
        """The identity of a lock: a condition that was given a lock is that lock."""
        return self.solver.lock_of(atom, None)

    # -- places

    def want(self, gid: int, site: int) -> None:
        """Announce a site whose position will be asked for: a file's are found in one go."""
        self._wanted.setdefault(self.solver.codes[gid].unit.index, set()).add(site)

    def position(self, gid: int, site: int) -> tuple[int, int, int, int]:
        """Line, column, end line, end column of a site of a code's file."""
        unit = self.solver.codes[gid].unit
        known = self._positions.setdefault(unit.index, {})
        if site not in known:
            wanted = self._wanted.setdefault(unit.index, set())
            wanted.add(site)
            facts = unit.facts
            known.update(positions(unit.text, wanted, facts.sites if facts.problem is None else None))
        return known.get(site, (1, 1, 1, 1))

    def links(self, event: Event | None) -> Iterator[tuple[Event, str]]:
        """An event's witness chain: each link with what it calls."""
        for link in event.links() if event is not None else ():
            yield link, link.primitive if link.next is None else self.solver.codes[link.next.gid].name


def _receives(event: Event) -> bool:
    """Whether an event is that of receiving, which does not wait where there is something to receive."""
    return isinstance(event.detail, Record) and any(
        t.entry is not None and t.entry.does in ("accept", "recv") for t in event.detail.targets
    )
