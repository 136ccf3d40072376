"""``blockcheck bench``: what the patterns behind the rules cost on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blockcheck.bench.command import DESCRIPTION, add_arguments, run

if TYPE_CHECKING:
    import argparse

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001  argparse offers no public name


def add_parser(subparsers: Subparsers) -> None:
    """Register the verb."""
    parser = subparsers.add_parser(
        "bench", help="measure what the reported patterns cost on this machine", description=DESCRIPTION
    )
    add_arguments(parser)
    parser.set_defaults(run=run)
