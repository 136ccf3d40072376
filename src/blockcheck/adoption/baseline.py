"""A file of known findings, which later runs do not report.

Entries are recognised by their fingerprints (rule, function, call, and the how-manieth of its like), so they
survive moved lines, reformatting and changes elsewhere. What else an entry holds is for people to read, and tells
which runs could have found it again.
"""

from __future__ import annotations

import dataclasses
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blockcheck import engine
from blockcheck.config import ConfigError
from blockcheck.findings import Confidence
from blockcheck.wording import shown_path

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from blockcheck.config import Config
    from blockcheck.findings import Finding, Report

VERSION = 1


@dataclass(frozen=True, order=True)
class Entry:
    """A known finding. ``path`` is relative to the project's root, with forward slashes."""

    path: str
    code: str
    function: str
    message: str
    fingerprint: str
    confidence: str = str(Confidence.HIGH)

    def __str__(self) -> str:
        return f"{self.path}: {self.code} {self.message}"


def read(file: Path) -> list[Entry]:
    """Read a baseline.

    Raises:
        ConfigError: for a file that cannot be read, or is no baseline.
    """
    try:
        document = json.loads(file.read_bytes())
        if document["version"] != VERSION:
            raise ConfigError(
                f"baseline: {shown_path(file)}: is of version {document['version']}, expected {VERSION}"
            )
        entries = [Entry(**entry) for entry in document["findings"]]
        for entry in entries:
            Confidence[entry.confidence.upper()]
    except OSError as error:
        raise ConfigError(f"baseline: {shown_path(file)}: cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"baseline: {shown_path(file)}: is no baseline of blockcheck") from error
    return entries


def write(file: Path, report: Report, config: Config) -> int:
    """Write the findings of a report, and return their number.

    What an earlier baseline says of files, rules and confidences that this run was not asked about is kept.

    Raises:
        ConfigError: for a file that cannot be written, or is something else.
    """
    entries = [_entry(finding, config.root) for finding in report.findings]
    if file.exists():
        was_asked_for = _question(report, config)
        entries += [entry for entry in read(file) if not was_asked_for(entry)]
    listed = [dataclasses.asdict(entry) for entry in sorted(entries)]
    try:
        with file.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
            json.dump({"version": VERSION, "findings": listed}, stream, indent=1, ensure_ascii=False)
            stream.write("\n")
    except OSError as error:
        raise ConfigError(f"--write-baseline: {file}: cannot be written: {error.strerror}") from error
    return len(entries)


def apply(entries: list[Entry], report: Report, config: Config) -> tuple[Report, list[Entry]]:
    """Return the report without known findings, and the entries that have become obsolete.

    An entry is obsolete if its file is gone or the run was asked for its like, but found nothing like it.
    """
    known = {entry.fingerprint for entry in entries}
    found = {finding.fingerprint for finding in report.findings}
    fresh = [finding for finding in report.findings if finding.fingerprint not in known]
    was_asked_for = _question(report, config)
    obsolete = [entry for entry in entries if entry.fingerprint not in found and was_asked_for(entry)]
    return dataclasses.replace(report, findings=fresh), obsolete


def unknown(report: Report, config: Config) -> list[Finding]:
    """Return the findings of a report that the configured baseline, if there is one, does not know."""
    if config.baseline is None:
        return report.findings
    known = {entry.fingerprint for entry in read(config.baseline)}
    return [finding for finding in report.findings if finding.fingerprint not in known]


def _question(report: Report, config: Config) -> Callable[[Entry], bool]:
    """Return what tells of an entry whether a run would have reported it, were it still there."""
    enabled = engine.enabled_codes(config)

    def was_asked_for(entry: Entry) -> bool:
        path = config.root / entry.path
        return (
            entry.code in enabled
            and Confidence[entry.confidence.upper()] >= config.min_confidence
            and (not path.exists() or os.path.relpath(path).replace(os.sep, "/") in report.reported)
        )

    return was_asked_for


def _entry(finding: Finding, root: Path) -> Entry:
    path = os.path.relpath(finding.location.path, root).replace(os.sep, "/")
    return Entry(
        path,
        finding.code,
        finding.function or "",
        finding.message,
        finding.fingerprint,
        str(finding.confidence),
    )
