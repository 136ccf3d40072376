"""Which asynchronous library a module speaks; what each offers stands in the catalogue."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir

if TYPE_CHECKING:
    from collections.abc import Iterable

    from blockcheck.catalogue import Catalogue
    from blockcheck.project import Project, Unit

_IMPORT = re.compile(rf"\[{ir.IMPORT},(\[\[.*?\]\])\]")
_FROM = re.compile(rf'\[{ir.FROM},0,"([^"]+)",(\[\[.*?\]\])\]')


class MixedError(Exception):
    """A module speaks several; the message names them."""


@dataclass(frozen=True)
class Dialect:
    """An asynchronous library.

    Attributes:
        name: as in the ``equivalent`` of callables.
        modules: its top-level packages.
        offload: the function that runs another one in a thread, and what to import for it.
        keywords: whether it hands keyword arguments on.
        bind: what binds keyword arguments otherwise.
        lock: its lock, where it has one.
        scopes: a cancelled scope cancels each await in it anew, even those of ``finally``.
        sure: the module itself says so.
    """

    name: str
    modules: tuple[str, ...]
    offload: str
    offload_import: str
    keywords: bool
    bind: str
    lock: str = ""
    scopes: bool = False
    sure: bool = True


def choose(project: Project, unit: Unit) -> Dialect:
    """The dialect of a module: the one it imports, else the one that most of the project's modules do.

    Of a library and another that it runs on, the one whose threads the module uses already, else the latter.

    Raises:
        MixedError: it imports several that exclude each other.
    """
    tables = project.catalogue.dialects
    imported = _imports(unit)
    here = _spoken(tables, imported)
    if len(here) > 1:
        using = {
            t["name"] for t in tables if t["name"] in here and t["offload_import"] in imported and t.get("on")
        }
        on = {t["name"] for t in tables if t["name"] in here and here.intersection(t.get("on", ()))}
        here = using or here - on
    if len(here) > 1:
        raise MixedError(f"the module uses {' and '.join(sorted(here))}")
    if here:
        return _made(tables, here.pop(), sure=True)
    counts = project_dialects(project)
    usual = tables[0]["name"]
    best = max(counts, key=lambda name: (counts[name], name == usual), default=usual)
    return _made(tables, best, sure=len(counts) == 1)


def likely(project: Project, unit: Unit) -> Dialect:
    """The dialect of a module for advice, where a wrong guess does no harm; the commonest one if it mixes several."""
    known: dict[int, Dialect] = project.__dict__.setdefault("_likely_dialects", {})
    if unit.index not in known:
        try:
            known[unit.index] = choose(project, unit)
        except MixedError:
            tables = project.catalogue.dialects
            known[unit.index] = _made(tables, tables[0]["name"], sure=False)
    return known[unit.index]


def project_dialects(project: Project) -> Counter[str]:
    """How many modules of a project import each dialect."""
    known: Counter[str] | None = project.__dict__.get("_dialects")
    if known is None:
        known = Counter()
        for unit in project.units:
            known.update(speaks(project.catalogue, unit))
        project.__dict__["_dialects"] = known
    return known


def speaks(catalogue: Catalogue, unit: Unit) -> set[str]:
    """The names of the dialects that a module imports."""
    return _spoken(catalogue.dialects, _imports(unit))


def _made(tables: list[dict[str, Any]], name: str, *, sure: bool) -> Dialect:
    table = next(table for table in tables if table["name"] == name)
    return Dialect(
        name,
        tuple(table["imports"]),
        table["offload"],
        table["offload_import"],
        table["keywords"],
        table["bind"],
        table.get("lock", ""),
        table.get("scopes", False),
        sure,
    )


def _spoken(tables: Iterable[dict[str, Any]], imported: set[str]) -> set[str]:
    heads = {name.partition(".")[0] for name in imported}
    return {table["name"] for table in tables if heads.intersection(table["imports"])}


def _imports(unit: Unit) -> set[str]:
    """What a module imports, in any scope, if only for type checkers: modules and names in them."""
    out: set[str] = set()
    for text in unit.facts.bodies:
        # Read off the bodies' text: to decode every body of a project would take long.
        for found in _FROM.finditer(text):
            out.add(found[1])
            out.update(f"{found[1]}.{name}" for name, _ in json.loads(found[2]))
        for found in _IMPORT.finditer(text):
            out.update(name for name, _ in json.loads(found[1]))
    return out
