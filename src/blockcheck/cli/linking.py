"""Linking a project for the verbs that show what is thought of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import TextIO

    from blockcheck.config import Config
    from blockcheck.project import Project


def link(
    paths: Sequence[Path], config: Config, errors: TextIO, *, for_graph: bool
) -> tuple[Project, set[str], bool]:
    """Link the project around some files.

    Args:
        paths: files and folders.
        config: that of the project.
        errors: is told what cannot be read.
        for_graph: keep every call edge, by what callers give; else link as for a check, installed packages
            included, but with every call site.

    Returns:
        The project, the display paths of the files that the arguments name, and whether something was missing.
    """
    from blockcheck import catalogue, installed, reading  # noqa: PLC0415  (costs start-up)
    from blockcheck.config import cache_folder  # noqa: PLC0415
    from blockcheck.installed.packages import Installed  # noqa: PLC0415
    from blockcheck.project import Project, Unit  # noqa: PLC0415
    from blockcheck.source.discovery import discover  # noqa: PLC0415
    from blockcheck.storage import Folder  # noqa: PLC0415

    found = discover(paths, config)
    units = []
    shown = set()
    for file, result in zip(found.files, reading.read_all(found.files, {}), strict=True):
        if file.path in found.reported:
            shown.add(file.display)
            if result.problem[2]:
                print(f"{file.display}:{result.problem[0]}: {result.problem[2]}", file=errors)
        if result.facts is not None:
            units.append(Unit(file, result.facts, result.read))
    for problem in found.problems:
        print(f"{problem.path}: {problem.message}", file=errors)
    knowledge = catalogue.load(config.catalogue, config.declared)
    folders = [] if for_graph else installed.package_folders(config)
    folder = cache_folder(config)
    library = Installed(folders, knowledge.packages, Folder(folder) if folder else None) if folders else None
    project = Project(
        units,
        knowledge,
        options=config.settings.rules,
        keep_all=for_graph,
        keep_records=True,
        library=library,
    )
    return project, shown, any(p.fatal for p in found.problems)
