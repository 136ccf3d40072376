"""Names and attributes of files, and the functions on the text of a path."""

from __future__ import annotations

import contextlib
import filecmp
import fnmatch
import glob
import os
import shutil
import stat
from functools import partial
from typing import TYPE_CHECKING, Any

from blockcheck.catalogue.verification.cases.shapes import free, looks, pure, touches

if TYPE_CHECKING:
    from blockcheck.catalogue.verification.lab import Lab
    from blockcheck.catalogue.verification.observe import Call, Case


def _walk(walk: Any, lab: Lab) -> Call:
    """Walking happens when the result is iterated; making it does nothing, which `_lazily` shows."""
    return partial(list, walk(lab.folder()))


def _attribute(lab: Lab) -> str:
    path = lab.file()
    with contextlib.suppress(OSError):  # the file system has none: the call is made all the same
        os.setxattr(path, "user.a", b"x")
    return path


def _entry(lab: Lab) -> os.DirEntry[str]:
    return next(iter(os.scandir(lab.folder())))


def _linked_entry(lab: Lab) -> os.DirEntry[str]:
    folder = lab.empty()
    os.symlink(lab.file(), os.path.join(folder, "link"))
    return next(iter(os.scandir(folder)))


def _nested(lab: Lab) -> str:
    path = os.path.join(lab.path(), "a")
    os.makedirs(path)
    return path


def _to_new(function: Any) -> Case:
    return looks(lambda lab: partial(function, lab.file(), lab.path()))


def _of_file(function: Any, *arguments: Any) -> Case:
    return looks(lambda lab: partial(function, lab.file(), *arguments))


def _suppressing(function: Any, *arguments: Any) -> Any:
    """Extended attributes: that the file system refuses them does not matter to who asks for the call."""
    try:
        return function(*arguments)
    except OSError:
        return None


ME = (os.getuid(), os.getgid())
CASES: dict[str, Case] = {
    "os.stat": _of_file(os.stat),
    "os.lstat": _of_file(os.lstat),
    "os.fstat": touches(lambda lab: partial(os.fstat, lab.descriptor()), "meta", "fstat"),
    "os.statvfs": _of_file(os.statvfs),
    "os.fstatvfs": looks(lambda lab: partial(os.fstatvfs, lab.descriptor())),
    "os.access": _of_file(os.access, os.R_OK),
    "os.chmod": _of_file(os.chmod, 0o600),
    "os.fchmod": looks(lambda lab: partial(os.fchmod, lab.descriptor(), 0o600)),
    "os.chown": _of_file(os.chown, *ME),
    "os.lchown": _of_file(os.lchown, *ME),
    "os.fchown": looks(lambda lab: partial(os.fchown, lab.descriptor(), *ME)),
    "os.utime": _of_file(os.utime),
    "os.link": _to_new(os.link),
    "os.symlink": _to_new(os.symlink),
    "os.rename": _to_new(os.rename),
    "os.renames": _to_new(os.renames),
    "os.replace": _to_new(os.replace),
    "os.mkdir": looks(lambda lab: partial(os.mkdir, lab.path())),
    "os.makedirs": looks(lambda lab: partial(os.makedirs, lab.path())),
    "os.mkfifo": looks(lambda lab: partial(os.mkfifo, lab.path())),
    "os.mknod": looks(lambda lab: partial(os.mknod, lab.path(), stat.S_IFREG | 0o600)),
    "os.remove": _of_file(os.remove),
    "os.unlink": _of_file(os.unlink),
    "os.rmdir": looks(lambda lab: partial(os.rmdir, lab.empty())),
    "os.removedirs": looks(lambda lab: partial(os.removedirs, _nested(lab))),
    "os.chdir": looks(lambda lab: partial(os.chdir, lab.empty())),
    "os.fchdir": looks(lambda lab: partial(os.fchdir, os.open(lab.empty(), os.O_RDONLY))),
    "os.getxattr": looks(lambda lab: partial(_suppressing, os.getxattr, _attribute(lab), "user.a")),
    "os.setxattr": looks(lambda lab: partial(_suppressing, os.setxattr, lab.file(), "user.a", b"x")),
    "os.listxattr": looks(lambda lab: partial(_suppressing, os.listxattr, lab.file())),
    "os.removexattr": looks(lambda lab: partial(_suppressing, os.removexattr, _attribute(lab), "user.a")),
    "os.pathconf": _of_file(os.pathconf, "PC_LINK_MAX"),
    "os.getcwd": pure(os.getcwd),
    "os.readlink": looks(lambda lab: partial(os.readlink, lab.link())),
    "os.listdir": looks(lambda lab: partial(os.listdir, lab.folder())),
    "os.scandir": touches(lambda lab: partial(os.scandir, lab.folder())),
    "os.ScandirIterator.__next__": looks(lambda lab: os.scandir(lab.folder()).__next__),
    "os.ScandirIterator.close": free(lambda lab: os.scandir(lab.folder()).close),
    "os.DirEntry.stat": looks(lambda lab: _entry(lab).stat),
    "os.DirEntry.is_dir": looks(lambda lab: _linked_entry(lab).is_dir),
    "os.DirEntry.is_file": looks(lambda lab: _linked_entry(lab).is_file),
    "os.DirEntry.is_symlink": free(lambda lab: _entry(lab).is_symlink),
    "os.DirEntry.inode": free(lambda lab: _entry(lab).inode),
    "os.walk": looks(partial(_walk, os.walk)),
    "os.fwalk": looks(partial(_walk, os.fwalk)),
    **{
        f"os.path.{f.__name__}": _of_file(f)
        for f in (
            os.path.exists, os.path.lexists, os.path.isfile, os.path.isdir, os.path.islink, os.path.ismount,
            os.path.getsize, os.path.getmtime, os.path.getatime, os.path.getctime, os.path.realpath,
        )
    },
    "os.path.samefile": looks(lambda lab: partial(os.path.samefile, lab.file(), lab.file())),
    "os.path.sameopenfile": touches(
        lambda lab: partial(os.path.sameopenfile, lab.descriptor(), lab.descriptor()), "meta", "fstat"
    ),
    **{
        f"os.path.{name}": pure(getattr(os.path, name), "a/../b.txt")
        for name in (
            "normpath", "normcase", "abspath", "basename", "dirname", "expandvars", "relpath", "split", "splitext",
            "splitdrive", "isabs",
        )
    },
    "os.path.join": pure(os.path.join, "a", "b"),
    "os.path.expanduser": pure(os.path.expanduser, "~/a"),
    "os.path.commonpath": pure(os.path.commonpath, ["a/b", "a/c"]),
    "os.path.commonprefix": pure(os.path.commonprefix, ["a/b", "a/c"]),
    "os.path.samestat": free(lambda _: partial(os.path.samestat, os.stat("."), os.stat("."))),
    "os.fspath": pure(os.fspath, "a"),
    "os.fsdecode": pure(os.fsdecode, b"a"),
    "os.fsencode": pure(os.fsencode, "a"),
    "os.strerror": pure(os.strerror, 1),
    **{
        f"os.{f.__name__}": pure(f)
        for f in (
            os.getpid, os.getppid, os.getuid, os.geteuid, os.getgid, os.getegid, os.uname, os.sched_yield, os.times,
        )
    },
    "os.umask": pure(os.umask, 0o022),
    "os.nice": pure(os.nice, 0),
    "os.sched_getaffinity": pure(os.sched_getaffinity, 0),
    "os.kill": pure(os.kill, os.getpid(), 0),
    "os.killpg": pure(os.killpg, os.getpgid(0), 0),
    "os.getpgid": pure(os.getpgid, 0),
    "os.cpu_count": free(lambda _: os.cpu_count, allow=("openat", "read")),
    "os.getloadavg": free(lambda _: os.getloadavg, allow=("openat", "read")),
    "os.environ.get": pure(os.environ.get, "HOME"),
    "os.environ.pop": pure(os.environ.pop, "NOT_SET", None),
    "os.environ.setdefault": pure(os.environ.setdefault, "HOME", ""),
    "os.environ.copy": pure(os.environ.copy),
    "os.environ.update": pure(os.environ.update, {"A": "1"}),
    "os.environ.keys": pure(os.environ.keys),
    "os.environ.values": pure(os.environ.values),
    "os.environ.items": pure(os.environ.items),
    "os.environ.__getitem__": pure(os.environ.__getitem__, "PATH"),
    "os.environ.__contains__": pure(os.environ.__contains__, "PATH"),
    "os.getenv": pure(os.getenv, "PATH"),
    "os.putenv": pure(os.putenv, "A", "1"),
    "os.unsetenv": pure(os.unsetenv, "A"),
    "glob.glob": looks(lambda lab: partial(glob.glob, lab.folder() + "/*")),
    "glob.iglob": looks(lambda lab: partial(list, glob.iglob(lab.folder() + "/*"))),
    "glob.escape": pure(glob.escape, "*"),
    "glob.has_magic": pure(glob.has_magic, "*"),
    "fnmatch.fnmatch": pure(fnmatch.fnmatch, "a", "*"),
    "fnmatch.fnmatchcase": pure(fnmatch.fnmatchcase, "a", "*"),
    "fnmatch.translate": pure(fnmatch.translate, "*"),
    "fnmatch.filter": pure(fnmatch.filter, ["a"], "*"),
    "shutil.which": looks(lambda _: partial(shutil.which, "sh")),
    "shutil.disk_usage": looks(lambda lab: partial(shutil.disk_usage, lab.root)),
    "shutil.chown": looks(lambda lab: partial(shutil.chown, lab.file(), ME[0])),
    "shutil.copymode": looks(lambda lab: partial(shutil.copymode, lab.file(), lab.file())),
    "shutil.copystat": looks(lambda lab: partial(shutil.copystat, lab.file(), lab.file())),
    "filecmp.cmp": touches(lambda lab: partial(filecmp.cmp, lab.file(), lab.file(), shallow=False)),
    "filecmp.cmpfiles": touches(lambda lab: partial(filecmp.cmpfiles, lab.folder(), lab.folder(), ["file.txt"], False)),
}  # fmt: skip
