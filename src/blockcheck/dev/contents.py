"""What the catalogue holds, as a page: entries by domain, kind and evidence, and the libraries."""

from __future__ import annotations

from collections import Counter
from typing import Any

from blockcheck.catalogue.loader import build, sources
from blockcheck.catalogue.schema import KINDS


def page() -> str:
    """Return the page."""
    tables = build(sources())
    parts = ["# What the catalogue holds", _INTRODUCTION, _totals(tables), "## By domain", _domains(tables)]
    parts += ["## By kind", _kinds(tables), "## Libraries", _LIBRARIES, _libraries(tables)]
    return "\n\n".join(parts) + "\n"


_INTRODUCTION = """\
An entry is what is known of one function, constructor or method. `measured` ones are called by the tests, which watch
that the call holds its thread up, touches the disk or burns processor time, or that it does not
([how](catalogue-third-party.md)); `documented` ones are taken from the library's documentation or source, as nothing
here could try them. `blockcheck catalogue show NAME` prints an entry with its source. To add what is missing, see
[catalogue.md](catalogue.md); how it compares with the lists of other tools, [catalogue-peers.md](catalogue-peers.md)."""

_LIBRARIES = """\
The names of each library are looked up in the version given, by a test that installs it; every method of a class that
is said to block by `any method` counts once."""


def _entries(tables: dict[str, Any]) -> list[dict[str, Any]]:
    """Every entry, and what classes say of all their other methods."""
    found = list(tables["callables"].values())
    found += [t["any_method"] for t in tables["types"].values() if "any_method" in t]
    return found


def _totals(tables: dict[str, Any]) -> str:
    entries = _entries(tables)
    evidence = Counter(e.get("evidence", "documented") for e in entries)
    blocking = sum(1 for e in entries if e.get("kind", "none") != "none")
    return (
        f"{len(entries)} entries, {evidence['measured']} of them measured and {evidence['documented']} documented; "
        f"{blocking} block. {len(tables['types'])} types, {len(tables['aliases'])} other names, "
        f"{len(tables['decorators'])} decorators, {len(tables['registrars'])} functions that register callbacks, "
        f"{len(tables['handlers'])} classes whose methods frameworks call; {len(tables['distributions'])} libraries "
        "besides the standard one."
    )


def _domains(tables: dict[str, Any]) -> str:
    counts: Counter[tuple[str, str]] = Counter()
    for entry in tables["callables"].values():
        counts[entry["domain"], entry["evidence"]] += 1
    lines = ["| domain | measured | documented |", "|---|---|---|"]
    domains = sorted({domain for domain, _ in counts})
    lines += [f"| {d} | {counts[d, 'measured']} | {counts[d, 'documented']} |" for d in domains]
    return "\n".join(lines)


def _kinds(tables: dict[str, Any]) -> str:
    counts = Counter((e.get("kind", "none"), e.get("evidence", "documented")) for e in _entries(tables))
    lines = ["| kind | measured | documented |", "|---|---|---|"]
    lines += [f"| {k} | {counts[k, 'measured']} | {counts[k, 'documented']} |" for k in (*KINDS, "none")]
    return "\n".join(lines)


def _libraries(tables: dict[str, Any]) -> str:
    names = sorted(
        (d["name"], d["tested"], "" if "offered" not in d else " (not checked)")
        for d in tables["distributions"]
    )
    return ", ".join(
        f"{name} {version}{note}" for name, version, note in sorted(names, key=lambda n: n[0].lower())
    )
