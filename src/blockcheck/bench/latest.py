"""The latest measured cost of each pattern on this machine, kept in the user's cache folder for ``explain``."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from blockcheck.bench.metrics import METRICS
from blockcheck.bench.summary import HARMFUL, INDISTINCT, NEGLIGIBLE, TOO_FEW, crossover_text

if TYPE_CHECKING:
    from blockcheck.bench.results import Cell, Results, ScenarioResult


def cache_folder() -> Path:
    """Where the costs are kept; it need not exist."""
    if sys.platform == "win32":
        root = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        root = Path.home() / "Library" / "Caches"
    else:
        root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return root / "blockcheck" / "bench"


def remember(results: Results) -> None:
    """Keep one line for each scenario that gave a verdict. A cache that cannot be written is no error."""
    with contextlib.suppress(OSError):
        folder = cache_folder()
        folder.mkdir(parents=True, exist_ok=True)
        for scenario in results.scenarios:
            line = _line(scenario, results.started, str(results.machine["python"]))
            for code in scenario.codes if line else ():
                partial = folder / f"{code}.{os.getpid()}.partial"
                partial.write_text(json.dumps({"cost": line}) + "\n", encoding="utf-8")
                partial.replace(folder / f"{code}.json")


def latest_cost(code: str) -> str | None:
    """The cost of the pattern behind rule ``code``, as last measured here, in one line; None if it never was."""
    try:
        document = json.loads((cache_folder() / f"{code}.json").read_text(encoding="utf-8"))
        return str(document["cost"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _line(scenario: ScenarioResult, started: str, python: str) -> str | None:
    text = statement(scenario)
    return (
        None
        if text is None
        else f"{text} (measured {started[:10]}, Python {python}, scenario {scenario.name})"
    )


def statement(scenario: ScenarioResult) -> str | None:
    """What a scenario showed of its pattern, in one line; None where it allowed no verdict."""
    told = [cell for cell in scenario.cells if cell.verdict in HARMFUL or cell.ratio(scenario.claim)]
    told = [cell for cell in told if cell.verdict != TOO_FEW]
    if not told:
        return None
    text = _statement(scenario, max(told, key=lambda cell: cell.size))
    if len(scenario.cells) > 1:
        text += f"; {crossover_text(scenario)}"
    return text


def _statement(scenario: ScenarioResult, cell: Cell) -> str:
    where = f"at {cell.size:,} {scenario.unit}"
    ratio = cell.ratio(scenario.claim)
    metric = METRICS[scenario.claim].label
    if ratio is None or cell.outcome("bad"):
        return f"{where} it ends in: {cell.verdict}"
    interval = f"{ratio.ratio:.1f} times the {metric} of the alternative [{ratio.low:.1f}, {ratio.high:.1f}]"
    return f"{where} {interval}" + (f": {cell.verdict}" if cell.verdict in (INDISTINCT, NEGLIGIBLE) else "")
