"""The ``bench`` verb: its arguments, and what it does with them."""

from __future__ import annotations

import contextlib
import random
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from blockcheck.bench.registry import SCENARIOS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from blockcheck.bench.model import Scenario

DESCRIPTION = """\
Measures on this machine what the patterns behind the rules cost: each scenario does identical work in a bad and in a
good way, in fresh processes, and reports the ratio of the two with a bootstrap interval."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument(
        "which",
        nargs="*",
        metavar="CODE",
        help="rule codes, prefixes of them, or scenario names (default: all)",
    )
    effort = parser.add_mutually_exclusive_group()
    effort.add_argument("--quick", action="store_true", help="one size each, within a minute")
    effort.add_argument(
        "--rigorous", action="store_true", help="20 rounds of everything, however long it takes"
    )
    effort.add_argument(
        "--from", dest="source", type=Path, metavar="FILE", help="report a stored result instead"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result with all raw values")
    parser.add_argument(
        "--html", type=Path, metavar="FILE", help="write a report with plots, one file for offline use"
    )
    parser.add_argument(
        "--svg", type=Path, metavar="FILE", help="write the sweep of the first scenario as a picture"
    )
    parser.add_argument(
        "--pyperf", type=Path, metavar="FOLDER", help="write bad.json and good.json for pyperf compare_to"
    )
    parser.add_argument("--compare", type=Path, metavar="OLD.json", help="say what changed since that result")
    parser.add_argument(
        "--seed", type=int, help="seed of the order and of the bootstrap (default: random, reported)"
    )
    parser.add_argument("--no-progress", action="store_true", help="no progress line, not even on a terminal")
    parser.add_argument("--list", action="store_true", help="list the scenarios and end")


def run(arguments: argparse.Namespace) -> int:
    """Do what the arguments ask for; return the exit status."""
    # Imported late: `--help` and the other verbs do not pay for it.
    from blockcheck.bench.results import UnreadableResultError

    try:
        scenarios = _select(arguments.which)
        if arguments.list:
            _list(scenarios)
            return 0
        return _bench(arguments, scenarios)
    except BrokenPipeError:
        raise  # not an error of ours: whoever calls us knows how to end
    except (UnreadableResultError, UnknownScenarioError, OSError) as error:
        print(f"blockcheck bench: {error}", file=sys.stderr)
        return 2


class UnknownScenarioError(ValueError):
    """No scenario has this name, and no rule with one this code."""


def _select(which: Sequence[str]) -> list[Scenario]:
    null_pair, *measured = SCENARIOS.values()
    if not which:
        return [null_pair, *measured]
    wanted: list[Scenario] = []
    for word in which:
        found = [
            scenario
            for scenario in SCENARIOS.values()
            if scenario.name == word or any(code.startswith(word.upper()) for code in scenario.codes)
        ]
        if not found:
            raise UnknownScenarioError(f"no scenario for {word!r}; see --list")
        wanted += found
    # The A/A pair goes along always: without it no verdict knows the noise.
    return list(dict.fromkeys([null_pair, *wanted]))


def _list(scenarios: Sequence[Scenario]) -> None:
    for scenario in scenarios:
        codes = " ".join(scenario.codes) or "-"
        sizes = ", ".join(f"{size:,}" for size in scenario.sizes)
        print(f"{scenario.name:26} {codes:15} {scenario.title} ({sizes} {scenario.unit})")


def _bench(arguments: argparse.Namespace, scenarios: Sequence[Scenario]) -> int:
    from blockcheck.bench import latest
    from blockcheck.bench import results as stored
    from blockcheck.bench.report import compare, html, pyperf, svg, terminal
    from blockcheck.bench.runner import PROFILES, Benchmark

    old = stored.load(arguments.compare) if arguments.compare else None
    interrupted = False
    if arguments.source:
        results = stored.load(arguments.source)
    else:
        profile = "quick" if arguments.quick else "rigorous" if arguments.rigorous else "default"
        seed = random.SystemRandom().randrange(2**31) if arguments.seed is None else arguments.seed
        progress = _progress if sys.stderr.isatty() and not arguments.no_progress else _silent
        benchmark = Benchmark(scenarios, PROFILES[profile], seed, progress)
        with _termination_as_interrupt():
            results = benchmark.run()
        interrupted = benchmark.interrupted
        latest.remember(results)
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    print(terminal.render(results, unicode=encoding.startswith("utf")), end="")
    if old is not None:
        print("\n".join(compare.lines(old, results)))
    if arguments.json:
        stored.save(results, arguments.json)
    if arguments.html:
        arguments.html.write_text(html.render(results), encoding="utf-8")
    if arguments.svg:
        arguments.svg.write_text(svg.headline(results), encoding="utf-8")
    if arguments.pyperf:
        pyperf.export(results, arguments.pyperf)
    return 130 if interrupted else 0


def _silent(text: str) -> None:
    """No progress is shown."""


def _progress(text: str) -> None:
    print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


@contextlib.contextmanager
def _termination_as_interrupt() -> Iterator[None]:
    """Have SIGTERM end a benchmark as Ctrl-C does: with everything cleaned up and a partial report."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)
