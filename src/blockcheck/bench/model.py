"""What a scenario is, as plain data: the parent process plans with it and never imports a scenario's code."""

from __future__ import annotations

from dataclasses import dataclass

BASELINE = "good"
"""The variant that the others are compared with."""


@dataclass(frozen=True)
class Scenario:
    """Identical work, done in a bad and in a good way.

    Attributes:
        name: its name on the command line and in results.
        title: one line on what is compared.
        codes: the rules whose cost it shows.
        unit: what a size counts.
        claim: the metric in which the pattern is said to cost.
        sizes: the sweep, ascending.
        quick_size: the one size of a quick run.
        variants: names of the functions of ``module``; the baseline among them.
        warm_up_size: size of the unmeasured first run; 0 for none. A module's own ``warm_up`` goes first.
        deadline: seconds without an end after which a run is reported as hung.
        threads_per_unit: threads the bad variant needs at once for each unit.
        files_per_unit: file descriptors any variant needs at once for each unit.
        memory_per_unit: bytes any variant needs for each unit, estimated generously.
        module: where the variants live; derived from the name unless given.
    """

    name: str
    title: str
    codes: tuple[str, ...]
    unit: str
    claim: str
    sizes: tuple[int, ...]
    quick_size: int
    variants: tuple[str, ...] = ("bad", "good")
    warm_up_size: int = 2
    deadline: float = 20.0
    threads_per_unit: float = 0.0
    files_per_unit: float = 0.0
    memory_per_unit: int = 100_000
    module: str = ""

    @property
    def module_name(self) -> str:
        """The dotted name of the module with the variants."""
        return self.module or f"blockcheck.bench.scenarios.{self.name.replace('-', '_')}"
