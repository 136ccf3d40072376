"""Standard input: a pipe that nothing comes through."""

from __future__ import annotations

import cmd
import code
import fileinput
import getpass
import importlib
import os
import pdb
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from blockcheck.catalogue.verification.cases.shapes import free, parks

if TYPE_CHECKING:
    import types
    from collections.abc import Callable

    from blockcheck.catalogue.verification.lab import Lab
    from blockcheck.catalogue.verification.observe import Call, Case


def _waits(find: Callable[[], Callable[..., Any]], *arguments: Any, releases: bool = True) -> Case:
    """A call on silent standard input, whose callable is looked up once that is in place."""

    def make(lab: Lab) -> Call:
        lab.silent_stdin()
        return partial(find(), *arguments)

    return parks(make, releases=releases)


def _of_stdin(name: str, *arguments: Any) -> Case:
    return _waits(lambda: getattr(sys.stdin, name), *arguments)


def _of_buffer(name: str, *arguments: Any) -> Case:
    return _waits(lambda: getattr(sys.stdin.buffer, name), *arguments)


def _knows(stream: str, name: str, *arguments: Any) -> Case:
    def make(lab: Lab) -> Call:
        lab.silent_stdin()
        return partial(getattr(getattr(sys, stream), name), *arguments)

    return free(make)


def _user() -> Call:
    os.environ["LOGNAME"] = "somebody"
    return getpass.getuser


def _debugger() -> Any:
    """The debugger as the library has it: test runners put their own in its place."""
    sys.breakpointhook = sys.__breakpointhook__
    return importlib.reload(pdb)


def _trace() -> types.TracebackType | None:
    try:
        int("x")
    except ValueError as error:
        return error.__traceback__
    return None


def _restart(files: list[str]) -> Any:
    fileinput.close()
    return fileinput.input(files)


# Debuggers and command loops take the end of input for another command: there is no releasing them.
CASES: dict[str, Case] = {
    "builtins.input": _waits(lambda: input),
    "sys.stdin.read": _of_stdin("read"),
    "sys.stdin.readline": _of_stdin("readline"),
    "sys.stdin.readlines": _of_stdin("readlines"),
    "sys.stdin.__next__": _of_stdin("__next__"),
    "sys.stdin.buffer.read": _of_buffer("read"),
    "sys.stdin.buffer.read1": _of_buffer("read1"),
    "sys.stdin.buffer.readline": _of_buffer("readline"),
    "sys.stdin.buffer.readlines": _of_buffer("readlines"),
    "sys.stdin.buffer.readinto": _of_buffer("readinto", bytearray(1)),
    "sys.stdin.buffer.__next__": _of_buffer("__next__"),
    **{f"sys.stdin.{name}": _knows("stdin", name) for name in ("fileno", "isatty", "readable", "reconfigure")},
    **{
        f"sys.{stream}.{name}": _knows(stream, name, *arguments)
        for stream in ("stdout", "stderr")
        for name, arguments in {
            "write": ("x",), "writelines": (["x"],), "flush": (), "isatty": (), "fileno": (), "reconfigure": (),
        }.items()
    },
    "getpass.getpass": _waits(lambda: partial(getpass.fallback_getpass, "")),  # type: ignore[attr-defined]
    "getpass.getuser": free(lambda _: _user()),
    "fileinput.input": free(lambda lab: partial(_restart, [lab.file()])),
    "fileinput.FileInput.readline": _waits(lambda: fileinput.FileInput([]).readline),
    "fileinput.FileInput.__next__": _waits(lambda: fileinput.FileInput([]).__next__),
    "code.interact": _waits(lambda: code.interact),
    "code.InteractiveConsole.interact": _waits(lambda: code.InteractiveConsole().interact),
    "code.InteractiveConsole.raw_input": _waits(lambda: code.InteractiveConsole().raw_input),
    "pdb.set_trace": _waits(lambda: _debugger().set_trace, releases=False),
    "pdb.post_mortem": _waits(lambda: partial(_debugger().post_mortem, _trace()), releases=False),
    "builtins.breakpoint": _waits(lambda: _debugger() and breakpoint, releases=False),
    "cmd.Cmd.cmdloop": _waits(lambda: cmd.Cmd().cmdloop, releases=False),
}  # fmt: skip
