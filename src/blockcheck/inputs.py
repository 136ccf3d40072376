"""The files that an answer depends on, and whether they still are what they were.

A folder counts by the names in it, a file by its content. Stat signatures only spare looking at those: a
signature that is so young that a change might not show in it is not believed.
"""

from __future__ import annotations

import hashlib
import os
import time
from array import array
from pathlib import Path
from typing import TYPE_CHECKING

from blockcheck import replay, storage, tool
from blockcheck.config import CACHE_FOLDER, FILE_NAMES, VCS_MARKERS, absolute
from blockcheck.replay import DIGESTS, PATHS, SIGNATURES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from blockcheck.config import Config
    from blockcheck.source.discovery import Discovery

_DIGEST = 16
_FIELDS = 3
_YOUNG = 100_000_000  # nanoseconds: more than the steps in which a system's clock marks files
_COARSE = 2_000_000_000  # the same where a file system counts in seconds
_MOST_ANSWERS = 50
#: Names that no project's source has, and that come and go beside it.
_PASSING = frozenset({"__pycache__", CACHE_FOLDER})
_NOTICED = (".py", ".pyw", ".toml", ".gitignore", "pyvenv.cfg")


class Inputs:
    """What one run depends on, as it was when the run began.

    Attributes:
        digests: of contents, by path, as the run has seen them.
    """

    def __init__(self, extra: Iterable[Path] = ()) -> None:
        self._now = time.time_ns()
        self._paths: list[bytes] = []
        self._absent: set[str] = set()
        self._present: set[str] = set()
        self._extra = [str(absolute(path)) for path in extra]
        self._signatures = b""
        self._listings: dict[bytes, bytes] = {}
        self.digests: dict[str, str] = {}

    def begin(
        self, found: Discovery, arguments: Sequence[Path], config: Config, more: Iterable[Path] = ()
    ) -> None:
        """Note how everything is, before contents are read.

        Args:
            found: the files of the run.
            arguments: what it was asked to report on.
            config: tells which file that was read from, and which packs.
            more: further files and folders that count, there or not.
        """
        paths = {
            *self._extra,
            *found.looked_at,
            *(str(file.path) for file in found.files),
            *map(str, tool.files()),
            *_packs(config),
        }
        if config.file is not None:
            paths.add(str(absolute(config.file)))
        for candidate in map(str, more):
            (paths if os.path.lexists(candidate) else self._absent).add(candidate)
        above: dict[Path, None] = {}
        for path in map(absolute, [*arguments, config.root]):
            above.update(dict.fromkeys((path, *path.parents)))
        for folder in above:
            for name in (*FILE_NAMES, *VCS_MARKERS, ".gitignore", "__init__.py"):
                candidate = f"{folder}{os.sep}{name}"
                if not os.path.lexists(candidate):
                    self._absent.add(candidate)
                elif name in VCS_MARKERS:
                    self._present.add(candidate)
                else:
                    paths.add(candidate)
        self._paths = sorted(map(os.fsencode, paths))
        self._signatures = replay.signatures(b"\0".join(self._paths))
        self._listings = {path: digest for path in self._paths if (digest := _listing(path)) is not None}

    def add(self, seen: Iterable[tuple[str, tuple[int, int, int], str]]) -> None:
        """Add files that were only met with on the way: path, signature before they were read, digest."""
        step = _FIELDS * 8
        known = {
            path: self._signatures[index * step : (index + 1) * step]
            for index, path in enumerate(self._paths)
        }
        for path, signature, digest in seen:
            known.setdefault(os.fsencode(path), array("q", signature).tobytes())
            self.digests.setdefault(path, digest)
        self._paths = sorted(known)
        self._signatures = b"".join(known[path] for path in self._paths) if self._signatures else b""

    def keep(self, folder: storage.Folder, arguments: Sequence[str], out: str, err: str, code: int) -> None:
        """Keep an answer for the next time."""
        known = {os.fsencode(path): bytes.fromhex(digest) for path, digest in self.digests.items()}
        known.update(self._listings)
        later = [path for path in self._paths if path not in known]
        # What was not read by the run itself is read only now: that counts if it is as it was at the beginning.
        if not self._signatures or self._of(later) != replay.signatures(b"\0".join(later)):
            return
        known.update((path, digest) for path in later if (digest := _content(path)) is not None)
        if any(path not in known for path in self._paths):
            return
        key = replay.key_of(arguments)
        sections = [
            key,
            b"\0".join(self._paths),
            _believable(self._signatures, self._now),
            b"".join(known[path] for path in self._paths),
            b"\0".join(sorted(map(os.fsencode, self._absent))),
            b"\0".join(sorted(map(os.fsencode, self._present))),
            out.encode("utf-8", "surrogatepass"),
            err.encode("utf-8", "surrogatepass"),
            str(code).encode(),
        ]
        if folder.write(replay.name_of(key), replay.joined(sections)):
            folder.keep_newest("answer-", _MOST_ANSWERS)

    def _of(self, paths: Sequence[bytes]) -> bytes:
        """The signatures that some paths had at the beginning."""
        step = _FIELDS * 8
        places = {path: index * step for index, path in enumerate(self._paths)}
        return b"".join(self._signatures[places[path] : places[path] + step] for path in paths)


def _packs(config: Config) -> list[str]:
    """The folders and files of further catalogue packs."""
    out: list[Path] = []
    for pack in config.catalogue:
        out += [pack, *pack.rglob("*.toml")] if pack.is_dir() else [pack]
    return [str(absolute(path)) for path in out]


def renewed(file: str, kept: list[bytes]) -> list[bytes] | None:
    """An answer whose signatures no longer hold, with those of now; None if contents differ too."""
    now = time.time_ns()
    paths = kept[PATHS].split(b"\0")
    fresh = replay.signatures(kept[PATHS])
    if len(fresh) != len(kept[SIGNATURES]) or not replay.others_hold(kept):
        return None
    step = _FIELDS * 8
    for index, path in enumerate(paths):
        if fresh[index * step : (index + 1) * step] != kept[SIGNATURES][index * step : (index + 1) * step]:
            digest = _listing(path) or _content(path)
            if digest is None or digest != kept[DIGESTS][index * _DIGEST : (index + 1) * _DIGEST]:
                return None
    kept[SIGNATURES] = _believable(fresh, now)
    place = Path(file)
    storage.Folder(place.parent).write(place.name, replay.joined(kept))
    return kept


def _believable(signatures: bytes, now: int) -> bytes:
    """The signatures, those made zero in which a change of this moment might not show."""
    numbers = array("q", signatures)
    for start in range(0, len(numbers), _FIELDS):
        times = numbers[start : start + 2]
        coarse = all(t % 1_000_000_000 == 0 for t in times)
        if max(times) > now - (_COARSE if coarse else _YOUNG):
            numbers[start : start + _FIELDS] = array("q", [0] * _FIELDS)
    return numbers.tobytes()


def _listing(path: bytes) -> bytes | None:
    """A digest of the names in a folder that discovery may notice; None for what is no folder."""
    try:
        with os.scandir(os.fsdecode(path)) as entries:
            names = sorted(
                os.fsencode(entry.name) + (b"/" if entry.is_dir(follow_symlinks=False) else b"")
                for entry in entries
                if entry.name not in _PASSING and (entry.name.endswith(_NOTICED) or entry.is_dir())
            )
    except OSError:
        return None
    return hashlib.blake2b(b"\0".join(names), digest_size=_DIGEST).digest()


def _content(path: bytes) -> bytes | None:
    try:
        with open(path, "rb") as stream:  # noqa: PTH123  (a path of bytes)
            return hashlib.blake2b(stream.read(), digest_size=_DIGEST).digest()
    except OSError:
        return None
