"""Third-party code where it is installed: which environment is the project's, and what its packages say."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING

from blockcheck.installed import environment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from blockcheck.config import Config

__all__ = ["looked_at", "moved", "package_folders"]


def package_folders(config: Config) -> list[Path]:
    """The package folders of the project's environment; empty where there is none, or none to be followed.

    Raises:
        ConfigError: for an environment that is configured and is none.
    """
    if not config.follow_installed:
        return []
    if config.python is not None:
        return environment.of_python(config.python)
    return environment.of_project(config.root, os.environ.get("VIRTUAL_ENV"))


def moved(config: Config, root: Path) -> Config:
    """The same configuration for another state of the project elsewhere, with the environment of this one."""
    python = config.python
    if python is None and package_folders(config):
        python = environment.around(config.root, os.environ.get("VIRTUAL_ENV"))
    return dataclasses.replace(config, root=root, python=python)


def looked_at(config: Config, folders: Sequence[Path]) -> list[Path]:
    """What decides which package folders these are, and which packages they hold; not all of it need be there."""
    if not config.follow_installed:
        return []
    markers = [] if config.python is not None else environment.markers(config.root)
    return [*markers, *folders, *(file for folder in folders for file in sorted(folder.glob("*.pth")))]
