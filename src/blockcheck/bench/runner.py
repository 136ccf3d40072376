"""Plans and runs the measured processes: one fresh process for each scenario, size, variant and repetition."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blockcheck import __version__
from blockcheck.bench import machine
from blockcheck.bench.results import Cell, Results, Run, ScenarioResult
from blockcheck.bench.summary import NULL_PAIR, summarise

if TYPE_CHECKING:
    from blockcheck.bench.model import Scenario

_GRACE = 15.0
"""Seconds a process gets beyond its own deadline before it is ended from outside."""
_OVERTIME = 4.0
"""Seconds that the last process may exceed the budget before it is given up."""


@dataclass(frozen=True)
class Profile:
    """How much effort a run makes.

    Attributes:
        rounds: passes over the whole plan; each gives one process for every cell and variant.
        budget: seconds of measuring after which no further process is started; None for no bound.
        values: measured repetitions within one process at most, and for ``value_seconds`` at most.
        null_pairs: processes of the A/A pair in each round, for each of its sides.
        hangs: how often a variant may hang before it is not tried again.
        draws: resamplings for each interval.
        sweep: whether all sizes are run, or only the quick one.
    """

    name: str
    rounds: int
    budget: float | None
    values: int
    value_seconds: float
    null_pairs: int
    hangs: int
    draws: int
    sweep: bool


_NAMED = 8
"""As many unstable places are named; the marks of the others stand with their scenarios."""

PROFILES = {
    profile.name: profile
    for profile in (
        Profile("quick", 5, 53.0, 3, 0.1, 3, 1, 500, sweep=False),
        Profile("default", 7, 540.0, 5, 0.3, 4, 2, 1000, sweep=True),
        Profile("rigorous", 20, None, 10, 1.0, 4, 3, 4000, sweep=True),
    )
}

Progress = Callable[[str], None]
_Key = tuple[str, int, str]


@dataclass(frozen=True)
class _Job:
    scenario: Scenario
    cell: Cell
    variant: str

    @property
    def key(self) -> _Key:
        return (self.scenario.name, self.cell.size, self.variant)


class Benchmark:
    """One benchmark: plans on construction, measures in ``run``, and keeps what it has at any time."""

    def __init__(
        self, scenarios: Sequence[Scenario], profile: Profile, seed: int, progress: Progress
    ) -> None:
        limits = machine.Limits.read()
        self.results = Results(
            tool_version=__version__,
            profile=profile.name,
            started=datetime.now(timezone.utc).isoformat(timespec="seconds"),
            seed=seed,
            machine=machine.describe(),
            limits=limits.to_json(),
        )
        self.interrupted = False
        self._profile = profile
        self._progress = progress
        self._random = random.Random(seed)
        self._expected: dict[_Key, float] = {}
        self._hangs: dict[_Key, int] = {}
        self._jobs: list[list[_Job]] = []
        for scenario in scenarios:
            self._plan(scenario, limits)

    def _plan(self, scenario: Scenario, limits: machine.Limits) -> None:
        result = ScenarioResult(
            scenario.name, scenario.title, list(scenario.codes), scenario.unit, scenario.claim
        )
        for size in scenario.sizes if self._profile.sweep else (scenario.quick_size,):
            reason = limits.refusal(scenario, size)
            if reason is not None:
                result.left_out.append({"size": size, "reason": reason})
                continue
            cell = Cell(size, {variant: [] for variant in scenario.variants})
            result.cells.append(cell)
            pairs = self._profile.null_pairs if scenario.name == NULL_PAIR else 1
            self._jobs += [[_Job(scenario, cell, variant) for variant in scenario.variants]] * pairs
        self.results.scenarios.append(result)

    def run(self) -> Results:
        """Measure, round by round; whatever ends it early, what was measured until then is returned."""
        began = time.monotonic()
        try:
            with tempfile.TemporaryDirectory(prefix="blockcheck-bench-") as folder:
                for number in range(1, self._profile.rounds + 1):
                    skipped = self._round(number, began, Path(folder))
                    if skipped:
                        self.results.problems.append(
                            f"time was up in round {number}: {skipped} of its processes were left out"
                        )
                        self.results.complete = number > 1 and self.results.complete
                        break
                    self.results.rounds = number
        except KeyboardInterrupt:
            self.interrupted = True
            self.results.complete = False
            self.results.problems.append("interrupted: this is what had been measured until then")
        self.results.seconds = time.monotonic() - began
        self._progress("computing intervals")
        summarise(self.results, self._profile.draws)
        self._note_problems()
        self._progress("")
        return self.results

    def _round(self, number: int, began: float, folder: Path) -> int:
        """One process of everything, in a fresh order; return how many the budget did not allow."""
        # The variants of one cell run next to each other, so that a drift of the machine meets all of them.
        pairs = [self._random.sample(pair, len(pair)) for pair in self._jobs]
        self._random.shuffle(pairs)
        total = sum(map(len, pairs))
        done = skipped = 0
        for pair in pairs:
            if any(self._hangs.get(job.key, 0) >= self._profile.hangs for job in pair):
                continue  # without an end there is no ratio, and nothing to learn from the other one alone
            expected = sum(self._expected.get(job.key, 0.0) for job in pair)
            elapsed = time.monotonic() - began
            if self._profile.budget is not None and elapsed + expected > self._profile.budget:
                skipped += len(pair)
                continue
            for job in pair:
                done += 1
                name = f"{job.scenario.name} {job.variant} at {job.cell.size:,}"
                self._progress(f"round {number}/{self._profile.rounds}  {done}/{total}  {name}")
                skipped += not self._measure(job, number, began, folder)
        return skipped

    def _measure(self, job: _Job, number: int, began: float, folder: Path) -> bool:
        """Run one process; return whether it had the time it needed."""
        started = time.monotonic()
        patience = job.scenario.deadline * (self._profile.values + 1) + _GRACE
        budget = self._profile.budget
        left = patience if budget is None else max(0.0, began + budget + _OVERTIME - started)
        answer = _run_process(job, self._profile, min(patience, left), folder)
        if answer is None and left < patience:
            return False
        if answer is None:
            answer = {"outcome": "timeout", "error": f"no sign of life within {patience:g} s"}
        seconds = time.monotonic() - started
        if answer["outcome"] != "ok":
            self._hangs[job.key] = self._hangs.get(job.key, 0) + 1
        self._expected[job.key] = seconds
        job.cell.variants[job.variant].append(Run(round=number, seconds=round(seconds, 4), **answer))
        return True

    def _note_problems(self) -> None:
        load = self.results.machine["load"]
        if load and load[0] > 0.5:
            self.results.problems.append(
                f"the machine was not idle at the start (load {load[0]}): expect wide intervals"
            )
        unstable = []
        for scenario in self.results.scenarios:
            for cell in scenario.cells:
                unstable += [f"{scenario.name} {variant} at {cell.size:,}" for variant in cell.unstable]
                for warning in cell.warnings:
                    # That a bad variant hangs is what some scenarios are there to show: it is a verdict.
                    if "bad variant did not end well: deadlock" not in warning:
                        self.results.problems.append(f"{scenario.name} at {cell.size:,}: {warning}")
        if unstable:
            self.results.problems.append(
                f"unstable in {len(unstable)} place{'' if len(unstable) == 1 else 's'}, the processes differ by more than half in the metric claimed: "
                + ", ".join(unstable[:_NAMED])
                + (" and others" if len(unstable) > _NAMED else "")
            )


def _run_process(job: _Job, profile: Profile, patience: float, folder: Path) -> dict[str, Any] | None:
    """The answer of a fresh process; None where it gave none within ``patience`` seconds."""
    scenario = job.scenario
    request = {
        "module": scenario.module_name,
        "variant": job.variant,
        "size": job.cell.size,
        "warm_up_size": scenario.warm_up_size,
        "values": profile.values,
        "seconds": profile.value_seconds,
        "deadline": scenario.deadline,
    }
    with tempfile.TemporaryDirectory(dir=folder) as work, Path(work, "stderr").open("w+b") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "blockcheck.bench.worker", json.dumps(request)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**os.environ, "TMPDIR": work, "TEMP": work, "TMP": work},
            start_new_session=True,
        )
        try:
            line = _first_line(process, patience)
        finally:
            _end(process)
        if line is None:
            return None
        if line.endswith(b"\n"):
            answer: dict[str, Any] = json.loads(line)
            return answer
        errors.seek(0)
        last = errors.read().decode(errors="replace").strip().splitlines()[-1:]
        return {"outcome": "failed", "error": f"the process ended without a result {last or ''}".strip()}


def _first_line(process: subprocess.Popen[bytes], seconds: float) -> bytes | None:
    """The process's answer; empty where it ends without one, None where it does not end in time."""
    lines: list[bytes] = []
    assert process.stdout is not None
    # A thread, since a pipe cannot be waited for with a timeout on every platform; it ends with the process.
    reader = threading.Thread(target=lambda out: lines.append(out.readline()), args=(process.stdout,))
    reader.daemon = True
    reader.start()
    reader.join(seconds)
    return lines[0] if lines else None


def _end(process: subprocess.Popen[bytes]) -> None:
    """Leave nothing of this process behind, nor of those it started."""
    if hasattr(os, "killpg"):
        # The group outlives its leader as long as one of its processes does; gone means there was nothing left.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
    process.wait()
