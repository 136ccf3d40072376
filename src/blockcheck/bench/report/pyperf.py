"""Export for pyperf: two suites with the same names, so that ``pyperf compare_to good.json bad.json`` tells the ratio."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from blockcheck.bench.intervals import median
from blockcheck.bench.metrics import METRICS

if TYPE_CHECKING:
    from pathlib import Path

    from blockcheck.bench.results import Cell, Results, Run, ScenarioResult

_UNITS = {"s": "second", "B": "byte"}


def export(results: Results, folder: Path) -> None:
    """Write a suite for each variant name into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    variants = {
        variant: None
        for scenario in results.scenarios
        for cell in scenario.cells
        for variant in cell.variants
    }
    for variant in variants:
        (folder / f"{variant}.json").write_text(
            json.dumps(suite(results, variant), indent=1) + "\n", encoding="utf-8"
        )


def suite(results: Results, variant: str) -> dict[str, Any]:
    """One variant of all scenarios, in pyperf's format: a benchmark for each size, a run for each process."""
    benchmarks = [
        found
        for scenario in results.scenarios
        for cell in scenario.cells
        if (found := _benchmark(results, scenario, cell, variant)) is not None
    ]
    machine = results.machine
    return {
        "version": "1.0",
        "metadata": {
            "python_implementation": str(machine["implementation"]).lower(),
            "python_version": machine["python"],
            "platform": f"{machine['system']}-{machine['kernel']}-{machine['machine']}",
            "cpu_model_name": machine["cpu_model"],
            "cpu_count": machine["cores"],
        },
        "benchmarks": benchmarks,
    }


def _benchmark(results: Results, scenario: ScenarioResult, cell: Cell, variant: str) -> dict[str, Any] | None:
    unit = METRICS[scenario.claim].unit
    runs = []
    date = datetime.fromisoformat(results.started).replace(tzinfo=None)
    for run in cell.variants.get(variant, []):
        value = _value(run, scenario.claim)
        if value is not None:
            runs.append(
                {"metadata": {"date": date.isoformat(sep=" "), "duration": run.seconds}, "values": [value]}
            )
            # pyperf wants each run to have a date of its own.
            date += timedelta(seconds=run.seconds)
    if not runs:
        return None
    name = f"{scenario.name}-{cell.size}-{scenario.claim}"
    return {"metadata": {"name": name, "unit": _UNITS.get(unit, "integer"), "loops": 1}, "runs": runs}


def _value(run: Run, metric: str) -> float | None:
    """One value for each process: pyperf's test takes all values as independent, and those of a process are not."""
    values = [sample["metrics"].get(metric) for sample in run.samples if run.outcome == "ok"]
    known = [value for value in values if value is not None]
    # pyperf knows no zero: a value too small to be measured cannot be compared as a ratio.
    return median(known) or None if known else None
