"""``blockcheck explain CODE``: the page of a rule."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from blockcheck.config import ConfigError, nearest_name

if TYPE_CHECKING:
    import argparse

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001


def add_parser(subparsers: Subparsers) -> None:
    """Register the verb."""
    parser = subparsers.add_parser("explain", help="explain a rule", description="Print the page of a rule.")
    parser.add_argument("code", metavar="CODE", help="a rule's code, such as BCK201, or its name")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the verb; return the exit code."""
    from blockcheck.bench.latest import latest_cost  # noqa: PLC0415  (help should not wait for these)
    from blockcheck.rules import RULES  # noqa: PLC0415

    asked: str = arguments.code
    for rule in RULES:
        if asked.upper() == rule.code or asked.lower() == rule.name:
            default = "on" if rule.default else "off"
            print(f"{rule.code} {rule.name} ({rule.severity}, {default} by default)\n")
            print(inspect.cleandoc(rule.__doc__ or rule.summary))
            cost = latest_cost(rule.code)
            if cost is not None:
                print(f"\nMeasured on this machine: {cost}")
            return 0
    known = [name for rule in RULES for name in (rule.code, rule.name)]
    close = nearest_name(asked.upper() if asked[:1].isupper() else asked, known)
    hint = close if close.startswith("did") else "`blockcheck rules` lists them"
    raise ConfigError(f"unknown rule {asked!r}; {hint}")
