"""Files: opened, read, written, packed and parsed."""

from __future__ import annotations

import bz2
import codecs
import configparser
import csv
import fcntl
import gzip
import io
import json
import linecache
import logging
import logging.config
import logging.handlers
import lzma
import marshal
import mimetypes
import mmap
import netrc
import os
import pickle
import platform
import plistlib
import shutil
import sys
import tarfile
import tempfile
import tokenize
import xml.dom.minidom
import xml.dom.pulldom
import xml.etree.ElementTree as ET
import xml.sax
import zipfile
import zoneinfo
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from blockcheck.catalogue.verification.cases.shapes import free, given, looks, method, parks, pure, touches

if TYPE_CHECKING:
    from collections.abc import Callable

    from blockcheck.catalogue.verification.lab import Lab
    from blockcheck.catalogue.verification.observe import Call, Case

XML = b"<a><b>c</b></a>"
BIG = b"x" * 300_000
READS = {
    "read": (),
    "readline": (),
    "readlines": (),
    "__next__": (),
    "read1": (4,),
    "readall": (),
    "peek": (),
}
ARGUMENTS: dict[str, Callable[[Any], tuple[Any, ...]]] = {
    "write": lambda sample: (sample * 100_000,),
    "writelines": lambda sample: ([sample * 100_000],),
    "readinto": lambda _: (bytearray(4),),
    "readinto1": lambda _: (bytearray(4),),
    "truncate": lambda _: (1,),
    "flush": lambda _: (),
    "close": lambda _: (),
}


def _on(open_it: Callable[[Lab], Any], *names: str, sample: Any = b"line\n") -> dict[str, Case]:
    """Reading and writing methods of what a function opens."""
    return {name: touches(partial(_method, open_it, name, sample)) for name in names}


def _method(open_it: Callable[[Lab], Any], name: str, sample: Any, lab: Lab) -> Call:
    handle = lab.keep(open_it(lab))
    if name in ("flush", "close"):
        handle.write(sample)
    return partial(getattr(handle, name), *(READS[name] if name in READS else ARGUMENTS[name](sample)))


def _of(owner: str, cases: dict[str, Case]) -> dict[str, Case]:
    return {f"{owner}.{name}": case for name, case in cases.items()}


def _in_memory(make: Callable[[], IO[Any]], sample: Any, *names: str) -> dict[str, Case]:
    return {
        name: method(
            make,
            name,
            *(READS[name] if name in READS else ARGUMENTS[name](sample) if name in ARGUMENTS else ()),
        )
        for name in names
    }


def _text(lab: Lab) -> io.TextIOWrapper:
    return open(lab.file(b"line\n" * 5000), "r+", encoding="utf-8")


def _reader(lab: Lab) -> io.BufferedReader:
    return open(lab.file(b"line\n" * 5000), "rb")


def _writer(lab: Lab) -> io.BufferedWriter:
    return open(lab.path(), "wb")


def _raw(lab: Lab) -> io.FileIO:
    return io.FileIO(lab.file(b"line\n" * 5000), "r+")


def _zip(lab: Lab) -> str:
    path = lab.path(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", BIG)
    return path


def _loaded(path: str) -> io.BytesIO:
    with open(path, "rb") as file:
        return io.BytesIO(file.read())


def _tar(lab: Lab) -> str:
    path = lab.path(".tar")
    with tarfile.open(path, "w") as archive:
        archive.add(lab.file(BIG), "a.txt")
    return path


def _spooled(mode: str, _: Lab) -> Any:
    handle: Any = tempfile.SpooledTemporaryFile(max_size=10, mode=mode)
    handle.write("line\n" * 5000 if mode == "w+" else b"line\n" * 5000)
    handle.seek(0)
    return handle


def _packed(module: Any, lab: Lab) -> Any:
    path = lab.path()
    with module.open(path, "wb") as handle:
        handle.write(os.urandom(100_000))
    return module.open(path)


def _packing(module: Any, lab: Lab) -> Any:
    return module.open(lab.path(), "wb")


def _packing_method(module: Any, name: str, lab: Lab) -> Call:
    noise = os.urandom(2_000_000)
    return partial(getattr(_packing(module, lab), name), noise if name == "write" else [noise])


def _packed_class(module: Any, name: str) -> Case:
    kind = getattr(module, name)
    return touches(
        lambda lab: partial(kind, lab.file()),
        fileobj=lambda _: partial(kind, fileobj=io.BytesIO(gzip.compress(b""))),
    )


def _parser(content: str = "[a]\nb = 1\n") -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read_string(content)
    return parser


def _tree() -> Any:
    return ET.ElementTree(ET.fromstring(XML))


def _lock(lab: Lab) -> str:
    """A file that somebody else has locked until the world moves."""
    path = lab.file()
    other = open(path, "r+b")
    fcntl.flock(other, fcntl.LOCK_EX)
    lab.on_release(other.close)
    return path


def _flock(flags: int, lab: Lab) -> Call:
    return partial(fcntl.flock, lab.keep(open(_lock(lab), "r+b")), flags)


def _record_lock(function: Callable[..., Any], arguments: tuple[Any, ...], lab: Lab) -> Call:
    """The same with record locks, which another process has to hold."""
    path = lab.file()
    ready, asking = os.pipe()
    done, stop = os.pipe()
    if os.fork() == 0:
        held = open(path, "r+b")
        fcntl.lockf(held, fcntl.LOCK_EX)
        os.close(stop)
        os.write(asking, b"x")
        os.read(done, 1)
        os._exit(0)
    os.read(ready, 1)
    os.close(done)
    lab.on_release(partial(os.close, stop))
    handle = lab.keep(open(path, "r+b"))
    return partial(function, handle.fileno(), *arguments)


def _mapped(lab: Lab) -> mmap.mmap:
    return mmap.mmap(lab.descriptor(), 0)


def _handler(kind: Any) -> Case:
    return touches(
        lambda lab: partial(kind, lab.path()), delay=lambda lab: partial(kind, lab.path(), delay=True)
    )


def _logging_configuration(lab: Lab) -> str:
    return lab.file(
        b"[loggers]\nkeys=root\n[handlers]\nkeys=\n[formatters]\nkeys=\n[logger_root]\nlevel=INFO\nhandlers=\n"
    )


def _parsed_zip(name: str, *arguments: Any) -> Case:
    return touches(lambda lab: partial(getattr(lab.keep(zipfile.ZipFile(_zip(lab), "a")), name), *arguments))


def _zip_knows(name: str, *arguments: Any) -> Case:
    return free(lambda lab: partial(getattr(lab.keep(zipfile.ZipFile(_zip(lab))), name), *arguments))


def _tar_does(name: str, *arguments: Any) -> Case:
    return touches(lambda lab: partial(getattr(lab.keep(tarfile.open(_tar(lab))), name), *arguments))


def _iterate(tar: tarfile.TarFile) -> list[tarfile.TarInfo]:
    return list(tar)


def _adding(lab: Lab, name: str) -> Call:
    tar = lab.keep(tarfile.open(lab.path(), "w"))
    if name == "add":
        return partial(tar.add, lab.file(BIG))
    info = tarfile.TarInfo("a")
    info.size = len(BIG)
    return partial(tar.addfile, info, io.BytesIO(BIG))


def _changed_zip(lab: Lab) -> zipfile.ZipFile:
    archive = lab.keep(zipfile.ZipFile(lab.path(), "w"))
    archive.writestr("a", b"x")
    return archive


def _extracting(lab: Lab) -> Call:
    tar = lab.keep(tarfile.open(_tar(lab)))
    return partial(tar.extractfile, tar.getmembers()[0])


def _second_member(lab: Lab) -> Call:
    path = lab.path()
    with tarfile.open(path, "w") as archive:
        archive.add(lab.file(BIG), "a")
        archive.add(lab.file(BIG), "b")
    tar = lab.keep(tarfile.open(path))
    tar.next()
    return tar.next


def _dumped(module: Any) -> bytes:
    if module is json:
        return json.dumps([1]).encode()
    data: bytes = module.dumps({"a": 1})
    return data


def _loads(module: Any) -> Case:
    """From a file, and from memory."""
    return touches(
        lambda lab: partial(module.load, lab.keep(open(lab.file(_dumped(module)), "rb"))),
        fp=lambda _: partial(module.load, io.BytesIO(_dumped(module))),
    )


def _forget_temporary_folder() -> Call:
    tempfile.tempdir = None
    return tempfile.gettempdir


def _asking_first(function: Callable[..., Any], arguments: tuple[str, ...]) -> Call:
    mimetypes.inited = False
    mimetypes._db = None  # type: ignore[attr-defined]
    return partial(function, *arguments)


def _zone(make: Callable[[str], zoneinfo.ZoneInfo], lab: Lab) -> Call:
    """A time zone read from a folder of the test's, since the machine may have none."""
    folder = Path(lab.empty())
    empty = b"TZif2" + bytes(15)
    (folder / "Nowhere").write_bytes(
        empty + bytes(16) + b"\0\0\0\1\0\0\0\4" + bytes(6) + b"UTC\0"
        + empty + bytes(16) + b"\0\0\0\1\0\0\0\4" + bytes(6) + b"UTC\0" + b"\nUTC0\n"
    )  # fmt: skip
    zoneinfo.reset_tzpath([str(folder)])
    return partial(make, "Nowhere")


def _zones(lab: Lab) -> Call:
    _zone(zoneinfo.ZoneInfo, lab)
    return zoneinfo.available_timezones


_ROW = {"a": "x" * 100_000}

CASES: dict[str, Case] = {
    "builtins.open": touches(lambda lab: partial(open, lab.file())),
    "io.open_code": touches(lambda lab: partial(io.open_code, lab.file())),
    "codecs.open": touches(lambda lab: partial(codecs.open, lab.file(), encoding="utf-8")),
    "os.fdopen": free(lambda lab: partial(os.fdopen, lab.descriptor(os.O_RDONLY))),
    "tokenize.open": touches(lambda lab: partial(tokenize.open, lab.file())),
    "io.FileIO": touches(lambda lab: partial(io.FileIO, lab.file())),
    # The abstract classes, by a method of a concrete one
    **_of("io.IOBase", _on(_raw, "readline", "readlines", "truncate", "writelines", "__next__")),
    **_of("io.RawIOBase", _on(_raw, "read", "readall")),
    **_of("io.BufferedIOBase", _on(_reader, "read", "read1", "readinto", "readinto1")),
    "io.BufferedIOBase.write": _on(_writer, "write")["write"],
    **_of("io.TextIOBase", _on(_text, "read", "write", sample="line\n")),
    **_of("typing.IO", _on(_text, "read", "readline", "readlines", "write", "writelines", "truncate", "__next__", sample="line\n")),
    **_of("io.IOBase", _on(_writer, "flush", "close")),
    **_of("typing.IO", _on(_writer, "flush", "close")),
    **{
        f"{owner}.{name}": free(given(lambda name, lab: partial(getattr(lab.keep(_text(lab)), name), *((0,) if name == "seek" else ())), name))
        for owner in ("io.IOBase", "typing.IO")
        for name in ("fileno", "isatty", "readable", "writable", "seekable", "tell", "seek")
    },
    **_of("io.FileIO", _on(_raw, "read", "readall", "readline", "readlines", "readinto", "write", "writelines", "truncate", "__next__")),
    **_of("io.BufferedReader", _on(_reader, "read", "read1", "readline", "readlines", "readinto", "readinto1", "peek", "__next__")),
    **_of("io.BufferedWriter", _on(_writer, "write", "writelines", "truncate", "flush")),
    **_of("io.TextIOWrapper", _on(_text, "read", "readline", "readlines", "write", "writelines", "truncate", "flush", "__next__", sample="line\n")),
    "io.TextIOWrapper.reconfigure": free(lambda lab: partial(_text(lab).reconfigure, newline="")),
    **_of("codecs.StreamReaderWriter", _on(lambda lab: codecs.open(lab.file(), "r+", "utf-8"), "read", "readline", "readlines", "write", "writelines", "__next__", sample="line\n")),
    **_of("io.BytesIO", _in_memory(lambda: io.BytesIO(b"a\nb\n"), b"x", "read", "read1", "readline", "getvalue", "readlines", "readinto", "readinto1", "write", "writelines", "truncate", "flush", "close", "__next__")),
    **_of("io.StringIO", _in_memory(lambda: io.StringIO("a\nb\n"), "x", "read", "readline", "getvalue", "readlines", "write", "writelines", "truncate", "flush", "close", "__next__")),
    # Descriptors
    "os.open": touches(lambda lab: partial(os.open, lab.file(), os.O_RDONLY)),
    "os.pread": touches(lambda lab: partial(os.pread, lab.descriptor(), 4, 0)),
    "os.pwrite": touches(lambda lab: partial(os.pwrite, lab.descriptor(), b"x", 0)),
    "os.preadv": touches(lambda lab: partial(os.preadv, lab.descriptor(), [bytearray(4)], 0)),
    "os.pwritev": touches(lambda lab: partial(os.pwritev, lab.descriptor(), [b"x"], 0)),
    "os.truncate": touches(lambda lab: partial(os.truncate, lab.file(), 1)),
    "os.ftruncate": touches(lambda lab: partial(os.ftruncate, lab.descriptor(), 1)),
    "os.fsync": touches(lambda lab: partial(os.fsync, lab.descriptor())),
    "os.fdatasync": touches(lambda lab: partial(os.fdatasync, lab.descriptor())),
    "os.sync": touches(lambda _: os.sync, cold=True),
    "os.copy_file_range": touches(lambda lab: partial(os.copy_file_range, lab.descriptor(), lab.descriptor(), 4)),
    "os.posix_fallocate": touches(lambda lab: partial(os.posix_fallocate, lab.descriptor(), 0, 10)),
    "os.read": parks(lambda lab: partial(os.read, lab.silent_pipe(), 1)),
    "os.readv": parks(lambda lab: partial(os.readv, lab.silent_pipe(), [bytearray(1)])),
    "os.write": parks(lambda lab: partial(os.write, lab.full_pipe(), b"x" * 70_000)),
    "os.writev": parks(lambda lab: partial(os.writev, lab.full_pipe(), [b"x" * 70_000])),
    "os.sendfile": parks(lambda lab: partial(os.sendfile, lab.full_pipe(), lab.descriptor(), 0, 10)),
    "os.splice": parks(lambda lab: partial(os.splice, lab.silent_pipe(), lab.full_pipe(), 1)),
    "os.lockf": parks(
        partial(_record_lock, os.lockf, (os.F_LOCK, 0)),
        cmd=partial(_record_lock, os.lockf, (os.F_TLOCK, 0)),
    ),
    "fcntl.flock": parks(partial(_flock, fcntl.LOCK_EX), cmd=partial(_flock, fcntl.LOCK_EX | fcntl.LOCK_NB)),
    "fcntl.lockf": parks(
        partial(_record_lock, fcntl.lockf, (fcntl.LOCK_EX,)),
        cmd=partial(_record_lock, fcntl.lockf, (fcntl.LOCK_EX | fcntl.LOCK_NB,)),
    ),
    "os.close": free(lambda lab: partial(os.close, lab.descriptor())),
    "os.dup": free(lambda lab: partial(os.dup, lab.descriptor())),
    "os.dup2": free(lambda lab: partial(os.dup2, lab.descriptor(), 77)),
    "os.lseek": free(lambda lab: partial(os.lseek, lab.descriptor(), 0, 0)),
    "os.pipe": pure(os.pipe),
    "os.pipe2": pure(os.pipe2, 0),
    "os.set_blocking": free(lambda lab: partial(os.set_blocking, lab.silent_pipe(), False)),
    "os.get_blocking": free(lambda lab: partial(os.get_blocking, lab.silent_pipe())),
    "os.set_inheritable": free(lambda lab: partial(os.set_inheritable, lab.descriptor(), True)),
    "os.isatty": pure(os.isatty, 0),
    "os.memfd_create": pure(os.memfd_create, "x"),
    "os.eventfd": pure(os.eventfd, 0),
    "os.urandom": pure(os.urandom, 8),
    "os.getrandom": pure(os.getrandom, 8),
    "mmap.mmap": free(lambda lab: partial(mmap.mmap, lab.descriptor(), 0)),
    "mmap.mmap.flush": touches(lambda lab: _mapped(lab).flush),
    # tempfile
    "tempfile.NamedTemporaryFile": touches(lambda lab: partial(tempfile.NamedTemporaryFile, dir=lab.root)),
    "tempfile.TemporaryFile": touches(lambda lab: partial(tempfile.TemporaryFile, dir=lab.root)),
    "tempfile.mkstemp": touches(lambda lab: partial(tempfile.mkstemp, dir=lab.root)),
    "tempfile.mkdtemp": looks(lambda lab: partial(tempfile.mkdtemp, dir=lab.root)),
    "tempfile.TemporaryDirectory": looks(lambda lab: partial(tempfile.TemporaryDirectory, dir=lab.root)),
    "tempfile.TemporaryDirectory.cleanup": touches(lambda lab: tempfile.TemporaryDirectory(dir=lab.root).cleanup),
    "tempfile.gettempdir": touches(lambda _: _forget_temporary_folder(), cold=True),
    "tempfile.SpooledTemporaryFile": pure(tempfile.SpooledTemporaryFile, 100),
    **_of("tempfile.SpooledTemporaryFile", _on(partial(_spooled, "w+b"), "read", "readline", "readlines", "write", "writelines")),
    "tempfile.SpooledTemporaryFile.rollover": touches(lambda _: tempfile.SpooledTemporaryFile().rollover),
    # shutil
    **{
        f"shutil.{f.__name__}": touches(given(lambda f, lab: partial(f, lab.file(), lab.path()), f))
        for f in (shutil.copyfile, shutil.copy, shutil.copy2)
    },
    "shutil.move": looks(lambda lab: partial(shutil.move, lab.file(), lab.path())),
    "shutil.copytree": touches(lambda lab: partial(shutil.copytree, lab.folder(), lab.path())),
    "shutil.rmtree": touches(lambda lab: partial(shutil.rmtree, lab.folder())),
    "shutil.copyfileobj": touches(lambda lab: partial(shutil.copyfileobj, lab.keep(_reader(lab)), io.BytesIO())),
    "shutil.make_archive": touches(lambda lab: partial(shutil.make_archive, lab.path(), "zip", lab.folder())),
    "shutil.unpack_archive": touches(lambda lab: partial(shutil.unpack_archive, _zip(lab), lab.path())),
    "shutil.ignore_patterns": pure(shutil.ignore_patterns, "*"),
    "shutil.get_archive_formats": pure(shutil.get_archive_formats),
    "shutil.get_unpack_formats": pure(shutil.get_unpack_formats),
    # Archives
    **{
        f"zipfile.{f.__name__}": touches(
            given(lambda f, lab: partial(f, _zip(lab)), f), file=given(lambda f, lab: partial(f, _loaded(_zip(lab))), f)
        )
        for f in (zipfile.ZipFile, zipfile.PyZipFile, zipfile.is_zipfile)
    },
    "zipfile.ZipFile.extractall": touches(lambda lab: partial(lab.keep(zipfile.ZipFile(_zip(lab))).extractall, lab.empty())),
    "zipfile.ZipFile.extract": touches(lambda lab: partial(lab.keep(zipfile.ZipFile(_zip(lab))).extract, "a.txt", lab.empty())),
    "zipfile.ZipFile.write": touches(lambda lab: partial(lab.keep(zipfile.ZipFile(lab.path(), "w")).write, lab.file(BIG))),
    "zipfile.ZipFile.writestr": touches(lambda lab: partial(lab.keep(zipfile.ZipFile(lab.path(), "w")).writestr, "b", BIG)),
    "zipfile.ZipFile.testzip": _parsed_zip("testzip"),
    "zipfile.ZipFile.read": _parsed_zip("read", "a.txt"),
    "zipfile.ZipFile.open": _parsed_zip("open", "a.txt"),
    "zipfile.ZipFile.close": touches(lambda lab: _changed_zip(lab).close),
    "zipfile.ZipFile.namelist": _zip_knows("namelist"),
    "zipfile.ZipFile.infolist": _zip_knows("infolist"),
    "zipfile.ZipFile.getinfo": _zip_knows("getinfo", "a.txt"),
    **_of("zipfile.ZipExtFile", _on(lambda lab: zipfile.ZipFile(_zip(lab)).open("a.txt"), "read", "read1", "readline", "readlines", "__next__")),
    "zipfile.Path.read_text": touches(lambda lab: partial(zipfile.Path(_zip(lab), "a.txt").read_text, "utf-8")),
    "zipfile.Path.read_bytes": touches(lambda lab: zipfile.Path(_zip(lab), "a.txt").read_bytes),
    "zipfile.Path.joinpath": free(lambda lab: partial(zipfile.Path(_zip(lab)).joinpath, "a.txt")),
    "zipfile.Path.__truediv__": free(lambda lab: partial(zipfile.Path(_zip(lab)).__truediv__, "a.txt")),
    "tarfile.open": touches(
        lambda lab: partial(tarfile.open, _tar(lab)),
        fileobj=lambda lab: partial(tarfile.open, fileobj=_loaded(_tar(lab))),
    ),
    "tarfile.TarFile": touches(lambda lab: partial(tarfile.TarFile, _tar(lab))),
    "tarfile.TarFile.open": touches(lambda lab: partial(tarfile.TarFile.open, _tar(lab))),
    "tarfile.is_tarfile": touches(lambda lab: partial(tarfile.is_tarfile, _tar(lab))),
    "tarfile.TarFile.extractall": touches(lambda lab: partial(lab.keep(tarfile.open(_tar(lab))).extractall, lab.empty())),
    "tarfile.TarFile.extract": touches(lambda lab: partial(lab.keep(tarfile.open(_tar(lab))).extract, "a.txt", lab.empty())),
    "tarfile.TarFile.add": touches(lambda lab: _adding(lab, "add")),
    "tarfile.TarFile.addfile": touches(lambda lab: _adding(lab, "addfile")),
    "tarfile.TarFile.gettarinfo": looks(lambda lab: partial(lab.keep(tarfile.open(lab.path(), "w")).gettarinfo, lab.file())),
    "tarfile.TarFile.close": touches(lambda lab: lab.keep(tarfile.open(lab.path(), "w")).close),
    **{f"tarfile.TarFile.{name}": _tar_does(name) for name in ("list", "getmembers", "getnames")},
    "tarfile.TarFile.getmember": _tar_does("getmember", "a.txt"),
    "tarfile.TarFile.next": touches(_second_member),
    "tarfile.TarFile.__iter__": touches(lambda lab: partial(_iterate, lab.keep(tarfile.open(_tar(lab))))),
    "tarfile.TarFile.extractfile": free(_extracting),
    # Compressed files
    **{
        f"{m.__name__}.open": touches(
            given(lambda m, lab: partial(m.open, lab.file()), m), filename=given(lambda m, _: partial(m.open, io.BytesIO()), m)
        )
        for m in (gzip, bz2, lzma)
    },
    "gzip.GzipFile": _packed_class(gzip, "GzipFile"),
    "bz2.BZ2File": touches(
        lambda lab: partial(bz2.BZ2File, lab.file()), filename=lambda _: partial(bz2.BZ2File, io.BytesIO())
    ),
    "lzma.LZMAFile": touches(
        lambda lab: partial(lzma.LZMAFile, lab.file()), filename=lambda _: partial(lzma.LZMAFile, io.BytesIO())
    ),
    **{
        f"{m.__name__}.{kind}.{name}": case
        for m, kind in ((gzip, "GzipFile"), (bz2, "BZ2File"), (lzma, "LZMAFile"))
        for name, case in _on(partial(_packed, m), "read", "read1", "readline", "readlines", "__next__").items()
    },
    **{
        f"{m.__name__}.{kind}.{name}": touches(partial(_packing_method, m, name))
        for m, kind in ((gzip, "GzipFile"), (bz2, "BZ2File"), (lzma, "LZMAFile"))
        for name in ("write", "writelines")
    },
    # Parsers and serialisers on a handle
    **{
        f"{m.__name__}.load": _loads(m)
        for m in (json, pickle, marshal, plistlib)
    },
    "json.dump": touches(
        lambda lab: partial(json.dump, ["x" * 100_000], lab.keep(open(lab.path(), "w"))),
        fp=lambda _: partial(json.dump, ["x" * 100_000], io.StringIO()),
    ),
    **{
        f"{m.__name__}.dump": touches(
            given(lambda m, lab: partial(m.dump, {"a": BIG}, lab.keep(_writer(lab))), m),
            fp=given(lambda m, _: partial(m.dump, {"a": BIG}, io.BytesIO()), m),
        )
        for m in (pickle, marshal, plistlib)
    },
    "json.loads": pure(json.loads, "[1]"),
    "json.dumps": pure(json.dumps, [1]),
    "pickle.loads": pure(pickle.loads, pickle.dumps(1)),
    "pickle.dumps": pure(pickle.dumps, 1),
    "marshal.loads": pure(marshal.loads, marshal.dumps(1)),
    "marshal.dumps": pure(marshal.dumps, 1),
    "plistlib.loads": pure(plistlib.loads, plistlib.dumps({})),
    "plistlib.dumps": pure(plistlib.dumps, {}),
    "pickle.Pickler": free(lambda lab: partial(pickle.Pickler, lab.keep(_writer(lab)))),
    "pickle.Unpickler": free(lambda lab: partial(pickle.Unpickler, io.BytesIO(pickle.dumps(1)))),
    "pickle.Pickler.dump": touches(
        lambda lab: partial(pickle.Pickler(lab.keep(_writer(lab))).dump, BIG),
    ),
    "pickle.Unpickler.load": touches(
        lambda lab: pickle.Unpickler(lab.keep(open(lab.file(pickle.dumps(BIG)), "rb"))).load,
    ),
    "csv.reader": free(lambda lab: partial(csv.reader, lab.keep(_text(lab)))),
    "csv.DictReader": free(lambda lab: partial(csv.DictReader, lab.keep(_text(lab)))),
    "csv.DictWriter": free(lambda lab: partial(csv.DictWriter, lab.keep(_text(lab)), ["a"])),
    "csv.writer": free(lambda lab: partial(csv.writer, lab.keep(_text(lab)))),
    "csv.DictReader.__next__": touches(
        lambda lab: csv.DictReader(lab.keep(_text(lab))).__next__,
        on_file=lambda _: csv.DictReader(io.StringIO("a\nb\n")).__next__,
    ),
    "csv.DictWriter.writerow": touches(
        lambda lab: partial(csv.DictWriter(lab.keep(_text(lab)), ["a"]).writerow, _ROW),
        on_file=lambda _: partial(csv.DictWriter(io.StringIO(), ["a"]).writerow, _ROW),
    ),
    "csv.DictWriter.writerows": touches(
        lambda lab: partial(csv.DictWriter(lab.keep(_text(lab)), ["a"]).writerows, [_ROW]),
        on_file=lambda _: partial(csv.DictWriter(io.StringIO(), ["a"]).writerows, [_ROW]),
    ),
    "csv.DictWriter.writeheader": touches(
        lambda lab: csv.DictWriter(lab.keep(_text(lab)), ["a" * 100_000]).writeheader,
        on_file=lambda _: csv.DictWriter(io.StringIO(), ["a" * 100_000]).writeheader,
    ),
    "_csv.Writer.writerow": touches(
        lambda lab: partial(csv.writer(lab.keep(_text(lab))).writerow, ["x" * 100_000]),
        on_file=lambda _: partial(csv.writer(io.StringIO()).writerow, ["x" * 100_000]),
    ),
    "_csv.Writer.writerows": touches(
        lambda lab: partial(csv.writer(lab.keep(_text(lab))).writerows, [["x" * 100_000]]),
        on_file=lambda _: partial(csv.writer(io.StringIO()).writerows, [["x" * 100_000]]),
    ),
    "configparser.RawConfigParser.read": touches(lambda lab: partial(_parser().read, lab.file(b"[x]\n"))),
    "configparser.RawConfigParser.read_file": touches(lambda lab: partial(_parser().read_file, lab.keep(open(lab.file(b"[x]\n"))))),
    "configparser.RawConfigParser.write": touches(lambda lab: partial(_parser(f"[a]\nb = {'x' * 100_000}").write, lab.keep(open(lab.path(), "w")))),
    **{
        f"configparser.RawConfigParser.{name}": method(_parser, name, *arguments)
        for name, arguments in {
            "read_string": ("[x]\n",), "read_dict": ({"x": {}},), "get": ("a", "b"), "getint": ("a", "b"),
            "getfloat": ("a", "b"), "getboolean": ("a", "b"), "set": ("a", "b", "2"), "add_section": ("c",),
            "has_section": ("a",), "has_option": ("a", "b"), "sections": (), "options": ("a",), "items": ("a",),
            "remove_option": ("a", "b"), "remove_section": ("a",),
        }.items()
    },
    "xml.etree.ElementTree.parse": touches(
        lambda lab: partial(ET.parse, lab.file(XML)), source=lambda _: partial(ET.parse, io.BytesIO(XML))
    ),
    "xml.etree.ElementTree.iterparse": touches(lambda lab: partial(ET.iterparse, lab.file(XML))),
    "xml.etree.ElementTree.ElementTree.parse": touches(lambda lab: partial(_tree().parse, lab.file(XML))),
    "xml.etree.ElementTree.ElementTree.write": touches(lambda lab: partial(_tree().write, lab.path())),
    "xml.etree.ElementTree.ElementTree.getroot": method(_tree, "getroot"),
    "xml.etree.ElementTree.ElementTree.find": method(_tree, "find", "b"),
    "xml.etree.ElementTree.fromstring": pure(ET.fromstring, XML),
    "xml.etree.ElementTree.tostring": pure(ET.tostring, ET.fromstring(XML)),
    "xml.dom.minidom.parse": touches(lambda lab: partial(xml.dom.minidom.parse, lab.file(XML))),
    "xml.dom.minidom.parseString": pure(xml.dom.minidom.parseString, XML),
    "xml.dom.pulldom.parse": touches(lambda lab: partial(xml.dom.pulldom.parse, lab.file(XML))),
    "xml.sax.parse": touches(lambda lab: partial(xml.sax.parse, lab.file(XML), xml.sax.ContentHandler())),
    "xml.sax.parseString": pure(xml.sax.parseString, XML, xml.sax.ContentHandler()),
    # Logging
    "logging.FileHandler": _handler(logging.FileHandler),
    "logging.handlers.RotatingFileHandler": _handler(logging.handlers.RotatingFileHandler),
    "logging.handlers.TimedRotatingFileHandler": _handler(logging.handlers.TimedRotatingFileHandler),
    "logging.handlers.WatchedFileHandler": touches(lambda lab: partial(logging.handlers.WatchedFileHandler, lab.path())),
    "logging.basicConfig": touches(
        lambda lab: partial(logging.basicConfig, filename=lab.path(), force=True),
        filename=lambda _: partial(logging.basicConfig, force=True),
    ),
    "logging.config.fileConfig": touches(lambda lab: partial(logging.config.fileConfig, _logging_configuration(lab))),
    # Files behind plain names
    "netrc.netrc": touches(lambda lab: partial(netrc.netrc, lab.file(b"machine a login b password c\n"))),
    "mimetypes.init": touches(lambda lab: partial(mimetypes.init, [lab.file(b"a/b c\n")])),
    "mimetypes.read_mime_types": touches(lambda lab: partial(mimetypes.read_mime_types, lab.file(b"a/b c\n"))),
    **{
        f"mimetypes.{f.__name__}": touches(given(lambda f, a, _: _asking_first(f, a), f, a), "data", "meta", cold=True)
        for f, a in (
            (mimetypes.guess_type, ("a.txt",)), (mimetypes.guess_extension, ("text/plain",)),
            (mimetypes.guess_all_extensions, ("text/plain",)), (mimetypes.add_type, ("a/b", ".c")),
        )
    },
    "linecache.getline": touches(lambda lab: partial(linecache.getline, lab.file(), 1)),
    "linecache.getlines": touches(lambda lab: partial(linecache.getlines, lab.file())),
    "zoneinfo.ZoneInfo": touches(partial(_zone, zoneinfo.ZoneInfo), cold=True),
    "zoneinfo.ZoneInfo.no_cache": touches(partial(_zone, zoneinfo.ZoneInfo.no_cache)),
    "zoneinfo.available_timezones": touches(_zones),
    "platform.freedesktop_os_release": touches(lambda _: platform.freedesktop_os_release, cold=True),
    "platform.libc_ver": touches(
        lambda _: partial(platform.libc_ver, sys.executable), executable=lambda _: platform.libc_ver
    ),
}  # fmt: skip
if sys.version_info >= (3, 11):
    import tomllib

    CASES["tempfile.SpooledTemporaryFile.__next__"] = _on(partial(_spooled, "w+b"), "__next__")["__next__"]
    CASES["tomllib.load"] = touches(
        lambda lab: partial(tomllib.load, lab.keep(open(lab.file(b"a = 1"), "rb"))),
        fp=lambda _: partial(tomllib.load, io.BytesIO(b"a = 1")),
    )
    CASES["tomllib.loads"] = pure(tomllib.loads, "a = 1")
    CASES["zipfile.ZipFile.mkdir"] = touches(
        lambda lab: partial(lab.keep(zipfile.ZipFile(lab.path(), "w")).mkdir, "a" * 60_000)
    )
