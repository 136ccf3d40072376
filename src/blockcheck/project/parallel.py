"""Which functions can run at the same time: who starts threads, and what those threads reach."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from blockcheck.project.spawns import loops_of
from blockcheck.project.values import FUNCTION, METHOD, PARTIAL, SYMBOL, Atom

if TYPE_CHECKING:
    from blockcheck.project import Project
    from blockcheck.project.model import Record, Target

#: Calls that do not run the callee's body at the call, or in another shape of the same call.
_NO_CALL = frozenset({"make-generator", "instantiate"})
_MANY = frozenset({"submit", "map"})


@dataclass(frozen=True)
class Entry:
    """Where a flow of control begins.

    Attributes:
        kind: ``thread``, ``loop`` (the event loop's thread) or ``main`` (whoever calls from outside).
        gid: the function that a thread runs; -1 for the loop and for main.
        many: several threads run it at once.
    """

    kind: str
    gid: int = -1
    many: bool = False

    def beside(self, other: Entry) -> bool:
        """Whether both can be on their way at the same time."""
        if self == other:
            return self.many
        return "thread" in (self.kind, other.kind)


LOOP = Entry("loop")
MAIN = Entry("main")


@dataclass
class Parallel:
    """The entries of a project and what each reaches."""

    project: Project
    callees: dict[int, tuple[int, ...]] = field(default_factory=dict)
    _called: set[int] = field(default_factory=set)
    _reached: dict[int, frozenset[Entry]] = field(default_factory=dict)
    #: One set for all functions that the same entries reach: most share a few.
    _sets: dict[frozenset[Entry], frozenset[Entry]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for gid, records in self.project.solver.records.items():
            callees = {c: None for r in records for t in r.targets for c in self.called(t)}
            if callees:
                self.callees[gid] = tuple(callees)
                self._called.update(callees)
        for entry, gid in self._entries():
            self._reach(entry, gid)

    def entries(self, gid: int) -> list[Entry]:
        """The entries from which a function is reached, in a fixed order."""
        return sorted(self._reached.get(gid, ()), key=lambda e: (e.kind, e.gid))

    def together(self, one: int, other: int) -> tuple[Entry, Entry] | None:
        """Two entries through which two functions can run at the same time, if there are such."""
        for first in self.entries(one):
            for second in self.entries(other):
                if first.beside(second):
                    return first, second
        return None

    def all_together(self, gids: list[int]) -> tuple[Entry, ...] | None:
        """An entry for each of some functions such that all of them can run at the same time, if there are such."""
        chosen: list[Entry] = []

        def choose() -> bool:
            if len(chosen) == len(gids):
                return True
            for entry in self.entries(gids[len(chosen)]):
                if all(entry.beside(other) for other in chosen):
                    chosen.append(entry)
                    if choose():
                        return True
                    chosen.pop()
            return False

        return tuple(chosen) if choose() else None

    def called(self, target: Target) -> list[int]:
        """The project functions that a target runs."""
        if target.gid >= 0:
            return [] if target.how in _NO_CALL else [target.gid]
        if target.symbol is None:
            return []
        return functions_of(list(self.project.solver.given(target.symbol, None)))

    def _entries(self) -> list[tuple[Entry, int]]:
        out: list[tuple[Entry, int]] = []
        started: dict[int, int] = {}
        for gid in sorted(self.project.solver.records):
            for record in self.project.solver.records[gid]:
                for reference in record.references:
                    if reference.context != "thread":
                        continue
                    atoms = [reference.atom]
                    if reference.atom[0] == SYMBOL:
                        atoms = list(self.project.solver.given(reference.atom, None))
                    for function in functions_of(atoms):
                        started[function] = started.get(function, 0) + (2 if _many(record) else 1)
        for root in self.project.contexts.roots.values():
            if root.context == "thread":
                many = started.get(root.gid, 0) > 1 or root.per_request
                out.append((Entry("thread", root.gid, many), root.gid))
            elif root.context == "loop":
                out.append((LOOP, root.gid))
        known = {gid for _, gid in out}
        elsewhere = {r.gid for r in self.project.contexts.roots.values() if r.context == "process"}
        out.extend(
            (MAIN, code.gid)
            for code in self.project.codes
            if code.gid not in known and code.gid not in elsewhere and code.gid not in self._called
        )
        return out

    def _reach(self, entry: Entry, gid: int) -> None:
        todo = [gid]
        while todo:
            current = todo.pop()
            reached = self._reached.get(current, frozenset())
            if entry not in reached:
                more = reached | {entry}
                self._reached[current] = self._sets.setdefault(more, more)
                todo.extend(self.callees.get(current, ()))


def functions_of(atoms: list[Atom]) -> list[int]:
    """The project functions among callables, bound or not."""
    out: list[int] = []
    for atom in atoms:
        inner = atom
        while inner[0] in (METHOD, PARTIAL):
            inner = inner[1]
        if inner[0] == FUNCTION:
            out.append(inner[1])
    return out


def _many(record: Record) -> bool:
    """Whether a call that hands a function to threads does so for several at once."""
    if loops_of(record.regions):
        return True
    return any(t.entry is not None and t.entry.does in _MANY for t in record.targets)
