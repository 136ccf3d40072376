"""What users declare: packs, and the configuration's own tables, laid over the built-in catalogue.

The short forms (``blocking``, ``offloaders``, …) are spelled out as the catalogue's own tables first. What a
declaration does not speak of stays as it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.catalogue.model import Catalogue, instances, parse_result
from blockcheck.catalogue.schema import CatalogueError, full_names, with_equivalents

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Table = dict[str, Any]

# What a plain "it blocks" overrides.
_UNCONDITIONAL: Table = {"unless": [], "only_if": [], "confidence": "high"}
_NAMING = ("of", "names", "name")
# A blocking callable of which no more is said holds its thread up until something happens.
DEFAULT_KIND = "wait"


def overlay(tables: Table, document: Mapping[str, Any], origin: str) -> None:
    """Lay a checked document over the tables, in place. Their parts must not be shared with others.

    Raises:
        CatalogueError: it speaks of a role that nothing in the catalogue shows the behaviour of.
    """
    known = Catalogue(tables)
    header = {k: document[k] for k in ("domain", "source", "evidence") if k in document}
    made = _Overlay(tables, known, {"domain": "declared", "source": origin, "evidence": "declared", **header})
    for table in document.get("type", ()):
        made.type(table["name"], {k: v for k, v in table.items() if k not in ("name", "aliases")})
        made.aliases(table.get("aliases", ()), table["name"])
    for table in document.get("callable", ()):
        made.callables(table, {k: v for k, v in table.items() if k not in (*_NAMING, "aliases")})
    for table in document.get("decorator", ()):
        rest = {k: v for k, v in table.items() if k not in (*_NAMING, "aliases")}
        for name in full_names(table):
            made.decorator(name, rest)
            made.aliases(table.get("aliases", ()), name)
    for table in document.get("registrar", ()):
        for name in full_names(table):
            made.registrar(name, {k: v for k, v in table.items() if k not in ("of", "names")})
    for table in document.get("handler", ()):
        made.handler(table)
    for table in document.get("dialect", ()):
        others = [other for other in tables["dialects"] if other["name"] != table["name"]]
        tables["dialects"] = [*others, table]
    for table in document.get("opening", ()):
        tables["openings"] = {
            **tables["openings"],
            **{known.canonical(name): table for name in table["names"]},
        }
    _short_forms(made, document)
    for name, text in document.get("returns", {}).items():
        made.callable(name, {"returns": text})
        for kind in instances(parse_result(text)):
            made.type(kind, {})


def _short_forms(made: _Overlay, document: Mapping[str, Any]) -> None:
    for table in _tables(document, "blocking"):
        rest = {k: v for k, v in table.items() if k not in _NAMING}
        made.callables(table, {**_UNCONDITIONAL, "kind": DEFAULT_KIND, **rest})
    for table in _tables(document, "non-blocking"):
        made.callables(table, {**_UNCONDITIONAL, "kind": "none"})
        for name in full_names(table):
            made.silence_decorator(name)
    for table in _tables(document, "offloaders"):
        context = table.get("context", "thread")
        run = {**_given(table), "context": context, "result": True}
        awaitable = table.get("awaitable", True) and not table.get("decorates", False)
        made.callables(table, {"kind": "none", "runs": [run], "awaitable": awaitable})
        for name in full_names(table):
            made.decorator(name, {"effect": "offloads", "context": context})
    for table in _tables(document, "schedulers"):
        where: Table = {k: table[k] for k in ("async_context", "per_request") if k in table}
        where["context"] = table.get("context", "loop")
        made.callables(table, {"kind": "none", "runs": [{**_given(table), **where}]})
        for name in full_names(table):
            made.decorator(name, {"effect": "schedules", **where})
    for table in _tables(document, "locks"):
        like = made.exemplar(table.get("role", "lock"))
        for name in full_names(table):
            made.behaves(name, like)
            for does, usual in (("acquire", "wait"), ("release", "none")):
                if does in table:
                    made.callable(f"{name}.{table[does]}", {"kind": usual, "does": does})
    for table in _tables(document, "executors"):
        like = made.exemplar(table.get("role", "thread-pool"))
        for name in full_names(table):
            made.behaves(name, like)
            made.callable(name, {"bound": table["bound"]} if "bound" in table else {})


def _tables(document: Mapping[str, Any], key: str) -> list[Table]:
    return [{"name": item} if isinstance(item, str) else item for item in document.get(key, ())]


def _given(table: Table) -> Table:
    """Which argument of an offloader or scheduler is the callable: the first unless said otherwise."""
    run: Table = {k: table[k] for k in ("at", "decorates", "rest") if k in table}
    if "argument" in table:
        run["name"] = table["argument"]
    elif "at" not in table:
        run["at"] = 0
    return run


class _Overlay:
    """The tables that are being laid over, and how each kind of knowledge is."""

    def __init__(self, tables: Table, known: Catalogue, origin: Table) -> None:
        self._tables = tables
        self._known = known
        self._origin = origin
        self._declared: dict[str, None] = tables.setdefault("declared", {})
        self._registrars: set[str] = set()
        self._any: dict[str, Table] = tables.setdefault("any", {})

    def callables(self, table: Table, changes: Table) -> None:
        """All names of a table."""
        if "of" in table:
            self.type(table["of"], {})
        for name in full_names(table):
            self.callable(name, changes)
            self.aliases(table.get("aliases", ()), name)

    def callable(self, name: str, changes: Table) -> None:
        """A function, a constructor or a method; ``x.*`` all that ``x`` has."""
        name = self._known.canonical(name)
        callables: dict[str, Table] = self._tables["callables"]
        if name.endswith(".*"):
            owner = name[:-2]
            self.type(owner, {})
            self._any[owner] = {**self._origin, **changes}
            for member in [n for n in callables if n.rpartition(".")[0] == owner]:
                callables[member] = {**callables[member], **self._origin, **changes}
            return
        owner = name.rpartition(".")[0]
        if owner.rpartition(".")[2][:1].isupper():  # by convention a class
            self.type(owner, {})
        callables[name] = with_equivalents({**self._inherited(name), **self._origin, **changes}, name)
        self._declared[name] = None

    def _inherited(self, name: str) -> Table:
        """What is known of a callable already, through a base class of its type too."""
        owner, _, method = name.rpartition(".")
        entry = self._known.method(owner, method) if self._known.type(owner) is not None else None
        own = self._tables["callables"].get(name)
        found: Table = own or (self._tables["callables"].get(entry.name, {}) if entry is not None else {})
        return found

    def type(self, name: str, changes: Table) -> None:
        """A class."""
        name = self._known.canonical(name)
        self._tables["types"][name] = {**self._tables["types"].get(name, {}), **changes}
        self._declared[name] = None

    def decorator(self, name: str, changes: Table) -> None:
        """A decorator."""
        name = self._known.canonical(name)
        self._tables["decorators"][name] = {**self._tables["decorators"].get(name, {}), **changes}
        self._declared[name] = None

    def silence_decorator(self, name: str) -> None:
        """A decorator does nothing of its own around calls."""
        table = self._tables["decorators"].get(self._known.canonical(name))
        if table is not None and "kind" in table:
            self.decorator(name, {"kind": "none"})

    def registrar(self, name: str, table: Table) -> None:
        """A call that registers a callback; this table takes the place of what was known."""
        name = self._known.canonical(name)
        before = self._tables["registrars"].get(name, []) if name in self._registrars else []
        self._registrars.add(name)
        self._tables["registrars"][name] = [*before, table]
        self.callable(name, {"kind": "none"})

    def handler(self, table: Table) -> None:
        """Methods that a framework calls; those are no longer what other tables say of them."""
        base = self._known.canonical(table["base"])
        kept = []
        for other in self._tables["handlers"]:
            methods = other["methods"]
            if self._known.canonical(other["base"]) == base:
                methods = [m for m in methods if m not in table["methods"]]
            kept.append({**other, "methods": methods})
        self._tables["handlers"] = [*kept, table]
        self.type(base, {})

    def aliases(self, aliases: Iterable[str], name: str) -> None:
        """Other names of the same thing."""
        self._tables["aliases"].update(dict.fromkeys(aliases, self._known.canonical(name)))

    def exemplar(self, role: str) -> str:
        """The class that shows how one of a role behaves."""
        for name, table in self._tables["types"].items():
            if table.get("exemplar") and table.get("role") == role:
                return str(name)
        raise CatalogueError(f"{self._origin['source']}: nothing shows how a {role} behaves")

    def behaves(self, name: str, like: str) -> None:
        """A class whose instances behave as those of another; its constructor too."""
        role = self._tables["types"][like]["role"]
        self.type(name, {"bases": [like], "role": role})
        constructor = self._tables["callables"].get(like, {})
        self.callable(
            name, {k: v for k, v in constructor.items() if k in ("kind", "bound", "shares", "runs")}
        )
