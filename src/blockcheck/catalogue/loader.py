"""Reading the catalogue: TOML files merged into one set of tables, compiled once to JSON.

Parsing all TOML takes a few hundred milliseconds; the compiled form takes a few. The compiled file
names the digest of the TOML it was made from, so a stale one is never used.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blockcheck.catalogue.model import Catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FOLDER = Path(__file__).parent
COMPILED = FOLDER / "compiled.json"

_FILE_KEYS = {
    "domain",
    "source",
    "evidence",
    "distribution",
    "type",
    "callable",
    "decorator",
    "handler",
    "registrar",
}
_INHERITED = ("domain", "source", "evidence")


class CatalogueError(ValueError):
    """A catalogue file or pack that cannot be used; the message names file, table and key."""


def load(packs: Sequence[Path] = ()) -> Catalogue:
    """Load the built-in catalogue, with user packs merged over it.

    Raises:
        CatalogueError: a pack cannot be read or is not of the schema.
    """
    tables = _builtin()
    if packs:
        tables = json.loads(json.dumps(tables))
        for pack in packs:
            merge(tables, read(pack), str(pack))
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
    files = sources()
    fresh = digest(files)
    try:
        compiled = json.loads(COMPILED.read_bytes())
        if compiled["digest"] == fresh:
            tables: dict[str, Any] = compiled["tables"]
            return tables
    except (OSError, ValueError, KeyError, TypeError):
        pass  # not built yet, or damaged: the sources are there
    return build(files)


def build(files: Sequence[Path]) -> dict[str, Any]:
    """Merge TOML files into tables."""
    tables: dict[str, Any] = {
        "callables": {}, "types": {}, "aliases": {}, "decorators": {}, "registrars": {}, "handlers": [],
        "distributions": [],
    }  # fmt: skip
    for file in files:
        merge(tables, read(file), file.name)
    return tables


def compile_catalogue() -> Path:
    """Write the compiled form beside the sources; returns its path."""
    files = sources()
    document = {"digest": digest(files), "tables": build(files)}
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
        raise CatalogueError(f"{path}: {error}") from error
    return document


def merge(tables: dict[str, Any], document: dict[str, Any], file: str) -> None:
    """Merge one parsed file into the tables; later entries replace earlier ones of the same name.

    Raises:
        CatalogueError: a key that the schema does not know, or a table without names.
    """
    for key in document:
        if key not in _FILE_KEYS:
            raise CatalogueError(f"{file}: unknown key {key!r}")
    defaults = {k: document[k] for k in _INHERITED if k in document}
    aliases: dict[str, str] = tables["aliases"]
    for table in document.get("type", ()):
        name = _named(table, "name", file, "type")
        tables["types"][name] = {k: v for k, v in table.items() if k not in ("name", "aliases")}
        aliases.update(dict.fromkeys(table.get("aliases", ()), name))
    for table in document.get("callable", ()):
        names = _named(table, "names", file, "callable")
        prefix = table["of"] + "." if "of" in table else ""
        rest = {k: v for k, v in table.items() if k not in ("of", "names", "aliases")}
        for name in names:
            full = prefix + name
            entry = {**defaults, **_origin(full, document), **rest}
            if "equivalent" in rest:  # a star stands for the entry's own name
                own = name.rpartition(".")[2]
                entry["equivalent"] = {k: v.replace("*", own) for k, v in rest["equivalent"].items()}
            tables["callables"][full] = entry
        if "aliases" in table:
            if len(names) != 1:
                raise CatalogueError(f"{file}: callable {names[0]!r}: aliases need exactly one name")
            aliases.update(dict.fromkeys(table["aliases"], prefix + names[0]))
    for table in document.get("decorator", ()):
        prefix = table["of"] + "." if "of" in table else ""
        for name in _named(table, "names", file, "decorator"):
            rest = {k: v for k, v in table.items() if k not in ("of", "names", "aliases")}
            tables["decorators"][prefix + name] = rest
            aliases.update(dict.fromkeys(table.get("aliases", ()), prefix + name))
    for table in document.get("registrar", ()):
        prefix = table["of"] + "." if "of" in table else ""
        for name in _named(table, "names", file, "registrar"):
            rest = {k: v for k, v in table.items() if k not in ("of", "names")}
            tables["registrars"].setdefault(prefix + name, []).append(rest)
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


def _named(table: dict[str, Any], key: str, file: str, kind: str) -> Any:
    try:
        return table[key]
    except KeyError:
        raise CatalogueError(f"{file}: a [[{kind}]] table without {key!r}: {table}") from None
