"""What is thought of a line: each call's callees, what they may cause, and why it is reported or not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from blockcheck.findings import Confidence
from blockcheck.project.contexts import ON_LOOP
from blockcheck.project.model import call_text, called, is_within, render
from blockcheck.project.resolution import RESOLVED, classify, derivation
from blockcheck.project.values import (
    ABOVE,
    AWAITABLE,
    BOUND,
    CLASS,
    CONSTANT,
    EXTERNAL,
    FUNCTION,
    INSTANCE,
    METHOD,
    MODULE,
    OBJECT,
    PARTIAL,
    SELF,
    SYMBOL,
    Atom,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from blockcheck.project import Project
    from blockcheck.project.model import Code, Event, Record, Target


#: What rules say, by the call's code and site: a code with a message, and why it is not reported if it is not.
Verdicts: TypeAlias = "Mapping[tuple[int, int], Sequence[tuple[str, str]]]"


@dataclass
class CallExplanation:
    """One call of a line.

    Attributes:
        place: line and column.
        call: its text.
        function: qualified name of the function that it stands in.
        lines: statements about it, each a label and a text.
    """

    place: tuple[int, int]
    call: str
    function: str
    lines: list[tuple[str, str]] = field(default_factory=list)


def explain_line(
    project: Project, path: str, line: int, verdicts: Verdicts, off: Mapping[str, str]
) -> list[CallExplanation]:
    """Explain every call that begins on a line.

    Args:
        project: linked with every record kept, so that unresolved calls are there too.
        path: display path of the file.
        line: 1-based.
        verdicts: what rules say of calls.
        off: kinds of events that no enabled rule reports, with the code of the rule that would.
    """
    found: list[tuple[Code, Record]] = []
    for code in project.codes:
        if code.unit.file.display == path:
            for record in project.records(code.gid):
                if record.site >= 0:
                    project.want(code.gid, record.site)
                    found.append((code, record))
    out = []
    for code, record in found:
        position = project.position(code.gid, record.site)
        if position[0] == line:
            made = CallExplanation(position[:2], call_text(record), code.name)
            made.lines = (
                _context(project, code, record)
                + _callees(project, record)
                + _events(project, record)
                + _outcome(project, code, record, verdicts, off)
            )
            out.append(made)
    return sorted(out, key=lambda e: e.place)


def _context(project: Project, code: Code, record: Record) -> list[tuple[str, str]]:
    roots = project.contexts.context(code.gid)
    if roots:
        told = [f"{_CONTEXTS.get(r.context, r.context)} ({r.reason})" for r in roots]
    elif code.facts.kind == "module":
        told = ["runs once, when the module is imported"]
    else:
        told = ["nothing known runs it on an event loop by itself: what it does counts where it is called"]
    if is_within(record.regions, "off-loop"):
        told.append("in a branch for where no event loop runs")
    return [("context", text) for text in told]


_CONTEXTS = {
    "loop": "on the event loop",
    "greenlet": "on the event loop, in a greenlet",
    "thread": "in a thread",
    "process": "in another process",
    "exit": "at exit",
}


def _callees(project: Project, record: Record) -> list[tuple[str, str]]:
    out = [("callee", _callee(project, target)) for target in record.targets]
    receivers = dict.fromkeys(describe(project, t.receiver) for t in record.targets if t.receiver is not None)
    how = derivation(project, record)
    if receivers:
        out.append(("receiver", f"{' or '.join(receivers)}{how and f', by {how}'}"))
    elif how and record.targets:
        out.append(("known by", how))
    if record.result:
        gives = dict.fromkeys(describe(project, atom) for atom in record.result)
        out.append(("gives", " or ".join(gives)))
    out.extend(
        (
            "hands over",
            f"{describe(project, reference.atom)}, to run {_CONTEXTS.get(reference.context, reference.context)}",
        )
        for reference in record.references
        if reference.context != "eager"
    )
    if not record.targets:
        out.append(("callee", f"unresolved: {classify(project, record)}"))
    if record.held:
        out.append(("held", ", ".join(_held(project, record.gid, *held) for held in record.held)))
    if record.awaited:
        out.append(("awaited", "what it returns is awaited here"))
    return out


def _held(project: Project, gid: int, lock: Atom, site: int, expression: Any) -> str:
    name = describe(project, lock) if expression is None else render(expression)
    return f"{name} (taken in line {project.position(gid, site)[0]})"


def _callee(project: Project, target: Target) -> str:
    confidence = str(Confidence(target.confidence))
    if target.gid >= 0:
        text = f"{project.codes[target.gid].name} ({target.how}, {confidence})"
        flags = sorted(project.codes[target.gid].flags)
        return text + (f"; {', '.join(flags)}" if flags else "")
    if target.symbol is not None:
        steps = ["super()" if step.startswith(ABOVE) else step for step in target.symbol[3]]
        path = ".".join(steps).replace(".()", "()")
        return f"what the caller gives as {target.symbol[2]!r}{'.' + path if path else ''}"
    entry = target.entry
    if entry is None:
        return f"{target.external} (external, not in the catalogue)"
    if not entry.blocks:
        return f"{target.external} (catalogue {entry.domain}: does not block)"
    told = f"catalogue {entry.domain}: {entry.kind}, {entry.evidence or 'documented'}"
    if not target.blocks:
        told += (
            "; awaited here, so another is meant"
            if target.reason == "awaited"
            else "; not with these arguments"
        )
    return f"{target.external} ({told})"


def _place(project: Project, link: Event) -> str:
    return f"{project.codes[link.gid].unit.file.display}:{project.position(link.gid, link.site)[0]}"


def _events(project: Project, record: Record) -> list[tuple[str, str]]:
    out = []
    events = project.summaries.record_events(record).values()
    for event in sorted(events, key=lambda e: (-e.confidence, e.length, e.kind)):
        chain = " → ".join(f"{call} ({_place(project, link)})" for link, call in project.links(event))
        out.append(("may cause", f"{event.kind} ({Confidence(event.confidence)}): {chain}"))
    return out


def _outcome(
    project: Project, code: Code, record: Record, verdicts: Verdicts, off: Mapping[str, str]
) -> list[tuple[str, str]]:
    """What is reported of a call, or why nothing is."""
    told = verdicts.get((code.gid, record.site))
    if told:
        return [("silent", f"{text}: {why}") if why else ("reported", text) for text, why in told]
    events = project.summaries.record_events(record)
    call = called(record.expression) is not None and record.expression[4]
    reason = ""
    if not events:
        reason = _nothing(project, record)
    elif not any(r.context in ON_LOOP for r in project.contexts.context(code.gid)):
        reason = "not on the event loop here; callers that are on it are told"
    elif all(kind in off for kind in events):
        reason = ", ".join(f"{off[kind]} is not enabled" for kind in sorted(events))
    elif call != record.site and (code.gid, call) in verdicts:
        reason = "it is told with the call itself"
    return [("silent", reason)] if reason else []


def _nothing(project: Project, record: Record) -> str:
    """Why a call causes nothing."""
    callees = [project.codes[target.gid] for target in record.targets if target.gid >= 0]
    coroutine = next((callee.name for callee in callees if callee.is_async), None)
    if coroutine is not None:
        return f"{coroutine} is asynchronous: it is judged on its own"
    if any("non-blocking" in callee.flags for callee in callees):
        return "declared non-blocking"
    if any(r.context in ("thread", "process") for r in record.references):
        return "what is handed over runs off the event loop"
    if not record.targets:
        return "the callee is not resolved"
    known = classify(project, record)
    return known if known not in RESOLVED else "nothing that blocks is reached"


def describe(project: Project, atom: Atom) -> str:
    """An atom in words."""
    tag = atom[0]
    if tag == FUNCTION:
        return project.codes[atom[1]].name
    if tag == METHOD:
        return f"{describe(project, atom[1])} of {describe(project, atom[2])}"
    if tag in (INSTANCE, SELF):
        return _an(project.codes[atom[1]].name)
    if tag == CLASS:
        return f"class {project.codes[atom[1]].name}"
    if tag == OBJECT:
        return _an(atom[1])
    if tag in (EXTERNAL, BOUND):
        return str(atom[1])
    if tag == CONSTANT:
        return repr(atom[1])
    if tag == MODULE:
        return f"module {project.units[atom[1]].module}"
    if tag == PARTIAL:
        return f"{describe(project, atom[1])} with arguments bound"
    if tag == SYMBOL:
        return f"the caller's {atom[2]}"
    if tag == AWAITABLE:
        return "an awaitable"
    return str(tag)


def _an(name: str) -> str:
    return f"{'an' if name[:1] in 'aeiouAEIO' else 'a'} {name}"
