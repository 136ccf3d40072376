"""One call site: what its targets cause, as far as the place that it stands in lets it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from blockcheck.findings import Confidence
from blockcheck.project.alternatives import chosen_sites
from blockcheck.project.guards import excluded, handed_on
from blockcheck.project.model import (
    BEGUN,
    HIGH,
    LOW,
    MEDIUM,
    Event,
    Record,
    Region,
    Target,
    guards_of,
    is_within,
)
from blockcheck.project.summaries.open_calls import OpenCalls
from blockcheck.project.summaries.state import LONGEST, THROUGH_AWAIT, Open, step
from blockcheck.project.values import OBJECT

if TYPE_CHECKING:
    from blockcheck.project.values import (
        Atom,
    )

#: What a package imports, it imports once; and a loop that it would run on the running one, it would have failed with.
_NOT_IN_PACKAGES = frozenset({"import", "nested-loop"})
_RARE = ("off-loop", "fallback", "raise", "platform", "either")  # regions in which nothing is sure to happen


class Records(OpenCalls):
    """Events of call sites."""

    def _of_record(self, record: Record, opens: dict[tuple[Atom, bool], Open]) -> list[Event]:
        out: list[Event] = []
        if is_within(record.regions, BEGUN):
            return out
        rare = any(is_within(record.regions, kind) for kind in _RARE)
        ceiling = LOW if rare else MEDIUM if is_lazy(record.regions) else HIGH
        installed = record.gid >= self.solver.own
        if installed and is_within(record.regions, "except"):
            ceiling = LOW  # what a package does about errors is not what it is called for
        guards = guards_of(record.regions)
        others_await = record.awaited and any(self._gives_awaitable(t) for t in record.targets)
        own = any(t.gid >= 0 and t.receiver is not None for t in record.targets)
        twins = record.awaited and any(
            t.gid >= 0 and self.solver.codes[t.gid].is_async for t in record.targets
        )
        for target in record.targets:
            # An await of a function that gives no awaitable would fail: another one is meant.
            others = others_await and not self._gives_awaitable(target)
            if record.awaited and target.gid >= 0 and (others or self._cannot_be_awaited(target.gid)):
                continue
            if target.reason == "virtual" or target.how in ("make-generator", "instantiate", "lazy", BEGUN):
                continue
            confidence = min(ceiling, target.confidence)
            if twins and target.gid >= 0 and not self.solver.codes[target.gid].is_async:
                confidence = (
                    LOW  # beside a coroutine function, its synchronous twin is hardly what is awaited
                )
            if own and target.gid < 0 and _is_only_annotated(target):
                confidence = LOW  # `IO | Buffer`: an object of the project's own is as likely
            if confidence < HIGH and installed:
                confidence = LOW  # whoever does not maintain a package wants to hear of what is sure in it
            if (
                target.gid >= self.solver.own
                and not self._gives_awaitable(target)
                and (record.awaited or self._has_async_twin(record, target))
            ):
                confidence = LOW  # what the package gives here is awaitable, though it is not seen how
            if target.gid >= 0:
                self._of_project(record, target, confidence, out, opens)
            elif target.symbol is not None:
                made = Open(target.symbol, confidence, 1, record.gid, record.site, record.packed)
                self._open(opens, replace(made, awaited=record.awaited))
            else:
                out.extend(self._of_external(record, target, confidence))
        if guards:
            out = [replace(e, guards=(*guards, *(g for g in e.guards if g not in guards))) for e in out]
        if installed:
            out = [
                e if e.confidence == HIGH and e.kind not in _NOT_IN_PACKAGES else replace(e, confidence=LOW)
                for e in out
            ]
        if out and self._is_chosen(record):
            out = [replace(e, confidence=max(int(e.confidence) - 1, LOW)) for e in out]
        return out

    def _is_chosen(self, record: Record) -> bool:
        """Whether the call is one that its coroutine function hands over instead, in another branch."""
        code = self.solver.codes[record.gid]
        if not code.is_async:
            return False
        if record.gid not in self._chosen:
            self._chosen[record.gid] = chosen_sites(code)
        return record.site in self._chosen[record.gid]

    def _of_project(
        self,
        record: Record,
        target: Target,
        confidence: int,
        out: list[Event],
        opens: dict[tuple[Atom, bool], Open],
    ) -> None:
        code = self.solver.codes[target.gid]
        if "non-blocking" in code.flags:
            return
        self._depend(target.gid)
        if "blocking" in code.flags:
            said = self.solver.catalogue.declaration(code.name)
            kind = (said.kind if said is not None else None) or "wait"
            out.append(
                Event(kind, code.name, confidence, 1, record.gid, record.site, record.packed, None, record)
            )
            return
        if target.how == "abstract" or self.is_abstract(code):
            self._of_overrides(record, code, target, confidence, out)
            return
        for kind, name, sure in self.solver.decorator_events.get(code.gid, ()):
            weaker = min(confidence, int(Confidence[sure.upper()]))
            out.append(Event(kind, name, weaker, 1, record.gid, record.site, record.packed, None, record))
        only: frozenset[str] | None = None
        if code.is_async and "synchronous" in code.flags:
            out.append(
                Event("wait", code.name, confidence, 1, record.gid, record.site, record.packed, None, record)
            )
            only = THROUGH_AWAIT
        elif code.is_async and "asynchronous" not in code.flags:
            if target.how == "iterate":
                return
            only = THROUGH_AWAIT
        elif (
            record.awaited and ("unknown-decorator" in code.flags or "asynchronous" in code.flags)
        ) or "synchronous-barrier" in code.flags:
            return
        once = "cached" in code.flags and len(code.facts.params.names) == (code.owner is not None)
        for event in self.events[target.gid].values():
            if only is not None and event.kind not in only:
                continue
            if event.guards and excluded(self.solver, event.guards, target.gid, target.binding):
                continue
            if event.length < LONGEST:
                certain = min(confidence, event.confidence)
                if once and event.kind == "import":
                    certain = LOW  # once loaded, a module is there: as with an import statement in a function
                stepped = step(event, record.gid, record.site, record.packed, certain)
                if event.guards:
                    bound = target.receiver is not None
                    carried = handed_on(self.solver, event.guards, record, target.gid, bound=bound)
                    stepped = replace(stepped, guards=carried) if carried else stepped
                out.append(stepped)
        if only is None:
            for opened in self.opens[target.gid]:
                self._close(record, target, opened, min(confidence, opened.confidence), out, opens)


def is_lazy(region: Region | None) -> bool:
    """Whether a place is in a branch that runs once, to initialise something."""
    return is_within(region, "lazy")


def _is_only_annotated(target: Target) -> bool:
    """Whether a method is one of files whose receiver is known by an annotation alone."""
    receiver = target.receiver
    return (
        receiver is not None
        and receiver[0] == OBJECT
        and receiver[2] is None
        and target.entry is not None
        and target.entry.kind == "file"
    )
