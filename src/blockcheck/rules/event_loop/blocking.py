"""What the rules of blocking calls on the event loop share: only the kind differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from blockcheck.project.dialects import Dialect, likely
from blockcheck.project.model import call_text
from blockcheck.rules.base import Draft, Rule, primitive_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Project
    from blockcheck.project.model import Event


class BlockingRule(Rule):
    """A call on the event loop that may cause a blocking event of one kind before it returns.

    Attributes:
        does: what messages say that the call does.
        instead: what to do instead; empty where that depends on the call.
    """

    kind: ClassVar[str]
    does: ClassVar[str] = "blocks the event loop"
    instead: ClassVar[str] = ""
    fix_safety = (
        "The call is handed to a thread and awaited, in the words of the asynchronous library that the module uses; a whole "
        "use of a file becomes one call. The fix is unsafe: other tasks run while the thread works, cancelling the await does "
        "not stop it, and what the call touches must bear another thread. There is none where that is known to go wrong "
        "(locks and objects that belong to a thread, results that do their work when they are used) and where nothing can be "
        "awaited; the report then says why."
    )

    def check(self, project: Project) -> Iterator[Draft]:
        """Yield every call in a function on the loop that blocks in this rule's way."""
        for call in project.loop_calls:
            event = call.events.get(self.kind)
            if event is None:
                continue
            code = project.codes[call.root.gid]
            text = call_text(call.record)
            message = f"{text} {self.does}"
            if event.length > 1:
                message += f" through {primitive_text(event)}"
            elif text.removesuffix("()").rpartition(".")[2] != event.primitive.rpartition(".")[2]:
                message += f": it is {primitive_text(event)}"
            if call.root.reason != "async def":
                message += f"; {code.facts.name} runs on it, {call.root.reason}"
            yield self.draft(
                code,
                call.record.site,
                message,
                kind=self.kind,
                confidence=min(event.confidence, call.root.confidence),
                event=event,
                help=self.instead or advice(text, event, likely(project, code.unit)),
                record=call.record,
            )


def advice(text: str, event: Event, dialect: Dialect) -> str:
    """What to do instead, in one line, in the words of the module's asynchronous library."""
    entry = None
    if event.detail is not None:
        for target in event.detail.targets:
            if target.external == event.primitive:
                entry = target.entry
    equivalent = entry.equivalent.get(dialect.name) if entry is not None and entry.equivalent else None
    if equivalent and event.length == 1:
        return f"use `await {equivalent}(...)`"
    function = text.removesuffix("()")
    if text.endswith("()") and "(" not in function and "…" not in function:
        return f"run it in a thread: `await {dialect.offload}({function}, ...)`"
    return f"run it in a thread: `await {dialect.offload}(...)`"
