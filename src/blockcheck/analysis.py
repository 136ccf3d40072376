"""What the rules find in a project: remembered, where a run before has analysed files that meant the same."""

from __future__ import annotations

import hashlib
import json
import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from blockcheck import reading, storage, tool
from blockcheck.findings import Confidence, Finding, Link, Location, Related, Severity
from blockcheck.source.discovery import display

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from blockcheck.catalogue import Catalogue
    from blockcheck.config import Config
    from blockcheck.installed.packages import Installed
    from blockcheck.project import Project
    from blockcheck.reading import Result
    from blockcheck.source.files import SourceFile

#: A file of an installed package: its path, its times and size before it was read, the digest of its content.
Seen: TypeAlias = tuple[str, tuple[int, int, int], str]

_MOST_KEPT = 20


class Analysis:
    """The analysis of the files of a run; findings have sites instead of lines.

    Args:
        shown: display paths of the files that are reported on.
        enabled: codes of the rules that run.
        catalogue: gives what is known of libraries.
        folder: where findings are kept between runs.
        sites: folders of installed packages.
        statistics: find what has low confidence everywhere, and keep every call site.

    Attributes:
        installed: what came of the files of installed packages that the analysis has led to, by display path.
        seen: those files: path; size and times before they were read; digest.
    """

    def __init__(
        self,
        files: Sequence[SourceFile],
        results: Sequence[Result],
        shown: set[str],
        config: Config,
        enabled: frozenset[str],
        catalogue: Callable[[], Catalogue],
        folder: storage.Folder | None,
        sites: Sequence[Path] = (),
        *,
        statistics: bool = False,
    ) -> None:
        self._statistics = statistics
        self.installed: dict[str, Result] = {}
        self.seen: list[Seen] = []
        self._sites = sites
        self._library: Installed | None = None
        self._files = files
        self._results = results
        self._shown = shown
        self._config = config
        self._enabled = enabled
        self._catalogue = catalogue
        self._folder = folder

    @cached_property
    def project(self) -> Project:
        """The linked project, made when it is first asked for."""
        from blockcheck.installed.packages import Installed  # noqa: PLC0415  (not needed where findings are remembered)
        from blockcheck.project import Project, Unit  # noqa: PLC0415

        units = [
            Unit(file, facts, result.read)
            for file, result in zip(self._files, self._results, strict=True)
            if (facts := result.facts) is not None
        ]
        catalogue = self._catalogue()
        library = Installed(self._sites, catalogue.packages, self._folder) if self._sites else None
        project = Project(
            units,
            catalogue,
            options=self._config.settings.rules,
            library=library,
            keep_records=self._statistics,
        )
        self._library = library
        return project

    def findings(self) -> list[Finding]:
        """What the rules find in the files that are reported on, unsorted."""
        kept = self._kept() if self.name else None
        return self._found() if kept is None else kept

    def calls(self) -> dict[str, int]:
        """The calls in the files that are reported on, by what they were resolved to, or why they were not."""
        from blockcheck.project.resolution import count  # noqa: PLC0415  (few runs need it)

        codes = self.project.codes
        return dict(
            count(self.project, (g for g in self.project.own if codes[g].unit.file.display in self._shown))
        )

    def _kept(self) -> list[Finding] | None:
        """The findings of a run before, unless installed packages have changed."""
        assert self._folder is not None
        data = storage.unseal(self._folder.read(f"findings-{self.name}"))
        if data is None:
            return None
        document = json.loads(data)
        for shown, path, signature, digest in document["installed"]:
            times_and_size = _signature(path)
            if times_and_size is None or list(times_and_size) != signature:
                return None
            self.seen.append((path, times_and_size, digest))
            self.installed[shown] = reading.unread(Path(path), digest)
        return [_finding(row) for row in document["findings"]]

    def _found(self) -> list[Finding]:
        from blockcheck.rules import run  # noqa: PLC0415  (not needed where findings are remembered)

        found = run(
            self.project,
            self._enabled,
            min_confidence=self._config.min_confidence,
            wanted=self._shown.__contains__,
            doubtful=(lambda _path: True) if self._statistics else self._commented.__contains__,
        )
        if self._library is not None:
            self._library.save()
            self.seen = self._library.seen
            self.installed = self._library.results
        if self.name and self._folder is not None:
            document = {
                "findings": [_row(finding) for finding in found],
                "installed": [[display(Path(path)), path, *rest] for path, *rest in self.seen],
            }
            self._folder.write(
                f"findings-{self.name}", storage.seal(json.dumps(document, separators=(",", ":")).encode())
            )
            self._folder.keep_newest("findings-", _MOST_KEPT)
            self._folder.remove(f"fixes-{self.name}")  # made with what installed packages said before
        return found

    @cached_property
    def _commented(self) -> set[str]:
        # Doubtful findings too where there are comments: one that hides such a finding is not unused.
        pairs = zip(self._files, self._results, strict=True)
        return {file.display for file, result in pairs if result.hints}

    @cached_property
    def name(self) -> str:
        """The name of this analysis: a digest of everything it depends on; empty where that is not known."""
        if self._folder is None or self._statistics:
            return ""
        config = self._config
        digest = hashlib.blake2b(tool.identity().encode(), digest_size=16)
        sites = [(str(site), sorted(os.listdir(site))) for site in self._sites]  # noqa: PTH208 - names will do
        asked = [sorted(self._enabled), config.min_confidence, config.declared, config.settings, sites]
        digest.update(repr(asked).encode("utf-8", "surrogatepass"))
        for pack in config.catalogue:
            for part in sorted(pack.rglob("*.toml")) if pack.is_dir() else [pack]:
                digest.update(part.read_bytes() if part.is_file() else b"?")
        for file, result in zip(self._files, self._results, strict=True):
            if result.has_facts and not result.meaning:
                return ""
            told = (
                file.display, file.module, file.is_package, str(file.root), file.aliases,
                file.display in self._shown, bool(result.hints), result.meaning,
            )  # fmt: skip
            digest.update(repr(told).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()


def _signature(path: str) -> tuple[int, int, int] | None:
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_ctime_ns, found.st_size)


def _row(finding: Finding) -> list[Any]:
    return [
        finding.code, finding.name, finding.message, finding.kind, int(finding.confidence), str(finding.severity),
        finding.location.path, finding.location.line, finding.function, finding.primitive,
        [[p.path, p.line, p.function, p.call] for p in finding.chain],
        [[p.path, p.line, p.message] for p in finding.related],
        finding.help, finding.origin,
    ]  # fmt: skip


def _finding(row: list[Any]) -> Finding:
    (
        code, name, message, kind, confidence, severity, path, site, function, primitive,
        chain, related, advice, origin,
    ) = row  # fmt: skip
    return Finding(
        code=code,
        name=name,
        message=message,
        kind=kind,
        confidence=Confidence(confidence),
        severity=Severity(severity),
        location=Location(path, site, 0, 0, 0),
        function=function,
        primitive=primitive,
        chain=tuple(Link(path, site, 0, caller, call) for path, site, caller, call in chain),
        related=tuple(Related(path, site, 0, text) for path, site, text in related),
        help=advice,
        origin=tuple(origin) if origin else None,
    )
