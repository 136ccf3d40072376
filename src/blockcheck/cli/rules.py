"""``blockcheck rules``: what is looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001


def add_parser(subparsers: Subparsers) -> None:
    """Register the verb."""
    parser = subparsers.add_parser("rules", help="list the rules", description="List the rules.")
    parser.set_defaults(run=run)


def run(_arguments: argparse.Namespace) -> int:
    """Run the verb; return the exit code."""
    from blockcheck.rules import RULES  # noqa: PLC0415  (help should not wait for it)

    width = max(len(rule.name) for rule in RULES)
    for rule in RULES:
        default = "on " if rule.default else "off"
        print(f"{rule.code}  {rule.name:{width}}  {rule.severity!s:7}  {default}  {rule.summary}")
    return 0
