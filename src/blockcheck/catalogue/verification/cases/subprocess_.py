"""Child processes, and the functions that start one behind a plain name."""

from __future__ import annotations

import ctypes.util
import os
import platform
import pty
import subprocess
import time
import uuid
from functools import partial
from typing import TYPE_CHECKING, Any

from blockcheck.catalogue.verification.cases.shapes import free, parks, pure, touches

if TYPE_CHECKING:
    from collections.abc import Callable

    from blockcheck.catalogue.verification.lab import Lab
    from blockcheck.catalogue.verification.observe import Call, Case

NAP = ["sleep", "0.3"]
NAP_SHELL = "sleep 0.3"


def _napping(lab: Lab, **options: Any) -> subprocess.Popen[bytes]:
    return lab.keep(subprocess.Popen(NAP, **options))


def _ended(lab: Lab) -> subprocess.Popen[bytes]:
    """A child of which `poll` has told that it has ended."""
    child = lab.keep(subprocess.Popen(["true"]))
    while child.poll() is None:
        time.sleep(0.001)
    return child


def _of_napping(name: str, *arguments: Any) -> Case:
    return free(lambda lab: partial(getattr(_napping(lab), name), *arguments))


def _reading(name: str, *arguments: Any) -> Case:
    def make(lab: Lab) -> Call:
        return partial(getattr(_napping(lab, stdout=subprocess.PIPE).stdout, name), *arguments)

    return parks(make)


def _writing(name: str, *arguments: Any) -> Case:
    """To a child that does not read."""

    def make(lab: Lab) -> Call:
        pipe = _napping(lab, stdin=subprocess.PIPE, bufsize=200_000).stdin
        if name == "flush":
            assert pipe is not None
            pipe.write(b"x" * 150_000)
        return partial(getattr(pipe, name), *arguments)

    return parks(make)


def _child(_: Lab) -> int:
    return os.spawnlp(os.P_NOWAIT, NAP[0], *NAP)


def _waiting(wait: Any, *arguments: Any) -> Any:
    """Waiting for any child needs one."""

    def make(lab: Lab) -> Call:
        _child(lab)
        return partial(wait, *arguments)

    return make


def _of_child(wait: Any, *arguments: Any) -> Any:
    return lambda lab: partial(wait, _child(lab), *arguments)


def _forking(fork: Any) -> Any:
    """Fork and have the child go at once."""
    result = fork()
    if result == 0 or (isinstance(result, tuple) and result[0] == 0):
        os._exit(0)
    return result


def _spawns(*arguments: Any) -> Case:
    name, *rest = arguments

    def call(mode: int) -> Any:
        return lambda _: partial(getattr(os, name), mode, *rest)

    return parks(call(os.P_WAIT), mode=call(os.P_NOWAIT))


def _typescript(lab: Lab) -> Call:
    lab.silent_stdin()
    return partial(pty.spawn, NAP)


SLEEP = "/bin/sleep"


def _asked_anew(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function without the answers that somebody asked for before: a test runner may have."""
    platform._uname_cache = None  # type: ignore[attr-defined]
    platform._platform_cache.clear()  # type: ignore[attr-defined]
    return function


CASES: dict[str, Case] = {
    "subprocess.run": parks(lambda _: partial(subprocess.run, NAP)),
    "subprocess.call": parks(lambda _: partial(subprocess.call, NAP)),
    "subprocess.check_call": parks(lambda _: partial(subprocess.check_call, NAP)),
    "subprocess.check_output": parks(lambda _: partial(subprocess.check_output, NAP)),
    "subprocess.getoutput": parks(lambda _: partial(subprocess.getoutput, NAP_SHELL)),
    "subprocess.getstatusoutput": parks(lambda _: partial(subprocess.getstatusoutput, NAP_SHELL)),
    "subprocess.Popen": touches(lambda _: partial(subprocess.Popen, ["true"]), "spawn"),
    "subprocess.Popen.communicate": parks(lambda lab: _napping(lab).communicate),
    "subprocess.Popen.wait": parks(
        lambda lab: _napping(lab).wait,
        timeout=lambda lab: partial(_napping(lab).wait, timeout=0),
        ended=lambda lab: _ended(lab).wait,
    ),
    "subprocess.Popen.__exit__": parks(
        lambda lab: partial(_napping(lab).__exit__, None, None, None),
        ended=lambda lab: partial(_ended(lab).__exit__, None, None, None),
    ),
    "subprocess.Popen.poll": free(lambda lab: _napping(lab).poll, allow=("wait4",)),
    "subprocess.Popen.send_signal": free(lambda lab: partial(_napping(lab).send_signal, 0), allow=("wait4",)),
    "subprocess.Popen.terminate": free(lambda lab: _napping(lab).terminate, allow=("wait4",)),
    "subprocess.Popen.kill": free(lambda lab: _napping(lab).kill, allow=("wait4",)),
    "subprocess.CompletedProcess.check_returncode": pure(subprocess.CompletedProcess([], 0).check_returncode),
    "subprocess.list2cmdline": pure(subprocess.list2cmdline, ["a"]),
    **{f"subprocess.PipeReader.{n}": _reading(n, *a) for n, a in {
        "read": (), "read1": (), "readline": (), "readlines": (), "readinto": (bytearray(1),), "peek": (), "__next__": (),
    }.items()},
    "subprocess.PipeWriter.write": _writing("write", b"x" * 300_000),
    "subprocess.PipeWriter.writelines": _writing("writelines", [b"x" * 300_000]),
    "subprocess.PipeWriter.flush": _writing("flush"),
    "os.system": parks(lambda _: partial(os.system, NAP_SHELL)),
    "os.popen": touches(lambda _: partial(os.popen, "true"), "spawn"),
    "os.waitpid": parks(_of_child(os.waitpid, 0), options=_of_child(os.waitpid, os.WNOHANG)),
    "os.wait3": parks(_waiting(os.wait3, 0), options=_waiting(os.wait3, os.WNOHANG)),
    "os.wait4": parks(_of_child(os.wait4, 0), options=_of_child(os.wait4, os.WNOHANG)),
    "os.waitid": parks(
        _waiting(os.waitid, os.P_ALL, 0, os.WEXITED), options=_waiting(os.waitid, os.P_ALL, 0, os.WEXITED | os.WNOHANG)
    ),
    "os.wait": parks(_waiting(os.wait)),
    "os.spawnl": _spawns("spawnl", SLEEP, *NAP),
    "os.spawnle": _spawns("spawnle", SLEEP, *NAP, {}),
    "os.spawnlp": _spawns("spawnlp", NAP[0], *NAP),
    "os.spawnlpe": _spawns("spawnlpe", NAP[0], *NAP, {"PATH": "/bin:/usr/bin"}),
    "os.spawnv": _spawns("spawnv", SLEEP, NAP),
    "os.spawnve": _spawns("spawnve", SLEEP, NAP, {}),
    "os.spawnvp": _spawns("spawnvp", NAP[0], NAP),
    "os.spawnvpe": _spawns("spawnvpe", NAP[0], NAP, {"PATH": "/bin:/usr/bin"}),
    "os.posix_spawn": touches(lambda _: partial(os.posix_spawn, "/bin/true", ["true"], {}), "spawn"),
    "os.posix_spawnp": touches(lambda _: partial(os.posix_spawnp, "true", ["true"], {}), "spawn"),
    "os.fork": touches(lambda _: partial(_forking, os.fork), "spawn"),
    "os.forkpty": touches(lambda _: partial(_forking, os.forkpty), "spawn"),
    "pty.fork": touches(lambda _: partial(_forking, pty.fork), "spawn"),
    "pty.spawn": parks(_typescript),
    "platform.processor": touches(lambda _: _asked_anew(platform.processor), "spawn", cold=True),
    "platform.platform": touches(lambda _: _asked_anew(platform.platform), "spawn", cold=True),
    "platform.architecture": touches(lambda _: platform.architecture, "spawn", "data", "meta"),
    "platform.uname": pure(platform.uname),
    **{
        f"platform.{f.__name__}": pure(f)
        for f in (
            platform.system, platform.node, platform.release, platform.version, platform.machine,
            platform.python_version, platform.python_version_tuple, platform.python_implementation,
            platform.python_build, platform.python_compiler,
        )
    },
    "uuid.uuid3": pure(uuid.uuid3, uuid.NAMESPACE_DNS, "a"),
    "uuid.uuid4": pure(uuid.uuid4),
    "uuid.uuid5": pure(uuid.uuid5, uuid.NAMESPACE_DNS, "a"),
    "uuid.UUID": pure(uuid.UUID, int=1),
    "ctypes.util.find_library": touches(lambda _: partial(ctypes.util.find_library, "c"), "spawn"),
}  # fmt: skip
