"""From files to facts: read, decode and extract, in this process or in several, or take what the cache has."""

from __future__ import annotations

import ast
import contextlib
import gc
import hashlib
import multiprocessing
import os
import re
import sys
import threading
import warnings
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from blockcheck import process, storage
from blockcheck.facts import SyntaxProblem
from blockcheck.facts import cache as facts_cache
from blockcheck.facts import extract as extract_facts
from blockcheck.source import decoding, nesting
from blockcheck.source.suppressions import CODE_PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from blockcheck.facts import ModuleFacts
    from blockcheck.source.files import SourceFile

# Below this many files for each process, starting one costs more than it brings.
FILES_PER_JOB = 40
CHUNK = 16


#: What a text may hold in comments that concern us, told in advance so that it need not be read again.
MENTIONS_NOQA, MENTIONS_US = 1, 2
_FOR_ALL = re.compile(r"noqa(?!:\s?[a-z]+[0-9])")  # others are for the findings of other tools


@dataclass
class Result:
    """What came of one file: its facts, or the place and the reason why there are none.

    Both facts and a problem: lines with syntax errors were left out.

    Attributes:
        read: gives the text when it is asked for; None where it cannot be decoded.
        problem: line, column, message, and whether the tool itself is to blame.
        hints: of `MENTIONS_NOQA` and `MENTIONS_US`, those that apply.
        cached: the file was not parsed.
        digest: of the content; empty where it could not be read.
        meaning: digest of the facts, where they are kept between runs; empty where there are none.
    """

    read: Callable[[], str | None]
    made: ModuleFacts | None = None
    problem: tuple[int, int, str, bool] = (1, 1, "", False)
    hints: int = 0
    cached: bool = False
    digest: str = ""
    meaning: str = ""
    kept: Callable[[], ModuleFacts | None] | None = None

    @property
    def facts(self) -> ModuleFacts | None:
        """The facts, fetched from where they are kept when they are first asked for."""
        if self.made is None and self.kept is not None:
            self.made, self.kept = self.kept(), None
        return self.made

    @property
    def has_facts(self) -> bool:
        """Whether there are any, without fetching them."""
        return self.made is not None or self.kept is not None


class OnDisk:
    """Reads the text of a file again, if it still is what was analysed."""

    def __init__(self, path: Path, digest: str) -> None:
        self._path = path
        self._digest = digest

    def __call__(self) -> str | None:
        """The text; an empty one where the file has changed, for no place in it is known any more."""
        try:
            data = self._path.read_bytes()
        except OSError:
            return None
        return text_of(data) if digest_of(data) == self._digest else ""


def read_all(
    files: Sequence[SourceFile],
    given: Mapping[Path, bytes],
    jobs: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    cache: storage.Folder | None = None,
    idle: Container[Path] = (),
    spread: Callable[[Sequence[Path]], Iterator[Read]] | None = None,
) -> list[Result]:
    """Return the result of every file, in the order of ``files``.

    Args:
        files: what to read.
        given: contents that take the place of what is on the disk.
        jobs: processes to use; None decides by the number of files.
        progress: is told how many of how many files are done.
        cache: where facts are kept between runs.
        idle: files that need no facts, as long as they are Python.
        spread: reads files elsewhere, in their order, in place of processes of this machine.
    """
    tell = progress or (lambda _done, _total: None)
    packs = storage.Packs(cache, "facts", facts_cache.logic()) if cache is not None else None
    results = {path: extract(data) for path, data in given.items()}
    todo = [file.path for file in files if file.path not in given]
    if packs is not None:
        for result in results.values():
            if not result.problem[3]:
                pack_result(result)  # for its meaning: what is only typed is not worth keeping
        for path in todo:
            known = _known(packs, path)
            if known is not None:
                results[path] = known
        todo = [path for path in todo if path not in results]
    for path in todo:
        if path in idle:
            skipped = _skipped(path)
            if skipped is not None:
                results[path] = skipped
    todo = [path for path in todo if path not in results]
    if jobs is None:
        jobs = min(_processors(), len(todo) // FILES_PER_JOB)
    before = len(results)
    new: dict[str, bytes] = {}
    notes: dict[str, Any] = {}
    tell(before, len(files))
    if spread is not None:
        reading = spread(todo)
    else:
        reading = _read_in_processes(todo, jobs) if jobs > 1 and len(todo) > 1 else _read_here(todo)
    for number, (path, result, packed) in enumerate(reading, before + 1):
        results[path] = result
        if packs is not None and result.digest and not result.problem[3]:
            new[result.digest] = packed or pack_result(result)
            notes[result.digest] = [result.problem, result.hints, result.meaning]
        tell(number, len(files))
    if packs is not None:
        packs.put(new, notes)
    return [results[file.path] for file in files]


def digest_of(data: bytes) -> str:
    """The name under which the facts of a content are kept."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def text_of(data: bytes) -> str | None:
    """The text of a file; None where it cannot be decoded."""
    try:
        return decoding.decode(data).text
    except decoding.UnreadableSource:
        return None


def extract(data: bytes, path: Path | None = None) -> Result:
    """Make facts of the bytes of one file; whatever goes wrong is told in the result.

    Args:
        path: where they can be read again; without it they are kept.
    """
    digest = digest_of(data)
    text = None
    facts = None
    problem = (1, 1, "", False)
    try:
        text = decoding.decode(data).text
        nesting.check(text)
        facts = extract_facts(text, lean=process.ours)
        if facts.problem is not None:
            problem = (*_syntax_error(text, SyntaxProblem(*facts.problem)), False)
    except decoding.UnreadableSource as error:
        problem = (error.line, error.column, error.message, False)
    except SyntaxProblem as error:
        problem = (*_syntax_error(text or "", error), False)
    except RecursionError:
        problem = (1, 1, "nested too deeply to be analysed", False)
    except Exception as error:  # noqa: BLE001  (one file must not keep the others from being checked)
        problem = (1, 1, f"internal error: {type(error).__name__}: {error}", True)
    read = partial(text_of, data) if path is None else OnDisk(path, digest)
    return Result(read, facts, problem, _hints(text or ""), digest=digest)


def _hints(text: str) -> int:
    lower = text.lower()
    noqa = "noqa" in lower and (CODE_PREFIX.lower() in lower or _FOR_ALL.search(lower) is not None)
    return MENTIONS_NOQA * noqa | MENTIONS_US * (CODE_PREFIX in text or "blockcheck" in text)


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
    return problem.line, problem.column, f"cannot be parsed: {problem.message}"


def read(path: Path) -> Result:
    """Read one file from the disk."""
    try:
        data = path.read_bytes()
    except OSError as error:
        return Result(_nothing, problem=(1, 1, f"cannot be read: {error.strerror}", False))
    return extract(data, path)


def _skipped(path: Path) -> Result | None:
    """The result of a file that is Python and not looked at any further; None where it is not Python."""
    try:
        data = path.read_bytes()
        text = decoding.decode(data).text
        nesting.check(text)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (
        OSError,
        SyntaxError,
        ValueError,
        RecursionError,
        MemoryError,
        decoding.UnreadableSource,
        SyntaxProblem,
    ):
        return None
    digest = digest_of(data)
    return Result(OnDisk(path, digest), hints=_hints(text), digest=digest)


def unread(path: Path, digest: str) -> Result:
    """The result of a file that is only read if somebody asks for its facts or text."""
    return Result(OnDisk(path, digest), digest=digest, kept=lambda: read(path).facts)


def _nothing() -> None:
    return None


def pack_result(result: Result) -> bytes:
    """The facts of a result, packed; their meaning is noted in the result."""
    if result.facts is None:
        return storage.pack(b"")
    dumped = facts_cache.dump(result.facts)
    result.meaning = facts_cache.meaning(dumped)
    return storage.pack(dumped)


def load_result(path: Path, digest: str, data: bytes) -> Result:
    """The result of a file from the facts that were kept of it.

    Raises:
        ValueError: for bytes that are not such.
    """
    facts = facts_cache.load(data) if data else None
    return Result(OnDisk(path, digest), facts, cached=True, digest=digest)


def _known(packs: storage.Packs, path: Path) -> Result | None:
    """The result of a file whose content has been read before."""
    try:
        digest = digest_of(path.read_bytes())
    except OSError:
        return None
    note = packs.note(digest)
    if note is None:
        return None
    problem, hints, meaning = note
    kept = partial(_kept, packs, path, digest) if meaning else None
    return Result(OnDisk(path, digest), None, tuple(problem), hints, True, digest, meaning, kept)


def _kept(packs: storage.Packs, path: Path, digest: str) -> ModuleFacts | None:
    """Kept facts; made anew where they are not whole."""
    data = packs.get(digest)
    if data:
        with contextlib.suppress(ValueError):
            return facts_cache.load(data)
    packs.discard()
    return read(path).facts


#: A file's path, its result, and that result packed where it came so.
Read: TypeAlias = "tuple[Path, Result, bytes]"
#: How results are passed between processes: problem, hints, digest, meaning; and the facts packed.
Passed: TypeAlias = "tuple[tuple[int, int, str, bool], int, str, str, bytes]"


def _read_here(paths: Sequence[Path]) -> Iterator[Read]:
    for path in paths:
        yield path, read(path), b""


def _read_in_processes(paths: Sequence[Path], jobs: int) -> Iterator[Read]:
    pending = [paths[start : start + CHUNK] for start in range(0, len(paths), CHUNK)]
    while pending:
        unfinished: list[Sequence[Path]] = []
        with _pool(min(jobs, len(pending))) as pool:
            for chunk, future in [(chunk, pool.submit(read_chunk, chunk)) for chunk in pending]:
                made = _outcome(future)
                if made is None:
                    unfinished.append(chunk)
                else:
                    yield from map(received, chunk, made)
        # A process has died, and took the pool with it: of one of the files that were being read. Those are
        # read once more, each in a process of its own, and the rest goes on.
        suspects, pending = unfinished[: 2 * jobs + 1], unfinished[2 * jobs + 1 :]
        for path in (path for chunk in suspects for path in chunk):
            yield read_alone(path)


def read_alone(path: Path) -> Read:
    """Read one file in a process of its own, which may die of it."""
    with _pool(1) as pool:
        made = _outcome(pool.submit(read_chunk, [path]))
    if made is not None:
        return received(path, made[0])
    message = "internal error: the process that analysed this file died"
    return path, Result(OnDisk(path, ""), problem=(1, 1, message, True)), b""


def _outcome(future: Future[list[Passed]]) -> list[Passed] | None:
    try:
        return future.result()
    except BrokenProcessPool:
        return None


def received(path: Path, made: Passed) -> Read:
    """What another process has handed over."""
    problem, hints, digest, meaning, packed = made
    kept = partial(_unpacked, packed) if meaning else None
    return path, Result(OnDisk(path, digest), None, problem, hints, False, digest, meaning, kept), packed


def _unpacked(packed: bytes) -> ModuleFacts:
    return facts_cache.load(storage.unpack(packed))


def read_chunk(paths: Sequence[Path]) -> list[Passed]:
    """Read some files, in whatever process this is called."""
    return [passed(read(path)) for path in paths]


def passed(result: Result) -> Passed:
    """A result as it is handed to another process."""
    packed = pack_result(result)
    return result.problem, result.hints, result.digest, result.meaning, packed


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
    process.ours = True
    gc.freeze()
    gc.enable()
    gc.set_threshold(100_000, 20, 20)


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
