"""``blockcheck rules``: what is looked for."""

from __future__ import annotations

import shutil
import sys
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001


_WIDE = 1000


def add_parser(subparsers: Subparsers) -> None:
    """Register the verb."""
    parser = subparsers.add_parser("rules", help="list the rules", description="List the rules.")
    parser.set_defaults(run=run)


def run(_arguments: argparse.Namespace) -> int:
    """Run the verb; return the exit code."""
    from blockcheck.rules import RULES  # noqa: PLC0415  (help should not wait for it)

    width = max(len(rule.name) for rule in RULES)
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else _WIDE
    for rule in RULES:
        default = "on " if rule.default else "off"
        head = f"{rule.code}  {rule.name:{width}}  {rule.severity!s:7}  {default}  "
        indent = " " * len(head)
        print(textwrap.fill(f"{head}{rule.summary}", max(columns, len(head) + 20), subsequent_indent=indent))
    return 0
