"""Reports on what has changed since a revision: new findings, and old ones whose lines were touched."""

from __future__ import annotations

import dataclasses
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from blockcheck import engine, installed
from blockcheck.adoption.git import Repository
from blockcheck.config import absolute
from blockcheck.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from blockcheck.config import Config
    from blockcheck.findings import Report


@dataclass(frozen=True)
class Change:
    """What a change did to the findings; ``touched`` are unchanged ones that are reported all the same."""

    introduced: int
    fixed: int
    unchanged: int
    touched: int


def narrow(
    report: Report,
    paths: Sequence[Path],
    config: Config,
    revision: str,
    *,
    jobs: int | None = None,
    cache: Path | None = None,
) -> tuple[Report, Change]:
    """Keep the findings that a revision's project did not have, and those whose call or chain was touched.

    The project is analysed as it was at the revision, with the configuration of today: a finding may come
    from a change in quite another file.

    Raises:
        ConfigError: if this is no git working copy, or has no such revision.
    """
    repository = Repository(config.root)
    commit = repository.commit(revision)
    changed = repository.changed_lines(commit)
    before = _fingerprints_at(repository, commit, paths, config, jobs, cache)
    introduced = [finding for finding in report.findings if finding.fingerprint not in before]
    unchanged = [finding for finding in report.findings if finding.fingerprint in before]
    touched = [finding for finding in unchanged if _is_touched(finding, changed)]
    kept = sorted([*introduced, *touched], key=Finding.sort_key)
    change = Change(len(introduced), len(before) - len(unchanged), len(unchanged), len(touched))
    return dataclasses.replace(report, findings=kept), change


def _fingerprints_at(
    repository: Repository,
    commit: str,
    paths: Sequence[Path],
    config: Config,
    jobs: int | None,
    cache: Path | None,
) -> set[str]:
    with tempfile.TemporaryDirectory(prefix="blockcheck-") as folder:
        root = absolute(Path(folder)) / "project"
        root.mkdir()
        repository.extract(commit, root, _matters)

        def there(path: Path) -> Path:
            return root / os.path.relpath(path, config.root)

        then = dataclasses.replace(
            installed.moved(config, root), base=there(config.base), src=tuple(map(there, config.src))
        )
        wanted = [path for path in map(there, map(absolute, paths)) if path.exists()]
        return {finding.fingerprint for finding in engine.run(wanted, then, jobs=jobs, cache=cache).findings}


def _matters(name: str) -> bool:
    return name.endswith((".py", ".pyw")) or name == ".gitignore"


def _is_touched(finding: Finding, changed: dict[Path, set[int] | None]) -> bool:
    place = finding.location
    spans = [(place.path, range(place.line, place.end_line + 1))]
    spans += [(link.path, range(link.line, link.line + 1)) for link in finding.chain]
    for path, lines in spans:
        touched = changed.get(absolute(Path(path)), set())
        if touched is None or not touched.isdisjoint(lines):
            return True
    return False
