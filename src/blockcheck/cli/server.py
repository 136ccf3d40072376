"""``blockcheck server``: a language server on standard input and output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blockcheck.config import ConfigError

if TYPE_CHECKING:
    import argparse

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001


def add_parser(subparsers: Subparsers) -> None:
    """Register the verb."""
    parser = subparsers.add_parser(
        "server",
        help="serve editors",
        description="Speak the Language Server Protocol on standard input and output.",
    )
    parser.set_defaults(run=run)


def run(_arguments: argparse.Namespace) -> int:
    """Run the verb; return the exit code."""
    try:
        from blockcheck.server import Server  # noqa: PLC0415  (an extra)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in ("pygls", "lsprotocol"):
            raise ConfigError("the server needs more: install blockcheck-linter[lsp]") from error
        raise
    Server().protocol.start_io()
    return 0
