"""Redis, PostgreSQL and memcached from the system's packages: on loopback, in a temporary folder, for one session."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Server:
    """A server that runs: where it listens, and the process to stop and continue."""

    port: int
    pid: int


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(name: str, *, package: str) -> str:
    """The path of a server's program; skips where the package is not installed."""
    found = shutil.which(name) or next(
        (str(p) for p in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))), None
    )
    if found is None:
        pytest.skip(f"{name} is not installed: apt-get install {package}")
    return found


def unprivileged() -> Callable[[], None] | None:
    """For a child of root: become somebody else, since these servers refuse to run as root."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")

    def drop() -> None:
        os.setgroups([])
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)

    return drop


def owned(folder: Path) -> Path:
    """A folder that the server's user may write to."""
    folder.mkdir()
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")
        for parent in folder.parents:  # temporary folders are closed to others
            if parent.owner() == "root" and parent != Path("/") and not parent.stat().st_mode & 0o001:
                parent.chmod(parent.stat().st_mode | 0o011)
    return folder


@contextlib.contextmanager
def running(command: list[str], folder: Path, port: int) -> Iterator[Server]:
    """The server while it listens; ended by its own process id."""
    log = (folder / "log").open("wb")
    process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, preexec_fn=unprivileged())
    try:
        deadline = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{command[0]} did not start:\n{(folder / 'log').read_text()[-2000:]}")
            time.sleep(0.05)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


@contextlib.contextmanager
def redis(root: Path) -> Iterator[Server]:
    command = program("redis-server", package="redis-server")
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with running([command, *options], owned(root / "redis"), port) as server:
        yield server


@contextlib.contextmanager
def memcached(root: Path) -> Iterator[Server]:
    command = program("memcached", package="memcached")
    port = free_port()
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    with running(
        [command, "-l", "127.0.0.1", "-p", str(port), "-U", "0", *user], owned(root / "memcached"), port
    ) as server:
        yield server


@contextlib.contextmanager
def postgresql(root: Path) -> Iterator[Server]:
    make, serve = program("initdb", package="postgresql"), program("postgres", package="postgresql")
    folder = owned(root / "postgresql")
    data = folder / "data"
    subprocess.run(
        [make, "-D", str(data), "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync"],
        check=True, capture_output=True, cwd=folder, preexec_fn=unprivileged(),
    )  # fmt: skip
    port = free_port()
    options = ["-p", str(port), "-c", "listen_addresses=127.0.0.1", "-k", str(folder), "-c", "fsync=off"]
    with running([serve, "-D", str(data), *options], folder, port) as server:
        yield server


SERVERS = {"redis": redis, "memcached": memcached, "postgresql": postgresql}
