"""Seeing a system call without a tracer: a seccomp filter that ends the process at the first one watched.

The filter is one way, so it belongs in a forked child. Numbers are x86-64's; elsewhere `available` is false.
"""

from __future__ import annotations

import ctypes
import platform
import struct
import sys

# Reading, writing and opening: what kind `file` is about.
DATA = {
    "open": 2, "openat": 257, "openat2": 437, "creat": 85, "read": 0, "write": 1, "pread64": 17, "pwrite64": 18,
    "readv": 19, "writev": 20, "preadv": 295, "pwritev": 296, "preadv2": 327, "pwritev2": 328, "sendfile": 40,
    "splice": 275, "copy_file_range": 326, "fsync": 74, "fdatasync": 75, "sync": 162, "truncate": 76, "ftruncate": 77,
    "fallocate": 285, "msync": 26, "flock": 73,
}  # fmt: skip
# Asking about names and changing them: kind `fs-metadata`.
META = {
    "stat": 4, "lstat": 6, "newfstatat": 262, "statx": 332, "access": 21, "faccessat": 269, "faccessat2": 439,
    "readlink": 89, "readlinkat": 267, "getdents": 78, "getdents64": 217, "statfs": 137, "fstatfs": 138,
    "chmod": 90, "fchmod": 91, "fchmodat": 268, "chown": 92, "fchown": 93, "lchown": 94, "fchownat": 260,
    "utimensat": 280, "utimes": 235, "mkdir": 83, "mkdirat": 258, "rmdir": 84, "unlink": 87, "unlinkat": 263,
    "rename": 82, "renameat": 264, "renameat2": 316, "link": 86, "linkat": 265, "symlink": 88, "symlinkat": 266,
    "mknod": 133, "mknodat": 259, "chdir": 80, "fchdir": 81, "setxattr": 188, "lsetxattr": 189, "fsetxattr": 190,
    "getxattr": 191, "lgetxattr": 192, "fgetxattr": 193, "listxattr": 194, "llistxattr": 195, "flistxattr": 196,
    "removexattr": 197, "lremovexattr": 198, "fremovexattr": 199,
}  # fmt: skip
FSTAT = {"fstat": 5}
NET = {
    "connect": 42, "accept": 43, "accept4": 288, "sendto": 44, "recvfrom": 45, "sendmsg": 46, "recvmsg": 47,
    "sendmmsg": 307, "recvmmsg": 299, "poll": 7, "ppoll": 271, "select": 23, "pselect6": 270, "epoll_wait": 232,
    "epoll_pwait": 281, "epoll_pwait2": 441,
}  # fmt: skip
WAIT = {
    "nanosleep": 35,
    "clock_nanosleep": 230,
    "pause": 34,
    "rt_sigtimedwait": 128,
    "wait4": 61,
    "waitid": 247,
}
SPAWN = {"fork": 57, "vfork": 58, "execve": 59, "execveat": 322}
CLONE = {"clone": 56, "clone3": 435}

GROUPS: dict[str, dict[str, int]] = {
    "data": DATA,
    "meta": META,
    "fstat": FSTAT,
    "net": NET,
    "wait": WAIT,
    "spawn": {**SPAWN, **CLONE},
    # Everything that may hold a thread up, threads themselves aside: what kind `none` must not do.
    "any": {**DATA, **META, **NET, **WAIT, **SPAWN},
}

_LOAD = 0x20
_JUMP_EQUAL = 0x15
_JUMP_GREATER = 0x25
_JUMP_SET = 0x45
_RETURN = 0x06
_KILL = 0x80000000
_ALLOW = 0x7FFF0000
_NUMBER = 0  # offsets into struct seccomp_data
_FIRST_ARGUMENT = 16
_FOURTH_ARGUMENT = 40
_EMPTY_PATH = 0x1000
_NO_NEW_PRIVILEGES = 38
_SET_SECCOMP = 22


def available() -> bool:
    """Whether system calls can be watched on this machine."""
    return sys.platform == "linux" and platform.machine() == "x86_64"


def watch(groups: tuple[str, ...], allow: tuple[str, ...] = ()) -> None:
    """From now on, end this process with SIGSYS at a system call of these groups.

    Writing to descriptors up to 2 stays allowed: the observer listens there. ``newfstatat`` on an open
    descriptor counts as ``fstat``, which is how the C library asks.
    """
    numbers = {name: number for group in groups for name, number in GROUPS[group].items()}
    program = [_instruction(_LOAD, 0, 0, _NUMBER)]
    for name, number in numbers.items():
        if name in allow:
            continue
        if name == "write":
            program += [
                _instruction(_JUMP_EQUAL, 0, 4, number),
                _instruction(_LOAD, 0, 0, _FIRST_ARGUMENT),
                _instruction(_JUMP_GREATER, 0, 1, 2),
                _instruction(_RETURN, 0, 0, _KILL),
                _instruction(_RETURN, 0, 0, _ALLOW),
            ]
        elif name == "newfstatat" and "fstat" not in groups:
            program += [
                _instruction(_JUMP_EQUAL, 0, 4, number),
                _instruction(_LOAD, 0, 0, _FOURTH_ARGUMENT),
                _instruction(_JUMP_SET, 1, 0, _EMPTY_PATH),
                _instruction(_RETURN, 0, 0, _KILL),
                _instruction(_RETURN, 0, 0, _ALLOW),
            ]
        else:
            program += [_instruction(_JUMP_EQUAL, 0, 1, number), _instruction(_RETURN, 0, 0, _KILL)]
    program.append(_instruction(_RETURN, 0, 0, _ALLOW))
    code = ctypes.create_string_buffer(b"".join(program))
    descriptor = _Program(len(program), ctypes.cast(code, ctypes.c_void_p))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or libc.prctl(
        _SET_SECCOMP, 2, ctypes.byref(descriptor), 0, 0
    ):
        raise OSError(ctypes.get_errno(), "no seccomp filter on this machine")


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))


def _instruction(code: int, if_true: int, if_false: int, operand: int) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, operand)
