"""``[tool.blockcheck]``: finding it, reading it, and saying exactly what is wrong with it.

A configuration is a ``[tool.blockcheck]`` table in ``pyproject.toml``, or a ``blockcheck.toml`` whose top
level is that table. Paths and patterns in it are relative to the folder of the file.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from blockcheck.findings import Confidence
from blockcheck.wording import ConfigError as ConfigError  # noqa: PLC0414  (who reads one gets it from here)
from blockcheck.wording import nearest_name, shown_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

FILE_NAMES = ("blockcheck.toml", "pyproject.toml")
FORMATS = ("full", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit")
DEFAULT_FORMAT = "full"
CACHE_FOLDER = ".blockcheck_cache"

# Folders that hold no source of the project. Those of the second group are taken all the same where they
# are packages (have an ``__init__.py``): more than one project has a module named ``build``.
DEFAULT_EXCLUDE = (
    ".bzr", ".direnv", ".eggs", ".git", ".hg", ".ipynb_checkpoints", ".mypy_cache", ".nox", ".pytest_cache",
    ".ruff_cache", ".svn", ".tox", ".venv", ".vscode", CACHE_FOLDER, "*.egg-info", "__pycache__",
    "__pypackages__", "node_modules", "site-packages",
)  # fmt: skip
DEFAULT_EXCLUDE_UNLESS_PACKAGE = ("_build", "buck-out", "build", "dist", "env", "venv")

# Where temporary files go; the module that knows it better takes longer to import than a warm run should.
_TEMPORARY = ("/tmp", "/var/tmp", "/usr/tmp")  # noqa: S108 - nothing is written there
_TEMPORARY_NAMES = ("TMPDIR", "TEMP", "TMP")
# What lies here side by side was installed, and does not belong together.
_INSTALLATION_FOLDERS = ("site-packages", "dist-packages")
#: What may be said of functions and libraries, here and in the packs that are named here: see docs/catalogue.md.
DECLARABLE = {
    "non-blocking": "functions that never block, whatever they call",
    "blocking": "functions, methods and constructors that block",
    "offloaders": "functions and decorators that run what they are given in a thread or process",
    "schedulers": "functions and decorators that run what they are given on the event loop",
    "locks": "classes of locks",
    "executors": "classes of thread and process pools",
    "returns": "types of what functions return",
    "type": "classes, as in the catalogue's own files; likewise the following",
    "callable": "functions, methods and constructors",
    "decorator": "decorators",
    "handler": "methods that a framework calls on subclasses",
    "registrar": "calls that register callbacks",
}
#: What may stand in the table; each is a field of `Config`, of a `Selection` or of the `Settings`, or declarable.
KEYS = (
    "select", "extend-select", "ignore", "extend-ignore", "per-file-ignores", "min-confidence", "exclude",
    "extend-exclude", "force-exclude", "src", "output-format", "rules", "catalogue", "python",
    "follow-installed", "baseline", *DECLARABLE,
)  # fmt: skip

VCS_MARKERS = (".git", ".hg", ".svn", ".jj")


@dataclass(frozen=True)
class RuleOptions:
    """``[tool.blockcheck.rules]``: bounds the rules judge by. Each field is a key of the table.

    Attributes:
        max_workers_bound: an executor with more workers is oversized. Throughput of waiting threads stops growing
            well below this many on common machines; ``blockcheck bench BCK301`` shows where on yours.
    """

    max_workers_bound: int = 128


@dataclass(frozen=True)
class Settings:
    """What the analysis itself is told by the configuration: plain data for the project and the rules.

    Attributes:
        rules: bounds the rules judge by.
    """

    rules: RuleOptions = RuleOptions()


class Declared(NamedTuple):
    """What the configuration says of functions and libraries, not yet checked.

    Attributes:
        origin: how messages about it begin.
        tables: keys of `DECLARABLE` and their values.
    """

    origin: str
    tables: Mapping[str, Any]


@dataclass(frozen=True)
class Selection:
    """One layer of rule selection: the configuration file's, or the command line's.

    Attributes:
        select: codes, or prefixes of codes, of the rules to run, instead of those that run by default; left out,
            what the layer below chose.
        extend_select: rules to run too.
        ignore: rules not to run.
        extend_ignore: rules not to run either.
        origin: starts error messages.
    """

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_ignore: tuple[str, ...] = ()
    origin: str = ""


@dataclass(frozen=True)
class Config:
    """Everything a run is told besides its paths.

    Attributes:
        root: the folder that is analysed as one project.
        base: the folder that paths and patterns of the configuration are relative to.
        file: the configuration file, if one was read.
        told: the keys that the file sets; those of a table within it with its name and a dot in front.
        selection: layers of rule selection, each on top of the one before.
        per_file_ignores: pattern → codes that are not reported in matching files.
        min_confidence: report findings of at least this confidence.
        exclude: patterns of paths that are left out, as in a ``.gitignore``; left out, the usual ones.
        extend_exclude: patterns of paths that are left out too.
        src: import roots, where the usual guess (``src``, the folder above the topmost package) is wrong.
        output_format: how findings are written unless the command line says it.
        catalogue: packs of library knowledge that go over the shipped one.
        declared: knowledge that the configuration itself holds; it goes over that of packs.
        force_exclude: leave out excluded files even if they are named as arguments.
        python: the interpreter or environment whose installed packages are followed; left out, the virtual
            environment in the root, if there is one.
        follow_installed: follow calls into installed packages at all.
        baseline: a file of known findings, which are not reported: what ``--write-baseline`` has written.
        settings: what the analysis itself is told.
    """

    root: Path
    base: Path
    file: Path | None = None
    told: frozenset[str] = frozenset()
    selection: tuple[Selection, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    min_confidence: Confidence = Confidence.MEDIUM
    exclude: tuple[str, ...] | None = None
    extend_exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    src: tuple[Path, ...] = ()
    output_format: str = DEFAULT_FORMAT
    catalogue: tuple[Path, ...] = ()
    declared: Declared | None = None
    python: Path | None = None
    follow_installed: bool = True
    baseline: Path | None = None
    settings: Settings = field(default_factory=Settings)


def load(paths: Sequence[Path], file: Path | None = None, *, isolated: bool = False) -> Config:
    """Read the configuration that applies to ``paths``.

    Args:
        paths: the arguments of the run; the nearest configuration above all of them counts.
        file: read this one instead.
        isolated: read none at all.

    Raises:
        ConfigError: for a file that cannot be read or understood.
    """
    parent = common_parent(paths)
    if isolated:
        root = _root_without_file(parent)
        return Config(root=root, base=root)
    nearest = _nearest_file(parent)
    root = nearest[0].parent if nearest else _root_without_file(parent)
    if file is None:
        if nearest is None:
            return Config(root=root, base=root)
        file, table = nearest
    else:
        table = _table_of(file, _read(file)) or {}
    return _Reader(file).config(table, root)


def cache_folder(config: Config) -> Path | None:
    """The folder where a project's cache is kept; None where the root is none that a folder could be put into."""
    return config.root / CACHE_FOLDER if is_project(config.root) else None


def common_parent(paths: Sequence[Path]) -> Path:
    """Return the deepest folder that holds all ``paths``; a folder holds itself."""
    folders = [p if p.is_dir() else p.parent for p in map(absolute, paths)]
    if not folders:
        return Path.cwd()
    try:
        return Path(os.path.commonpath(folders))
    except ValueError:  # different drives
        return folders[0]


def absolute(path: Path) -> Path:
    """Return an absolute path without ``..``; unlike `Path.resolve` this leaves symbolic links alone."""
    return Path(os.path.abspath(path))  # noqa: PTH100


def is_project(root: Path) -> bool:
    """Tell whether a root may be taken as a whole; a lone file in the home folder does not make all of it one project."""
    places = {
        Path(root.anchor),
        *map(Path, _TEMPORARY),
        *map(Path, filter(None, map(os.environ.get, _TEMPORARY_NAMES))),
    }
    with contextlib.suppress(RuntimeError):  # there need be no home
        places.add(Path.home())
    return root not in places and root.name not in _INSTALLATION_FOLDERS


def outermost_package(folder: Path) -> Path | None:
    """Return the topmost of the packages that a folder is nested in, which may be the folder itself."""
    package = None
    while folder.name.isidentifier() and (folder / "__init__.py").is_file():
        package, folder = folder, folder.parent
    return package


def version_control_root(folder: Path) -> Path | None:
    """Return the nearest folder, upwards from ``folder``, that is the root of a working copy."""
    for candidate in (folder, *folder.parents):
        if any((candidate / marker).exists() for marker in VCS_MARKERS):
            return candidate
    return None


def _root_without_file(folder: Path) -> Path:
    """Return the root where no configuration tells it: a part of a package never stands for the whole."""
    root = version_control_root(folder)
    if root is not None:
        return root
    package = outermost_package(folder)
    if package is None:
        return folder
    return package.parent if is_project(package.parent) else package


def _nearest_file(folder: Path) -> tuple[Path, dict[str, Any]] | None:
    for candidate in (folder, *folder.parents):
        for name in FILE_NAMES:
            file = candidate / name
            if file.is_file():
                table = _table_of(file, _read(file))
                if table is not None:
                    return file, table
    return None


def _table_of(file: Path, document: dict[str, Any]) -> dict[str, Any] | None:
    """Return the part of a document that is ours; None for a ``pyproject.toml`` that has none."""
    if file.name != "pyproject.toml":
        return document
    tool = document.get("tool")
    if not isinstance(tool, dict) or "blockcheck" not in tool:
        return None
    table = tool["blockcheck"]
    if not isinstance(table, dict):
        raise ConfigError(f"{shown_path(file)}: tool.blockcheck: expected a table")
    return table


def _read(file: Path) -> dict[str, Any]:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ConfigError(f"{shown_path(file)}: cannot be read: {error.strerror}") from error
    # A pyproject.toml that does not speak of us concerns us only if it is broken where we would look;
    # the cheap test also spares start-up the TOML reader.
    if file.name == "pyproject.toml" and b"blockcheck" not in data:
        return {}
    if sys.version_info >= (3, 11):
        import tomllib  # noqa: PLC0415  (costs start-up)
    else:
        import tomli as tomllib  # noqa: PLC0415
    try:
        document: dict[str, Any] = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{shown_path(file)}: not valid TOML: {error}") from error
    return document


class _Reader:
    """Turns a table into a `Config`, checking every key and the type of every value."""

    def __init__(self, file: Path) -> None:
        self.file = file
        # What stands before a key in a message.
        prefix = "tool.blockcheck." if file.name == "pyproject.toml" else ""
        self._origin = f"{shown_path(file)}: {prefix}"

    def config(self, table: dict[str, Any], root: Path) -> Config:
        base = absolute(self.file).parent
        self._check_keys(table, KEYS, "")
        selection = Selection(
            select=self._strings(table, "select") if "select" in table else None,
            extend_select=self._strings(table, "extend-select"),
            ignore=self._strings(table, "ignore"),
            extend_ignore=self._strings(table, "extend-ignore"),
            origin=self._origin,
        )
        per_file = self._table(table, "per-file-ignores")
        return Config(
            root=root,
            base=base,
            file=self.file,
            told=frozenset(table) | {f"rules.{key}" for key in self._table(table, "rules")},
            selection=(selection,),
            per_file_ignores=tuple((p, self._strings(per_file, p, "per-file-ignores.")) for p in per_file),
            min_confidence=Confidence[
                self._choice(table, "min-confidence", tuple(map(str, Confidence)), "medium").upper()
            ],
            exclude=self._strings(table, "exclude") if "exclude" in table else None,
            extend_exclude=self._strings(table, "extend-exclude"),
            force_exclude=self._boolean(table, "force-exclude"),
            src=tuple(base / name for name in self._strings(table, "src")),
            output_format=self._choice(table, "output-format", FORMATS, DEFAULT_FORMAT),
            catalogue=tuple(base / name for name in self._strings(table, "catalogue")),
            declared=Declared(self._origin, {key: table[key] for key in DECLARABLE if key in table}),
            python=base / python if (python := self._string(table, "python")) else None,
            follow_installed=self._boolean(table, "follow-installed", default=True),
            baseline=base / known if (known := self._string(table, "baseline")) else None,
            settings=Settings(rules=self._rule_options(self._table(table, "rules"))),
        )

    def _rule_options(self, table: dict[str, Any]) -> RuleOptions:
        fields = {f.name.replace("_", "-"): f for f in dataclasses.fields(RuleOptions)}
        self._check_keys(table, fields, "rules.")
        values: dict[str, Any] = {}
        for key, value in table.items():
            expected = type(fields[key].default)
            if type(value) is not expected:
                raise self._error(f"rules.{key}", f"expected {_NOUNS[expected]}, not {value!r}")
            if isinstance(value, int) and value < 1:
                raise self._error(f"rules.{key}", f"expected a number above zero, not {value!r}")
            values[fields[key].name] = value
        return RuleOptions(**values)

    def _check_keys(self, table: dict[str, Any], known: Iterable[str], prefix: str) -> None:
        known = list(known)
        for key in table:
            if key not in known:
                raise self._error(prefix + key, f"unknown key; {nearest_name(key, known)}")

    def _table(self, table: dict[str, Any], key: str) -> dict[str, Any]:
        value = table.get(key, {})
        if not isinstance(value, dict):
            raise self._error(key, f"expected a table, not {value!r}")
        return value

    def _strings(self, table: dict[str, Any], key: str, prefix: str = "") -> tuple[str, ...]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._error(prefix + key, f"expected a list of strings, not {value!r}")
        return tuple(value)

    def _string(self, table: dict[str, Any], key: str) -> str:
        value = table.get(key, "")
        if not isinstance(value, str):
            raise self._error(key, f"expected a string, not {value!r}")
        return value

    def _boolean(self, table: dict[str, Any], key: str, *, default: bool = False) -> bool:
        value = table.get(key, default)
        if not isinstance(value, bool):
            raise self._error(key, f"expected true or false, not {value!r}")
        return value

    def _choice(self, table: dict[str, Any], key: str, choices: Sequence[str], default: str) -> str:
        value = table.get(key, default)
        if value not in choices:
            hint = (
                nearest_name(value, choices) if isinstance(value, str) else f"valid are {', '.join(choices)}"
            )
            raise self._error(key, f"unknown value {value!r}; {hint}")
        return str(value)

    def _error(self, key: str, message: str) -> ConfigError:
        return ConfigError(f"{self._origin}{key}: {message}")


_NOUNS: dict[type, str] = {int: "a whole number", bool: "true or false", str: "a string", float: "a number"}
