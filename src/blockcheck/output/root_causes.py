"""Findings by root cause: those whose chains end in the same call are mended in one place, and shown together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from blockcheck.findings import Finding


@dataclass(frozen=True)
class RootCause:
    """A call, and the findings that lead to it, in the order of the report.

    Attributes:
        findings: all of one rule.
    """

    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        """The finding that stands for all."""
        return self.findings[0]

    @property
    def others(self) -> tuple[Finding, ...]:
        """The further callers."""
        return self.findings[1:]

    @property
    def what(self) -> str:
        """What is called there, or the rule's name where no call is to blame."""
        return self.first.primitive or self.first.name

    @property
    def place(self) -> str:
        """Where it is called, as ``path:line``; the finding's own place where it has no chain."""
        last = self.first.chain[-1] if self.first.chain else self.first.location
        return f"{last.path}:{last.line}"


def by_root_cause(findings: Iterable[Finding]) -> list[RootCause]:
    """Group findings, each group at the place of its first."""
    groups: dict[Hashable, list[Finding]] = {}
    for finding in findings:
        # A chain of one link is the reported call itself, which is then nobody else's root cause.
        key: Hashable = (finding.code, finding.chain[-1]) if len(finding.chain) > 1 else id(finding)
        groups.setdefault(key, []).append(finding)
    return [RootCause(tuple(group)) for group in groups.values()]
