"""pathlib: what looks at the file system, and what works on the text of the path."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path, PosixPath, PurePath, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

from blockcheck.catalogue.verification.cases.shapes import free, looks, pure, touches

if TYPE_CHECKING:
    from blockcheck.catalogue.verification.lab import Lab
    from blockcheck.catalogue.verification.observe import Call, Case

PURE = PurePath("/a/b.txt")


def _listing(name: str, arguments: tuple[Any, ...], lab: Lab) -> Call:
    """The result consumed; calling alone is told apart by the catalogue's `lazy`."""
    return partial(_consume, getattr(Path(lab.folder()), name), arguments)


def _consume(method: Any, arguments: tuple[Any, ...]) -> Any:
    return iter(list(method(*arguments)))


def _of_file(name: str, *arguments: Any) -> Case:
    return looks(lambda lab: partial(getattr(Path(lab.file()), name), *arguments))


CASES: dict[str, Case] = {
    **{f"pathlib.{k.__name__}": pure(k, "a") for k in (Path, PurePath, PosixPath, PurePosixPath, PureWindowsPath)},
    **{
        f"pathlib.PurePath.{name}": pure(getattr(PURE, name), *arguments)
        for name, arguments in {
            "joinpath": ("x",), "__truediv__": ("x",), "__rtruediv__": ("x",), "with_name": ("x",),
            "with_stem": ("x",), "with_suffix": (".x",), "relative_to": ("/a",), "as_posix": (), "as_uri": (),
            "__str__": (), "__fspath__": (), "match": ("*.txt",), "is_absolute": (), "is_relative_to": ("/a",),
            "__bytes__": (), "__eq__": (PURE,), "__hash__": (),
        }.items()
    },
    "pathlib.Path.absolute": pure(Path("a").absolute),
    "pathlib.Path.expanduser": pure(Path("~/a").expanduser),
    "pathlib.Path.cwd": pure(Path.cwd),
    "pathlib.Path.home": pure(Path.home),
    "pathlib.Path.open": touches(lambda lab: Path(lab.file()).open),
    "pathlib.Path.read_text": touches(lambda lab: partial(Path(lab.file()).read_text, "utf-8")),
    "pathlib.Path.read_bytes": touches(lambda lab: Path(lab.file()).read_bytes),
    "pathlib.Path.write_text": touches(lambda lab: partial(Path(lab.path()).write_text, "x", "utf-8")),
    "pathlib.Path.write_bytes": touches(lambda lab: partial(Path(lab.path()).write_bytes, b"x")),
    **{
        f"pathlib.Path.{name}": _of_file(name)
        for name in (
            "exists", "is_file", "is_dir", "is_symlink", "is_mount", "is_socket", "is_fifo", "is_block_device",
            "is_char_device", "owner", "group", "unlink", "touch", "stat", "lstat", "resolve",
        )
    },
    "pathlib.Path.samefile": looks(lambda lab: partial(Path(lab.file()).samefile, lab.file())),
    "pathlib.Path.chmod": _of_file("chmod", 0o600),
    "pathlib.Path.mkdir": looks(lambda lab: Path(lab.path()).mkdir),
    "pathlib.Path.rmdir": looks(lambda lab: Path(lab.empty()).rmdir),
    "pathlib.Path.symlink_to": looks(lambda lab: partial(Path(lab.path()).symlink_to, lab.file())),
    "pathlib.Path.hardlink_to": looks(lambda lab: partial(Path(lab.path()).hardlink_to, lab.file())),
    "pathlib.Path.readlink": looks(lambda lab: Path(lab.link()).readlink),
    "pathlib.Path.rename": looks(lambda lab: partial(Path(lab.file()).rename, lab.path())),
    "pathlib.Path.replace": looks(lambda lab: partial(Path(lab.file()).replace, lab.path())),
    "pathlib.Path.iterdir": looks(partial(_listing, "iterdir", ())),
    "pathlib.Path.glob": looks(partial(_listing, "glob", ("*",))),
    "pathlib.Path.rglob": looks(partial(_listing, "rglob", ("*",))),
}  # fmt: skip
if sys.version_info >= (3, 12):
    CASES["pathlib.Path.walk"] = looks(partial(_listing, "walk", ()))
    CASES["pathlib.Path.is_junction"] = free(lambda lab: Path(lab.file()).is_junction)
    CASES["pathlib.PurePath.with_segments"] = pure(PURE.with_segments, "a")
    CASES["os.DirEntry.is_junction"] = free(lambda lab: next(iter(os.scandir(lab.folder()))).is_junction)
if sys.version_info >= (3, 13):
    CASES["pathlib.PurePath.full_match"] = pure(PURE.full_match, "*")
    CASES["pathlib.Path.from_uri"] = pure(Path.from_uri, "file:///abc")
