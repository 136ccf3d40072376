"""The cache folder: plain files that may vanish, be cut short or be written by several processes at once.

Nothing here ever fails loudly: what cannot be read is as if it were not there, and what cannot be written is
not kept. Whole files are replaced atomically; entries that come one by one are kept in packs.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# https://bford.info/cachedir/: whoever finds the folder knows by this file that it may be removed.
TAG = "CACHEDIR.TAG"
_TAG_TEXT = "Signature: 8a477f597d28d172789f06886806bc55\n# Made by blockcheck; it may be removed.\n"
_MOST_PACKS = 8  # more of them are made into one
_ORPHANED = 3600.0  # seconds after which a pack that no index names is nobody's


class Folder:
    """A folder of cached files, made when something is first written to it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, name: str) -> bytes | None:
        """The content of a file; None where there is none."""
        try:
            with open(f"{self.path}{os.sep}{name}", "rb") as stream:  # noqa: PTH123 - start-up counts here
                return stream.read()
        except OSError:
            return None

    def write(self, name: str, data: bytes) -> bool:
        """Replace a file as a whole; tells whether that went well."""
        temporary = self.path / f"{name}.{os.urandom(4).hex()}.tmp"
        try:
            self._make()
            temporary.write_bytes(data)
            os.replace(temporary, self.path / name)  # noqa: PTH105 - the same, said plainly
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink()
            return False
        return True

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        with contextlib.suppress(OSError):
            (self.path / name).unlink()

    def names(self, prefix: str, suffix: str) -> list[str]:
        """The names of the files that begin and end so."""
        try:
            found = [entry.name for entry in os.scandir(self.path)]
        except OSError:
            return []
        return sorted(n for n in found if n.startswith(prefix) and n.endswith(suffix))

    def keep_newest(self, prefix: str, most: int) -> None:
        """Remove the oldest of the files that begin so, as far as there are too many."""
        for name in sorted(self.names(prefix, ""), key=self.age)[most:]:
            self.remove(name)

    def age(self, name: str) -> float:
        """Seconds since a file was written."""
        try:
            return time.time() - (self.path / name).stat().st_mtime
        except OSError:
            return 0.0

    def is_ours(self) -> bool:
        """Whether the folder is a cache, or can become one: what holds anything else is left alone."""
        try:
            return (self.path / TAG).is_file() or not any(os.scandir(self.path))
        except FileNotFoundError:
            return True
        except OSError:
            return False

    def _make(self) -> None:
        if (self.path / TAG).is_file():
            return
        if not self.is_ours():
            raise FileExistsError(self.path)
        self.path.mkdir(parents=True, exist_ok=True)
        (self.path / TAG).write_text(_TAG_TEXT, encoding="ascii")
        (self.path / ".gitignore").write_text("*\n", encoding="ascii")


def pack(data: bytes) -> bytes:
    """What an entry is kept as: compressed, which also tells whether it is whole."""
    return zlib.compress(data, 1)


def unpack(packed: bytes) -> bytes:
    """Undo `pack`.

    Raises:
        zlib.error: for what is not whole.
    """
    return zlib.decompress(packed)


def seal(data: bytes) -> bytes:
    """Data with what tells whether it is whole."""
    return b"%08x" % zlib.crc32(data) + data


def unseal(sealed: bytes | None) -> bytes | None:
    """Undo `seal`; None for what is not whole, or not there."""
    if sealed is None or b"%08x" % zlib.crc32(sealed[8:]) != sealed[:8]:
        return None
    return sealed[8:]


class Packs:
    """Entries under names, packed into few files: an index, and packs that are never changed.

    The index has a note on each entry: any plain value that is needed without the entry.

    Packs of another ``key`` (what the entries depend on besides their names: the logic that made them) are
    not read, and removed by the first write.
    """

    def __init__(self, folder: Folder, kind: str, key: str) -> None:
        self._folder = folder
        self._kind = kind
        self._key = key
        self._packs: dict[str, bytes] = {}
        self._entries = self._read_index()
        self._used: set[str] = set()

    def get(self, name: str) -> bytes | None:
        """An entry; None where there is none, or none that is whole."""
        place = self._entries.get(name)
        if place is None:
            return None
        pack, start, length, _ = place
        try:
            data = unpack(self._pack(pack)[start : start + length])
        except zlib.error:
            return None
        self._used.add(name)
        return data

    def note(self, name: str) -> Any:
        """The note on an entry, which counts as asking for it; None where there is no such entry."""
        place = self._entries.get(name)
        if place is None:
            return None
        self._used.add(name)
        return place[3]

    def put(self, new: Mapping[str, bytes], notes: Mapping[str, Any] | None = None) -> None:
        """Add entries, each as `pack` made it; of those that nobody has asked for, as many go as are too many."""
        if not new:
            return
        entries = {**self._read_index(), **self._entries}  # another process may have written meanwhile
        before = {place[0] for place in entries.values()}
        unused = [name for name in entries if name not in self._used and name not in new]
        for name in unused[: max(0, len(unused) - len(self._used) - len(new))]:
            del entries[name]
        told = {name: place[3] for name, place in entries.items()} | dict(notes or {})
        added: dict[str, bytes] = {}
        if len(before) >= _MOST_PACKS:
            added = {name: self._pack(place[0])[place[1] :][: place[2]] for name, place in entries.items()}
            entries = {}
        added.update(new)
        pack = f"{self._kind}-{os.urandom(8).hex()}.pack"
        start = 0
        for name, data in added.items():
            entries[name] = [pack, start, len(data), told.get(name)]
            start += len(data)
        index = json.dumps({"key": self._key, "entries": entries}, separators=(",", ":")).encode()
        if self._folder.write(pack, b"".join(added.values())) and self._folder.write(
            self._index, seal(index)
        ):
            self._entries = entries
            self._used.update(new)
            self._sweep(before, {place[0] for place in entries.values()})

    def discard(self) -> None:
        """Forget everything: something was not whole."""
        self._folder.remove(self._index)

    @property
    def _index(self) -> str:
        return f"{self._kind}.index"

    def _read_index(self) -> dict[str, list[Any]]:
        data = unseal(self._folder.read(self._index))
        index = json.loads(data) if data is not None else {}
        entries: dict[str, list[Any]] = index["entries"] if index.get("key") == self._key else {}
        return entries

    def _pack(self, pack: str) -> bytes:
        if pack not in self._packs:
            self._packs[pack] = self._folder.read(pack) or b""
        return self._packs[pack]

    def _sweep(self, before: set[str], named: set[str]) -> None:
        """Remove the packs that were named before and no longer are, and those that nobody has named for long."""
        for pack in self._folder.names(f"{self._kind}-", ".pack"):
            if pack not in named and (pack in before or self._folder.age(pack) > _ORPHANED):
                self._folder.remove(pack)
                self._packs.pop(pack, None)
