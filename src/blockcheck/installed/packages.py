"""Installed packages, read where the project's calls lead into them; nothing of them is imported or run.

A module is read when something in it is needed, its facts kept by distribution and version. Packages that the
catalogue knows are not read: it knows better. What cannot be read is left out without a word.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from blockcheck import reading, storage
from blockcheck.facts import cache as facts_cache
from blockcheck.installed.distributions import Distribution, Distributions
from blockcheck.project import Unit
from blockcheck.source.discovery import display
from blockcheck.source.files import SourceFile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

#: Bounds of what is read: modules, their size together, and the size of one. They are numbers of what there is to
#: read, not seconds, so that two runs agree on what they have seen.
MODULES = 1_500
BYTES = 24_000_000
LARGEST = 1_000_000


class Installed:
    """Finds modules in package folders.

    Args:
        sites: the folders, in the order of the search.
        known: dotted names that the catalogue knows something at or below.
        cache: where facts are kept between runs.
    """

    def __init__(self, sites: Sequence[Path], known: frozenset[str], cache: storage.Folder | None) -> None:
        #: What was read: path, size and times before that, digest of the content.
        self.seen: list[tuple[str, tuple[int, int, int], str]] = []
        #: What came of those files, by the path that findings carry.
        self.results: dict[str, reading.Result] = {}
        self._bytes = 0
        self._known = known
        self._cache = cache
        self._distributions = Distributions(cache)
        self._packs: dict[Distribution, storage.Packs] = {}
        self._new: dict[Distribution, dict[str, bytes]] = {}
        self._tops: dict[str, Path] = {}
        for site in sites:
            for name in _importable(site):
                self._tops.setdefault(name, site)

    def has(self, name: str) -> bool:
        """Whether there is a package of the name's beginning that the catalogue does not know."""
        top = name.partition(".")[0]
        return (
            top in self._tops and top not in sys.stdlib_module_names and not self._is_known(name.split("."))
        )

    def read(self, name: str) -> Unit | None:
        """The module of that name; None where there is none, or none that is followed."""
        if not self.has(name) or len(self.seen) >= MODULES or self._bytes >= BYTES:
            return None
        parts = name.split(".")
        site = self._tops[parts[0]]
        base = site.joinpath(*parts)
        for path, is_package in ((base / "__init__.py", True), (base.with_name(f"{base.name}.py"), False)):
            try:
                before = path.stat()
                data = path.read_bytes() if before.st_size <= LARGEST else b""
            except OSError:
                continue
            result = self._result(site, path, data)
            self.seen.append(
                (str(path), (before.st_mtime_ns, before.st_ctime_ns, before.st_size), result.digest)
            )
            self._bytes += len(data)
            if result.facts is None:
                return None
            file = SourceFile(path, display(path), name, is_package, site)
            self.results[file.display] = result
            return Unit(file, result.facts, result.read, installed=True)
        return None

    def save(self) -> None:
        """Keep what was read, for the next run; what was kept of other versions goes."""
        for distribution, new in self._new.items():
            assert self._cache is not None
            for file in self._cache.names(f"{_PREFIX}{distribution.name}-", ""):
                if not file.startswith((f"{_kind(distribution)}-", f"{_kind(distribution)}.")):
                    self._cache.remove(file)
            self._packs[distribution].put(new)
        self._new.clear()

    def _is_known(self, parts: list[str]) -> bool:
        """Whether the catalogue knows the package: the topmost one with a body; what lies above is only a namespace."""
        folder = self._tops[parts[0]]
        for depth, part in enumerate(parts, 1):
            folder /= part
            if depth == len(parts) or (folder / "__init__.py").is_file() or not folder.is_dir():
                return ".".join(parts[:depth]) in self._known
        return False

    def _result(self, site: Path, path: Path, data: bytes) -> reading.Result:
        digest = reading.digest_of(data)
        packs = None
        if self._cache is not None:
            distribution = self._distributions.of(site, path)
            if distribution not in self._packs:
                self._packs[distribution] = storage.Packs(
                    self._cache, _kind(distribution), facts_cache.logic()
                )
            packs = self._packs[distribution]
            kept = packs.get(digest)
            if kept is not None:
                try:
                    return reading.load_result(path, digest, kept)
                except ValueError:
                    pass  # damaged: read it anew
        result = reading.extract(data, path)
        if packs is not None:
            self._new.setdefault(distribution, {})[digest] = reading.pack_result(result)
        return result


_PREFIX = "installed-"


def _kind(distribution: Distribution) -> str:
    return f"{_PREFIX}{distribution.name}-{distribution.version}"


def _importable(site: Path) -> list[str]:
    """The top-level names of a package folder."""
    try:
        entries = list(os.scandir(site))
    except OSError:
        return []
    names = [e.name.removesuffix(".py") for e in entries if e.name.endswith(".py") or e.is_dir()]
    return sorted(name for name in names if name.isidentifier())
