"""The flake8 plugin: what ``blockcheck check`` reports for the same arguments, file by file.

flake8 shows a plugin one file at a time, in several processes, while a call can only be judged with the whole
project at hand. So the project is analysed once, in `Plugin.parse_options`, before flake8 starts its processes:
forked ones inherit the index of findings, others are told by an environment variable where it is kept.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import logging
import multiprocessing
import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from flake8.exceptions import ExecutionError
from flake8.style_guide import Decision, DecisionEngine, Selected
from flake8.utils import stdin_get_value

from blockcheck import __version__
from blockcheck.adoption.baseline import unknown
from blockcheck.config import (
    ConfigError,
    Selection,
    absolute,
    cache_folder,
    load,
    version_control_root,
)
from blockcheck.engine import Given, enabled_codes, run
from blockcheck.findings import Confidence
from blockcheck.rules import RULES
from blockcheck.selection import ignored_by_name
from blockcheck.source.decoding import encode

if TYPE_CHECKING:
    import argparse
    import ast
    from collections.abc import Iterator

    from flake8.options.manager import OptionManager

    from blockcheck.config import Config

    # Absolute path → line, column (from 0) and text of each finding.
    Index = dict[str, list[tuple[int, int, str]]]

INDEX_VARIABLE = "BLOCKCHECK_FLAKE8_INDEX"
STDIN = "-"

_log = logging.getLogger(__name__)


class Plugin:
    """What flake8 makes for each file and asks for its findings."""

    name = "blockcheck"
    version = __version__

    _index: ClassVar[Index] = {}

    def __init__(self, tree: ast.AST, filename: str) -> None:
        """Take what flake8 knows of a file; asking for the tree makes this a plugin that is run once a file."""
        del tree
        self._filename = filename

    @classmethod
    def add_options(cls, manager: OptionManager) -> None:
        """Register the options, which flake8's own configuration may hold too."""
        manager.extend_default_ignore([rule.code for rule in RULES if not rule.default])
        manager.add_option(
            "--blockcheck-config",
            metavar="FILE",
            default=None,
            normalize_paths=True,
            parse_from_config=True,
            help="the pyproject.toml or blockcheck.toml to read (default: the nearest above the checked paths)",
        )
        manager.add_option(
            "--blockcheck-min-confidence",
            choices=[str(level) for level in Confidence],
            default=None,
            parse_from_config=True,
            help="report findings of at least this confidence (default: as configured, or medium)",
        )

    @classmethod
    def parse_options(cls, _manager: OptionManager, options: argparse.Namespace, _args: object) -> None:
        """Analyse the project, or take over the analysis of the process that started this one."""
        cls._index = {}
        if options.bug_report:
            return
        left = _left_by_first_process()
        if left is not None:
            cls._index = left
            return
        try:
            cls._index = _analysed(options)
        except ConfigError as error:
            raise ExecutionError(f"blockcheck: {error}") from error
        start_method = multiprocessing.get_start_method(allow_none=True)
        if (start_method or multiprocessing.get_all_start_methods()[0]) != "fork":
            _leave(cls._index)

    def run(self) -> Iterator[tuple[int, int, str, type[Plugin]]]:
        """Yield the findings of the file: line, column from 0, code and message."""
        for line, column, text in self._index.get(str(absolute(Path(self._filename))), ()):
            yield line, column, text, Plugin


def _analysed(options: argparse.Namespace) -> Index:
    names = options.filenames or ["."]
    paths = [absolute(Path(name)) for name in names if name != STDIN]
    given: list[Given] = []
    if STDIN in names:  # flake8 remembers what it reads, and stays in one process
        given = [Given(absolute(Path(options.stdin_display_name)), encode(stdin_get_value()))]
    config = _configured(options, [*paths, *(buffer.path for buffer in given)])
    if config is None:
        return {}
    # flake8 itself tells of those that are not there.
    paths = [path for path in paths if os.path.lexists(path)]
    jobs = None if options.jobs.is_auto else max(1, options.jobs.n_jobs)
    if multiprocessing.parent_process() is not None:
        jobs = 1  # flake8's processes are daemons, which may not start others
    index: Index = {}
    # flake8 itself obeys such a comment on the very line only; here it may stand wherever it may on the command line.
    report = run(
        paths, config, jobs=jobs, given=given, noqa=not options.disable_noqa, cache=cache_folder(config)
    )
    for finding in unknown(report, config):
        place = finding.location
        entry = (place.line, place.column - 1, f"{finding.code} {finding.message}")
        index.setdefault(str(absolute(Path(place.path))), []).append(entry)
    return index


def _configured(options: argparse.Namespace, paths: list[Path]) -> Config | None:
    """Return the configuration with flake8's choice of rules on top; None where it chooses none of ours."""
    file = Path(options.blockcheck_config) if options.blockcheck_config else None
    config = load(paths, file)
    if config.file is None and version_control_root(config.root) is None:
        # Nothing but the arguments would say what the project is, and they may be two files out of many.
        config = load([Path.cwd(), *paths], file)
    if options.blockcheck_min_confidence is not None:
        config = replace(config, min_confidence=Confidence[options.blockcheck_min_confidence.upper()])
    enabled = enabled_codes(config)
    # Our configuration is one place to ask for a rule that is off by default.
    options.extended_default_ignore = [c for c in options.extended_default_ignore if c not in enabled]
    flake8 = DecisionEngine(options)
    chosen = tuple(
        rule.code
        for rule in RULES
        if flake8.decision_for(rule.code) is Decision.Selected
        and (
            rule.code in enabled
            or (
                not rule.default
                # `--ignore` makes flake8 forget what it ignores by default.
                and flake8.was_selected(rule.code) is Selected.Explicitly
                and not ignored_by_name(config.selection, rule.code)
            )
        )
    )
    return replace(config, selection=(*config.selection, Selection(select=chosen))) if chosen else None


def _left_by_first_process() -> Index | None:
    """Return what `_leave` wrote, if this process is one that flake8 has started."""
    if multiprocessing.parent_process() is None:
        return None
    try:
        index: Index = json.loads(Path(os.environ[INDEX_VARIABLE]).read_bytes())
    except (KeyError, OSError, ValueError):
        _log.warning("blockcheck: no index of the project is at hand, so this process analyses it once more")
        return None
    return index


def _leave(index: Index) -> None:
    """Write the index for the processes that flake8 is about to start."""
    _forget()
    try:
        descriptor, name = tempfile.mkstemp(prefix="blockcheck-", suffix=".json")
        with open(descriptor, "w", encoding="ascii") as stream:  # noqa: PTH123  (a descriptor has no path)
            json.dump(index, stream)
    except OSError as error:
        _log.warning("blockcheck: the index of the project cannot be written: %s", error.strerror)
        return
    os.environ[INDEX_VARIABLE] = name
    atexit.register(_forget)


def _forget() -> None:
    name = os.environ.pop(INDEX_VARIABLE, None)
    if name is not None:
        with contextlib.suppress(OSError):
            Path(name).unlink()
