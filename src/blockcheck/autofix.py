"""Applying fixes: as many as go together, the analysis again, and so on until nothing changes.

Every round is checked before the next begins. A fix after which the file cannot be parsed, or in whose place
the finding or a new one as sure is reported, is dropped and the round done again without it; so what is written in the
end has been analysed as it stands. Files are replaced as a whole, each in one step.
"""

from __future__ import annotations

import gc
import warnings
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from blockcheck import engine
from blockcheck.config import absolute
from blockcheck.findings import Applicability, Finding, Report
from blockcheck.source import decoding
from blockcheck.source.edits import Change, Lines, apply, changes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from blockcheck import reading
    from blockcheck.config import Config
    from blockcheck.engine import Given

_MOST_ROUNDS = 100


@dataclass
class File:
    """A file that fixes change: as it was, and as it is to be."""

    path: Path
    data: bytes
    encoding: str
    before: str
    after: str

    @property
    def result(self) -> bytes:
        """What is to be written."""
        return self.after.encode(self.encoding)


@dataclass(frozen=True)
class Dropped:
    """A fix that was not applied, and why."""

    finding: Finding
    reason: str


@dataclass
class Outcome:
    """What fixing came to: the report of what is left, and the files that change, by their display path.

    Attributes:
        failed: something that should have been fixed was not: a fix was dropped, or a file not written.
    """

    report: Report
    files: dict[str, File] = field(default_factory=dict)
    fixed: list[Finding] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    failed: bool = False


@dataclass(frozen=True)
class _Planned:
    finding: Finding
    changes: tuple[Change, ...]


_Key = tuple[str, int]  # code, offset


class Fixer:
    """Fixes what is reported on some paths.

    Args:
        unsafe: apply unsafe fixes too.
        keep: makes of the first report that of the findings that count; what it leaves out is not fixed.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        config: Config,
        *,
        unsafe: bool,
        jobs: int | None = None,
        given: Sequence[Given] = (),
        cache: Path | None = None,
        keep: Callable[[Report], Report] = lambda report: report,
    ) -> None:
        self._paths = paths
        self._config = config
        self._unsafe = unsafe
        self._jobs = jobs
        self._given = {buffer.path: buffer.data for buffer in given}
        self._keep = keep
        self._cache = cache
        self._memory: dict[Path, reading.Result] = {}
        self._files: dict[str, File] = {}
        self._banned: dict[str, set[_Key]] = {}
        self._aside: dict[str, set[_Key]] = {}

    def run(self, progress: Callable[[int, int], None] | None = None) -> Outcome:
        """Fix until nothing changes; nothing is written yet."""
        report = self._analyse({}, progress)
        self._set_aside(report)
        outcome = Outcome(report)
        for _ in range(_MOST_ROUNDS):
            plan = self._plan(outcome.report)
            texts = self._applied(plan, outcome)
            if not plan:
                break
            gc.collect()  # the project of the round before
            report = self._analyse(texts)
            bad = self._verify(outcome.report, report, plan)
            if bad:
                self._drop(bad, outcome)
                continue
            self._accept(plan, texts, report, outcome)
        outcome.report = self._without_aside(outcome.report)
        outcome.files = {path: file for path, file in self._files.items() if file.before != file.after}
        return outcome

    def _set_aside(self, report: Report) -> None:
        kept = {id(finding) for finding in self._keep(report).findings}
        for finding in report.findings:
            path = finding.location.path
            if id(finding) not in kept and path in report.sources:
                self._aside.setdefault(path, set()).add(_key(finding, Lines(report.sources[path])))

    def _without_aside(self, report: Report) -> Report:
        left = [
            finding
            for finding in report.findings
            if not self._aside.get(finding.location.path)
            or _key(finding, Lines(report.sources[finding.location.path]))
            not in self._aside[finding.location.path]
        ]
        return replace(report, findings=left)

    def _analyse(self, texts: dict[str, str], progress: Callable[[int, int], None] | None = None) -> Report:
        overlays = dict(self._given)
        overlays.update(
            (file.path, file.result) for file in self._files.values() if file.before != file.after
        )
        overlays.update(
            (self._files[path].path, text.encode(self._files[path].encoding)) for path, text in texts.items()
        )
        given = [engine.Given(path, data) for path, data in overlays.items()]
        return engine.run(
            self._paths,
            self._config,
            jobs=self._jobs,
            given=given,
            progress=progress,
            cache=self._cache,
            fixes=bool,
            memory=self._memory,
        )

    # -- one round

    def _plan(self, report: Report) -> dict[str, list[_Planned]]:
        """The fixes that go together, by file: of those that clash, the first in the order of the report."""
        plan: dict[str, list[_Planned]] = {}
        taken: dict[str, list[Change]] = {}
        places: dict[str, Lines] = {}
        for finding in report.findings:
            if not self._wanted(finding):
                continue
            path = finding.location.path
            file = self._file(path, report)
            if file is None:
                continue
            if path not in places:
                places[path] = Lines(file.after)
            lines = places[path]
            key = _key(finding, lines)
            if key in self._banned.get(path, ()) or key in self._aside.get(path, ()):
                continue
            assert finding.fix is not None
            made = changes(lines, finding.fix.edits)
            known = taken.setdefault(path, [])
            if any(change.clashes(other) for change in made for other in known):
                continue
            known += made
            plan.setdefault(path, []).append(_Planned(finding, tuple(made)))
        return plan

    def _wanted(self, finding: Finding) -> bool:
        fix = finding.fix
        if fix is None or not fix.edits:
            return False
        if any(edit.location.path != finding.location.path for edit in fix.edits):
            return False
        return fix.applicability is Applicability.SAFE or (
            self._unsafe and fix.applicability is Applicability.UNSAFE
        )

    def _file(self, path: str, report: Report) -> File | None:
        """The file of a path, None if it is no longer what was analysed."""
        known = self._files.get(path)
        if known is None:
            place = absolute(Path(path))
            try:
                data = self._given[place] if place in self._given else place.read_bytes()
                decoded = decoding.decode(data)
            except (OSError, decoding.UnreadableSource):
                return None
            if decoded.text != report.sources.get(path):
                return None
            known = File(place, data, decoded.encoding, decoded.text, decoded.text)
            self._files[path] = known
        return known

    def _applied(self, plan: dict[str, list[_Planned]], outcome: Outcome) -> dict[str, str]:
        """The texts after a plan's fixes; those that make a file unreadable are dropped from it."""
        texts = {}
        for path in list(plan):
            text = self._files[path].after
            good: list[_Planned] = []
            made = apply(text, [c for one in plan[path] for c in one.changes])
            if _sound(text, made, self._files[path].encoding):
                texts[path] = made
                continue
            for one in plan[path]:
                tried = apply(text, [c for other in (*good, one) for c in other.changes])
                if _sound(text, tried, self._files[path].encoding):
                    good.append(one)
                else:
                    self._drop({(path, one.finding): "the file could not be parsed after it"}, outcome)
            if good:
                plan[path] = good
                texts[path] = apply(text, [c for one in good for c in one.changes])
            else:
                del plan[path]
        return texts

    def _verify(
        self, before: Report, after: Report, plan: dict[str, list[_Planned]]
    ) -> dict[tuple[str, Finding], str]:
        """Return the fixes that did not do what they should, each with what is reported instead."""
        bad: dict[tuple[str, Finding], str] = {}
        for path, planned in plan.items():
            text = self._files[path].after
            shifts = _Shifts([change for one in planned for change in one.changes])
            lines = Lines(text)
            fixed = Counter(id(one.finding) for one in planned)
            expected = Counter(
                shifts.key_before(_key(finding, lines))
                for finding in before.findings
                if finding.location.path == path and id(finding) not in fixed
            )
            new_lines = Lines(after.sources.get(path, ""))
            for finding in after.findings:
                if finding.location.path != path:
                    continue
                key = shifts.key_after(_key(finding, new_lines))
                if expected[key]:
                    expected[key] -= 1
                    continue
                for one in _blamed(finding, key, planned, shifts):
                    if _is_lesser(finding, one.finding):
                        continue
                    bad[path, one.finding] = f"{finding.code} is reported after it: {finding.message}"
        return bad

    def _drop(self, bad: dict[tuple[str, Finding], str], outcome: Outcome) -> None:
        for (path, finding), reason in bad.items():
            self._banned.setdefault(path, set()).add(_key(finding, Lines(self._files[path].after)))
            outcome.dropped.append(Dropped(finding, reason))
            outcome.failed = True

    def _accept(
        self, plan: dict[str, list[_Planned]], texts: dict[str, str], report: Report, outcome: Outcome
    ) -> None:
        for path, planned in plan.items():
            shifts = _Shifts([change for one in planned for change in one.changes])
            for keys in (self._banned, self._aside):
                keys[path] = {(code, shifts.moved(offset)) for code, offset in keys.get(path, ())}
            self._files[path].after = texts[path]
            outcome.fixed += [one.finding for one in planned]
        outcome.report = report


class _Shifts:
    """Where the places of a text are after changes."""

    def __init__(self, made: Sequence[Change]) -> None:
        self.changes = sorted(set(made))

    def moved(self, offset: int) -> int:
        """The offset, after the changes, of what stood at an offset; what was replaced is at the change's end."""
        by = 0
        for change in self.changes:
            if change.start > offset:
                break
            if change.end <= offset:
                by += len(change.text) - (change.end - change.start)
            else:
                offset = change.end
                by += len(change.text) - (change.end - change.start)
        return offset + by

    def key_before(self, key: _Key) -> _Key:
        """A finding's key: its own offset after the changes, or a negative one for the change it stands in."""
        code, offset = key
        for number, change in enumerate(self.changes):
            if change.start <= offset <= change.end:
                return code, -number - 1
        return code, self.moved(offset)

    def key_after(self, key: _Key) -> _Key:
        """The same of a finding in the changed text."""
        code, offset = key
        by = 0
        for number, change in enumerate(self.changes):
            start = change.start + by
            if start <= offset <= start + len(change.text):
                return code, -number - 1
            by += len(change.text) - (change.end - change.start)
        return code, offset


def _blamed(finding: Finding, key: _Key, planned: list[_Planned], shifts: _Shifts) -> list[_Planned]:
    """The fixes that a new finding may come from: of its place, else of its function, else all of the file."""
    if key[1] < 0:
        change = shifts.changes[-key[1] - 1]
        own = [one for one in planned if change in one.changes]
        if own:
            return own
    return [one for one in planned if one.finding.function == finding.function] or planned


def _is_lesser(finding: Finding, fixed: Finding) -> bool:
    """Whether what is reported after a fix is something else, and not as sure: a bounded pool for a thread per task."""
    return finding.code != fixed.code and finding.confidence < fixed.confidence


def _key(finding: Finding, lines: Lines) -> _Key:
    return finding.code, lines.offset(finding.location.line, finding.location.column)


def _sound(before: str, after: str, encoding: str) -> bool:
    """Whether a text is still Python that can be written, as far as this Python can tell."""
    try:
        after.encode(encoding)
    except UnicodeEncodeError:
        return False
    return _compiles(after) or not _compiles(before)


def _compiles(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "<fixed>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
