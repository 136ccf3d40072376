"""The tool's own files: what it would say depends on them as on the sources."""

from __future__ import annotations

import sys
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def files() -> tuple[Path, ...]:
    """The code and the data of the analysis."""
    own = Path(__file__).parent
    found = (file for file in own.rglob("*") if file.suffix in (".py", ".json"))
    return tuple(sorted(file for file in found if "bench" not in file.relative_to(own).parts))


@lru_cache(maxsize=1)
def identity() -> str:
    """What stands for the analysis: Python's version, and the files by size and time."""
    told = []
    for file in files():
        status = file.stat()
        told.append((str(file), status.st_size, status.st_mtime_ns))
    return repr([sys.version, told])
