"""The verb ``why``: what blockcheck thinks of a line."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from blockcheck.config import ConfigError, load

if TYPE_CHECKING:
    import argparse

    from blockcheck.config import Config


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the verb."""
    parser = subparsers.add_parser(
        "why",
        help="tell what is thought of a line",
        description="Print, for each call on a line, what it is resolved to, what it may cause and by which chain, "
        "where it runs, and, where nothing is reported, why not.",
    )
    parser.add_argument("place", metavar="FILE:LINE", help="a line of a file")
    parser.add_argument("--python", type=Path, metavar="PATH", help="as for check")
    parser.add_argument("--no-follow-installed", action="store_true", help="as for check")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Explain the line; returns the exit code."""
    name, colon, number = args.place.rpartition(":")
    if not colon or not number.isdigit():
        raise ConfigError(f"{args.place}: not of the form FILE:LINE")
    path = Path(name)
    if not path.is_file():
        raise ConfigError(f"{name}: no such file")
    from blockcheck.cli.linking import link  # noqa: PLC0415  (costs start-up)
    from blockcheck.project.explanation import explain_line  # noqa: PLC0415

    config = load([path])
    if args.python is not None:
        config = replace(config, python=args.python)
    if args.no_follow_installed:
        config = replace(config, follow_installed=False)
    project, shown, _ = link([path], config, sys.stderr, for_graph=False)
    display = next(iter(shown), name)
    explained = explain_line(project, display, int(number), _off(config))
    if not explained:
        print(f"{display}:{number}: no call begins on this line")
    for call in explained:
        print(f"{display}:{call.place[0]}:{call.place[1]} {call.call} in {call.function}")
        for label, text in call.lines:
            print(f"  {label + ':':<12}{text}")
    return 0


def _off(config: Config) -> dict[str, str]:
    """The kinds of blocking whose rules do not run, each with the rule's code."""
    from blockcheck.engine import enabled_codes  # noqa: PLC0415  (costs start-up)
    from blockcheck.rules import RULES  # noqa: PLC0415
    from blockcheck.rules.event_loop.blocking import BlockingRule  # noqa: PLC0415

    enabled = enabled_codes(config)
    return {
        rule.kind: rule.code for rule in RULES if isinstance(rule, BlockingRule) and rule.code not in enabled
    }
