"""Reading files with any executor of PEP 3148: those of a Dask cluster, for one.

Workers are sent what files hold, not where they are: they need no common disk. A worker that dies costs time only.
"""

from __future__ import annotations

import contextlib
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING

from blockcheck import reading
from blockcheck.config import ConfigError
from blockcheck.facts import cache as facts_cache

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Executor
    from pathlib import Path

_AHEAD = 64  # chunks that are under way at a time: what is sent and not yet answered stays in memory
_SCHEME = "dask://"


@contextlib.contextmanager
def connected(address: str) -> Iterator[Executor]:
    """Give the executor of an address such as ``dask://HOST:PORT``.

    Raises:
        ConfigError: for an address of another kind, without Dask, or where nobody answers.
    """
    if not address.startswith(_SCHEME):
        raise ConfigError(f"--executor: expected {_SCHEME}HOST:PORT, not {address!r}")
    try:
        from distributed import Client  # noqa: PLC0415  (an extra)
    except ImportError:
        raise ConfigError("--executor: Dask is missing: pip install 'blockcheck-linter[dask]'") from None
    try:
        client = Client("tcp://" + address.removeprefix(_SCHEME), timeout="10s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise ConfigError(f"--executor: cannot connect to {address}: {error}") from None
    with client:
        executor: Executor = client.get_executor()
        yield executor


def read_by(executor: Executor, paths: Sequence[Path]) -> Iterator[reading.Read]:
    """Read files by an executor; what it does not bring back is read here.

    Raises:
        ConfigError: workers run another version of blockcheck, libcst or Python.
    """
    chunks = (paths[start : start + reading.CHUNK] for start in range(0, len(paths), reading.CHUNK))
    logic = facts_cache.logic()
    under_way = deque(
        (chunk, executor.submit(read_sent, _contents(chunk))) for chunk in islice(chunks, _AHEAD)
    )
    while under_way:
        chunk, future = under_way.popleft()
        try:
            theirs, made = future.result()
        except Exception:  # noqa: BLE001  (executors have errors of their own for workers that died)
            yield from map(reading.read_alone, chunk)
        else:
            if theirs != logic:
                raise ConfigError(
                    "--executor: the workers run another blockcheck, libcst or Python than this one"
                )
            for path, passed in zip(chunk, made, strict=True):
                yield (
                    reading.received(path, passed) if passed is not None else (path, reading.read(path), b"")
                )
        for following in islice(chunks, 1):
            under_way.append((following, executor.submit(read_sent, _contents(following))))


def _contents(paths: Sequence[Path]) -> list[bytes | None]:
    return list(map(_content, paths))


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def read_sent(contents: Sequence[bytes | None]) -> tuple[str, list[reading.Passed | None]]:
    """Make facts of the contents of files, on a worker; and tell by which logic."""
    made = [reading.passed(reading.extract(data)) if data is not None else None for data in contents]
    return facts_cache.logic(), made
