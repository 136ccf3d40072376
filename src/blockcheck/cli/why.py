"""The verb ``why``: what blockcheck thinks of a line."""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from blockcheck.cli import EXIT_CLEAN, EXIT_ERROR
from blockcheck.config import ConfigError, load

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from blockcheck.config import Config
    from blockcheck.findings import Finding
    from blockcheck.project import Project, Unit
    from blockcheck.project.explanation import Verdicts

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001


def add_parser(subparsers: Subparsers) -> None:
    """Register the verb."""
    parser = subparsers.add_parser(
        "why",
        help="tell what is thought of a line",
        description="Print, for each call on a line, what it is resolved to, what it may cause and by which chain, "
        "where it runs, and what is reported, or why nothing is.",
    )
    parser.add_argument("place", metavar="FILE:LINE", help="a line of a file")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--config", type=Path, metavar="FILE", help="as for check")
    source.add_argument("--isolated", action="store_true", help="as for check")
    parser.add_argument("--python", type=Path, metavar="PATH", help="as for check")
    parser.add_argument("--no-follow-installed", action="store_true", help="as for check")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Explain the line; return the exit code."""
    name, colon, number = arguments.place.rpartition(":")
    if not colon or not number.isdigit():
        raise ConfigError(f"{arguments.place}: not of the form FILE:LINE")
    path = Path(name)
    if not path.is_file():
        raise ConfigError(f"{name}: no such file")
    from blockcheck.cli.linking import link  # noqa: PLC0415  (costs start-up)
    from blockcheck.engine import enabled_codes  # noqa: PLC0415
    from blockcheck.project.explanation import explain_line  # noqa: PLC0415

    config = load([path], arguments.config, isolated=arguments.isolated)
    if arguments.python is not None:
        config = replace(config, python=arguments.python)
    if arguments.no_follow_installed:
        config = replace(config, follow_installed=False)
    enabled = enabled_codes(config)
    project, shown, _ = link([path], config, sys.stderr, for_graph=False)
    display = next(iter(shown), name)
    unit = next((unit for unit in project.units if unit.file.display == display), None)
    if unit is None:
        return EXIT_ERROR  # it cannot be read, as was told
    verdicts = _verdicts(project, unit, config, enabled)
    explained = explain_line(project, display, int(number), verdicts, _off(enabled))
    if not explained:
        print(f"{display}:{number}: no call begins on this line")
    for call in explained:
        print(f"{display}:{call.place[0]}:{call.place[1]} {call.call} in {call.function}")
        for label, text in call.lines:
            print(f"  {label + ':':<12}{text}")
    return EXIT_CLEAN


def _verdicts(project: Project, unit: Unit, config: Config, enabled: frozenset[str]) -> Verdicts:
    """What the rules say of a file's calls, and why it is not reported where it is not."""
    from blockcheck.engine import Filter  # noqa: PLC0415  (costs start-up)
    from blockcheck.findings import Location  # noqa: PLC0415
    from blockcheck.rules import run as run_rules  # noqa: PLC0415
    from blockcheck.source.suppressions import Suppressions  # noqa: PLC0415

    found = run_rules(
        project,
        enabled,
        min_confidence=config.min_confidence,
        wanted=unit.file.display.__eq__,
        doubtful=lambda _path: True,
    )
    comments = Suppressions(unit.text)
    filtered = Filter(config)

    def reasons(finding: Finding) -> Iterator[str]:
        if comments.hides(finding):
            yield "hidden by a comment"
        if not filtered.somewhere(finding):
            yield "ignored in this file"
        if finding.confidence < config.min_confidence:
            yield f"of {finding.confidence} confidence"

    verdicts = defaultdict(list)
    for finding in sorted(found, key=lambda finding: finding.code):
        assert finding.origin is not None  # what rules find has one
        place = Location(unit.file.display, *project.position(*finding.origin))
        why = ", ".join(reasons(replace(finding, location=place)))
        verdicts[finding.origin].append((f"{finding.code} {finding.message}", why))
    return verdicts


def _off(enabled: frozenset[str]) -> dict[str, str]:
    """The kinds of blocking whose rules do not run, each with the rule's code."""
    from blockcheck.rules import RULES  # noqa: PLC0415  (costs start-up)
    from blockcheck.rules.event_loop.blocking import BlockingRule  # noqa: PLC0415

    return {
        rule.kind: rule.code for rule in RULES if isinstance(rule, BlockingRule) and rule.code not in enabled
    }
