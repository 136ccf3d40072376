"""The answer of the same command, written again where nothing that it depends on has changed.

This runs before anything else of a check and mostly instead of it, so it imports next to nothing: whether
the files are what they were is told by their stat signatures alone. Where those differ, `blockcheck.inputs`
looks at contents.
"""

from __future__ import annotations

import os
import sys
import time
from binascii import crc32

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_MAGIC = b"blockcheck answer 1"
_CACHE_FOLDER = ".blockcheck_cache"  # as in `config`, which takes longer to import than all this takes
#: What outputs and the search for files ask the surroundings.
_VARIABLES = (
    "NO_COLOR", "FORCE_COLOR", "TERM", "HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "PYTHONPATH", "VIRTUAL_ENV",
)  # fmt: skip
#: Stands for the seconds a run took, in answers that tell them.
SECONDS = 987654321.125

# The sections of an answer, in their order.
KEY, PATHS, SIGNATURES, DIGESTS, ABSENT, PRESENT, OUT, ERR, CODE = range(9)


def answer(arguments: Sequence[str]) -> int | None:
    """Write what the same command wrote; its exit code, or None where that has to be found out anew."""
    started = time.perf_counter()
    key = key_of(arguments)
    name = name_of(key)
    for folder in _folders(arguments):
        file = f"{folder}{os.sep}{name}"
        kept = read(file)
        if kept is not None and kept[KEY] == key:
            if signatures(kept[PATHS]) != kept[SIGNATURES] or not others_hold(kept):
                from blockcheck.inputs import renewed  # noqa: PLC0415  (seldom needed)

                kept = renewed(file, kept)
                if kept is None:
                    return None
            seconds = f"{time.perf_counter() - started:.3f}"
            if hasattr(sys.stdout, "reconfigure"):
                sys.stdout.reconfigure(errors="backslashreplace")
            sys.stdout.write(_text(kept[OUT]).replace(str(SECONDS), seconds))
            sys.stdout.flush()
            sys.stderr.write(_text(kept[ERR]))
            return int(kept[CODE])
    return None


def key_of(arguments: Sequence[str]) -> bytes:
    """Everything besides files that an answer depends on."""
    values = [os.getcwd(), sys.version, sys.stdout.encoding, sys.stdout.isatty(), sys.stderr.isatty()]  # noqa: PTH109
    values += map(os.environ.get, _VARIABLES)
    return "\0".join([*arguments, "", *map(str, values)]).encode("utf-8", "surrogateescape")


def name_of(key: bytes) -> str:
    """The name of the file that keeps the answer to a key."""
    return f"answer-{crc32(key):08x}"


def _folders(arguments: Sequence[str]) -> list[str]:
    """Where the answer may be: in the folders of all projects that the arguments may be about."""
    if "--cache-dir" in arguments[:-1]:
        return [arguments[arguments.index("--cache-dir") + 1]]
    out = [a.partition("=")[2] for a in arguments if a.startswith("--cache-dir=")]
    for place in (".", *(a for a in arguments if not a.startswith("-"))):
        folder = os.path.abspath(place)  # noqa: PTH100
        while True:
            candidate = os.path.join(folder, _CACHE_FOLDER)  # noqa: PTH118
            if candidate not in out:
                out.append(candidate)
            parent = os.path.dirname(folder)  # noqa: PTH120
            if parent == folder:
                break
            folder = parent
    return out


def read(file: str) -> list[bytes] | None:
    """The sections of an answer; None where there is none, or none that is whole."""
    try:
        with open(file, "rb") as stream:  # noqa: PTH123
            data = stream.read()
    except OSError:
        return None
    try:
        head, _, rest = data.partition(b"\n")
        magic, _, numbers = head.partition(b":")
        checksum, *lengths = map(int, numbers.split())
    except ValueError:
        return None
    if magic != _MAGIC or checksum != crc32(rest) or len(lengths) != CODE + 1:
        return None
    out = []
    start = 0
    for length in lengths:
        out.append(rest[start : start + length])
        start += length
    return out


def joined(sections: Sequence[bytes]) -> bytes:
    """The sections as `read` takes them."""
    rest = b"".join(sections)
    numbers = [crc32(rest), *map(len, sections)]
    return b"%b: %b\n%b" % (_MAGIC, " ".join(map(str, numbers)).encode(), rest)


def signatures(paths: bytes) -> bytes:
    """Size and times of files, in binary; nothing at all if one of them is not there."""
    from array import array  # noqa: PLC0415  (a library of its own)

    stat = os.stat
    out: list[int] = []
    try:
        for path in paths.split(b"\0"):
            found = stat(path)
            out += (found.st_mtime_ns, found.st_ctime_ns, found.st_size)
    except (OSError, ValueError):
        return b""
    return array("q", out).tobytes()


def others_hold(kept: Sequence[bytes]) -> bool:
    """Whether what must not be there is not there, and what must be, is."""
    for section, expected in ((ABSENT, False), (PRESENT, True)):
        for path in kept[section].split(b"\0") if kept[section] else ():
            if os.path.exists(path) is not expected:  # noqa: PTH110
                return False
    return True


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")
