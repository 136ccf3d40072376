"""Bytes to text, as Python itself reads source: PEP 263 cookies, byte order marks, UTF-8 otherwise."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from blockcheck.source.lines import end_of

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"^[ \t\f]*(?:#.*)?$")
_LINE_END = re.compile(rb"\r\n|\n|\r")


class UnreadableSource(Exception):  # noqa: N818  (names the state of the file)
    """The file is no Python source that could be analysed; the place says where it stops being one."""

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.message = message


@dataclass(frozen=True)
class Decoded:
    """The text of a file, line ends kept, and how it was encoded."""

    text: str
    encoding: str
    bom: bool


def decode(data: bytes) -> Decoded:
    """Decode the bytes of a source file.

    Raises:
        UnreadableSource: for NUL bytes, an unknown encoding, or bytes that do not fit the encoding.
    """
    bom = data.startswith(codecs.BOM_UTF8)
    if bom:
        data = data[len(codecs.BOM_UTF8) :]
    nul = data.find(b"\0")
    if nul >= 0:
        line, column = end_of(data[:nul].decode("latin-1"))
        raise UnreadableSource(line, column, "source contains NUL bytes")
    encoding, line = _declared(data)
    if bom:
        if _normal(encoding) != "utf-8":
            raise UnreadableSource(
                line, 1, f"declared encoding {encoding!r} contradicts the UTF-8 byte order mark"
            )
        encoding = "utf-8-sig"
    try:
        codecs.lookup(encoding)
        text = data.decode("utf-8" if bom else encoding)
    except LookupError:
        raise UnreadableSource(line, 1, f"unknown encoding: {encoding}") from None
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, "replace")
        byte = data[error.start : error.start + 1].hex()
        message = f"not valid {encoding}: byte 0x{byte} ({error.reason})"
        raise UnreadableSource(*end_of(before), message) from None
    except ValueError as error:
        raise UnreadableSource(line, 1, f"not valid {encoding}: {error}") from None
    return Decoded(text, encoding, bom)


def encode(text: str) -> bytes:
    """Undo the decoding of a text that somebody else has decoded: `decode` gives it back."""
    data = text.encode("utf-8", "surrogateescape")
    try:
        return text.encode(_declared(data)[0])
    except (LookupError, UnicodeEncodeError):
        return data


def _declared(data: bytes) -> tuple[str, int]:
    """Return the declared encoding (UTF-8 without one) and the line it is declared on."""
    lines = _LINE_END.split(data[:4096], maxsplit=2)
    for number, line in enumerate(lines[:2], 1):
        found = _COOKIE.match(line)
        if found:
            return found[1].decode("ascii", "replace"), number
        if not _BLANK.match(line):
            break
    return "utf-8", 1


def _normal(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        return encoding
