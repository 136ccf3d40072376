"""The picture as a standing SVG: modules collapsed where there is much to show, light and dark."""

from __future__ import annotations

import math
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from blockcheck.output.picture.layout import Lane, arrange
from blockcheck.output.picture.text import KINDS, headings, summary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.output.picture.model import Picture

#: With more nodes than this, each module is one box.
COLLAPSE_ABOVE = 80

_WIDTH, _GAP, _MARGIN, _TOP = 250, 90, 16, 72
_HEAD, _ROW, _SPACE, _LANE = 24, 18, 12, 8
#: What a line touches: ("node", index), ("group", index), or a lane.
_Stop = tuple[str, int] | Lane
_CHARACTERS, _BOLD_CHARACTERS = 36, 30

STYLE = """
svg { --ink: #1f2430; --muted: #5a6272; --paper: #ffffff; --panel: #f3f5f8; --border: #c9d0da; --light: 42%;
  color-scheme: light dark; }
@media (prefers-color-scheme: dark) {
  svg { --ink: #e8eaf0; --muted: #a3abba; --paper: #15181e; --panel: #1f242d; --border: #414958; --light: 66%; } }
text { font: 12px ui-sans-serif, system-ui, sans-serif; fill: var(--ink); }
.title { font-size: 15px; font-weight: 600; } .muted { fill: var(--muted); } .module { font-weight: 600; }
.paper { fill: var(--paper); } .box { fill: var(--panel); stroke: var(--border); }
.edge { fill: none; stroke-opacity: .55; } .dot { stroke: none; }
"""


def render(picture: Picture) -> str:
    """The whole file."""
    return "\n".join(_Drawing(picture).lines()) + "\n"


class _Drawing:
    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self.collapsed = len(picture.nodes) > COLLAPSE_ABOVE
        self.columns = arrange(picture)
        self.group_of = picture.group_of()
        #: Left end and middle height of whatever lines touch.
        self.anchors: dict[_Stop, tuple[float, float]] = {}
        self.height = float(_TOP)
        self.boxes = list(self._boxes())

    def lines(self) -> Iterator[str]:
        count = max(self.picture.columns, 1)
        width = 2 * _MARGIN + count * _WIDTH + (count - 1) * _GAP
        height = self.height + _MARGIN
        hues = "\n".join(
            f".k-{kind} {{ stroke: hsl({hue} 65% var(--light)); }} .dot.k-{kind} {{ fill: hsl({hue} 65% var(--light)); }}"
            for kind, hue in KINDS.items()
        )
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:g}" width="{width}" '
            f'height="{height:g}" role="img" aria-labelledby="title">'
        )
        yield f'<title id="title">{escape(summary(self.picture))}</title><style>{STYLE}{hues}</style>'
        yield f'<rect class="paper" width="{width}" height="{height:g}"/>'
        yield f'<text class="title" x="{_MARGIN}" y="28">{escape(summary(self.picture))}</text>'
        for column, heading in enumerate(headings(self.picture)):
            yield f'<text class="muted" x="{self._left(column)}" y="56">{escape(heading)}</text>'
        yield from self._edges()
        yield from self.boxes
        yield "</svg>"

    @staticmethod
    def _left(column: int) -> int:
        return _MARGIN + column * (_WIDTH + _GAP)

    def _boxes(self) -> Iterator[str]:
        """Place and draw the groups; edges are drawn below them, once all have their place."""
        for number, column in enumerate(self.columns):
            x, y = self._left(number), float(_TOP)
            for item in column:
                if isinstance(item, Lane):
                    self.anchors[item] = (x, y + _LANE / 2)
                    y += _LANE
                    continue
                rows = [] if self.collapsed else item.nodes
                height = _HEAD + _ROW * len(rows) + (6 if rows else 0)
                self.anchors["group", item.index] = (x, y + _HEAD / 2)
                yield f'<g><rect class="box" x="{x}" y="{y:g}" width="{_WIDTH}" height="{height}" rx="5"/>'
                names = "\n".join(node.name for node in item.nodes)
                yield f"<title>{escape(names)}</title>"
                left = x + 10
                if item.nodes[0].primitive:
                    yield f'<circle class="dot k-{escape(item.title)}" cx="{x + 13}" cy="{y + 12:g}" r="4"/>'
                    left = x + 24
                count = f" ({len(item.nodes)})" if self.collapsed else ""
                title = escape(_shortened(item.title, _BOLD_CHARACTERS - len(count))) + count
                yield f'<text class="module" x="{left}" y="{y + 16:g}">{title}</text>'
                for place, node in enumerate(rows):
                    middle = y + _HEAD + _ROW * place + _ROW / 2
                    self.anchors["node", node.index] = (x, middle)
                    yield f'<text x="{x + 14}" y="{middle + 4:g}">{escape(_shortened(node.label, _CHARACTERS))}</text>'
                yield "</g>"
                y += height + _SPACE
            self.height = max(self.height, y)

    def _edges(self) -> Iterator[str]:
        kinds: dict[tuple[_Stop, _Stop], list[str]] = {}
        for path in self.picture.paths:
            for pair in pairwise(path.nodes):
                stops = self._stops(*pair)
                for segment in pairwise(stops):
                    kinds.setdefault(segment, []).append(path.kind)
        for (start, end), met in kinds.items():
            kind = met[0] if len(set(met)) == 1 else "several"
            width = min(1 + math.log2(len(met)), 7)
            x, y = self.anchors[start]
            left, middle = self.anchors[end]
            x += _WIDTH
            bend = max((left - x) / 2, 30)
            begin = f"M{x - _WIDTH:g} {y:g}H{x:g}" if isinstance(start, Lane) else f"M{x:g} {y:g}"
            curve = f"{begin}C{x + bend:g} {y:g} {left - bend:g} {middle:g} {left:g} {middle:g}"
            yield f'<path class="edge k-{escape(kind)}" stroke-width="{width:.3g}" d="{curve}"/>'

    def _stops(self, start: int, end: int) -> list[_Stop]:
        """What a line from one node to another touches."""
        source, target = self.group_of[start], self.group_of[end]
        lanes = [Lane(target.index, column) for column in range(source.column + 1, target.column)]
        ends = (source.index, target.index) if self.collapsed else (start, end)
        what = "group" if self.collapsed else "node"
        return [(what, ends[0]), *lanes, (what, ends[1])]


def _shortened(text: str, length: int) -> str:
    """The text, without its beginning where it is too long: the end of a dotted name says most."""
    return text if len(text) <= length else f"…{text[-length + 1 :]}"
