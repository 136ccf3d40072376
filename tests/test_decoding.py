"""Source is decoded as Python decodes it."""

from __future__ import annotations

import codecs

import pytest

from blockcheck.source.decoding import UnreadableSource, decode


@pytest.mark.parametrize(
    ("data", "text", "encoding", "bom"),
    [
        (b"", "", "utf-8", False),
        ("x = 'é'\n".encode(), "x = 'é'\n", "utf-8", False),
        (codecs.BOM_UTF8 + b"x = 1\n", "x = 1\n", "utf-8-sig", True),
        (b"a\r\nb\rc\n", "a\r\nb\rc\n", "utf-8", False),
        ("# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1"), "# -*- coding: latin-1 -*-\nx = 'é'\n", "latin-1", False),
        (b"#!/usr/bin/python\r\n# vim: set fileencoding=cp1252 :\r\n\x80", "#!/usr/bin/python\r\n# vim: set fileencoding=cp1252 :\r\n€", "cp1252", False),
        (b"x = 1\n# coding: nonsense\n", "x = 1\n# coding: nonsense\n", "utf-8", False),
        (b"\n\n# coding: nonsense\n", "\n\n# coding: nonsense\n", "utf-8", False),
        (codecs.BOM_UTF8 + b"# coding: utf8\n", "# coding: utf8\n", "utf-8-sig", True),
    ],
)  # fmt: skip
def test_decodes(data: bytes, text: str, encoding: str, bom: bool) -> None:
    decoded = decode(data)
    assert (decoded.text, decoded.encoding, decoded.bom) == (text, encoding, bom)


@pytest.mark.parametrize(
    ("data", "line", "column", "message"),
    [
        (b"x = 1\ny\0 = 2\n", 2, 2, "source contains NUL bytes"),
        ("x = 1\n".encode("utf-16"), 1, 4, "source contains NUL bytes"),
        (b"\n# coding: nonsense\n", 2, 1, "unknown encoding: nonsense"),
        (b"# coding: rot13\n", 1, 1, "unknown encoding: rot13"),
        (b"x = 1\ny = '\xc3\xa9\xff'\n", 2, 7, "not valid utf-8: byte 0xff (invalid start byte)"),
        (
            codecs.BOM_UTF8 + b"# coding: latin-1\n",
            1,
            1,
            "declared encoding 'latin-1' contradicts the UTF-8 byte order mark",
        ),
    ],
)
def test_refuses(data: bytes, line: int, column: int, message: str) -> None:
    with pytest.raises(UnreadableSource) as caught:
        decode(data)
    assert (caught.value.line, caught.value.column, caught.value.message) == (line, column, message)
