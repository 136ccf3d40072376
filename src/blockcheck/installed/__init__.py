"""Third-party code where it is installed: which environment is the project's, and what its packages say."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from blockcheck.installed import environment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from blockcheck.config import Config

__all__ = ["looked_at", "package_folders"]


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


def looked_at(config: Config, folders: Sequence[Path]) -> list[Path]:
    """What decides which package folders these are, and which packages they hold; not all of it need be there."""
    if not config.follow_installed:
        return []
    markers = [] if config.python is not None else environment.markers(config.root)
    return [*markers, *folders, *(file for folder in folders for file in sorted(folder.glob("*.pth")))]
