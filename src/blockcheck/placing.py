"""From sites to places: findings are made with the numbers of sites in the place of lines.

So they stay the same while texts change in what means nothing. A text has to be parsed to learn where its
sites stand; of the few that are ever reported that is kept between runs.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from blockcheck import storage
from blockcheck.facts import cache as facts_cache
from blockcheck.facts import positions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from blockcheck.findings import Finding
    from blockcheck.reading import Result

#: Line, column, end line and end column of sites.
Known: TypeAlias = "Mapping[int, Sequence[int]]"

_NOWHERE = (1, 1, 1, 1)


class Places:
    """Finds the sites of files.

    Args:
        results: what came of each file, by the path that findings carry.
        folder: where places are kept between runs.
    """

    def __init__(self, results: Mapping[str, Result], folder: storage.Folder | None) -> None:
        self._results = results
        self._packs = storage.Packs(folder, "places", facts_cache.logic()) if folder is not None else None
        self._new: dict[str, bytes] = {}

    def place(self, findings: Sequence[Finding]) -> list[Finding]:
        """The findings with lines and columns instead of sites."""
        wanted: dict[str, set[int]] = defaultdict(set)
        for finding in findings:
            for path, site in _sites(finding):
                wanted[path].add(site)
        known = {path: self._of_file(self._results[path], sites) for path, sites in wanted.items()}
        if self._packs is not None:
            self._packs.put(self._new)
        return [_placed(finding, known) for finding in findings]

    def _of_file(self, result: Result, sites: set[int]) -> Known:
        kept = self._packs.get(result.digest) if self._packs is not None and result.digest else None
        before: Known = {site: place for site, *place in json.loads(kept)} if kept else {}
        if sites <= before.keys():
            return before
        facts = result.facts
        if facts is None:
            return {}
        found = positions(result.read() or "", sites, facts.sites if facts.problem is None else None)
        rows = [[site, *place] for site, place in sorted({**before, **found}.items())]
        if result.digest:
            self._new[result.digest] = storage.pack(json.dumps(rows).encode())
        return found


def _sites(finding: Finding) -> Iterator[tuple[str, int]]:
    yield finding.location.path, finding.location.line
    yield from ((link.path, link.line) for link in finding.chain)
    yield from ((place.path, place.line) for place in finding.related)


def _placed(finding: Finding, known: Mapping[str, Known]) -> Finding:
    def at(path: str, site: int) -> Sequence[int]:
        return known[path].get(site, _NOWHERE)

    location = finding.location
    line, column, end_line, end_column = at(location.path, location.line)
    return replace(
        finding,
        location=replace(location, line=line, column=column, end_line=end_line, end_column=end_column),
        chain=tuple(
            replace(p, line=at(p.path, p.line)[0], column=at(p.path, p.line)[1]) for p in finding.chain
        ),
        related=tuple(
            replace(p, line=at(p.path, p.line)[0], column=at(p.path, p.line)[1]) for p in finding.related
        ),
    )
