"""The linked project's plain types: units, codes, call records and regions."""

from __future__ import annotations

import marshal  # of what never leaves the process
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from blockcheck.facts import ir

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from blockcheck.catalogue import Entry
    from blockcheck.facts import CodeFacts, ModuleFacts
    from blockcheck.findings import Confidence
    from blockcheck.project.values import Atom, Value
    from blockcheck.source.files import SourceFile


@dataclass
class Unit:
    """One module of the project: where it is, what it says, and how to read its text (for positions)."""

    file: SourceFile
    facts: ModuleFacts
    read: Callable[[], str | None]
    index: int = 0
    first: int = 0  # gid of its module code
    #: Of a package in the environment, not of the project: followed, never reported on.
    installed: bool = False
    #: How many imports lead to it from the project.
    depth: int = 0

    @property
    def module(self) -> str:
        """Dotted name."""
        return self.file.module

    @property
    def text(self) -> str:
        """The source, read anew each time."""
        return self.read() or ""


@dataclass(eq=False, slots=True)
class Code:
    """A module, class, function or lambda of the project, under a number of its own (gid)."""

    gid: int
    unit: Unit
    index: int
    facts: CodeFacts
    parent: Code | None
    #: The class in whose body a method stands.
    owner: Code | None
    bound: Collection[str]
    #: Set while linking: cached, unknown-decorator, contextmanager, asynccontextmanager, property, abstract,
    #: static, classmethod, overload, asynchronous (made so by a decorator), offloaded.
    flags: frozenset[str] = frozenset()

    def mark(self, flag: str) -> None:
        """Set a flag."""
        self.flags |= {flag}

    @property
    def name(self) -> str:
        """Qualified name: module and path within it; a module's own dotted name."""
        inner = self.facts.qualname
        return f"{self.unit.module}.{inner}" if inner else self.unit.module

    @property
    def is_async(self) -> bool:
        """Whether calling it gives a coroutine or an asynchronous generator."""
        return self.facts.is_async

    @property
    def is_function(self) -> bool:
        """Whether it is a function or lambda."""
        return self.facts.kind in ("function", "lambda")


class Library(Protocol):
    """Where modules are found that are not the project's."""

    def has(self, name: str) -> bool:
        """Whether there is a module of that name, or may be one below it."""

    def read(self, name: str) -> Unit | None:
        """The module of that name; None where there is none, or none that is followed."""


#: Roles of objects that a thread holds while it works.
LOW, MEDIUM, HIGH = 1, 2, 3  # confidence, as the analysis counts with it: that of `findings.Confidence`

LOCK_ROLES = frozenset({"lock", "rlock", "condition", "semaphore"})
#: Roles of executors and pools.
POOL_ROLES = frozenset({"thread-pool", "process-pool"})


class Reader(Protocol):
    """Who reads cells: the interpretation of a code, which is done again when they grow."""

    code: Code

    def property(self, function: Atom, receiver: Atom | None, arguments: list[Value] | None = None) -> Value:
        """A property is read: its function is called at the attribute."""

    def external_property(self, entry: Entry, receiver: Atom) -> Value:
        """An external property that does something is read."""

    def own_receiver(self, owner: int, name: str) -> Value:
        """An attribute that only subclasses of the method's own class have: open, on the receiver."""


class Region(NamedTuple):
    """A syntactic region that a call stands in, innermost first along ``outer``.

    ``kind`` is one of: loop, comprehension, lock, with, lazy, when (a parameter's truth), off-loop (only where no event
    loop runs), fallback (what is done where a module cannot be imported), polled (what would block raises instead, which
    is caught), raise (what is done to make an error), except, finally, try, begun (in an iterator that is not used yet),
    either (what is awaited after it was handed to a function, and need not be awaitable).
    """

    kind: str
    site: int
    info: Any
    outer: Region | None


#: The region, and the way of calling, of what an iterator will do that nothing uses yet.
BEGUN = "begun"


def regions_around(region: Region | None) -> Iterator[Region]:
    """The regions that a place stands in, innermost first."""
    while region is not None:
        yield region
        region = region.outer


def is_within(region: Region | None, kind: str) -> bool:
    """Whether a place is inside a region of a kind."""
    while region is not None:  # asked of nearly every call
        if region.kind == kind:
            return True
        region = region.outer
    return False


def guards_of(region: Region | None) -> tuple[Any, ...]:
    """The truths of parameters under which a place is reached."""
    out = []
    for around in regions_around(region):
        if around.kind == "when" and around.info not in out:
            out.append(around.info)
    return tuple(sorted(out, key=lambda guard: (guard[0], guard[1], str(guard[2]))))


class Target:
    """One thing that a call may run.

    Exactly one of ``gid`` (project code), ``external`` (qualified name) and ``symbol`` is set.

    Attributes:
        receiver: the bound receiver, if any.
        how: call, construct, property, iterate, enter, exit, here (a callable handed over and run before return), operator,
            lazy (once the result of the call is iterated).
        confidence: of this target, by how it was resolved.
        blocks: for an external: the arguments leave it able to block.
    """

    __slots__ = (
        "_binding", "blocks", "confidence", "entry", "external", "gid", "how", "reason", "receiver", "symbol",
    )  # fmt: skip

    def __init__(
        self,
        gid: int = -1,
        external: str = "",
        entry: Entry | None = None,
        symbol: Atom | None = None,
        binding: dict[Any, Value] | None = None,
        receiver: Atom | None = None,
        how: str = "call",
        confidence: int = 3,
        *,
        blocks: bool = False,
        reason: str = "",
    ) -> None:
        self.gid = gid
        self.external = external
        self.entry = entry
        self.symbol = symbol
        self._binding: dict[Any, Value] | tuple[Any, ...] = binding or ()
        self.receiver = receiver
        self.how = how
        self.confidence = confidence
        self.blocks = blocks
        self.reason = reason

    @property
    def binding(self) -> dict[Any, Value]:
        """Values of the callee's parameters, as given by this call, and of its makers' (closure)."""
        kept = self._binding
        if type(kept) is dict:
            return kept
        return {(self.gid, k) if type(k) is str else k: v for k, v in zip(kept[::2], kept[1::2], strict=True)}

    def pack(self) -> None:
        """Take less memory: nothing is added any more."""
        if type(self._binding) is dict:
            self._binding = tuple(
                part
                for (gid, name), value in self._binding.items()
                for part in (name if gid == self.gid else (gid, name), value)
            )


class Reference(NamedTuple):
    """A callable handed over, to be run somewhere: ``context`` and ``ready`` as in the catalogue's `runs`."""

    context: str
    atom: Atom
    per_request: bool
    async_context: str
    by: str
    ready: bool = False


def unpacked(kept: Any) -> Any:
    """An expression as it stands in a record: a tree, or one packed."""
    return marshal.loads(kept) if type(kept) is bytes else kept  # noqa: S302 - our own


#: What packed records have in common; never changed.
_NONE: list[Any] = []
_UNNAMED: dict[str, Any] = {}


class Record:
    """One call site of a function, with what it may run and the regions that it stands in.

    ``packed`` is the expression there; its bytes, once nothing is added any more.
    """

    __slots__ = (
        "arguments", "awaited", "gid", "held", "keywords", "known", "packed", "references", "regions",
        "result", "site", "targets",
    )  # fmt: skip

    def __init__(
        self,
        gid: int,
        site: int,
        expression: Any,
        regions: Region | None,
        held: tuple[Any, ...],
        awaited: bool = False,
    ) -> None:
        self.gid = gid
        self.site = site
        self.packed = expression
        self.regions = regions
        self.held = held
        self.awaited = awaited
        self.targets: list[Target] = []
        self.references: list[Reference] = []
        self.arguments: list[Value] = []
        self.keywords: dict[str, Value] = {}
        self.result: Value = ()
        self.known = False  # something was resolved

    @property
    def expression(self) -> Any:
        """What stands at the site; always another object once the record is packed."""
        return unpacked(self.packed)

    def pack(self) -> None:
        """Take less memory: nothing is added any more."""
        self.packed = marshal.dumps(self.expression, 2)
        for target in self.targets:
            target.pack()
        self.targets = self.targets[:] or _NONE
        self.references = self.references or _NONE
        self.arguments = self.arguments or _NONE
        self.keywords = self.keywords or _UNNAMED


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a call may cause before it returns, with the shortest chain to it.

    Attributes:
        kind: a kind of the catalogue, or thread, process, executor, lock.
        primitive: qualified name of the external callable that causes it.
        gid: the code in which this link's call stands, at ``site``.
        packed: what stands at the call, as its record keeps it.
        next: the chain's next link; None at the primitive's own call.
        length: number of links.
        detail: what the rules need of the primitive's call (its record).
    """

    kind: str
    primitive: str
    confidence: Confidence | int
    length: int
    gid: int
    site: int
    packed: Any
    next: Event | None = None
    detail: Any = None
    #: The event happens only where parameters have this truth: ((gid, name, truth)…).
    guards: tuple[Any, ...] = ()

    @property
    def call(self) -> Any:
        """What stands at the call."""
        return unpacked(self.packed)

    def better(self, other: Event) -> bool:
        """Surer first, then shorter, then by name and place, so that the choice never depends on order."""
        return (-self.confidence, self.length, self.primitive, self.site, self.next_key()) < (
            -other.confidence,
            other.length,
            other.primitive,
            other.site,
            other.next_key(),
        )

    def links(self) -> Iterator[Event]:
        """The links of the chain, from its head to the primitive's own call."""
        link: Event | None = self
        while link is not None:
            yield link
            link = link.next

    def next_key(self) -> tuple[Any, ...]:
        """Identity of the rest of the chain."""
        out = []
        link = self.next
        while link is not None:
            out.append((link.gid, link.site))
            link = link.next
        return tuple(out)


def render(expression: Any) -> str:
    """The text of a callee expression, as far as names and attributes go."""
    if isinstance(expression, str):
        return expression
    if not expression:
        return "…"
    tag = expression[0]
    if tag == ir.ATTR:
        return f"{render(expression[1])}.{expression[2]}"
    if tag == ir.CALL:
        return f"{render(expression[1])}()"
    if tag == ir.SUBSCRIPT:
        return f"{render(expression[1])}[…]"
    if tag == ir.AWAIT:
        return f"(await {render(expression[1])})"
    if tag == ir.COMPARE:
        return next((f"… in {render(e)}" for operator, e in expression[2] if operator in ir.CONTAINMENT), "…")
    if tag in (ir.CONST, ir.STRING):
        return repr(expression[1]) if tag == ir.CONST and not isinstance(expression[1], list) else "''"
    return "…"


def argument(call: Any, name: str | None, at: int | None) -> Any:
    """The expression of a call's argument by its keyword or position; None where it is left out."""
    if called(call) is None:
        return None
    for keyword, value in call[3]:
        if keyword is not None and keyword == name:
            return value
    return call[2][at] if at is not None and 0 <= at < len(call[2]) else None


def called(expression: Any) -> Any:
    """What a call expression calls; None where it is no call."""
    return expression[1] if isinstance(expression, list) and expression and expression[0] == ir.CALL else None


def call_text(record: Record) -> str:
    """The text of what a record calls, for messages."""
    callee = called(record.expression)
    return render(record.expression) if callee is None else f"{render(callee)}()"


def is_by_super(call: Any) -> bool:
    """Whether a call is ``super().method()``: of a class above, whatever the receiver's own class makes of it."""
    function = called(call)
    return isinstance(function, list) and function[0] == ir.ATTR and called(function[1]) == "super"


def owner_of(expression: Any) -> str | None:
    """The name at the root of an attribute path: ``self`` of ``self._file.buffer``; None where there is none."""
    base = expression
    while isinstance(base, list) and base and base[0] == ir.ATTR:
        base = base[1]
    return base if isinstance(base, str) and base is not expression else None


def path_of(e: Any) -> str | None:
    """The text of an access path of names, attributes and constant subscripts."""
    if type(e) is str:
        return e
    if type(e) is not list or not e:
        return None
    if e[0] == ir.ATTR:
        base = path_of(e[1])
        return None if base is None else f"{base}.{e[2]}"
    if e[0] == ir.SUBSCRIPT and type(e[2]) is list and e[2][0] == ir.CONST:
        base = path_of(e[1])
        return None if base is None else f"{base}[{e[2][1]!r}]"
    return None
