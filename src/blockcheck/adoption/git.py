"""What git knows: the files of a revision, and the lines that have changed since."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from typing import TYPE_CHECKING

from blockcheck.config import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_HUNK = re.compile(rb"@@ -\d+(?:,(?P<old>\d+))? \+(?P<start>\d+)(?:,(?P<new>\d+))? @@")
_REGULAR = (b"100644", b"100755")


class Repository:
    """The working copy that a folder is in; only what lies below that folder matters."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def commit(self, revision: str) -> str:
        """Return the hash of a revision's commit.

        Raises:
            ConfigError: there is no such revision, no repository, or no git.
        """
        wanted = f"{revision}^{{commit}}"
        try:
            # The hash, unlike the name, cannot be mistaken for an option afterwards.
            return self._git("rev-parse", "--verify", "--quiet", "--end-of-options", wanted).decode().strip()
        except ConfigError as error:
            raise ConfigError(f"--diff-base: {revision}: {error}") from error

    def changed_lines(self, commit: str) -> dict[Path, set[int] | None]:
        """Return the lines of files that are new or different since a commit; None stands for a whole file."""
        diff = self._git(
            "-c", "core.quotePath=true", "diff", "--relative", "--unified=0", "--no-color", "--no-ext-diff",
            "--no-textconv", "--no-renames", "--src-prefix=a/", "--dst-prefix=b/", commit, "--", ".",
        )  # fmt: skip
        lines: dict[str, set[int]] = {}
        for name, span in _changed(diff):
            lines.setdefault(name, set()).update(span)
        untracked = self._git("ls-files", "--others", "--exclude-standard", "-z").split(b"\0")
        names = {**lines, **dict.fromkeys(os.fsdecode(name) for name in untracked if name)}
        return {self.folder / name: changed for name, changed in names.items()}

    def extract(self, commit: str, target: Path, wanted: Callable[[str], bool]) -> None:
        """Write the regular files of a commit that lie below the folder, and that are wanted by name."""
        blobs: list[tuple[bytes, str]] = []
        for entry in self._git("ls-tree", "-r", "-z", commit).split(b"\0"):
            if entry:
                kind, name = entry.split(b"\t", 1)
                mode, _, blob = kind.split()
                path = os.fsdecode(name)
                if mode in _REGULAR and wanted(path.rpartition("/")[2]):
                    blobs.append((blob, path))
        contents = self._git("cat-file", "--batch", stdin=b"".join(blob + b"\n" for blob, _ in blobs))
        position = 0
        for _, path in blobs:
            end = contents.index(b"\n", position)
            size = int(contents[position:end].split()[2])
            file = target / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(contents[end + 1 : end + 1 + size])
            position = end + 1 + size + 1

    def _git(self, *arguments: str, stdin: bytes = b"") -> bytes:
        try:
            done = subprocess.run(  # noqa: S603  (no shell, and nothing of it comes from the sources)
                ["git", "-C", str(self.folder), *arguments],  # noqa: S607  (whichever git the user runs)
                input=stdin,
                capture_output=True,
                check=True,
            )
        except OSError as error:
            raise ConfigError(f"git cannot be run: {error.strerror}") from error
        except subprocess.CalledProcessError as error:
            said = error.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
            # Nothing is said where it was asked, quietly, for what is not there.
            raise ConfigError(f"git {arguments[0]}: {said}" if said else "no such revision") from error
        return done.stdout


def _changed(diff: bytes) -> Iterator[tuple[str, range]]:
    """Yield the file and the new lines of each part of a diff without context."""
    name = ""
    rest = 0
    for line in diff.split(b"\n"):
        if rest and line[:1] in (b"+", b"-"):  # what was written in the file, whatever it looks like
            rest -= 1
        elif hunk := _HUNK.match(line):
            new = int(hunk["new"] or 1)
            rest = int(hunk["old"] or 1) + new
            yield name, range(int(hunk["start"]), int(hunk["start"]) + new)
        elif line.startswith(b"+++ "):
            name = _name(line[4:].rstrip(b"\t"))


def _name(quoted: bytes) -> str:
    """Undo git's quoting of names, which is that of bytes in Python."""
    name: bytes = ast.literal_eval("b" + quoted.decode("ascii")) if quoted.startswith(b'"') else quoted
    return os.fsdecode(name.removeprefix(b"b/"))
