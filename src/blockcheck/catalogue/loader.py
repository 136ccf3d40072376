"""Reading the catalogue: TOML files merged into one set of tables, compiled once to JSON.

Parsing all TOML takes a few hundred milliseconds; the compiled form takes a few. The compiled file names the
digest of the TOML it was made from, so that one that is older than a source is used only if it says the same.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blockcheck.catalogue.model import Catalogue
from blockcheck.catalogue.schema import CatalogueError, check, with_equivalents
from blockcheck.wording import shown_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

FOLDER = Path(__file__).parent
COMPILED = FOLDER / "compiled.json"

_INHERITED = ("domain", "source", "evidence")


def load(packs: Sequence[Path] = (), own: tuple[str, Mapping[str, Any]] | None = None) -> Catalogue:
    """Load the built-in catalogue; packs, then a configuration's own declarations, go over it.

    Args:
        packs: TOML files of the catalogue's schema.
        own: the same as parsed already, after the beginning of messages about it.

    Raises:
        CatalogueError: a pack cannot be read, or something is not of the schema.
    """
    documents: list[tuple[str, Mapping[str, Any]]] = [(f"{shown_path(p)}: ", read(p)) for p in packs]
    if own is not None and own[1]:
        documents.append(own)
    tables = _builtin()
    if documents:
        from blockcheck.catalogue.declarations import overlay  # noqa: PLC0415  (most runs declare nothing)

        tables = {key: value.copy() for key, value in tables.items()}
        for origin, document in documents:
            check(document, origin)
            overlay(tables, document, origin.partition(": ")[0])
    return Catalogue(tables)


def digest(files: Iterable[Path]) -> str:
    """The digest of the source files, by name and content."""
    state = hashlib.sha256()
    for file in files:
        state.update(file.name.encode())
        state.update(file.read_bytes())
    return state.hexdigest()


def sources() -> list[Path]:
    """The built-in catalogue's TOML files, sorted."""
    return sorted(FOLDER.glob("*.toml"))


def _builtin() -> dict[str, Any]:
    try:
        compiled = json.loads(COMPILED.read_bytes())
        # Only where a source is the newer file, its content has to be looked at.
        if not _newer_sources() or compiled["digest"] == digest(sources()):
            tables: dict[str, Any] = compiled["tables"]
            entries = compiled["entries"]
            tables["callables"] = {name: entries[number] for name, number in tables["callables"].items()}
            return tables
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError):
        pass  # not built yet, or damaged: the sources are there
    return build(sources())


def _newer_sources() -> bool:
    latest = COMPILED.stat().st_mtime + 1  # installing and checking out write one file after the other
    with os.scandir(FOLDER) as entries:
        return any(e.stat().st_mtime > latest for e in entries if e.name.endswith(".toml"))


def build(files: Sequence[Path]) -> dict[str, Any]:
    """Merge TOML files into tables."""
    tables: dict[str, Any] = {
        "callables": {}, "types": {}, "aliases": {}, "decorators": {}, "registrars": {}, "handlers": [],
        "distributions": [], "dialects": [], "openings": {},
    }  # fmt: skip
    for file in files:
        merge(tables, read(file), file.name)
    return tables


def compile_catalogue() -> Path:
    """Write the compiled form beside the sources; returns its path. Entries that are alike stand there once."""
    files = sources()
    tables = build(files)
    numbers: dict[str, int] = {}
    callables = {
        name: numbers.setdefault(json.dumps(entry, sort_keys=True), len(numbers))
        for name, entry in sorted(tables["callables"].items())
    }
    document = {
        "digest": digest(files),
        "tables": {**tables, "callables": callables},
        "entries": list(map(json.loads, numbers)),
    }
    COMPILED.write_text(json.dumps(document, separators=(",", ":"), sort_keys=True) + "\n", encoding="utf-8")
    return COMPILED


def read(path: Path) -> dict[str, Any]:
    """Parse one TOML file.

    Raises:
        CatalogueError: unreadable or not TOML.
    """
    if sys.version_info >= (3, 11):
        import tomllib  # noqa: PLC0415 - only where the compiled form does not serve
    else:
        import tomli as tomllib  # noqa: PLC0415
    try:
        document: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        what = (
            f"cannot be read: {error.strerror}" if isinstance(error, OSError) else f"not valid TOML: {error}"
        )
        raise CatalogueError(f"{shown_path(path)}: {what}") from error
    return document


def merge(tables: dict[str, Any], document: dict[str, Any], file: str) -> None:
    """Merge one parsed file into the tables; later entries replace earlier ones of the same name.

    Raises:
        CatalogueError: something is not of the schema.
    """
    check(document, f"{file}: ")
    defaults = {k: document[k] for k in _INHERITED if k in document}
    aliases: dict[str, str] = tables["aliases"]
    for table in document.get("type", ()):
        name = table["name"]
        tables["types"][name] = {k: v for k, v in table.items() if k not in ("name", "aliases")}
        aliases.update(dict.fromkeys(table.get("aliases", ()), name))
    for table in document.get("callable", ()):
        names = table["names"]
        prefix = table["of"] + "." if "of" in table else ""
        rest = {k: v for k, v in table.items() if k not in ("of", "names", "aliases")}
        for name in names:
            full = prefix + name
            entry = {**defaults, **_origin(full, document), **rest}
            tables["callables"][full] = with_equivalents(entry, full)
        if "aliases" in table:
            aliases.update(dict.fromkeys(table["aliases"], prefix + names[0]))
    for table in document.get("decorator", ()):
        prefix = table["of"] + "." if "of" in table else ""
        for name in table["names"]:
            rest = {k: v for k, v in table.items() if k not in ("of", "names", "aliases")}
            tables["decorators"][prefix + name] = rest
            aliases.update(dict.fromkeys(table.get("aliases", ()), prefix + name))
    for table in document.get("registrar", ()):
        prefix = table["of"] + "." if "of" in table else ""
        for name in table["names"]:
            rest = {k: v for k, v in table.items() if k not in ("of", "names")}
            tables["registrars"].setdefault(prefix + name, []).append(rest)
    tables["dialects"].extend(document.get("dialect", ()))
    for table in document.get("opening", ()):
        tables["openings"].update((name, table) for name in table["names"])
    tables["handlers"].extend(document.get("handler", ()))
    tables["distributions"].extend(
        {**d, "domain": document.get("domain", file)} for d in document.get("distribution", ())
    )


def _origin(name: str, document: dict[str, Any]) -> dict[str, str]:
    """The source that the distribution of ``name`` gives for its entries; the longest import wins."""
    found: dict[str, str] = {}
    longest = ""
    for distribution in document.get("distribution", ()):
        for package in distribution.get("imports", ()):
            covers = "source" in distribution and f"{name}.".startswith(f"{package}.")
            if covers and len(package) > len(longest):
                found, longest = {"source": distribution["source"]}, package
    return found
