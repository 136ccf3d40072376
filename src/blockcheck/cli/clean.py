"""``blockcheck clean``: remove cached facts."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from blockcheck.config import CACHE_FOLDER, ConfigError, load

if TYPE_CHECKING:
    import argparse

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001

# https://bford.info/cachedir/: whoever made the folder said by this file that it may be removed.
TAG = "CACHEDIR.TAG"


def add_parser(subparsers: Subparsers) -> None:
    """Register the verb."""
    parser = subparsers.add_parser("clean", help="remove cached facts", description="Remove cached facts.")
    parser.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="paths of the project (default: .)"
    )
    parser.add_argument("--cache-dir", type=Path, metavar="FOLDER", help="where they are kept")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the verb; return the exit code."""
    folder: Path = arguments.cache_dir or load(arguments.paths or [Path()]).root / CACHE_FOLDER
    if not folder.exists():
        return 0
    if not (folder / TAG).is_file():
        raise ConfigError(f"{folder}: not removed: it has no {TAG}, so it is no cache")
    shutil.rmtree(folder)
    print(f"removed {folder}")
    return 0
