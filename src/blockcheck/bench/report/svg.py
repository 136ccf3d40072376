"""Plots as SVG text: sweep curves, latency distributions, ratio intervals.

Colours come from CSS custom properties, so that one picture serves light, dark and print; variants differ in dash and
marker too, so that it serves without colours. Every picture has a title and a description for screen readers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from blockcheck.bench.intervals import median, median_of_processes
from blockcheck.bench.metrics import METRICS, percentile, written
from blockcheck.bench.model import BASELINE
from blockcheck.bench.summary import NULL_PAIR

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from blockcheck.bench.results import Cell, Ratio, Results, ScenarioResult

STYLE = """
:root { --ink: #1f2430; --muted: #5a6272; --grid: #dfe3ea; --paper: #ffffff; --panel: #f6f7f9;
  --bad: #b83a0b; --good: #0b62a4; --pool: #6b3fa0; --warn: #8a5a00; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8eaf0; --muted: #a3abba; --grid: #363c48; --paper: #15181e; --panel: #1e222a;
    --bad: #ff9a66; --good: #6cb8f5; --pool: #c3a1f2; --warn: #f0c36a; } }
@media print {
  :root { --ink: #000; --muted: #333; --grid: #ccc; --paper: #fff; --panel: #fff;
    --bad: #a03000; --good: #004a80; --pool: #503080; --warn: #604000; } }
svg text { font: 12px system-ui, sans-serif; fill: var(--ink); }
svg .small { font-size: 11px; fill: var(--muted); }
svg .heading { font-size: 14px; font-weight: 600; }
svg .grid { stroke: var(--grid); stroke-width: 1; }
svg .axis { stroke: var(--muted); stroke-width: 1; }
svg .floor { fill: var(--grid); }
svg .line { fill: none; stroke-width: 2; }
svg .bad { stroke: var(--bad); } svg .good { stroke: var(--good); stroke-dasharray: 7 4; }
svg .pool { stroke: var(--pool); stroke-dasharray: 2 3; }
svg .dot.bad { fill: var(--bad); stroke: none; } svg .dot.good { fill: var(--good); stroke: none; }
svg .dot.pool { fill: var(--pool); stroke: none; }
svg .whisker { stroke-width: 1.5; stroke-dasharray: none; }
svg .unclear { stroke: var(--muted); } svg .dot.unclear { fill: var(--muted); stroke: none; }
svg text.bad { fill: var(--bad); stroke: none; } svg text.good { fill: var(--good); stroke: none; }
svg text.pool { fill: var(--pool); stroke: none; }
"""

_ECDF_POINTS = 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 76, 62, 34, 46


@dataclass
class _Curve:
    name: str
    points: list[tuple[float, float]]
    whiskers: list[tuple[float, float, float]] = field(default_factory=list)
    step: bool = False
    markers: bool = True


@dataclass(frozen=True)
class _Scale:
    """Maps values to pixels, logarithmically or not."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = True
    binary: bool = False

    def __call__(self, value: float) -> float:
        low, high, at = self.low, self.high, value
        if self.logarithmic:
            low, high, at = math.log10(low), math.log10(high), math.log10(max(value, self.low))
        return self.start + (at - low) / (high - low) * (self.end - self.start)

    @property
    def ticks(self) -> list[float]:
        """Powers on a logarithmic scale, with some between where there are few; quarters of a linear one."""
        if not self.logarithmic:
            return [self.low + (self.high - self.low) * part / 4 for part in range(5)]
        if self.binary:
            return self._powers(4, (1,)) if self.high > self.low * 64 else self._powers(4, (1, 2))
        decades = self._powers(10, (1,))
        return decades if len(decades) > 2 else self._powers(10, (1, 2, 5))

    def _powers(self, base: int, steps: Sequence[int]) -> list[float]:
        powers = range(math.floor(math.log(self.low, base)), math.ceil(math.log(self.high, base)) + 1)
        ticks = [step * float(base) ** power for power in powers for step in steps]
        return [tick for tick in ticks if self.low * 0.999 <= tick <= self.high * 1.001]


def sweep(scenario: ScenarioResult, metric: str | None = None, subtitle: str = "") -> str | None:
    """The metric (by default the one claimed) over the sizes, a curve for each variant; None for fewer than two points."""
    metric = metric or scenario.claim
    curves = []
    variants = list(scenario.cells[0].variants) if scenario.cells else []
    for variant in variants:
        curve = _Curve(variant, [])
        for cell in scenario.cells:
            processes = cell.values(variant, metric)
            if processes and median_of_processes(processes) > 0:
                medians = [median(values) for values in processes]
                curve.points.append((cell.size, median_of_processes(processes)))
                curve.whiskers.append((cell.size, min(medians), max(medians)))
        curves.append(curve)
    if max((len(curve.points) for curve in curves), default=0) < 2:
        return None
    unit = METRICS[metric].unit
    label = METRICS[metric].label
    return _chart(
        f"{label} by {scenario.unit}",
        _describe(curves, lambda size: f"{size:,.0f}", lambda value: written(value, unit)),
        curves,
        x_axis=(scenario.unit, lambda size: f"{size:,.0f}"),
        y_text=lambda value: written(value, unit),
        ticks=sorted({x for curve in curves for x, _ in curve.points}),
        binary=unit == "B",
        subtitle=subtitle,
    )


def ecdf(cell: Cell) -> str | None:
    """The distribution of request latencies of each variant; None where the scenario has no requests."""
    curves = []
    for variant in cell.variants:
        latencies = [max(latency, 1e-6) for latency in cell.latencies(variant)]
        if len(latencies) > 1:
            count = min(_ECDF_POINTS, len(latencies))
            shares = [(number + 1) / count for number in range(count)]
            points = [(percentile(latencies, share), share) for share in shares]
            curves.append(_Curve(variant, points, step=True, markers=False))
    if not curves:
        return None
    shown = _describe_latencies(cell)
    return _chart(
        f"share of requests answered within a time, at {cell.size:,}",
        shown,
        curves,
        x_axis=("latency from the intended start", lambda value: written(value, "s")),
        y_text=lambda share: f"{share:.0%}",
        linear=(0.0, 1.0),
    )


def intervals(results: Results) -> str:
    """The ratio of bad to good with its interval, for each scenario at its largest measured size."""
    rows = []
    for scenario in results.scenarios:
        if scenario.name != NULL_PAIR:
            found = [
                (cell, ratio) for cell in scenario.cells if (ratio := cell.ratio(scenario.claim)) is not None
            ]
            rows.append((scenario, *found[-1]) if found else (scenario, None, None))
    known = [ratio for _, _, ratio in rows if ratio is not None]
    low = min([ratio.low for ratio in known if ratio.low > 0] + [0.5])
    high = max([ratio.high for ratio in known] + [2.0])
    left, row_height, width = 190, 24, 860
    height = 56 + row_height * len(rows)
    x = _Scale(low / 1.2, high * 1.2, left, width - 190)
    floor = results.noise_floor.get("wall", 1.0)
    floor_width = max(1.0, x(min(floor, x.high)) - x(1 / floor))
    parts = [
        f'<rect class="floor" x="{x(1 / floor):.1f}" y="24" width="{floor_width:.1f}" height="{height - 52}"/>'
    ]
    for tick in x.ticks:
        parts.append(_line("grid", x(tick), 24, x(tick), height - 28))
        parts.append(_text(x(tick), height - 12, f"{tick:g}×", "small", "middle"))
    parts.append(_line("axis", x(1), 24, x(1), height - 28))
    sentences = []
    for number, (scenario, cell, ratio) in enumerate(rows):
        y = 40 + number * row_height
        parts.append(_text(left - 10, y + 4, scenario.name, "", "end"))
        text = _interval_text(scenario, cell, ratio)
        if ratio is not None:
            css = {"costs": "bad", "cheaper": "good"}.get(ratio.verdict, "unclear")
            parts.append(_line(f"whisker {css}", x(ratio.low), y, x(ratio.high), y))
            parts += [
                _line(f"whisker {css}", x(end), y - 4, x(end), y + 4) for end in (ratio.low, ratio.high)
            ]
            parts.append(_marker(x(ratio.ratio), y, css))
        parts.append(_text(width - 176, y + 4, text, "small", "start"))
        sentences.append(f"{scenario.name}: {text}")
    title = "Ratio of the bad to the good variant, each in the metric it claims, with 95 % intervals"
    return _svg(title, "; ".join(sentences), parts, width, height)


def _interval_text(scenario: ScenarioResult, cell: Cell | None, ratio: Ratio | None) -> str:
    outcome = next((found for each in scenario.cells if (found := each.outcome("bad"))), None)
    if cell is None or ratio is None:
        return outcome or "not measured"
    return f"{ratio.ratio:.3g}× at {cell.size:,}" + (f", {outcome} above" if outcome else "")


def headline(results: Results) -> str:
    """The first measured scenario's sweep as a picture of its own; its distribution where only one size was run."""
    for scenario in results.scenarios:
        if scenario.name != NULL_PAIR:
            plot = sweep(scenario, subtitle=scenario.title) or next(
                filter(None, map(ecdf, reversed(scenario.cells))), None
            )
            if plot is not None:
                return plot.replace(">", f"><style>{STYLE}</style>", 1) + "\n"
    return intervals(results).replace(">", f"><style>{STYLE}</style>", 1) + "\n"


def _chart(
    title: str,
    description: str,
    curves: Sequence[_Curve],
    *,
    x_axis: tuple[str, Callable[[float], str]],
    y_text: Callable[[float], str],
    ticks: Sequence[float] | None = None,
    linear: tuple[float, float] | None = None,
    binary: bool = False,
    subtitle: str = "",
) -> str:
    width, height = 560, 320
    xs = [x for curve in curves for x, _ in curve.points]
    ys = [y for curve in curves for _, y in curve.points]
    ys += [end for curve in curves for _, *ends in curve.whiskers for end in ends]
    x = _Scale(min(xs) / 1.15, max(xs) * 1.15, _LEFT, width - _RIGHT)
    y_low, y_high = linear or (min(y for y in ys if y > 0) / 1.6, max(ys) * 1.6)
    y = _Scale(
        y_low,
        y_high,
        height - _BOTTOM,
        _TOP + (14 if subtitle else 0),
        logarithmic=linear is None,
        binary=binary,
    )
    parts = [
        _text(_LEFT - 60, 18, title, "heading", "start"),
        _text(_LEFT - 60, 36, subtitle, "small", "start"),
    ]
    for tick in y.ticks:
        parts.append(_line("grid", _LEFT, y(tick), width - _RIGHT, y(tick)))
        parts.append(_text(_LEFT - 8, y(tick) + 4, y_text(tick), "small", "end"))
    for tick in ticks or x.ticks:
        parts.append(_line("axis", x(tick), height - _BOTTOM, x(tick), height - _BOTTOM + 5))
        parts.append(_text(x(tick), height - _BOTTOM + 18, x_axis[1](tick), "small", "middle"))
    parts.append(_line("axis", _LEFT, height - _BOTTOM, width - _RIGHT, height - _BOTTOM))
    parts.append(_text((_LEFT + width - _RIGHT) / 2, height - 8, x_axis[0], "small", "middle"))
    taken: list[float] = []
    for curve in curves:
        _draw(parts, curve, x, y)
        if curve.points:
            _label(parts, curve, x, y, taken)
    return _svg(title, description, parts, width, height)


def _draw(parts: list[str], curve: _Curve, x: _Scale, y: _Scale) -> None:
    path = []
    for number, (at, value) in enumerate(curve.points):
        if curve.step and number:
            path.append(f"H{x(at):.1f} V{y(value):.1f}")
        else:
            path.append(f"{'L' if number else 'M'}{x(at):.1f} {y(value):.1f}")
    parts.append(f'<path class="line {curve.name}" d="{" ".join(path)}"/>')
    for at, low, high in curve.whiskers:
        parts.append(_line(f"whisker {curve.name}", x(at), y(low), x(at), y(high)))
    if curve.markers:
        parts.extend(_marker(x(at), y(value), curve.name) for at, value in curve.points)


def _label(parts: list[str], curve: _Curve, x: _Scale, y: _Scale, taken: list[float]) -> None:
    """Name a curve at its end; at its middle where ends meet, as those of distributions do."""
    if curve.step:
        at, value = curve.points[len(curve.points) // 2]
        place = y(value) + 16 * len(taken)
        anchor, left = "start", x(at) + 6
    else:
        at, value = curve.points[-1]
        place, anchor, left = y(value) + 4, "start", x(at) + 10
        while any(abs(place - other) < 13 for other in taken):
            place += 13
    taken.append(place)
    parts.append(_text(left, place, curve.name, curve.name, anchor))


def _line(css: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{css}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _marker(x: float, y: float, css: str) -> str:
    if css == BASELINE:
        return f'<rect class="dot {css}" x="{x - 3.5:.1f}" y="{y - 3.5:.1f}" width="7" height="7"/>'
    return f'<circle class="dot {css}" cx="{x:.1f}" cy="{y:.1f}" r="4"/>'


def _text(x: float, y: float, text: str, css: str, anchor: str) -> str:
    return f'<text class="{css}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(title: str, description: str, parts: Sequence[str], width: int, height: int) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img"><title>{escape(title)}</title><desc>{escape(description)}</desc>'
        f'<rect width="{width}" height="{height}" style="fill: var(--paper)"/>{"".join(parts)}</svg>'
    )


def _describe(
    curves: Sequence[_Curve], x_text: Callable[[float], str], y_text: Callable[[float], str]
) -> str:
    return "; ".join(
        f"{curve.name}: " + ", ".join(f"{y_text(value)} at {x_text(at)}" for at, value in curve.points)
        for curve in curves
        if curve.points
    )


def _describe_latencies(cell: Cell) -> str:
    sentences = []
    for variant in cell.variants:
        latencies = cell.latencies(variant)
        if latencies:
            shares = ((0.5, "half"), (0.99, "99 %"), (1.0, "all"))
            told = ", ".join(f"{name} within {written(percentile(latencies, p), 's')}" for p, name in shares)
            sentences.append(f"{variant}: {told}")
    return "; ".join(sentences)
