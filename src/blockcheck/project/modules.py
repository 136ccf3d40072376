"""Names of modules: which unit, or which external name, an import means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blockcheck.project.values import EXTERNAL, MODULE, Atom

if TYPE_CHECKING:
    from collections.abc import Callable

    from blockcheck.project.model import Library, Unit

#: Imports from the project to an installed module that are followed, one from the other.
DEEPEST = 12


class ModuleTable:
    """Dotted names to units. Two roots may hold modules of the same name: the importer's own root comes first.

    Args:
        units: the project's.
        library: where other modules are found; they are added to ``units`` when they are needed.
        add: is told of each that was added.
    """

    def __init__(self, units: list[Unit], library: Library | None, add: Callable[[Unit], None]) -> None:
        self.units = units
        self.library = library
        self._added = add
        self._missing: set[str] = set()
        self._by_name: dict[str, list[int]] = {}
        self._by_alias: dict[str, list[int]] = {}
        self._packages: set[str] = set()
        for unit in units:
            self._by_name.setdefault(unit.module, []).append(unit.index)
            for alias in unit.file.aliases:
                self._by_alias.setdefault(alias, []).append(unit.index)
            parent = unit.module.rpartition(".")[0]
            while parent and parent not in self._packages:
                self._packages.add(parent)
                parent = parent.rpartition(".")[0]

    def find(self, name: str, importer: Unit) -> int | None:
        """The unit of a dotted name as seen by an importer; None where the project has none."""
        found = self._by_name.get(name)
        if found is None:
            alias = self._find_alias(name, importer)
            return self._fetch(name, importer) if alias is None else alias
        if len(found) == 1:
            return found[0]
        for index in found:
            if self.units[index].file.root == importer.file.root:
                return index
        return found[0]

    def may_be_installed(self, name: str) -> bool:
        """Whether a dotted name may be that of a module outside the project that can be followed."""
        if self.library is None or self._is_own(name):
            return False
        return self.library.has(name)

    def _is_own(self, name: str) -> bool:
        """Whether the project has the package that a dotted name begins with."""
        found = self._by_name.get(name.partition(".")[0], ())
        return any(not self.units[index].installed for index in found)

    def _fetch(self, name: str, importer: Unit) -> int | None:
        if self.library is None or name in self._missing or importer.depth >= DEEPEST or self._is_own(name):
            return None
        unit = self.library.read(name)
        if unit is None:
            self._missing.add(name)
            return None
        unit.index = len(self.units)
        unit.depth = importer.depth + 1
        self.units.append(unit)
        self._by_name[name] = [unit.index]
        self._added(unit)
        return unit.index

    def _find_alias(self, name: str, importer: Unit) -> int | None:
        """The unit of another name: only from below the folder that would have to be in `sys.path` for it."""
        best: tuple[int, int] | None = None
        for index in self._by_alias.get(name, ()):
            file = self.units[index].file
            place = file.path.parent if file.is_package else file.path
            root = place.parents[name.count(".")]
            if root in importer.file.path.parents and (best is None or len(root.parts) > best[0]):
                best = (len(root.parts), index)
        return best[1] if best else None

    def absolute(self, level: int, module: str, importer: Unit) -> str:
        """The absolute name of a `from` import's module."""
        if level == 0:
            return module
        parts = importer.module.split(".")
        if not importer.file.is_package:
            parts = parts[:-1]
        drop = level - 1
        parts = parts[: len(parts) - drop] if drop else parts
        return ".".join([*parts, module] if module else parts)

    def atom(self, name: str, importer: Unit) -> Atom:
        """What a dotted module name stands for."""
        index = self.find(name, importer)
        if index is not None:
            return (MODULE, index)
        return (EXTERNAL, name)

    def is_package(self, name: str) -> bool:
        """Whether modules of the project lie below this dotted name."""
        return name in self._packages
