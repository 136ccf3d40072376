"""The world that observed calls happen in: temporary files, and peers on loopback that fall silent."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Kept = TypeVar("Kept")
TEXT = b"one\ntwo\nthree\n"


class Lab:
    """A temporary folder and things in it that can be made to move by `release`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._count = 0
        self._releases: list[Callable[[], object]] = []
        self._kept: list[object] = []
        self.released = threading.Event()

    def release(self) -> None:
        """Move the stuck world on."""
        self.released.set()
        while self._releases:
            self._releases.pop()()

    def on_release(self, action: Callable[[], object]) -> None:
        """Have something done when the world moves."""
        self._releases.append(action)

    def keep(self, thing: Kept) -> Kept:
        """Hold on to a thing, so that nothing is closed because nobody refers to it."""
        self._kept.append(thing)
        return thing

    # Files

    def path(self, suffix: str = "") -> str:
        """A path where nothing is."""
        self._count += 1
        return str(self.root / f"{self._count}{suffix}")

    def file(self, content: bytes = TEXT, suffix: str = "") -> str:
        """A file."""
        path = self.path(suffix)
        Path(path).write_bytes(content)
        return path

    def folder(self) -> str:
        """A folder with a file and a folder in it."""
        path = Path(self.path())
        (path / "sub").mkdir(parents=True)
        (path / "sub" / "inner.txt").write_bytes(TEXT)
        (path / "file.txt").write_bytes(TEXT)
        return str(path)

    def empty(self) -> str:
        """An empty folder."""
        path = self.path()
        Path(path).mkdir()
        return path

    def link(self) -> str:
        """A symbolic link to a file."""
        path = self.path()
        Path(path).symlink_to(self.file())
        return path

    def descriptor(self, flags: int = os.O_RDWR) -> int:
        """An open descriptor of a file."""
        return os.open(self.file(), flags)

    # Pipes

    def fifo(self) -> str:
        """A FIFO that nobody else has open; on release somebody opens it both ways, again and again."""
        path = self.path()
        os.mkfifo(path)

        def come_and_go() -> None:
            for _ in range(100):
                descriptor = os.open(path, os.O_RDWR)
                self.released.wait()
                time.sleep(0.01)
                os.close(descriptor)

        self.on_release(threading.Thread(target=come_and_go, daemon=True).start)
        return path

    def silent_pipe(self) -> int:
        """The reading end of a pipe that nothing comes through; it ends on release."""
        reading, writing = os.pipe()
        self.on_release(lambda: os.close(writing))
        return reading

    def full_pipe(self) -> int:
        """The writing end of a pipe that is full; its reader goes on release."""
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        for size in (65536, 1):
            with contextlib.suppress(BlockingIOError):
                while True:
                    os.write(writing, b"x" * size)
        os.set_blocking(writing, True)
        self.on_release(lambda: os.close(reading))
        return writing

    def silent_stdin(self) -> None:
        """Make descriptor 0 a pipe that nothing comes through, with `sys.stdin` on it."""
        os.dup2(self.silent_pipe(), 0)
        sys.stdin = sys.__stdin__ = open(0, closefd=False, encoding="utf-8")  # type: ignore[misc]

    # Sockets

    def silent_socket(self) -> socket.socket:
        """A connected socket whose peer says nothing and closes on release."""
        ours, theirs = socket.socketpair()
        self.on_release(theirs.close)
        return ours

    def full_socket(self) -> socket.socket:
        """A connected socket whose peer does not read."""
        ours = self.silent_socket()
        ours.setblocking(False)
        for size in (65536, 1):
            with contextlib.suppress(BlockingIOError):
                while True:
                    ours.send(b"x" * size)
        ours.setblocking(True)
        return ours

    def listener(self) -> socket.socket:
        """A listening socket to which nobody connects until release."""
        listener = socket.create_server(("127.0.0.1", 0))

        self.on_release(lambda: self.keep(socket.create_connection(listener.getsockname())))
        return listener

    def unreachable(self) -> tuple[str, int]:
        """An address whose queue of connections is full, so that connecting to it takes for ever."""
        listener = self.keep(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):
            filler = self.keep(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        address: tuple[str, int] = listener.getsockname()
        return address

    def server(self, greeting: bytes = b"", replies: Iterable[bytes] = ()) -> tuple[str, int]:
        """A server that greets, answers line by line while it has replies, and then is silent.

        In a reply, ``%T`` stands for the first word of the line it answers.
        """
        listener = socket.create_server(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                connection, _ = listener.accept()
                self.on_release(partial(_hang_up, connection))
                if self.released.is_set():  # who comes late finds nobody
                    _hang_up(connection)
                threading.Thread(target=talk, args=(connection,), daemon=True).start()

        def talk(connection: socket.socket) -> None:
            with contextlib.suppress(OSError):
                connection.sendall(greeting)
                with connection.makefile("rb") as lines:
                    for reply in replies:
                        line = lines.readline()
                        connection.sendall(reply.replace(b"%T", line.split(b" ")[0].strip()))

        threading.Thread(target=serve, daemon=True).start()
        address: tuple[str, int] = listener.getsockname()
        return address

    def url(self, greeting: bytes = b"") -> str:
        """The URL of a server that says the greeting, whatever it is asked, and then is silent."""
        host, port = self.server(greeting)
        return f"http://{host}:{port}/"


def _hang_up(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
