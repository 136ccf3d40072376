"""The order of groups within their columns, with lanes for the lines that pass a column by."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from blockcheck.output.picture.model import Group, Picture

_SWEEPS = 6


@dataclass(frozen=True)
class Lane:
    """Where the lines to a group pass a column in between, all of them together."""

    target: int
    column: int


def arrange(picture: Picture) -> list[list[Group | Lane]]:
    """Order the groups of each column, and the lanes between them, so that few lines cross."""
    group_of = picture.group_of()
    pairs = sorted({(group_of[a].index, group_of[b].index) for a, b in picture.edges})
    columns: list[list[Group | Lane]] = [[] for _ in range(picture.columns)]
    lanes: set[Lane] = set()
    for group in picture.groups:
        columns[group.column].append(group)
    before: dict[Group | Lane, list[Group | Lane]] = {}
    after: dict[Group | Lane, list[Group | Lane]] = {}
    for source, target in pairs:
        chain: list[Group | Lane] = [picture.groups[source]]
        for column in range(picture.groups[source].column + 1, picture.groups[target].column):
            lane = Lane(target, column)
            if lane not in lanes:
                lanes.add(lane)
                columns[column].append(lane)
            chain.append(lane)
        chain.append(picture.groups[target])
        for left, right in pairwise(chain):
            after.setdefault(left, []).append(right)
            before.setdefault(right, []).append(left)
    for sweep in range(_SWEEPS):
        neighbours = before if sweep % 2 == 0 else after
        rank = {item: place / len(column) for column in columns for place, item in enumerate(column)}
        for items in columns if sweep % 2 == 0 else columns[::-1]:
            wanted = {item: _middle(item, neighbours.get(item), rank) for item in items}
            items.sort(key=lambda item: (wanted[item], rank[item]))
            rank.update((item, place / len(items)) for place, item in enumerate(items))
    return columns


def _middle(
    item: Group | Lane, neighbours: list[Group | Lane] | None, rank: dict[Group | Lane, float]
) -> float:
    """Where an item wants to be: in the middle of what it is joined to."""
    if not neighbours:
        return rank[item]
    return sum(rank[n] for n in neighbours) / len(neighbours)
