"""The outcome of a benchmark, as plain data with every raw value: what is stored, compared and reported."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from blockcheck.bench.intervals import Processes

FORMAT = "blockcheck-bench"
VERSION = 1


class UnreadableResultError(ValueError):
    """A file is not a result of this tool, or one of another version."""


@dataclass
class Run:
    """One process: one variant of one scenario at one size.

    Attributes:
        outcome: ``ok``, ``deadlock``, ``timeout``, ``exhausted`` or ``failed``.
        round: which pass over the whole plan it belongs to.
        seconds: wall time of the whole process, start-up and warm-up included.
        output: digest of what the variant returned; equal work gives equal digests.
        samples: for each measured repetition ``metrics`` (by name) and ``latencies_us``.
        stacks: of a run that hung: where its threads stood.
    """

    outcome: str
    round: int
    seconds: float
    output: str | None = None
    error: str | None = None
    samples: list[dict[str, Any]] = field(default_factory=list)
    stacks: list[str] = field(default_factory=list)


@dataclass
class Ratio:
    """How a variant compares with the baseline in one metric.

    Attributes:
        verdict: ``costs``, ``cheaper``, ``negligible``, ``not distinguishable`` or ``too few runs``.
    """

    variant: str
    metric: str
    ratio: float
    low: float
    high: float
    processes: int
    verdict: str


@dataclass
class Cell:
    """A scenario at one size.

    Attributes:
        verdict: that of the bad variant in the metric the scenario claims, or its outcome where it did not end.
        outputs_equal: whether all variants returned the same; None where that cannot be told.
        unstable: variants whose processes differ by more than half in the metric claimed.
    """

    size: int
    variants: dict[str, list[Run]] = field(default_factory=dict)
    ratios: list[Ratio] = field(default_factory=list)
    verdict: str = ""
    outputs_equal: bool | None = None
    unstable: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def values(self, variant: str, metric: str) -> Processes:
        """The raw values of a metric: for each process that has any, those of its repetitions."""
        processes = []
        for run in self.variants.get(variant, []):
            values = [sample["metrics"].get(metric) for sample in run.samples if run.outcome == "ok"]
            known = [value for value in values if value is not None]
            if known:
                processes.append(known)
        return processes

    def latencies(self, variant: str) -> list[float]:
        """All request latencies of a variant, in seconds, sorted."""
        return sorted(
            latency / 1e6
            for run in self.variants.get(variant, [])
            if run.outcome == "ok"
            for sample in run.samples
            for latency in sample["latencies_us"]
        )

    def ratio(self, metric: str, variant: str = "bad") -> Ratio | None:
        """The comparison of ``variant`` in ``metric``, where there is one."""
        for ratio in self.ratios:
            if (ratio.metric, ratio.variant) == (metric, variant):
                return ratio
        return None

    def outcome(self, variant: str) -> str | None:
        """The first outcome of this variant other than ``ok``; None where all runs ended well."""
        return next((run.outcome for run in self.variants.get(variant, []) if run.outcome != "ok"), None)


@dataclass
class ScenarioResult:
    """All sizes of one scenario.

    Attributes:
        costs_from: the crossover: from this size on the pattern costs, at every larger one too.
        harmless_up_to: the largest size below the crossover at which it was shown not to cost.
        left_out: sizes that were not run, each with the reason.
    """

    name: str
    title: str
    codes: list[str]
    unit: str
    claim: str
    cells: list[Cell] = field(default_factory=list)
    costs_from: int | None = None
    harmless_up_to: int | None = None
    left_out: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Results:
    """One run of the benchmark.

    Attributes:
        complete: False where it was interrupted or its time was up before every planned run was made.
        problems: what a reader must know: interruptions, failures, exhausted limits, instability.
        noise_floor: for each metric of the A/A pair the factor within which a difference is noise.
    """

    tool_version: str
    profile: str
    started: str
    seed: int
    machine: dict[str, Any]
    limits: dict[str, Any]
    seconds: float = 0.0
    rounds: int = 0
    complete: bool = True
    problems: list[str] = field(default_factory=list)
    noise_floor: dict[str, float] = field(default_factory=dict)
    scenarios: list[ScenarioResult] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """As the documented, versioned document."""
        return {"format": FORMAT, "version": VERSION, **asdict(self)}

    @classmethod
    def from_json(cls, document: Any) -> Results:
        """Read what ``to_json`` gave."""
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise UnreadableResultError("not a result of blockcheck bench")
        if document.get("version") != VERSION:
            raise UnreadableResultError(f"a result of version {document.get('version')}, not {VERSION}")
        fields = {key: value for key, value in document.items() if key not in ("format", "version")}
        try:
            fields["scenarios"] = [_scenario(value) for value in fields["scenarios"]]
            return cls(**fields)
        except (KeyError, TypeError, AttributeError) as error:
            raise UnreadableResultError(f"an incomplete result: {error}") from error


def _scenario(value: dict[str, Any]) -> ScenarioResult:
    return ScenarioResult(**{**value, "cells": [_cell(cell) for cell in value["cells"]]})


def _cell(value: dict[str, Any]) -> Cell:
    variants = {name: [Run(**run) for run in runs] for name, runs in value["variants"].items()}
    return Cell(**{**value, "variants": variants, "ratios": [Ratio(**ratio) for ratio in value["ratios"]]})


def load(path: Path) -> Results:
    """Read a stored result."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableResultError(f"{path}: {error}") from error
    try:
        return Results.from_json(document)
    except UnreadableResultError as error:
        raise UnreadableResultError(f"{path}: {error}") from error


def save(results: Results, path: Path) -> None:
    """Store a result."""
    path.write_text(json.dumps(results.to_json(), separators=(",", ":")) + "\n", encoding="utf-8")
