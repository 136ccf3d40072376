"""The one place that runs the pipeline: the command line, flake8, editors and tests all call `run`."""

from __future__ import annotations

import dataclasses
import functools
import gc
import hashlib
import os
import re
import time
from collections import Counter, defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING

from blockcheck import reading, ruletable, selection, storage
from blockcheck.analysis import Analysis
from blockcheck.findings import Confidence, Finding, Location, Report, RuleInfo, SourceProblem
from blockcheck.idle import idle
from blockcheck.placing import Places
from blockcheck.proposals import proposed
from blockcheck.source.discovery import discover
from blockcheck.source.lines import split
from blockcheck.source.patterns import Patterns
from blockcheck.source.suppressions import Suppressions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Executor
    from pathlib import Path

    from blockcheck.catalogue import Catalogue
    from blockcheck.config import Config
    from blockcheck.inputs import Inputs
    from blockcheck.source.files import SourceFile

UNUSED_SUPPRESSION = "BCK901"
UNREADABLE_SOURCE = "BCK902"


@dataclasses.dataclass(frozen=True)
class Given:
    """Source that does not come from the disk: an editor's buffer, or standard input."""

    path: Path
    data: bytes


def run(
    paths: Sequence[Path],
    config: Config,
    *,
    jobs: int | None = None,
    given: Sequence[Given] = (),
    progress: Callable[[int, int], None] | None = None,
    noqa: bool = True,
    cache: Path | None = None,
    fixes: Callable[[Sequence[Finding]], bool] | None = None,
    memory: dict[Path, reading.Result] | None = None,
    inputs: Inputs | None = None,
    statistics: bool = False,
    exhaustive: bool = False,
    executor: Executor | None = None,
) -> Report:
    """Analyse the project around ``paths`` and report on ``paths``.

    Args:
        paths: files and folders to report on.
        config: what `blockcheck.config.load` made of the configuration and the command line.
        jobs: processes to use; None decides by the number of files.
        given: take the place of the files of their paths, and are reported on.
        progress: is told how many of how many files have been read.
        noqa: obey ``# noqa`` comments.
        cache: the folder to keep facts in between runs; None keeps none.
        fixes: tells, of what was found, whether it is to be given the fixes that there are, which takes a while.
        memory: what earlier runs have read, for files that have not changed since; filled here.
        inputs: is told what the report depends on.
        statistics: count findings of every confidence, and calls by what they were resolved to.
        exhaustive: parse every file, those too that cannot matter.
        executor: makes the facts of files, in place of processes of this machine.

    Raises:
        ConfigError: for a code that no rule has.
    """
    from blockcheck import installed  # noqa: PLC0415  (costs start-up)

    started = time.perf_counter()
    folder = storage.Folder(cache) if cache is not None else None
    rules = ruletable.table(folder)
    enabled = enabled_codes(config, rules)
    with _collector_paused():
        found = discover(paths, config, virtual=[buffer.path for buffer in given])
        sources = {buffer.path: buffer.data for buffer in given}
        folders = installed.package_folders(config)
        if inputs is not None:
            inputs.begin(found, paths, config, installed.looked_at(config, folders))
        catalogue = functools.cache(functools.partial(_catalogue, config))
        needless: set[Path] = set()
        if not (exhaustive or statistics or folders or given):
            needless = idle(found.files, catalogue())
        results = _read(found.files, sources, jobs, progress, folder, memory, needless, executor)
        shown = {file.display for file in found.files if file.path in found.reported}
        if inputs is not None:
            inputs.digests = {
                str(file.path): r.digest for file, r in zip(found.files, results, strict=True) if r.digest
            }
        texts = _Texts()
        speaking: set[str] = set()
        problems = [*found.problems]
        by_path: dict[str, reading.Result] = {}
        for file, result in zip(found.files, results, strict=True):
            by_path[file.display] = result
            if file.display in shown:
                texts.add(file.display, result.read)
                if result.hints & reading.MENTIONS_US:
                    speaking.add(file.display)
            if result.problem[2] and file.display in shown:
                problems.append(SourceProblem(file.display, *result.problem))
        analysis = Analysis(
            found.files, results, shown, config, enabled, catalogue, folder, folders, statistics=statistics
        )
        findings = analysis.findings()
        findings = Places({**analysis.installed, **by_path}, folder).place(findings)
        if inputs is not None:
            inputs.add(analysis.seen)

    names = {rule.code: rule for rule in rules}
    if not selection.ignored_by_name(config.selection, UNREADABLE_SOURCE):
        findings += _unreadable(problems, shown, names[UNREADABLE_SOURCE])
    suppressions, findings, hidden = _suppress(findings, texts, speaking, noqa=noqa)
    if UNUSED_SUPPRESSION in enabled:
        findings += _unused(suppressions, names, enabled)
    kept = Filter(config)
    levels = Counter(str(finding.confidence) for finding in findings if kept.somewhere(finding))
    findings = sorted(filter(kept, findings), key=Finding.sort_key)
    if fixes and fixes(findings):
        with _collector_paused():
            findings = proposed(
                findings,
                {path: result.digest for path, result in by_path.items()},
                lambda found: _propose(analysis, found, texts),
                folder,
                analysis.name,
            )
    shown_sources = {finding.location.path for finding in findings}
    return Report(
        findings=_with_fingerprints(findings, texts, config.root),
        problems=sorted(problems, key=lambda p: (p.path, p.line, p.column)),
        reported=frozenset(shown),
        files=len(shown),
        parsed=sum(1 for result in results if result.has_facts and not result.cached),
        cached=sum(1 for result in results if result.has_facts and result.cached),
        suppressed=sum(map(kept, hidden)),
        seconds=time.perf_counter() - started,
        sources={path: texts[path] for path in sorted(shown_sources)},
        rules=rules,
        levels=dict(levels) if statistics else {},
        calls=analysis.calls() if statistics else {},
    )


def _catalogue(config: Config) -> Catalogue:
    from blockcheck.catalogue import load  # noqa: PLC0415  (costs start-up)

    return load(config.catalogue, config.declared)


def _propose(analysis: Analysis, findings: Sequence[Finding], texts: _Texts) -> list[Finding]:
    from blockcheck.fixes import propose  # noqa: PLC0415  (few runs need it)

    return propose(analysis.project, findings, texts)


def _read(
    files: Sequence[SourceFile],
    given: dict[Path, bytes],
    jobs: int | None,
    progress: Callable[[int, int], None] | None,
    folder: storage.Folder | None,
    memory: dict[Path, reading.Result] | None,
    needless: set[Path],
    executor: Executor | None,
) -> list[reading.Result]:
    """Read files, as far as they are not remembered."""
    spread = None
    if executor is not None:
        from blockcheck import scaling  # noqa: PLC0415  (few runs need it)

        spread = functools.partial(scaling.read_by, executor)
    if memory is None:
        return reading.read_all(files, given, jobs, progress, folder, needless, spread)
    unknown = [file for file in files if file.path in given or file.path not in memory]
    results = reading.read_all(unknown, given, jobs, progress, folder)
    read = {file.path: result for file, result in zip(unknown, results, strict=True)}
    memory.update((path, result) for path, result in read.items() if path not in given)
    return [read.get(file.path) or memory[file.path] for file in files]


def enabled_codes(config: Config, rules: Sequence[RuleInfo] | None = None) -> frozenset[str]:
    """Return the codes of the rules that run.

    Args:
        rules: every rule, where that is known already.

    Raises:
        ConfigError: for a code that no rule has.
    """
    rules = rules if rules is not None else ruletable.table()
    known = [rule.code for rule in rules]
    for pattern, codes in config.per_file_ignores:
        origin = config.selection[0].origin if config.selection else ""
        selection.check_codes(codes, known, f"{origin}per-file-ignores.{pattern!r}")
    return selection.enabled(config.selection, known, [rule.code for rule in rules if rule.default])


class _Texts(dict[str, str]):
    """The texts of files, each read when it is first asked for; empty where there is none."""

    def __init__(self) -> None:
        super().__init__()
        self._readers: dict[str, Callable[[], str | None]] = {}

    def add(self, path: str, read: Callable[[], str | None]) -> None:
        self._readers[path] = read

    def __missing__(self, path: str) -> str:
        read = self._readers.get(path)
        self[path] = text = (read() if read is not None else None) or ""
        return text


class Filter:
    """Tells whether a finding is reported, as far as the configuration decides."""

    def __init__(self, config: Config) -> None:
        self._least = config.min_confidence
        self._base = config.base
        self._per_file = [(Patterns([pattern]), codes) for pattern, codes in config.per_file_ignores]

    def __call__(self, finding: Finding) -> bool:
        """Whether it is as sure as is asked for, and reported in its file."""
        return finding.confidence >= self._least and self.somewhere(finding)

    def somewhere(self, finding: Finding) -> bool:
        """Whether it is reported in its file, whatever its confidence."""
        return not any(
            selection.matches(finding.code, codes) and patterns.covers(self._relative(finding.location.path))
            for patterns, codes in self._per_file
        )

    def _relative(self, path: str) -> str:
        return os.path.relpath(path, self._base).replace(os.sep, "/")


def _suppress(
    findings: list[Finding], texts: _Texts, speaking: set[str], *, noqa: bool
) -> tuple[dict[str, Suppressions], list[Finding], list[Finding]]:
    """Return the comments of every file that matters, the findings they leave, and those they hide."""
    by_file: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_file[finding.location.path].append(finding)
    suppressions = {
        path: comments for path in sorted(speaking.union(by_file)) if (comments := Suppressions(texts[path]))
    }
    left: list[Finding] = []
    hidden: list[Finding] = []
    for finding in findings:
        own = suppressions.get(finding.location.path)
        (hidden if own and own.hides(finding, noqa=noqa) else left).append(finding)
    return suppressions, left, hidden


def _unreadable(problems: Iterable[SourceProblem], shown: set[str], rule: RuleInfo) -> Iterator[Finding]:
    """Yield a finding for each file that cannot be read; what is no file at all is only told of."""
    for problem in problems:
        if not problem.fatal or problem.path in shown:
            place = Location(problem.path, problem.line, problem.column, problem.line, problem.column + 1)
            yield _plain(rule, problem.message, place)


def _unused(
    suppressions: dict[str, Suppressions], rules: dict[str, RuleInfo], enabled: frozenset[str]
) -> Iterator[Finding]:
    """Yield a finding for each comment, or part of one, that hides nothing."""
    for path, comments in suppressions.items():
        for unused in comments.unused(rules, enabled):
            place = Location(path, unused.line, unused.column, unused.line, unused.end_column)
            yield _plain(rules[UNUSED_SUPPRESSION], unused.message, place)


def _plain(rule: RuleInfo, message: str, place: Location) -> Finding:
    return Finding(
        code=rule.code,
        name=rule.name,
        message=message,
        kind="source",
        confidence=Confidence.HIGH,
        severity=rule.severity,
        location=place,
    )


def _with_fingerprints(findings: list[Finding], texts: _Texts, root: Path) -> list[Finding]:
    """Number findings that are alike, so that each keeps its fingerprint when lines move."""
    seen: Counter[tuple[str, str, str]] = Counter()
    lines: dict[str, list[str]] = {}
    marked: list[Finding] = []
    for finding in findings:
        place = finding.location
        if place.path not in lines:
            lines[place.path] = split(texts[place.path])
        call = finding.chain[0].call if finding.chain else _source_of(place, lines[place.path])
        where = finding.function or os.path.relpath(place.path, root).replace(os.sep, "/")
        key = (finding.code, where, call)
        ordinal = seen[key]
        seen[key] += 1
        digest = hashlib.sha256("\0".join((*key, str(ordinal))).encode("utf-8", "surrogatepass")).hexdigest()
        marked.append(dataclasses.replace(finding, fingerprint=digest[:32]))
    return marked


def _source_of(place: Location, lines: list[str]) -> str:
    """Return the reported source without what formatters change: space, quotes and trailing commas."""
    part = lines[place.line - 1 : place.end_line]
    if part:
        part[-1] = part[-1][: place.end_column - 1]
        part[0] = part[0][place.column - 1 :]
    return re.sub(r",([)\]}])", r"\1", "".join("".join(part).split()).replace("'", '"'))


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keep the collector from walking millions of facts that all stay alive anyhow."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
