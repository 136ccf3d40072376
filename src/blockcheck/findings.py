"""What the analysis says: findings, their places, their witness chains and their fixes.

Plain values, shared by every layer; this module imports nothing else of the project.
Lines and columns are 1-based, columns count code points, ends are exclusive.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field


class Confidence(enum.IntEnum):
    """How sure the analysis is of a finding: ordered, so that a threshold is a comparison."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3

    def __str__(self) -> str:
        return self.name.lower()


class Severity(str, enum.Enum):
    """How much a finding matters where it is right."""

    ERROR = "error"
    WARNING = "warning"

    def __str__(self) -> str:
        return self.value


class Applicability(str, enum.Enum):
    """Whether a fix may be applied without a human look; ruff's meanings."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY = "display-only"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, order=True)
class Location:
    """A span of source. ``path`` is relative to the working directory, with forward slashes."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True)
class Link:
    """One step of a witness chain: in ``function``, at this place, ``call`` is called."""

    path: str
    line: int
    column: int
    function: str
    call: str


@dataclass(frozen=True)
class Related:
    """Another place that belongs to a finding: the loop, the ``with`` line, a further call."""

    path: str
    line: int
    column: int
    message: str


@dataclass(frozen=True)
class Edit:
    """Replace the text of a span."""

    location: Location
    text: str


@dataclass(frozen=True)
class Fix:
    """A change of source that removes the finding."""

    applicability: Applicability
    message: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True)
class Finding:
    """One reported defect.

    Attributes:
        code: stable rule code, such as ``BCK201``.
        name: the rule's name, such as ``blocking-sleep``.
        message: one line, without the code.
        kind: the kind of event (``sleep``, ``http``, ``thread``…), from the catalogue.
        function: qualified name of the function the finding stands in; None for bare source files.
        primitive: qualified name of the external callable at the end of the chain, if there is one.
        chain: from the reported call to the primitive's call.
        help: one line on what to do instead, empty where there is nothing to say.
        fingerprint: identifies the finding across line moves: rule, qualified function, call, ordinal.
        origin: the numbers of the code and of the call in the analysis that made it; no part of what is found.
    """

    code: str
    name: str
    message: str
    kind: str
    confidence: Confidence
    severity: Severity
    location: Location
    function: str | None = None
    primitive: str | None = None
    chain: tuple[Link, ...] = ()
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    help: str = ""
    fingerprint: str = ""
    origin: tuple[int, int] | None = field(default=None, compare=False, repr=False)

    def sort_key(self) -> tuple[str, int, int, str, str]:
        """Reports are ordered by place, then by code and message."""
        return (self.location.path, self.location.line, self.location.column, self.code, self.message)


@dataclass(frozen=True)
class SourceProblem:
    """A file, or a part of the analysis of one, that could not be done.

    ``fatal`` problems (an argument that does not exist, an error of the tool itself) make the exit code 2.
    """

    path: str
    line: int
    column: int
    message: str
    fatal: bool = False


@dataclass(frozen=True)
class RuleInfo:
    """What outputs tell of a rule.

    Attributes:
        summary: one line for listings.
        page: the documentation, in Markdown.
        default: whether it runs unless it is ignored.
    """

    code: str
    name: str
    summary: str
    page: str
    default: bool
    severity: Severity


@dataclass
class Report:
    """The outcome of one run, as every output format prints it.

    Attributes:
        findings: what is reported, sorted.
        problems: unreadable files and the like; each is also a BCK902 finding if it is a source.
        reported: the files reported on, with or without findings, as they are displayed.
        files: number of files reported on; ``parsed`` and ``cached`` tell where their facts came from.
        suppressed: number of findings hidden by comments.
        seconds: wall time of the run.
        sources: text of the files named in findings, for the outputs that show source; may be partial.
        rules: every rule there is, in the order of the codes.
        levels: number of findings of each confidence, reported or not; only where statistics were asked for.
        calls: likewise the number of calls by what they were resolved to, or by the reason why they were not.
    """

    findings: list[Finding] = field(default_factory=list)
    problems: list[SourceProblem] = field(default_factory=list)
    reported: frozenset[str] = frozenset()
    files: int = 0
    parsed: int = 0
    cached: int = 0
    suppressed: int = 0
    seconds: float = 0.0
    sources: dict[str, str] = field(default_factory=dict)
    rules: tuple[RuleInfo, ...] = ()
    levels: dict[str, int] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
