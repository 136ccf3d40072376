"""Colour on terminals: when to use it, and how."""

from __future__ import annotations

import os
from typing import TextIO

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36"}


class Paint:
    """Wraps words into terminal colours, or leaves them alone."""

    def __init__(self, *, enabled: bool) -> None:
        self.enabled = enabled

    def __call__(self, text: str, *styles: str) -> str:
        """Return ``text`` in the given styles: ``bold``, ``dim`` and names of colours."""
        if not self.enabled or not text:
            return text
        return f"\033[{';'.join(_CODES[style] for style in styles)}m{text}\033[0m"


PLAIN = Paint(enabled=False)


def wanted(choice: str, stream: TextIO) -> bool:
    """Decide whether to colour: ``always`` and ``never`` are obeyed, ``auto`` looks at the surroundings."""
    if choice != "auto":
        return choice == "always"
    # https://no-color.org and https://force-color.org: set to anything but the empty string.
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"
