"""What burns CPU, and what looks as if it did."""

from __future__ import annotations

import base64
import binascii
import bz2
import compileall
import difflib
import gc
import gzip
import hashlib
import hmac
import lzma
import py_compile
import secrets
import struct
import sys
import timeit
import zlib
from functools import partial
from typing import TYPE_CHECKING

from blockcheck.catalogue.verification.cases.shapes import burns, given, pure, touches

if TYPE_CHECKING:
    from blockcheck.catalogue.verification.lab import Lab
    from blockcheck.catalogue.verification.observe import Call, Case

# A megabyte of something like text: a body, a log, a page.
TEXT = b" ".join(hashlib.sha256(str(i).encode()).hexdigest()[: i % 9 + 1].encode() for i in range(200_000))[
    :1_000_000
]
LINES = [f"line {i * 7919 % 12007}" for i in range(12000)]
SOURCE = b"def f(a):\n    return [a, a + 1, a * 2]\n\n" * 2000


def _sources(lab: Lab) -> str:
    path = lab.folder()
    with open(f"{path}/module.py", "wb") as file:
        file.write(SOURCE)
    return path


def _path(lab: Lab) -> Call:
    sys.path.insert(0, _sources(lab))
    return partial(compileall.compile_path, maxlevels=0, quiet=1)


def _collect(_: object) -> int:
    """With many objects alive, each of which has to be looked at."""
    return gc.collect()


CASES: dict[str, Case] = {
    "hashlib.pbkdf2_hmac": burns(lambda _: partial(hashlib.pbkdf2_hmac, "sha256", b"x", b"salt", 100_000)),
    "hashlib.scrypt": burns(lambda _: partial(hashlib.scrypt, b"x", salt=b"salt", n=2**14, r=8, p=1)),
    **{f"hashlib.{n}": pure(getattr(hashlib, n), b"x") for n in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "blake2s")},
    "hashlib.new": pure(hashlib.new, "sha256", b"x"),
    "hmac.new": pure(hmac.new, b"k", b"x", "sha256"),
    "hmac.digest": pure(hmac.digest, b"k", b"x", "sha256"),
    "hmac.compare_digest": pure(hmac.compare_digest, b"k", b"x"),
    "secrets.token_bytes": pure(secrets.token_bytes),
    "secrets.token_hex": pure(secrets.token_hex),
    "secrets.token_urlsafe": pure(secrets.token_urlsafe),
    "secrets.choice": pure(secrets.choice, [1]),
    "secrets.compare_digest": pure(secrets.compare_digest, b"k", b"x"),
    **{f"{m.__name__}.compress": burns(given(lambda m, _: partial(m.compress, TEXT), m)) for m in (zlib, gzip, bz2, lzma)},
    **{
        f"{m.__name__}.decompress": burns(given(lambda m, _: partial(m.decompress, m.compress(TEXT * (10 if m in (zlib, gzip) else 1))), m))
        for m in (zlib, gzip, bz2, lzma)
    },
    "zlib.crc32": pure(zlib.crc32, b"x"),
    "zlib.adler32": pure(zlib.adler32, b"x"),
    "binascii.crc32": pure(binascii.crc32, b"x"),
    "zlib.compressobj": pure(zlib.compressobj),
    "zlib.decompressobj": pure(zlib.decompressobj),
    "compileall.compile_dir": burns(lambda lab: partial(compileall.compile_dir, _sources(lab), quiet=1)),
    "compileall.compile_file": burns(lambda lab: partial(compileall.compile_file, lab.file(SOURCE, ".py"), quiet=1)),
    "compileall.compile_path": burns(_path),
    "py_compile.compile": burns(lambda lab: partial(py_compile.compile, lab.file(SOURCE, ".py"), lab.path())),
    **{
        f"base64.{n}encode": pure(getattr(base64, f"{n}encode"), b"x" * 20)
        for n in ("b64", "urlsafe_b64", "b32", "b16", "b85")
    },
    **{
        f"base64.{n}decode": pure(getattr(base64, f"{n}decode"), getattr(base64, f"{n}encode")(b"x" * 20))
        for n in ("b64", "urlsafe_b64", "b32", "b16", "b85")
    },
    "binascii.hexlify": pure(binascii.hexlify, b"x"),
    "binascii.unhexlify": pure(binascii.unhexlify, b"00"),
    "struct.pack": pure(struct.pack, "I", 1),
    "struct.unpack": pure(struct.unpack, "I", b"abcd"),
    "timeit.timeit": burns(lambda _: partial(timeit.timeit, "sum(range(9))")),
    "timeit.repeat": burns(lambda _: partial(timeit.repeat, "sum(range(9))", repeat=1)),
    **{
        f"difflib.{n}": burns(given(lambda n, _: lambda: list(getattr(difflib, n)(LINES, LINES[::-1])), n))
        for n in ("unified_diff", "ndiff", "context_diff")
    },
    "difflib.get_close_matches": burns(lambda _: partial(difflib.get_close_matches, "line 55", LINES[:3000])),
    "gc.collect": burns(lambda _: partial(_collect, [[i] for i in range(500_000)])),
}  # fmt: skip
if sys.version_info >= (3, 11):
    CASES["hashlib.file_digest"] = touches(
        lambda lab: partial(hashlib.file_digest, lab.keep(open(lab.file(TEXT), "rb")), "sha256")
    )
