"""Path patterns with the meaning they have in a ``.gitignore``; excludes are written in them too."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Patterns:
    """An ordered list of patterns; the last one that matches a path decides.

    A pattern with a slash (other than at its end) is anchored to the folder of the list; one without matches
    a name at any depth. A slash at the end restricts it to folders, ``!`` takes back, ``**`` spans folders.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self._rules = [rule for rule in map(_compile, patterns) if rule is not None]

    def __bool__(self) -> bool:
        return bool(self._rules)

    def decision(self, path: str, *, is_folder: bool) -> bool | None:
        """Tell whether ``path`` (relative, forward slashes) is ignored; None where no pattern speaks of it."""
        for matches, negated, only_folders in reversed(self._rules):
            if (is_folder or not only_folders) and matches(path):
                return not negated
        return None

    def covers(self, path: str) -> bool:
        """Tell whether a file, or a folder above it, is matched."""
        parts = path.split("/")
        for length in range(1, len(parts) + 1):
            if self.decision("/".join(parts[:length]), is_folder=length < len(parts)):
                return True
        return False


def of_gitignore(text: str) -> Patterns:
    """Read the lines of a ``.gitignore``."""
    return Patterns(line for line in text.splitlines() if not line.startswith("#"))


@lru_cache(maxsize=4096)
def _compile(pattern: str) -> tuple[Callable[[str], object], bool, bool] | None:
    """Return the match function, whether the pattern takes back, and whether it means folders only."""
    pattern = re.sub(r"(?<!\\)\s+$", "", pattern)
    negated = pattern.startswith("!")
    if negated:
        pattern = pattern[1:]
    only_folders = pattern.endswith("/")
    pattern = pattern.rstrip("/").removeprefix("./")
    if not pattern:
        return None
    anchored = "/" in pattern
    body = _expression(pattern.lstrip("/"))
    prefix = "" if anchored else "(?:.*/)?"
    return re.compile(f"{prefix}{body}", re.DOTALL).fullmatch, negated, only_folders


def _expression(pattern: str) -> str:
    out: list[str] = []
    position = 0
    while position < len(pattern):
        rest = pattern[position:]
        if rest.startswith("**/") and (position == 0 or pattern[position - 1] == "/"):
            out.append("(?:.*/)?")
            position += 3
        elif rest == "**" and (position == 0 or pattern[position - 1] == "/"):
            out.append(".+")
            position += 2
        elif rest[0] == "*":
            out.append("[^/]*")
            position += 1
        elif rest[0] == "?":
            out.append("[^/]")
            position += 1
        elif rest[0] == "[" and (group := re.match(r"\[(!|\^)?(\]?[^\]]*)\]", rest)):
            content = group[2].replace("\\", "\\\\").replace("[", "\\[")
            out.append(f"[{'^/' if group[1] else ''}{content}]")
            position += group.end()
        else:
            escaped = rest[0] == "\\" and len(rest) > 1
            out.append(re.escape(rest[1] if escaped else rest[0]))
            position += 2 if escaped else 1
    return "".join(out)
