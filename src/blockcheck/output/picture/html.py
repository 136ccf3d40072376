"""The picture as a page that needs nothing else: modules fold, paths are filtered and followed."""

from __future__ import annotations

import json
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from blockcheck.output.picture.layout import Lane, arrange
from blockcheck.output.picture.text import KINDS, headings, summary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.output.picture.model import Group, Picture

#: With more nodes than this, modules are folded to begin with.
FOLD_ABOVE = 60

_LEVELS = ("high", "medium", "low")


def render(picture: Picture) -> str:
    """The whole page."""
    return "\n".join(_page(picture)) + "\n"


def _page(picture: Picture) -> Iterator[str]:
    here = files("blockcheck.output.picture")
    hues = "".join(f".k-{kind} {{ --hue: {hue}; }}\n" for kind, hue in KINDS.items())
    yield '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="color-scheme" content="light dark">'
    yield f"<title>{escape(summary(picture))}</title>"
    yield f"<style>\n{here.joinpath('page.css').read_text(encoding='utf-8')}{hues}</style></head><body>"
    yield f"<header><h1>{escape(summary(picture))}</h1>"
    if picture.paths:
        yield from _controls(picture)
    yield "</header>"
    if picture.paths:
        yield f'<main><div id="board" style="--columns: {picture.columns}"><svg id="edges" aria-hidden="true"></svg>'
        yield from _columns(picture)
        yield "</div></main>"
        yield '<section id="paths"><h2></h2><ol></ol></section>'
        yield f'<script type="application/json" id="data">{_data(picture)}</script>'
        yield f"<script>\n{here.joinpath('page.js').read_text(encoding='utf-8')}</script>"
    yield "</body></html>"


def _controls(picture: Picture) -> Iterator[str]:
    kinds: dict[str, int] = {}
    levels: dict[str, int] = {}
    for path in picture.paths:
        kinds[path.kind] = kinds.get(path.kind, 0) + 1
        levels[path.confidence] = levels.get(path.confidence, 0) + 1
    yield '<form id="controls"><input id="filter" type="search" placeholder="Filter: names, modules, files, codes" '
    yield 'aria-label="Filter" autocomplete="off" spellcheck="false">'
    yield "<fieldset><legend>what blocks</legend>"
    for kind, count in sorted(kinds.items()):
        yield f'<label class="chip k-{escape(kind)}"><input type="checkbox" name="kind" value="{escape(kind)}" checked>'
        yield f'<i class="dot"></i>{escape(kind)} <b>{count}</b></label>'
    yield "</fieldset><fieldset><legend>confidence</legend>"
    for level in _LEVELS:
        if level in levels:
            yield f'<label class="chip"><input type="checkbox" name="level" value="{level}" checked>'
            yield f"{level} <b>{levels[level]}</b></label>"
    yield "</fieldset>"
    yield '<span class="buttons"><button type="button" id="unfold">Unfold all</button>'
    yield '<button type="button" id="fold">Fold all</button>'
    yield '<button type="button" id="reset">Reset</button>'
    yield '<button type="button" id="theme">Dark / light</button></span></form>'


def _columns(picture: Picture) -> Iterator[str]:
    unfolded = " open" if len(picture.nodes) <= FOLD_ABOVE else ""
    for heading, column in zip(headings(picture), arrange(picture), strict=True):
        yield f'<div class="column"><h2>{escape(heading)}</h2>'
        for item in column:
            if isinstance(item, Lane):
                yield f'<i class="lane" data-lane="{item.target}-{item.column}"></i>'
            else:
                yield from _group(item, unfolded)
        yield "</div>"


def _group(group: Group, unfolded: str) -> Iterator[str]:
    kind = f" k-{escape(group.title)}" if group.nodes[0].primitive else ""
    dot = '<i class="dot"></i>' if kind else ""
    yield f'<details class="group{kind}" data-group="{group.index}" data-column="{group.column}"{unfolded}>'
    yield f"<summary>{dot}<span><bdi>{escape(group.title)}</bdi></span> <b>{len(group.nodes)}</b></summary><ul>"
    for node in group.nodes:
        start = ' class="start"' if node.starts else ""
        yield f'<li data-node="{node.index}" title="{escape(f"{node.name} {node.place}".strip())}"{start}>'
        yield f'<button type="button"><bdi>{escape(node.label)}</bdi></button></li>'
    yield "</ul></details>"


def _data(picture: Picture) -> str:
    """The paths for the script; no text in it can end the element that it stands in."""
    paths = [
        {
            "nodes": path.nodes,
            "kind": path.kind,
            "level": path.confidence,
            "code": path.code,
            "message": path.message,
            "steps": [[step.place, step.call] for step in path.steps],
        }
        for path in picture.paths
    ]
    return json.dumps({"paths": paths}, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")
