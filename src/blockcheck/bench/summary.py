"""From raw values to statements: ratios with intervals, verdicts, noise floor, crossover, warnings."""

from __future__ import annotations

import random

from blockcheck.bench.intervals import MIN_PROCESSES, Interval, is_unstable, ratio
from blockcheck.bench.model import BASELINE
from blockcheck.bench.results import Cell, Ratio, Results, ScenarioResult

NULL_PAIR = "a-a"
COMPARED = ("wall", "cpu", "cpu_system", "memory_peak", "latency_p50", "latency_p99", "loop_lag_max")
"""Metrics every scenario is compared in, besides the one it claims."""

COSTS = "costs"
CHEAPER = "cheaper"
NEGLIGIBLE = "negligible"
INDISTINCT = "not distinguishable"
TOO_FEW = "too few runs"
NOT_RUN = "not run"
HARMFUL = (COSTS, "deadlock", "timeout", "exhausted", "failed")
_WORTH_TELLING = 1.1
"""A smaller factor is no cost, however surely it is measured."""
_HARMLESS_BELOW = 1.5
"""Where no cost was found, the interval must exclude this factor too before the pattern is called harmless."""


def summarise(results: Results, draws: int) -> None:
    """Fill in everything that follows from the raw values."""
    rng = random.Random(results.seed)
    results.noise_floor = {}
    # The A/A pair first: it says what a difference must exceed to count.
    for scenario in sorted(results.scenarios, key=lambda scenario: scenario.name != NULL_PAIR):
        for cell in scenario.cells:
            _compare(cell, scenario.claim, draws, rng, results.noise_floor)
            if scenario.name == NULL_PAIR:
                results.noise_floor |= {
                    found.metric: Interval(found.ratio, found.low, found.high).reach for found in cell.ratios
                }
        _find_crossover(scenario)


def _compare(cell: Cell, claim: str, draws: int, rng: random.Random, floors: dict[str, float]) -> None:
    cell.ratios = []
    for variant in cell.variants:
        if variant == BASELINE:
            continue
        for metric in dict.fromkeys((claim, *COMPARED)):
            processes, baseline = cell.values(variant, metric), cell.values(BASELINE, metric)
            interval = ratio(processes, baseline, draws, rng)
            if interval is not None:
                count = min(len(processes), len(baseline))
                # Latencies and lags have no counterpart in the A/A pair: the noise of its wall time is theirs.
                floor = floors.get(metric, floors.get("wall", 1.0))
                verdict = judge(interval, count, floor)
                cell.ratios.append(
                    Ratio(variant, metric, interval.ratio, interval.low, interval.high, count, verdict)
                )
    cell.outputs_equal = _outputs_equal(cell)
    found = cell.ratio(claim)
    cell.verdict = cell.outcome("bad") or (found.verdict if found else NOT_RUN)
    cell.warnings = _warnings(cell, claim)


def judge(interval: Interval, processes: int, floor: float) -> str:
    """What an interval allows to say, given the factor that the A/A pair reached by noise alone."""
    if processes < MIN_PROCESSES:
        return TOO_FEW
    if interval.includes(1.0) or 1 / floor <= interval.ratio <= floor:
        return INDISTINCT
    if 1 / _WORTH_TELLING < interval.ratio < _WORTH_TELLING:
        return NEGLIGIBLE
    return COSTS if interval.ratio > 1 else CHEAPER


def _outputs_equal(cell: Cell) -> bool | None:
    outputs = {
        name: {run.output for run in runs if run.output is not None} for name, runs in cell.variants.items()
    }
    if any(not found for found in outputs.values()):
        return None
    return len(set.union(*outputs.values())) == 1


def _warnings(cell: Cell, claim: str) -> list[str]:
    warnings = []
    cell.unstable = [variant for variant in cell.variants if is_unstable(cell.values(variant, claim))]
    for variant, runs in cell.variants.items():
        error = next((run.error for run in runs if run.error), None)
        if error:
            warnings.append(f"the {variant} variant did not end well: {cell.outcome(variant)}: {error}")
    if cell.outputs_equal is False:
        warnings.append("the variants gave different outputs: their costs must not be compared")
    return warnings


def _find_crossover(scenario: ScenarioResult) -> None:
    scenario.costs_from = scenario.harmless_up_to = None
    for cell in sorted(scenario.cells, key=lambda cell: -cell.size):
        if cell.verdict not in HARMFUL:
            break
        scenario.costs_from = cell.size
    for cell in scenario.cells:
        below = scenario.costs_from is None or cell.size < scenario.costs_from
        if below and _is_harmless(cell.verdict, cell.ratio(scenario.claim)):
            scenario.harmless_up_to = max(cell.size, scenario.harmless_up_to or 0)


def _is_harmless(verdict: str, ratio: Ratio | None) -> bool:
    if verdict in (CHEAPER, NEGLIGIBLE):
        return True
    # That no difference was found proves nothing where the interval would have room for a large one.
    return verdict == INDISTINCT and ratio is not None and ratio.high < _HARMLESS_BELOW


def crossover_text(scenario: ScenarioResult) -> str:
    """From where on the pattern costs, and up to where it is harmless, in words."""
    if not any(any(cell.variants.values()) for cell in scenario.cells):
        return "nothing was measured"
    unit = scenario.unit
    harmless = scenario.harmless_up_to
    if scenario.costs_from is None:
        return "no size was shown to cost" + (
            "" if harmless is None else f", harmless up to {harmless:,} {unit}"
        )
    text = f"costs from {scenario.costs_from:,} {unit} on"
    return text if harmless is None else f"{text}, harmless up to {harmless:,}"
