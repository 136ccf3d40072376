"""``blockcheck catalogue``: what is known of libraries, and, for contributors, whether it is so."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blockcheck.cli import EXIT_ERROR

if TYPE_CHECKING:
    import argparse

    from blockcheck.catalogue.model import Catalogue, Entry

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001


EVIDENCE = ("measured", "documented", "declared")


def add_parser(subparsers: Subparsers) -> None:
    """Register the verb and its own verbs."""
    description = "Look into the catalogue of what blocks, spawns, locks, offloads and schedules."
    parser = subparsers.add_parser(
        "catalogue", help="look into the catalogue of libraries", description=description
    )
    verbs = parser.add_subparsers(metavar="WHAT", required=True)

    listing = verbs.add_parser("list", help="list the entries, with a count by domain and evidence")
    listing.add_argument("--domain", metavar="NAME", help="only of this domain")
    listing.add_argument("--kind", metavar="KIND", help="only of this kind: sleep, http, file, none…")
    listing.add_argument("--evidence", choices=EVIDENCE, help="only with this evidence")
    listing.set_defaults(run=run_list)

    showing = verbs.add_parser("show", help="show all that is known of a name")
    showing.add_argument("name", metavar="NAME", help="a qualified name, by any of its aliases")
    showing.set_defaults(run=run_show)

    verifying = verbs.add_parser("verify", help="call the standard library's entries and watch what they do")
    verifying.add_argument("names", metavar="NAME", nargs="*", help="only these; all by default")
    verifying.add_argument("--domain", metavar="NAME", help="only of this domain")
    verifying.set_defaults(run=run_verify)


def run_list(arguments: argparse.Namespace) -> int:
    """List entries; return the exit code."""
    catalogue = _load()
    entries = [
        entry
        for entry in map(catalogue.entry, catalogue.callables())
        if entry is not None
        and arguments.domain in (None, entry.domain)
        and arguments.kind in (None, entry.kind or "none")
        and arguments.evidence in (None, entry.evidence)
    ]
    for entry in entries:
        print(f"{entry.kind or '-':12} {entry.evidence:10} {entry.domain:14} {entry.name}")
    counts = Counter((entry.domain, entry.evidence) for entry in entries)
    domains = sorted({domain for domain, _ in counts})
    print()
    total = Counter(entry.evidence for entry in entries)
    columns = [evidence for evidence in EVIDENCE if evidence != "declared" or total[evidence]]
    print(" ".join([f"{'domain':16}", *(f"{evidence:>10}" for evidence in columns)]))
    for domain in domains:
        print(" ".join([f"{domain:16}", *(f"{counts[domain, evidence]:10}" for evidence in columns)]))
    print(" ".join([f"{'all':16}", *(f"{total[evidence]:10}" for evidence in columns)]))
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """Show what is known of one name; return the exit code."""
    catalogue = _load()
    name = catalogue.canonical(arguments.name)
    entry = _find(catalogue, name)
    info = catalogue.tables["types"].get(name)
    if entry is None and info is None:
        print(f"{arguments.name}: not in the catalogue")
        return EXIT_ERROR
    print(name if name == arguments.name else f"{name}, as {arguments.name}")
    if entry is not None:
        if entry.name != name:
            print(f"  inherited from  {entry.name}")
        _print_table({**catalogue.tables["callables"].get(entry.name, {}), "kind": entry.kind or "none"})
    if info is not None:
        print("  as a type")
        _print_table(info)
        methods = [n.rpartition(".")[2] for n in catalogue.callables() if n.rpartition(".")[0] == name]
        if methods:
            print(f"  methods         {' '.join(methods)}")
    return 0


def run_verify(arguments: argparse.Namespace) -> int:
    """Verify entries by calling them; return the exit code."""
    from blockcheck.catalogue.verify import cases, verify  # noqa: PLC0415 - only contributors pay for it

    catalogue = _load()
    table = cases()
    names = [catalogue.canonical(name) for name in arguments.names] or list(table)
    unknown = [name for name in names if name not in table]
    for name in unknown:
        print(f"{name}: nothing here calls it; its evidence is its source")
    if arguments.domain is not None:
        names = [
            n for n in names if (entry := catalogue.entry(n)) is not None and entry.domain == arguments.domain
        ]
    seen: Counter[str] = Counter()
    complaints = 0
    for verdict in verify(catalogue, [name for name in names if name in table]):
        seen[verdict.outcome.seen] += 1
        under = f" where {verdict.condition} says so" if verdict.condition else ""
        if verdict.complaint:
            complaints += 1
            print(f"{verdict.name}{under}: {verdict.complaint}")
        elif arguments.names:
            print(f"{verdict.name}{under}: {verdict.outcome.seen} {verdict.outcome.detail}".rstrip())
    print(", ".join(f"{count} {what}" for what, count in sorted(seen.items())) + f"; {complaints} refuted")
    return EXIT_ERROR if unknown else int(complaints > 0)


def _load() -> Catalogue:
    """The catalogue as it is in force in the working directory."""
    from blockcheck.catalogue import load  # noqa: PLC0415  (help should not wait for it)
    from blockcheck.config import load as load_config  # noqa: PLC0415

    config = load_config([Path()])
    return load(config.catalogue, config.declared)


def _find(catalogue: Catalogue, name: str) -> Entry | None:
    """The entry of a name, or of the method that it inherits."""
    owner, _, method = name.rpartition(".")
    return catalogue.entry(name) or (catalogue.method(owner, method) if catalogue.type(owner) else None)


def _print_table(table: dict[str, Any]) -> None:
    for key in sorted(table):
        value = table[key]
        if isinstance(value, list):
            value = "; ".join(map(_text, value))
        print(f"    {key:14}{_text(value)}")


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{k} = {v}" for k, v in value.items())
    return str(value)
