"""What changed since an older result."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from blockcheck.bench.intervals import MIN_PROCESSES, Interval, ratio
from blockcheck.bench.metrics import METRICS
from blockcheck.bench.report.terminal import table
from blockcheck.bench.summary import INDISTINCT, TOO_FEW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.bench.results import Cell, Results, ScenarioResult

_DRAWS = 1000
_MUST_AGREE = ("python", "gil_enabled", "cpu_model", "affinity", "kernel", "event_loop")
_HEADINGS = ("scenario", "N", "metric", "variant", "new / old", "95 % interval", "")


def lines(old: Results, new: Results) -> list[str]:
    """The comparison for the terminal."""
    rows = [_HEADINGS, *_rows(old, new)]
    return ["", f"compared with the {old.profile} run of {old.started}:", *_differences(old, new), "",
            *(line.rstrip() for line in table(rows, right=frozenset({1, 4})))]  # fmt: skip


def _differences(old: Results, new: Results) -> Iterator[str]:
    for key in _MUST_AGREE:
        before, after = old.machine.get(key), new.machine.get(key)
        if before != after:
            yield f"warning: {key} differs: {before} then, {after} now"


def _rows(old: Results, new: Results) -> Iterator[tuple[str, ...]]:
    rng = random.Random(new.seed)
    cells = {(scenario.name, cell.size): cell for scenario in old.scenarios for cell in scenario.cells}
    for scenario in new.scenarios:
        for cell in scenario.cells:
            before = cells.get((scenario.name, cell.size))
            if before is not None:
                yield from _cell_rows(scenario, before, cell, rng)


def _cell_rows(
    scenario: ScenarioResult, old: Cell, new: Cell, rng: random.Random
) -> Iterator[tuple[str, ...]]:
    for variant in new.variants:
        then, now = old.outcome(variant), new.outcome(variant)
        before, after = old.values(variant, scenario.claim), new.values(variant, scenario.claim)
        interval = ratio(after, before, _DRAWS, rng)
        text, bounds = "–", ""
        if then != now:
            verdict = f"{then or 'ok'} then, {now or 'ok'} now"
        elif interval is None:
            continue
        else:
            text, bounds = f"{interval.ratio:.2f}×", f"[{interval.low:.2f}, {interval.high:.2f}]"
            verdict = _verdict(interval, min(len(before), len(after)))
        yield (
            scenario.name, f"{new.size:,}", METRICS[scenario.claim].label, variant, text, bounds, verdict
        )  # fmt: skip


def _verdict(interval: Interval, processes: int) -> str:
    if processes < MIN_PROCESSES:
        return TOO_FEW
    if interval.includes(1.0):
        return INDISTINCT
    return "more than before" if interval.ratio > 1 else "less than before"
