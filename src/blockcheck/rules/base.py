"""What a rule is, and what it yields."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from blockcheck.findings import Confidence, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Code, Event, Project, Record


#: Links of a chain up to which it is likely to be run, and that a reader follows.
FAR = 6


@dataclass
class Draft:
    """A finding before its places are looked up: sites instead of lines.

    Attributes:
        gid: the code it stands in; ``site`` is the call.
        event: the head of its witness chain, if it has one.
        related: further places: gid, site, message.
    """

    rule: Rule
    gid: int
    site: int
    message: str
    kind: str
    confidence: int
    event: Event | None = None
    primitive: str | None = None
    related: list[tuple[int, int, str]] = field(default_factory=list)
    help: str = ""
    record: Record | None = None


class Rule:
    """One check. The class's docstring is the rule's documentation page.

    Attributes:
        code: stable code.
        name: stable name.
        summary: one line for listings.
        default: reported unless ignored.
        fix_safety: what the fix does and why it is safe or not, in Markdown; empty for a rule without fixes.
        options: the fields of `blockcheck.config.RuleOptions` it judges by.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    summary: ClassVar[str]
    default: ClassVar[bool] = True
    severity: ClassVar[Severity] = Severity.WARNING
    fix_safety: ClassVar[str] = ""
    options: ClassVar[tuple[str, ...]] = ()

    def check(self, project: Project) -> Iterator[Draft]:
        """Yield what the rule finds in a project."""
        raise NotImplementedError

    def draft(
        self,
        code: Code,
        site: int,
        message: str,
        *,
        kind: str,
        confidence: int = int(Confidence.HIGH),
        **rest: Any,
    ) -> Draft:
        """A finding of this rule."""
        return Draft(self, code.gid, site, message, kind, confidence, **rest)


def primitive_text(event: Event) -> str:
    """The call at the end of an event's chain, for messages: builtins as they are written."""
    return f"{event.primitive.removeprefix('builtins.')}()"
