"""The results as a table for the terminal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from blockcheck.bench.intervals import median_of_processes
from blockcheck.bench.metrics import METRICS, written
from blockcheck.bench.model import BASELINE
from blockcheck.bench.summary import NULL_PAIR, crossover_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from blockcheck.bench.results import Cell, Ratio, Results, ScenarioResult

_BAR_WIDTH = 12
_BAR_FULL = 1000.0
_HEADINGS = (
    "scenario",
    "rules",
    "N",
    "metric",
    "bad",
    "good",
    "sys bad",
    "sys good",
    "ratio",
    "95 % interval",
)


def render(results: Results, unicode: bool = True) -> str:
    """The whole report."""
    rows: list[tuple[str, ...]] = [(*_HEADINGS, "", "verdict")]
    for scenario in results.scenarios:
        rows += [
            row for cell in scenario.cells if any(cell.variants.values()) for row in _rows(scenario, cell)
        ]
    lines = [
        f"blockcheck bench, {results.profile} run of {results.started}: {machine_line(results)}",
        "",
        *table(rows, right=frozenset({2, 4, 5, 6, 7, 8})),
        "",
        *_notes(results),
    ]
    text = "\n".join(line.rstrip() for line in lines) + "\n"
    return text if unicode else text.replace("█", "#").translate(_PLAIN)


_PLAIN = str.maketrans({"–": "-", "µ": "u", "×": "x", "…": "..."})


def machine_line(results: Results) -> str:
    """The machine in one line."""
    machine = results.machine
    gil = "with the GIL" if machine["gil_enabled"] else "without the GIL"
    return (
        f"{machine['implementation']} {machine['python']} {gil}, {machine['system']} {machine['kernel']}, "
        f"{machine['cpu_model']}, {machine['affinity']} of {machine['cores']} cores"
    )


def table(rows: Sequence[Sequence[str]], right: frozenset[int]) -> Iterator[str]:
    """Rows as lines with aligned columns, a rule below the first."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for number, row in enumerate(rows):
        yield "  ".join(
            text.rjust(width) if column in right else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        if number == 0:
            yield "  ".join("-" * width for width in widths)


def middle(cell: Cell, variant: str, metric: str, claim: str) -> str:
    """The median of a variant; in the metric claimed how it ended, where it has none."""
    processes = cell.values(variant, metric)
    if processes:
        return written(median_of_processes(processes), METRICS[metric].unit)
    return (cell.outcome(variant) if metric == claim else None) or "–"


def interval_text(ratio: Ratio | None) -> tuple[str, str]:
    """A ratio and its interval, as two columns."""
    if ratio is None:
        return ("–", "")
    return (f"{ratio.ratio:.2f}×", f"[{ratio.low:.2f}, {ratio.high:.2f}]")


def _rows(scenario: ScenarioResult, cell: Cell) -> Iterator[tuple[str, ...]]:
    for variant in cell.variants:
        if variant == BASELINE:
            continue
        ratio = cell.ratio(scenario.claim, variant)
        name = scenario.name if variant == "bad" else f"{scenario.name} ({variant})"
        verdict = cell.outcome(variant) or (ratio.verdict if ratio else "not run")
        yield (
            name,
            " ".join(code.removeprefix("BCK") for code in scenario.codes),
            f"{cell.size:,}",
            METRICS[scenario.claim].label,
            middle(cell, variant, scenario.claim, scenario.claim),
            middle(cell, BASELINE, scenario.claim, scenario.claim),
            middle(cell, variant, "system_share", scenario.claim),
            middle(cell, BASELINE, "system_share", scenario.claim),
            *interval_text(ratio),
            _bar(ratio),
            verdict,
        )


def _bar(ratio: Ratio | None) -> str:
    """The ratio on a logarithmic scale; empty at 1 and below."""
    if ratio is None or ratio.ratio <= 1:
        return ""
    share = min(1.0, math.log(ratio.ratio) / math.log(_BAR_FULL))
    return "█" * max(1, round(share * _BAR_WIDTH))


def _notes(results: Results) -> Iterator[str]:
    yield "sys: share of the CPU time that went to the system. Bars are logarithmic, full at 1,000×."
    for scenario in results.scenarios:
        if scenario.name == NULL_PAIR:
            yield from _noise(results)
        elif len(scenario.cells) > 1:
            yield f"{scenario.name}: {crossover_text(scenario)}"
    yield f"limits read first: {_limits(results)}"
    for scenario in results.scenarios:
        for left_out in scenario.left_out:
            yield f"left out: {scenario.name} at {left_out['size']:,}: {left_out['reason']}"
    if results.machine["not_measured"]:
        yield "not measured on this platform: " + ", ".join(results.machine["not_measured"])
    yield from _problems(results.problems)
    state = "" if results.complete else "INCOMPLETE: "
    yield f"{state}{results.rounds} full rounds in {results.seconds:.0f} s"


def _limits(results: Results) -> str:
    names = {
        "processes": ("threads and processes", ""),
        "memory": ("of memory", "B"),
        "files": ("open files", ""),
    }
    return ", ".join(
        f"no limit of {name.removeprefix('of ')}" if value is None else f"{written(value, unit)} {name}"
        for key, (name, unit) in names.items()
        for value in [results.limits[key]]
    )


def _noise(results: Results) -> Iterator[str]:
    floors = [f"{METRICS[metric].label} {floor - 1:.1%}" for metric, floor in results.noise_floor.items()]
    if floors:
        yield "noise floor of the A/A pair: " + ", ".join(floors)


def _problems(problems: Iterable[str]) -> Iterator[str]:
    for problem in problems:
        yield f"warning: {problem}"
