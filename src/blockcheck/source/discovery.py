"""Which files make up the project, which of them are reported on, and what each module is called.

The arguments of a run say what is *reported*; the project root says what is *analysed*, because a call into
another module can only be judged with that module at hand.
"""
# Names are looked at as text: a path for every entry takes longer than the folders themselves.
# ruff: noqa: PTH110, PTH112, PTH118, PTH119, PTH122

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from blockcheck.config import (
    DEFAULT_EXCLUDE,
    DEFAULT_EXCLUDE_UNLESS_PACKAGE,
    absolute,
    is_project,
    outermost_package,
    version_control_root,
)
from blockcheck.findings import SourceProblem
from blockcheck.source.files import SourceFile
from blockcheck.source.patterns import Patterns, of_gitignore

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from blockcheck.config import Config

SUFFIXES = (".py", ".pyw")
_NEVER = (".pyi", ".ipynb")


@dataclass
class Discovery:
    """The files of a run.

    Attributes:
        files: everything that is analysed, sorted by path.
        reported: the paths of those that findings are reported for.
        problems: missing arguments and entries that cannot be read; the latter are sources all the same.
        looked_at: folders and odd entries: while they are what they are, the same files are found.
    """

    files: list[SourceFile] = field(default_factory=list)
    reported: frozenset[Path] = frozenset()
    problems: list[SourceProblem] = field(default_factory=list)
    looked_at: list[str] = field(default_factory=list)


def discover(paths: Sequence[Path], config: Config, *, virtual: Iterable[Path] = ()) -> Discovery:
    """Find the files of the project and those that ``paths`` ask to have reported.

    Args:
        paths: files and folders; empty stands for nothing.
        config: tells the root, the excludes and the import roots.
        virtual: files that need not exist on disk (their text comes from elsewhere); they are reported.
    """
    walk = _Walk(config)
    reported: set[Path] = set()
    for argument in paths:
        path = absolute(argument)
        if not os.path.lexists(path):
            walk.problem(path, "no such file or folder", fatal=True)
        elif path.is_dir():
            if not (config.force_exclude and walk.excluded(path, is_folder=True)):
                reported.update(walk.folder(path))
        elif path.suffix in _NEVER or (config.force_exclude and walk.excluded(path, is_folder=False)):
            continue
        elif walk.usable(path):
            reported.add(path)
    reported.update(
        path
        for path in map(absolute, virtual)
        if not (config.force_exclude and walk.excluded(path, is_folder=False))
    )
    analysed = set(reported)
    # What lies outside of the arguments is only looked at, so its defects are nobody's finding.
    problems = walk.problems
    walk.problems = []
    for top in _wholes(reported, config.root):
        if top not in walk.walked:
            analysed.update(walk.folder(top))
    walk.problems = problems
    unique = _without_links_to_others(analysed, reported)
    naming = _Naming(config)
    files = [naming.name(path) for path in sorted(unique, key=attrgetter("parts"))]
    problems = sorted(set(walk.problems), key=lambda p: p.path)
    return Discovery(files, frozenset(reported & unique), problems, walk.looked_at)


def _wholes(reported: set[Path], root: Path) -> list[Path]:
    """Return the folders that some files are to be judged with: their project, or at least their packages."""
    if is_project(root):
        return [root] if reported else []
    packages = map(outermost_package, {path.parent for path in reported})
    return sorted({package for package in packages if package is not None})


def display(path: Path) -> str:
    """Return ``path`` relative to the working directory, with forward slashes."""
    try:
        shown = os.path.relpath(path)
    except ValueError:  # another drive
        shown = str(path)
    return shown.replace(os.sep, "/")


def _without_links_to_others(analysed: set[Path], reported: set[Path]) -> set[Path]:
    """Drop links to files that are there under their own name; of several links the first one stays."""
    links = {path for path in analysed if path.is_symlink()}
    if not links:
        return analysed
    kept = {str(path): path for path in analysed - links}
    # What was asked for by name first, then by spelling.
    for path in sorted(links, key=lambda p: (p not in reported, p)):
        kept.setdefault(os.path.realpath(path), path)
    return set(kept.values())


class _Walk:
    """Walks folders, minding excludes, ``.gitignore`` files and odd entries."""

    def __init__(self, config: Config) -> None:
        self.problems: list[SourceProblem] = []
        self.walked: set[Path] = set()
        self.looked_at: list[str] = []
        self._base = config.base
        self._defaults = config.exclude is None
        usual = DEFAULT_EXCLUDE if config.exclude is None else config.exclude
        self._exclude = Patterns([*usual, *config.extend_exclude])
        self._unless_package = Patterns(DEFAULT_EXCLUDE_UNLESS_PACKAGE)
        self._gitignores: dict[Path, Patterns | None] = {}

    def problem(self, path: Path, message: str, *, fatal: bool = False) -> None:
        self.problems.append(SourceProblem(display(path), 1, 1, message, fatal=fatal))
        self.looked_at.append(str(path))

    def usable(self, path: Path) -> bool:
        """Tell whether a file can be opened at all, noting why not."""
        try:
            if not path.stat() or path.is_file():
                return True
            self.problem(path, "not a regular file")
        except OSError as error:
            self.problem(path, _reason(error, path))
        return False

    def excluded(self, path: Path, *, is_folder: bool) -> bool:
        """Tell whether a path, or a folder above it within the project or the working directory, is excluded."""
        chain = [path, *path.parents]
        ends = [chain.index(top) for top in (self._base, Path.cwd()) if top in chain]
        return any(
            self._is_excluded(str(entry), is_folder=is_folder or entry is not path)
            for entry in chain[: max(ends, default=1)]
        )

    def folder(self, top: Path) -> Iterator[Path]:
        """Yield the Python files below a folder. Links to folders are not followed, so links cannot loop."""
        self.walked.add(top)
        ignores = self._ignores_above(top)
        stack = [(top, ignores)]
        while stack:
            folder, ignores = stack.pop()
            self.looked_at.append(str(folder))
            own = self._gitignore(folder)
            if own:
                ignores = [*ignores, (folder, own)]
            try:
                with os.scandir(folder) as entries:
                    found = sorted(entries, key=lambda entry: entry.name)
            except OSError as error:
                self.problem(folder, _reason(error, folder))
                continue
            for entry in found:
                full = entry.path
                if entry.is_dir(follow_symlinks=False):
                    if not self._is_excluded(full, is_folder=True) and not _ignored(full, ignores, True):
                        stack.append((Path(full), ignores))
                elif entry.name.endswith(SUFFIXES) and not (entry.is_symlink() and os.path.isdir(full)):
                    if self._is_excluded(full, is_folder=False) or _ignored(full, ignores, False):
                        continue
                    if entry.is_file(follow_symlinks=False) or self.usable(Path(full)):
                        yield Path(full)

    def _is_excluded(self, full: str, *, is_folder: bool) -> bool:
        base = f"{self._base}{os.sep}"
        own_name = os.path.basename(full)
        name = full[len(base) :].replace(os.sep, "/") if full.startswith(base) else own_name
        if self._exclude.decision(name, is_folder=is_folder):
            return True
        if not is_folder or not self._defaults:
            return False
        if self._unless_package.decision(own_name, is_folder=True):
            excluded = not os.path.exists(os.path.join(full, "__init__.py"))
        else:
            excluded = os.path.exists(os.path.join(full, "pyvenv.cfg"))
        if excluded:
            self.looked_at.append(full)
        return excluded

    def _ignores_above(self, top: Path) -> list[tuple[Path, Patterns]]:
        """Return the ``.gitignore`` files that apply to a folder from above, outermost first."""
        limit = version_control_root(top)
        above: list[tuple[Path, Patterns]] = []
        if limit is None or limit == top:
            return above
        for folder in top.parents:
            own = self._gitignore(folder)
            if own:
                above.append((folder, own))
            if folder == limit:
                break
        return above[::-1]

    def _gitignore(self, folder: Path) -> Patterns | None:
        if folder not in self._gitignores:
            try:
                text = (folder / ".gitignore").read_text(encoding="utf-8", errors="replace")
            except OSError:
                self._gitignores[folder] = None
            else:
                self._gitignores[folder] = of_gitignore(text)
        return self._gitignores[folder]


def _ignored(full: str, ignores: list[tuple[Path, Patterns]], is_folder: bool) -> bool:
    for folder, patterns in reversed(ignores):
        relative = full[len(str(folder)) :].lstrip(os.sep).replace(os.sep, "/")
        decision = patterns.decision(relative, is_folder=is_folder)
        if decision is not None:
            return decision
    return False


def _reason(error: OSError, path: Path) -> str:
    if path.is_symlink() and isinstance(error, FileNotFoundError):
        return f"dangling symbolic link to {str(path.readlink())!r}"
    return f"cannot be read: {error.strerror}"


class _Naming:
    """Gives files their dotted names.

    A file in a package hangs from the folder above the topmost ``__init__.py``; with a declared import root,
    or a folder named ``src``, in between, from that. A file outside of any package hangs from the project's
    root, as a member of namespace packages would.
    """

    def __init__(self, config: Config) -> None:
        self._root = config.root
        self._declared = frozenset(map(absolute, config.src))
        self._is_package = lru_cache(maxsize=None)(lambda folder: (folder / "__init__.py").is_file())
        self._names_of = lru_cache(maxsize=None)(self._folder_names)

    def name(self, path: Path) -> SourceFile:
        """Make the `SourceFile` of a path."""
        above, file = os.path.split(path)
        is_package = file == "__init__.py"
        root, prefix, others, shown = self._names_of(above)
        own = () if is_package else (os.path.splitext(file)[0],)
        if not prefix and is_package:  # an ``__init__.py`` in a declared import root
            prefix = (path.parent.name,)
        names = [".".join((*other, *own)) for other in others if other or own]
        module = ".".join((*prefix, *own))
        return SourceFile(
            path=path,
            display=f"{shown}{file}",
            module=module,
            is_package=is_package,
            root=root,
            aliases=tuple(name for name in names if name != module),
        )

    def _folder_names(self, full: str) -> tuple[Path, tuple[str, ...], list[tuple[str, ...]], str]:
        """Return a folder's import root, its dotted name from there, its other names, and what its files' display begins with."""
        folder = Path(full)
        root = self._import_root(folder)
        others: list[tuple[str, ...]] = []
        parts: tuple[str, ...] = ()
        for candidate in (folder, *folder.parents):
            # Whatever is no package itself may stand in ``sys.path``.
            if not self._is_package(candidate):
                others.append(parts)
            if candidate == self._root or not candidate.name.isidentifier():
                break
            parts = (candidate.name, *parts)
        shown = display(folder)
        return (
            root,
            folder.relative_to(root).parts,
            others[::-1],
            "" if shown == "." else f"{shown.rstrip('/')}/",
        )

    def _import_root(self, folder: Path) -> Path:
        upwards = (folder, *folder.parents)
        declared = next((candidate for candidate in upwards if candidate in self._declared), None)
        if declared:
            return declared
        top = self._top_package(folder)
        start = top.parent if top else folder
        for candidate in (start, *start.parents):
            if not candidate.is_relative_to(self._root):
                return start
            if candidate.name == "src" and candidate != self._root:
                return candidate
            if candidate == self._root or not candidate.name.isidentifier():
                return start if top else candidate
        return start

    def _top_package(self, folder: Path) -> Path | None:
        """Return the outermost package around a folder.

        Within the project a folder without ``__init__.py`` may lie between two that have one; above its root
        the first such folder ends the search.
        """
        top = None
        for candidate in (folder, *folder.parents):
            if not candidate.name.isidentifier():
                break
            if self._is_package(candidate):
                top = candidate
            elif candidate == self._root or not candidate.is_relative_to(self._root):
                break
        return top
