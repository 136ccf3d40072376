"""Words of messages to users: names that were meant, paths as they know them, and what is wrong with their input."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class ConfigError(Exception):
    """What the user configured cannot be used; the message names the file, the key and what would be valid."""


def nearest_name(name: str, known: Iterable[str]) -> str:
    """Return the words that lead a user from a misspelt name to a valid one."""
    import difflib  # noqa: PLC0415  (start-up should not wait for it)

    known = list(known)
    close = difflib.get_close_matches(name, known, n=10, cutoff=0.5)
    if close:
        # Codes are alike in most of their letters; among equals the one with more of them in place is meant.
        best = max(
            close,
            key=lambda other: (
                difflib.SequenceMatcher(None, name, other).ratio(),
                sum(map(str.__eq__, name, other)),
            ),
        )
        return f"did you mean {best!r}?"
    return f"valid are {', '.join(sorted(known))}" if known else ""


def shown_path(file: Path) -> str:
    """Return a path relative to the working directory, with slashes."""
    try:
        return Path(os.path.relpath(file)).as_posix()
    except ValueError:  # on another drive
        return file.as_posix()
