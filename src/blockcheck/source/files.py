"""The identity of a source file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class SourceFile:
    """A file of Python source and the names it goes by.

    Attributes:
        path: absolute.
        display: relative to the working directory, with forward slashes; what reports print.
        module: dotted name from ``root``; two files of a project may share one (``tests`` of two packages).
        is_package: whether it is an ``__init__.py``; ``module`` is then the package's name.
        root: the import root the module hangs from: what would stand in ``sys.path``.
        aliases: further dotted names the file may be imported by, longest first: from another import root,
            as part of a namespace package, or as the neighbour of a script.
    """

    path: Path
    display: str
    module: str
    is_package: bool
    root: Path
    aliases: tuple[str, ...] = ()
