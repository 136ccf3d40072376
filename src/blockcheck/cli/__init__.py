"""The command line: one module a verb, imported only when the verb is asked for."""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from blockcheck import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_CLEAN, EXIT_FINDINGS, EXIT_ERROR = 0, 1, 2

VERBS = ("check", "explain", "why", "graph", "rules", "config", "clean", "bench", "server", "catalogue")

DESCRIPTION = "Find blocking I/O on the event loop, and misuse of threads, executors and locks, across functions and files."


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has enough. Keep the interpreter from complaining at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_ERROR
    except Exception:  # noqa: BLE001  (an uncaught one would exit with 1, which means "findings")
        import traceback  # noqa: PLC0415

        traceback.print_exc()
        sys.stderr.write("blockcheck: internal error; please report it with the lines above\n")
        return EXIT_ERROR


def _run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="blockcheck", description=DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"blockcheck {__version__}")
    subparsers = parser.add_subparsers(metavar="VERB", required=True)
    # Only help on the whole needs every verb; one verb's module is all that a run of it should import.
    known = [verb for verb in VERBS if find_spec(f"blockcheck.cli.{verb}")]
    asked = arguments[0] if arguments else "--help"
    if asked == "--version":
        known = []
    for verb in [asked] if asked in known else known:
        import_module(f"blockcheck.cli.{verb}").add_parser(subparsers)
    try:
        namespace = parser.parse_args(arguments or ["--help"])
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else EXIT_ERROR
    from blockcheck.config import ConfigError  # noqa: PLC0415  (--version needs none of it)

    try:
        code: int = namespace.run(namespace)
    except ConfigError as error:
        sys.stderr.write(f"blockcheck: error: {error}\n")
        return EXIT_ERROR
    sys.stdout.flush()
    return code
