"""From files to facts: read, decode and extract, in this process or in several."""

from __future__ import annotations

import ast
import gc
import multiprocessing
import os
import sys
import threading
import warnings
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blockcheck.facts import SyntaxProblem
from blockcheck.facts import extract as extract_facts
from blockcheck.source import decoding, nesting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from blockcheck.facts import ModuleFacts
    from blockcheck.source.files import SourceFile

# Below this many files for each process, starting one costs more than it brings.
FILES_PER_JOB = 40
CHUNK = 16


@dataclass(frozen=True)
class Result:
    """What came of one file: its text and facts, or the place and the reason why there are none.

    Both facts and a problem: lines with syntax errors were left out. ``problem`` is line, column, message, and whether the tool itself is to blame.
    """

    text: str | None = None
    facts: ModuleFacts | None = None
    problem: tuple[int, int, str, bool] = (1, 1, "", False)


def read_all(
    files: Sequence[SourceFile],
    given: Mapping[Path, bytes],
    jobs: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Result]:
    """Return the result of every file, in the order of ``files``.

    Args:
        files: what to read.
        given: contents that take the place of what is on the disk.
        jobs: processes to use; None decides by the number of files.
        progress: is told how many of how many files are done.
    """
    if jobs is None:
        jobs = min(_processors(), len(files) // FILES_PER_JOB)
    tell = progress or (lambda _done, _total: None)
    paths = [file.path for file in files]
    if jobs > 1 and len(files) > 1:
        on_disk = [path for path in paths if path not in given]
        results = _read_in_processes(on_disk, jobs, lambda done: tell(done, len(files)))
        results.update((path, extract(data)) for path, data in given.items())
        return [results[path] for path in paths]
    done: list[Result] = []
    for path in paths:
        done.append(extract(given[path]) if path in given else read(path))
        tell(len(done), len(files))
    return done


def read(path: Path) -> Result:
    """Read one file from the disk."""
    try:
        data = path.read_bytes()
    except OSError as error:
        return Result(problem=(1, 1, f"cannot be read: {error.strerror}", False))
    return extract(data)


def extract(data: bytes) -> Result:
    """Make facts of the bytes of one file; whatever goes wrong is told in the result."""
    text = None
    try:
        text = decoding.decode(data).text
        nesting.check(text)
        facts = extract_facts(text)
        if facts.problem is None:
            return Result(text, facts)
        return Result(text, facts, (*_syntax_error(text, SyntaxProblem(*facts.problem)), False))
    except decoding.UnreadableSource as problem:
        return Result(text, problem=(problem.line, problem.column, problem.message, False))
    except SyntaxProblem as problem:
        return Result(text, problem=(*_syntax_error(text or "", problem), False))
    except RecursionError:
        return Result(text, problem=(1, 1, "nested too deeply to be analysed", False))
    except Exception as error:  # noqa: BLE001  (one file must not keep the others from being checked)
        return Result(text, problem=(1, 1, f"internal error: {type(error).__name__}: {error}", True))


def _syntax_error(text: str, problem: SyntaxProblem) -> tuple[int, int, str]:
    """Return what Python itself says of the text, which users know, or else what our parser says."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return error.lineno or problem.line, max(error.offset or 1, 1), f"syntax error: {error.msg}"
    except (ValueError, RecursionError, MemoryError):
        pass
    return problem.line, problem.column, f"syntax error: {problem.message}"


def _read_in_processes(paths: Sequence[Path], jobs: int, tell: Callable[[int], None]) -> dict[Path, Result]:
    results: dict[Path, Result] = {}
    pending = [paths[start : start + CHUNK] for start in range(0, len(paths), CHUNK)]
    while pending:
        unfinished: list[Sequence[Path]] = []
        with _pool(min(jobs, len(pending))) as pool:
            for chunk, future in [(chunk, pool.submit(_read_chunk, chunk)) for chunk in pending]:
                try:
                    results.update(zip(chunk, future.result(), strict=True))
                except BrokenProcessPool:
                    unfinished.append(chunk)
                tell(len(results))
        # A process has died, and took the pool with it: of one of the files that were being read. Those are
        # read once more, each in a process of its own, and the rest goes on.
        suspects, pending = unfinished[: 2 * jobs + 1], unfinished[2 * jobs + 1 :]
        for path in (path for chunk in suspects for path in chunk):
            results[path] = _read_alone(path)
    return results


def _read_alone(path: Path) -> Result:
    with _pool(1) as pool:
        try:
            return pool.submit(_read_chunk, [path]).result()[0]
        except BrokenProcessPool:
            return Result(problem=(1, 1, "internal error: the process that analysed this file died", True))


def _read_chunk(paths: Sequence[Path]) -> list[Result]:
    return [read(path) for path in paths]


def _pool(jobs: int) -> ProcessPoolExecutor:
    # Forking spares every process the imports, but is only safe from a single thread, and only Linux's
    # system libraries are made for it.
    if sys.platform == "linux" and threading.active_count() == 1:
        extract(b"")  # import everything once, here
        method = "fork"
    else:
        method = "spawn"
    return ProcessPoolExecutor(jobs, multiprocessing.get_context(method), initializer=_start_process)


def _start_process() -> None:
    gc.freeze()
    gc.enable()
    gc.set_threshold(100_000, 20, 20)


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
