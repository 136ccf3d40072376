"""The catalogue as the analysis asks it: entries by qualified name, methods and attributes by type."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

from blockcheck.findings import Confidence

_CONFIDENCES = {"low": Confidence.LOW, "medium": Confidence.MEDIUM, "high": Confidence.HIGH}

# The parsed form of a `returns` text: a tag and its operands, as nested tuples.
Result = tuple[Any, ...]


@dataclass(frozen=True)
class Condition:
    """One test on the arguments of a call, or on a state that an earlier call gave the receiver."""

    name: str | None
    at: int | None
    test: str  # is | given | contains | type | state
    value: Any


@dataclass(frozen=True)
class Run:
    """A callable among the arguments, and where it is run."""

    name: str | None
    at: int | None
    context: str  # here | thread | process | loop | loop-now | exit | never
    result: bool = False
    partial: bool = False
    decorates: bool = False
    lazy: bool = False
    per_request: bool = False
    ready: bool = False
    async_context: str = "loop"
    rest: bool = False
    executor: int | None = None
    hands: str = ""  # how the callable's arguments are given: all | positional | args


@dataclass(frozen=True)
class Entry:
    """What is known of one external callable. ``kind`` is None or "none" where it does not block."""

    name: str
    kind: str | None = None
    confidence: Confidence = Confidence.HIGH
    returns: str = ""
    returns_by: tuple[dict[str, Any], ...] = ()
    unless: tuple[Condition, ...] = ()
    only_if: tuple[Condition, ...] = ()
    runs: tuple[Run, ...] = ()
    uses: tuple[dict[str, Any], ...] = ()
    spawns: str | None = None
    does: str | None = None
    bound: dict[str, Any] | None = None
    shares: dict[str, Any] | None = None
    handle: dict[str, Any] | None = None
    sets: str | None = None
    tells: str | None = None
    tells_otherwise: str | None = None
    lazy: bool = False
    is_property: bool = False
    exits: str = ""
    awaitable: bool = False
    duration: str = ""
    equivalent: dict[str, str] | None = None
    arguments: str = ""
    thread: str = ""
    note: str = ""
    domain: str = ""
    evidence: str = ""
    source: str = ""

    @property
    def blocks(self) -> bool:
        """Whether a call may block the calling thread, arguments aside."""
        return self.kind is not None and self.kind != "none"

    @property
    def acts(self) -> bool:
        """Whether a call does anything that is known; some entries only tell what it returns."""
        return self.kind is not None or bool(self.runs or self.spawns or self.does or self.bound)

    @cached_property
    def result(self) -> Result | None:
        """The parsed ``returns``."""
        return parse_result(self.returns) if self.returns else None


@dataclass(frozen=True)
class TypeInfo:
    """What is known of one external class."""

    name: str
    bases: tuple[str, ...] = ()
    role: str | None = None
    attributes: dict[str, str] | None = None
    enter: str = ""
    aenter: str = ""
    iterates: str = ""
    awaits: str = ""
    asynchronous: bool = False
    memory: bool = False
    any_method: dict[str, Any] | None = None
    any_attribute: str = ""
    like: str = ""
    thread: str = ""
    adapter: str = ""
    counterpart: str = ""


@dataclass(frozen=True)
class Handler:
    """Methods that a framework calls by name on subclasses of ``base``."""

    base: str
    methods: tuple[str, ...]
    context: str
    async_context: str = "loop"
    per_request: bool = False


class Catalogue:
    """Look-ups over the loaded tables. Entries are made from the raw tables when first asked for."""

    def __init__(self, tables: dict[str, Any]) -> None:
        self.tables = tables
        self._callables: dict[str, dict[str, Any]] = tables["callables"]
        self._types: dict[str, dict[str, Any]] = tables["types"]
        self._aliases: dict[str, str] = tables["aliases"]
        self._decorators: dict[str, dict[str, Any]] = tables["decorators"]
        self._registrars: dict[str, list[dict[str, Any]]] = tables["registrars"]
        self._any: dict[str, dict[str, Any]] = tables.get("any", {})
        #: Names that users speak of: what they say goes before what the source of such a name would tell.
        self.declared: frozenset[str] = frozenset(tables.get("declared", ()))
        self._entries: dict[str, Entry | None] = {}
        self._infos: dict[str, TypeInfo | None] = {}
        self._mros: dict[str, tuple[str, ...]] = {}
        self._names: dict[str, str] = {}
        self._likes: dict[str, str] = {}
        #: The asynchronous libraries that fixes write for, the usual one first.
        self.dialects: list[dict[str, Any]] = tables["dialects"]
        self._handlers: dict[str, list[Handler]] = {}
        #: What opens files, by canonical name, and what does all at once that is mostly done with one.
        self.openings: dict[str, dict[str, Any]] = tables["openings"]
        for table in tables["handlers"]:
            handler = Handler(
                self.canonical(table["base"]),
                tuple(table["methods"]),
                table["context"],
                table.get("async_context", "loop"),
                table.get("per_request", False),
            )
            self._handlers.setdefault(handler.base, []).append(handler)
        self._patterns = [base for base in self._handlers if "*" in base]

    def canonical(self, name: str) -> str:
        """The name under which the catalogue lists a thing that users reach by ``name``."""
        known = self._names.get(name)
        if known is not None:
            return known
        result = self._aliases.get(name)
        if result is None and (name in self._types or name in self._callables or name in self._decorators):
            result = name  # a module and what it holds may share a name
        if result is None:
            head, dot, tail = name.rpartition(".")
            result = f"{self.canonical(head)}.{tail}" if dot else name
            result = self._aliases.get(result, result)
        self._names[name] = result
        return result

    def entry(self, name: str) -> Entry | None:
        """The entry of a function, a constructor or ``Type.method``; ``name`` must be canonical."""
        try:
            return self._entries[name]
        except KeyError:
            raw = self._callables.get(name)
            if raw is None and self._any:
                owner, _, own = name.rpartition(".")
                raw = self._any.get(owner) if not own.startswith("_") else None
            made = None if raw is None else _make_entry(name, raw)
            self._entries[name] = made
            return made

    def declaration(self, name: str) -> Entry | None:
        """What users say of a callable that is not external: one of the analysed source."""
        if name in self.declared or (self._any and name.rpartition(".")[0] in self._any):
            return self.entry(name)
        return None

    def type(self, name: str) -> TypeInfo | None:
        """What is known of a class; ``name`` must be canonical."""
        try:
            return self._infos[name]
        except KeyError:
            raw = self._types.get(name)
            made = None
            if raw is not None:
                fields = {k: v for k, v in raw.items() if k in TypeInfo.__dataclass_fields__}
                fields["bases"] = tuple(self.canonical(b) for b in raw.get("bases", ()))
                made = TypeInfo(name=name, **fields)
            self._infos[name] = made
            return made

    def mro(self, name: str) -> tuple[str, ...]:
        """The class and its catalogued bases, nearest first."""
        try:
            return self._mros[name]
        except KeyError:
            order = [name]
            self._mros[name] = (name,)  # a cyclic table must not recurse for ever
            info = self.type(name)
            for base in info.bases if info else ():
                order.extend(b for b in self.mro(base) if b not in order)
            self._mros[name] = tuple(order)
            return self._mros[name]

    def role(self, name: str) -> str | None:
        """The role of a class, its own or inherited."""
        for base in self.mro(name):
            info = self.type(base)
            if info is not None and info.role is not None:
                return info.role
        return None

    def exemplar(self, role: str) -> str:
        """The class that stands for all of a role: the one that fixes write."""
        return next(n for n, raw in self._types.items() if raw.get("exemplar") and raw.get("role") == role)

    def declared_offloaders(self) -> list[str]:
        """The functions that users declare to run their first argument in a thread, to be awaited."""
        return [
            name
            for name, raw in self._callables.items()
            if raw.get("evidence") == "declared"
            and raw.get("awaitable")
            and [(run.get("at"), run.get("context")) for run in raw.get("runs", ())] == [(0, "thread")]
            and self.type(name.rpartition(".")[0]) is None
        ]

    def like(self, name: str) -> str:
        """The kind of builtin container that a class is like, its own or inherited: list, set, dict or queue."""
        known = self._likes.get(name)
        if known is None:
            infos = (self.type(base) for base in self.mro(name))
            known = next((info.like for info in infos if info is not None and info.like), "")
            self._likes[name] = known
        return known

    def method(self, type_name: str, method: str) -> Entry | None:
        """The entry of a method, its own or inherited."""
        for base in self.mro(type_name):
            entry = self.entry(f"{base}.{method}")
            if entry is not None:
                return entry
            info = self.type(base)
            if info is not None and info.any_method is not None and not method.startswith("_"):
                if any(fnmatchcase(method, pattern) for pattern in info.any_method.get("except", ())):
                    return None
                return _make_entry(f"{base}.{method}", info.any_method)
        return None

    def attribute(self, type_name: str, attribute: str) -> str | None:
        """The `returns` text of an attribute or property, own or inherited."""
        for base in self.mro(type_name):
            info = self.type(base)
            if info is not None and info.attributes and attribute in info.attributes:
                return info.attributes[attribute]
            if info is not None and info.any_attribute and not attribute.startswith("_"):
                return info.any_attribute if self.method(type_name, attribute) is None else None
        return None

    def any_attribute(self, type_name: str) -> str:
        """The `returns` text of every attribute that is not listed, own or inherited; empty where there is none."""
        infos = (self.type(base) for base in self.mro(type_name))
        return next((info.any_attribute for info in infos if info is not None and info.any_attribute), "")

    def handlers(self, base: str) -> list[Handler]:
        """Which methods a framework calls on subclasses of a class; ``base`` must be canonical."""
        found = list(self._handlers.get(base, ()))
        for pattern in self._patterns:
            if fnmatchcase(base, pattern):
                found += self._handlers[pattern]
        return found

    def decorator(self, name: str) -> dict[str, Any] | None:
        """What a decorator does; ``name`` must be canonical."""
        return self._decorators.get(name)

    def registrar(self, name: str) -> list[dict[str, Any]]:
        """Which arguments of a call are callbacks that a framework will run, and where."""
        return self._registrars.get(name, [])

    @cached_property
    def packages(self) -> frozenset[str]:
        """Every dotted name that the catalogue knows something at or below, beyond what users have declared."""
        names = [*self._callables, *self._types, *self._aliases, *self._decorators, *self._registrars]
        names += self._handlers
        names = [name for name in names if name not in self.declared]
        for distribution in self.tables["distributions"]:
            names += distribution.get("imports", ())
        found: set[str] = set()
        for name in names:
            while name and name not in found:
                found.add(name)
                name = name.rpartition(".")[0]  # noqa: PLW2901
        return frozenset(found)

    @cached_property
    def roots(self) -> frozenset[str]:
        """Top-level module names that the catalogue speaks of."""
        names = [*self._callables, *self._types, *self._aliases, *self._decorators]
        return frozenset(n.split(".", 1)[0] for n in names)

    def callables(self) -> list[str]:
        """Every callable's canonical name."""
        return sorted(self._callables)

    def types(self) -> list[str]:
        """Every type's canonical name."""
        return sorted(self._types)


def _conditions(raw: list[dict[str, Any]]) -> tuple[Condition, ...]:
    made: list[Condition] = []
    for table in raw:
        made.extend(
            Condition(table.get("name"), table.get("at"), test, table[test])
            for test in ("is", "given", "contains", "type", "state")
            if test in table
        )
    return tuple(made)


def _make_entry(name: str, raw: dict[str, Any]) -> Entry:
    return Entry(
        name=name,
        kind=raw.get("kind"),
        confidence=_CONFIDENCES[raw.get("confidence", "high")],
        returns=raw.get("returns", ""),
        returns_by=tuple(raw.get("returns_by", ())),
        uses=tuple(raw.get("uses", ())),
        is_property=raw.get("property", False),
        unless=_conditions(raw.get("unless", [])),
        only_if=_conditions(raw.get("only_if", [])),
        runs=tuple(
            Run(**{k: v for k, v in {"name": None, "at": None, **r}.items() if k in Run.__dataclass_fields__})
            for r in raw.get("runs", ())
        ),
        **{
            k: raw[k]
            for k in (
                "spawns", "does", "bound", "shares", "handle", "sets", "exits", "tells", "tells_otherwise", "lazy", "awaitable", "duration",
                "equivalent",
                "arguments", "thread", "note", "domain", "evidence", "source",
            )
            if k in raw
        },
    )  # fmt: skip


def decorator_entry(name: str, table: dict[str, Any]) -> Entry:
    """A decorator's own event as an entry, for the conditions on its arguments."""
    return _make_entry(name, {k: table[k] for k in ("kind", "confidence", "only_if", "unless") if k in table})


def parse_result(text: str) -> Result:
    """Parse a ``returns`` text into nested tuples.

    Raises:
        ValueError: the text is not of the grammar that the folder's README gives.
    """
    parts = _split(text, "|")
    if len(parts) > 1:
        return ("union", *(parse_result(p) for p in parts))
    text = parts[0]
    if "[" in text:
        head, _, inner = text.partition("[")
        if not inner.endswith("]") or head not in _GENERICS:
            raise ValueError(f"not a type: {text!r}")
        return (head, *(parse_result(p) for p in _split(inner[:-1], ",")))
    if text in ("self", "element", "elements"):
        return (text,)
    head, colon, tail = text.partition(":")
    if colon:
        if head not in _HEADS:
            raise ValueError(f"not a type: {text!r}")
        return (head, int(tail) if tail.isdigit() else tail)
    if not all(p.isidentifier() for p in text.split(".")):
        raise ValueError(f"not a type: {text!r}")
    return ("instance", text)


def instances(result: Result) -> set[str]:
    """The classes that a parsed ``returns`` mentions."""
    if result[0] == "instance":
        return {result[1]}
    return {name for part in result[1:] if isinstance(part, tuple) for name in instances(part)}


_HEADS = frozenset(
    {"argument", "type", "callable", "class", "module", "getter", "imported", "record", "hint"}
)
_GENERICS = frozenset({
    "tuple", "list", "set", "dict", "iterator", "awaitable", "context", "async-context", "async-iterator", "manager",
})  # fmt: skip


def _split(text: str, separator: str) -> list[str]:
    """Split at separators that stand outside of brackets."""
    parts, depth, start = [], 0, 0
    for i, c in enumerate(text):
        if c == "[":
            depth += 1
        elif c == "]":
            depth -= 1
        elif c == separator and depth == 0:
            parts.append(text[start:i].strip())
            start = i + 1
    parts.append(text[start:].strip())
    return parts
