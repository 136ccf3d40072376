"""Fixes that are remembered: those of files whose text, and whose project's meaning, is what it was."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from blockcheck import storage
from blockcheck.findings import Applicability, Edit, Finding, Fix, Location

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_MOST_KEPT = 20


def proposed(
    findings: Sequence[Finding],
    digests: Mapping[str, str],
    propose: Callable[[Sequence[Finding]], list[Finding]],
    folder: storage.Folder | None,
    analysis: str,
) -> list[Finding]:
    """Findings with the fixes that there are, in their order.

    Args:
        digests: of the files' contents, by the path that findings carry.
        propose: makes fixes anew.
        folder: where fixes are kept between runs.
        analysis: names the analysis that found them; empty where that has no name.
    """
    if folder is None or not analysis:
        return propose(findings)
    name = f"fixes-{analysis}"
    data = storage.unseal(folder.read(name))
    kept = json.loads(data) if data is not None else {}
    known = {path: dict(entry[1]) for path, entry in kept.items() if entry[0] == digests.get(path)}
    if all(_key(finding) in known.get(finding.location.path, ()) for finding in findings):
        return [replace(f, fix=_fix(f.location.path, known[f.location.path][_key(f)])) for f in findings]
    made = propose(findings)
    rows: dict[str, list[Any]] = defaultdict(list)
    for finding in made:
        rows[finding.location.path].append([_key(finding), _row(finding.fix)])
    document = {path: [digests.get(path), entries] for path, entries in rows.items()}
    folder.write(name, storage.seal(json.dumps(document, separators=(",", ":")).encode()))
    folder.keep_newest("fixes-", _MOST_KEPT)
    return made


def _key(finding: Finding) -> str:
    place = finding.location
    return f"{finding.code} {place.line}:{place.column} {finding.message}"


def _row(fix: Fix | None) -> list[Any] | None:
    if fix is None:
        return None
    edits = [
        [e.location.line, e.location.column, e.location.end_line, e.location.end_column, e.text]
        for e in fix.edits
    ]
    return [str(fix.applicability), fix.message, edits]


def _fix(path: str, row: list[Any] | None) -> Fix | None:
    if row is None:
        return None
    applicability, message, edits = row
    made = tuple(Edit(Location(path, *place), text) for *place, text in edits)
    return Fix(Applicability(applicability), message, made)
