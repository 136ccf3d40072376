"""What is thought of a line: each call's callees, what they may cause, and why it is reported or not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from blockcheck.findings import Confidence
from blockcheck.project.contexts import ON_LOOP
from blockcheck.project.model import is_within, render
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
    from collections.abc import Mapping

    from blockcheck.project import Project
    from blockcheck.project.model import Code, Event, Record, Target


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
    project: Project, path: str, line: int, off: Mapping[str, str] | None = None
) -> list[CallExplanation]:
    """Explain every call that begins on a line.

    Args:
        project: linked with every record kept, so that unresolved calls are there too.
        path: display path of the file.
        line: 1-based.
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
            made = CallExplanation(position[:2], _text(record), code.name)
            made.lines = (
                list(_context(project, code))
                + list(_callees(project, record))
                + list(_events(project, code, record, off or {}))
            )
            out.append(made)
    return sorted(out, key=lambda e: e.place)


def _text(record: Record) -> str:
    expression = record.expression
    is_call = isinstance(expression, list) and bool(expression) and expression[0] == 2  # a call
    return f"{render(expression[1])}()" if is_call else render(expression)


def _context(project: Project, code: Code) -> list[tuple[str, str]]:
    roots = project.contexts.context(code.gid)
    if roots:
        return [("context", f"{_CONTEXTS.get(r.context, r.context)} ({r.reason})") for r in roots]
    if code.facts.kind == "module":
        return [("context", "runs once, when the module is imported")]
    return [
        (
            "context",
            "nothing known runs it on an event loop by itself: what it does counts where it is called",
        )
    ]


_CONTEXTS = {
    "loop": "on the event loop",
    "greenlet": "on the event loop, in a greenlet",
    "thread": "in a thread",
    "process": "in another process",
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
        ("hands over", f"{describe(project, reference.atom)}, to run {_where(reference.context)}")
        for reference in record.references
        if reference.context != "eager"
    )
    if not record.targets:
        out.append(("callee", f"unresolved: {classify(project, record)}"))
    if record.held:
        out.append(("held", ", ".join(describe(project, h[0]) for h in record.held)))
    if record.awaited:
        out.append(("awaited", "what it returns is awaited here"))
    return out


def _where(context: str) -> str:
    return {
        "loop": "on the event loop",
        "greenlet": "on the event loop, in a greenlet",
        "thread": "in a thread",
        "process": "in another process",
        "exit": "at exit",
    }.get(context, context)


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


def _events(project: Project, code: Code, record: Record, off: Mapping[str, str]) -> list[tuple[str, str]]:
    events = project.summaries.record_events(record)
    out = []
    for event in sorted(events.values(), key=lambda e: (-e.confidence, e.length, e.kind)):
        chain = " → ".join(f"{call} ({_place(project, link)})" for link, call in project.links(event))
        out.append(("may cause", f"{event.kind} ({Confidence(event.confidence)}): {chain}"))
    if not events:
        reason = "nothing that blocks is reached"
        barriers = [t for t in record.targets if t.gid >= 0 and project.codes[t.gid].is_async]
        if barriers:
            reason = f"{project.codes[barriers[0].gid].name} is asynchronous: it is judged on its own"
        elif any("non-blocking" in project.codes[t.gid].flags for t in record.targets if t.gid >= 0):
            reason = "declared non-blocking"
        elif any(r.context in ("thread", "process") for r in record.references):
            reason = "what is handed over runs off the event loop"
        elif not record.targets:
            reason = "the callee is not resolved"
        elif classify(project, record) not in RESOLVED:
            reason = classify(project, record)
        out.append(("silent", reason))
    elif not any(r.context in ON_LOOP for r in project.contexts.context(code.gid)):
        out.append(("silent", "not on the event loop here; callers that are on it are told"))
    elif all(e.confidence < Confidence.MEDIUM for e in events.values()):
        why = (
            "it runs only where no event loop does"
            if is_within(record.regions, "off-loop")
            else "it is a guess"
        )
        out.append(("silent", f"low confidence: {why}"))
    elif all(kind in off for kind in events):
        out.append(("silent", ", ".join(f"{off[kind]} is not enabled" for kind in sorted(events))))
    return out


def describe(project: Project, atom: Atom) -> str:
    """An atom in words."""
    tag = atom[0]
    if tag == FUNCTION:
        return project.codes[atom[1]].name
    if tag == METHOD:
        return f"{describe(project, atom[1])} of {describe(project, atom[2])}"
    if tag in (INSTANCE, SELF):
        return f"a {project.codes[atom[1]].name}"
    if tag == CLASS:
        return f"class {project.codes[atom[1]].name}"
    if tag == OBJECT:
        return f"a {atom[1]}"
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
