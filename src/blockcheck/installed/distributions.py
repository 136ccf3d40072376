"""Which installed distribution, in which version, a file belongs to: from the metadata beside the packages."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from blockcheck.storage import Folder

_SUFFIX = ".dist-info"


class Distribution(NamedTuple):
    """A distribution as its metadata folder is named."""

    name: str
    version: str


UNKNOWN = Distribution("unknown", "0")


class Distributions:
    """The distributions of package folders. The table of a folder is kept until another set is installed there."""

    def __init__(self, cache: Folder | None) -> None:
        self._cache = cache
        self._tables: dict[Path, dict[str, str]] = {}

    def of(self, site: Path, file: Path) -> Distribution:
        """The distribution that a file below a package folder belongs to."""
        if site not in self._tables:
            self._tables[site] = self._table(site)
        relative = file.relative_to(site)
        folder = relative.parent.as_posix()
        table = self._tables[site]
        known = table.get(relative.as_posix() if folder == "." else folder, "")
        name, dash, version = known.rpartition("-")
        return Distribution(name, version) if dash else UNKNOWN

    def _table(self, site: Path) -> dict[str, str]:
        try:
            installed = sorted(entry.name for entry in os.scandir(site) if entry.name.endswith(_SUFFIX))
        except OSError:
            return {}
        kept = self._kept()
        entry = kept.get(str(site))
        if isinstance(entry, list) and len(entry) == 2 and entry[0] == installed:
            return dict(entry[1])
        table: dict[str, str] = {}
        for name in installed:
            for place in _places(site / name / "RECORD"):
                table.setdefault(place, name.removesuffix(_SUFFIX))
        if self._cache is not None:
            kept[str(site)] = [installed, table]
            self._cache.write("installed.json", json.dumps(kept, separators=(",", ":")).encode())
        return table

    def _kept(self) -> dict[str, Any]:
        data = self._cache.read("installed.json") if self._cache is not None else None
        try:
            kept = json.loads(data or b"{}")
        except (ValueError, RecursionError):
            return {}
        return kept if isinstance(kept, dict) else {}


def _places(record: Path) -> list[str]:
    """The folders of a distribution that hold Python source, and its single modules, from its list of files."""
    try:
        lines = record.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    found: dict[str, None] = {}
    for line in lines:
        path = line.split(",", 1)[0].strip('"')
        if path.endswith(".py") and not path.startswith(".."):
            folder = path.rpartition("/")[0]
            found[folder or path] = None
    return list(found)
