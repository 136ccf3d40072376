"""The analysis for other programs: what checks, what configures that, and what turns its report into plain data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blockcheck.config import load

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from blockcheck.config import Config
    from blockcheck.findings import Report


def check(
    paths: Iterable[str | os.PathLike[str]] = (".",), config: Config | None = None, *, jobs: int | None = None
) -> Report:
    """Analyse the project around some files and folders, and report on those.

    Args:
        paths: files and folders to report on; the whole project they belong to is analysed.
        config: as `blockcheck.load_config` makes it; without one it is looked for as on the command line.
        jobs: processes to use; None decides by the number of files.

    Returns:
        The findings, sorted by place. Paths are relative to the working directory. What is not there or cannot
        be read is among the report's ``problems``.

    Raises:
        ConfigError: for a configuration that cannot be used.
    """
    from blockcheck.adoption.baseline import unknown  # noqa: PLC0415
    from blockcheck.engine import run  # noqa: PLC0415  (a wrong configuration should not wait)

    places = [Path(path) for path in paths]
    config = load(places) if config is None else config
    report = run(places, config, jobs=jobs, fixes=bool)
    return replace(report, findings=unknown(report, config))


def load_config(
    paths: Iterable[str | os.PathLike[str]] = (".",),
    file: str | os.PathLike[str] | None = None,
    *,
    isolated: bool = False,
) -> Config:
    """Read the configuration that applies to some files and folders.

    Args:
        paths: what is to be checked with it; the nearest configuration above all of them counts.
        file: read this one instead.
        isolated: read none at all.

    Raises:
        ConfigError: for a file that cannot be read or understood.
    """
    return load([Path(path) for path in paths], None if file is None else Path(file), isolated=isolated)


def document(report: Report) -> dict[str, Any]:
    """Return a report as the plain data that ``--output-format json`` writes."""
    from blockcheck.output import json_document  # noqa: PLC0415  (most callers read the report itself)

    return json_document.document(report)
