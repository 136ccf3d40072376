"""Every third-party name of the catalogue exists in the pinned version of its library, and is what is said of it.

Downloads the libraries: run with ``pytest -m online tests/catalogue``. The first run takes a while, later ones
use the cache (``BLOCKCHECK_CATALOGUE_CACHE``, else the user's cache folder). Without network the tests skip.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from blockcheck.catalogue.loader import build, read, sources
from blockcheck.catalogue.model import Catalogue, parse_result

sys.path.insert(0, str(Path(__file__).parent))
import environments  # noqa: E402

TABLES = build(sources())
DISTRIBUTIONS = {d["name"]: d for d in TABLES["distributions"]}
OWNERS = {package: d["name"] for d in DISTRIBUTIONS.values() for package in d["imports"]}
EXAMPLES = read(Path(__file__).parent / "examples.toml")


def owner(name: str) -> str | None:
    """The distribution that a name comes from: the one with the longest import that covers it."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        found = OWNERS.get(".".join(parts[:length]))
        if found is not None:
            return found
    return None


def third_party(name: str) -> bool:
    known = sys.stdlib_module_names | {
        "<builtin>",
        "builtins",
        "nntplib",
        "telnetlib",
        "tomllib",
        "compression",
    }  # of any Python
    return name.split(".")[0] not in known


def order(distribution: dict[str, Any]) -> dict[str, Any]:
    """What there is to look up of a distribution."""
    name = distribution["name"]

    def own(table: dict[str, Any]) -> dict[str, Any]:
        return {k: v for k, v in table.items() if owner(k) == name and third_party(k)}

    def real(target: str) -> bool:
        holder = target if target in TABLES["types"] else target.rpartition(".")[0]
        tables = (TABLES["types"].get(holder, {}), TABLES["callables"].get(target, {}))
        return all(t.get("runtime", True) for t in tables)

    types = TABLES["types"]
    return {
        "imports": distribution["imports"],
        "setup": distribution.get("setup", ""),
        "types": types,
        "own_types": list(own(types)),
        "callables": own(TABLES["callables"]),
        "decorators": list(own(TABLES["decorators"])),
        "registrars": own(TABLES["registrars"]),
        "handlers": list(own({h["base"]: h for h in TABLES["handlers"] if "*" not in h["base"]})),
        "aliases": {a: n for a, n in own(TABLES["aliases"]).items() if real(n) and owner(n) == name},
        "examples": list(EXAMPLES.get(name, {}).items()),
    }


@pytest.mark.online
@pytest.mark.parametrize("name", sorted(DISTRIBUTIONS))
def test_names_are_real(name: str) -> None:
    distribution = DISTRIBUTIONS[name]
    python, folder = environments.environment(distribution)
    done = environments.run(
        python, folder, Path(__file__).with_name("look.py"), input=json.dumps(order(distribution))
    )
    if "system" in distribution and "cannot open shared object file" in done.stdout + done.stderr:
        pytest.skip(f"{name}: needs {distribution['system']}")
    assert done.returncode == 0, done.stderr[-3000:]
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["problems"] == []
    assert answer["checked"] > len(distribution["imports"])


def test_every_third_party_name_has_a_distribution() -> None:
    tables = ("types", "callables", "decorators", "registrars", "aliases")
    bases = {h["base"] for h in TABLES["handlers"] if "*" not in h["base"]}  # else of generated modules
    names = {n for t in tables for n in TABLES[t]} | bases
    assert sorted(n for n in names if third_party(n) and owner(n) is None) == []


def test_names_of_entries_are_those_that_lookups_ask_for() -> None:
    catalogue = Catalogue(TABLES)
    tables = ("types", "callables", "decorators", "registrars")
    assert [n for t in tables for n in TABLES[t] if catalogue.canonical(n) != n] == []
    assert [n for n in TABLES["callables"] if n.rpartition(".")[0] in TABLES["aliases"]] == []


def test_distributions_are_pinned_and_listed_once() -> None:
    assert len(DISTRIBUTIONS) == len(TABLES["distributions"])
    assert [d["name"] for d in DISTRIBUTIONS.values() if not d.get("tested")] == []


def test_every_entry_says_where_it_is_known_from() -> None:
    entries = TABLES["callables"]
    assert sorted(n for n, e in entries.items() if e.get("evidence") not in ("documented", "measured")) == []
    assert sorted(n for n, e in entries.items() if third_party(n) and not e.get("source")) == []


def mentioned(result: tuple[Any, ...]) -> set[str]:
    if result[0] == "instance":
        return {result[1]}
    return {name for part in result[1:] if isinstance(part, tuple) for name in mentioned(part)}


def test_every_third_party_type_that_is_mentioned_is_described() -> None:
    texts = {n: e["returns"] for n, e in TABLES["callables"].items() if e.get("returns")}
    for name, table in TABLES["types"].items():
        for key in ("any_attribute", "counterpart", "iterates", "awaits", "aenter", "enter"):
            if key in table:
                texts[f"{name}: {key}"] = table[key]
        for attribute, text in table.get("attributes", {}).items():
            texts[f"{name}.{attribute}"] = text
        for base in table.get("bases", ()):
            texts[f"{name}: base {base}"] = base
    unknown = {
        where: sorted(names)
        for where, text in texts.items()
        if (
            names := {n for n in mentioned(parse_result(text)) if third_party(n) and n not in TABLES["types"]}
        )
        and names != {"dict"}
        and names - {"bytes", "dict", "str", "tuple"}
    }
    assert unknown == {}
