"""``python -m blockcheck.bench``: the benchmark without the rest of the command line."""

from __future__ import annotations

import argparse
import sys

from blockcheck.bench.command import DESCRIPTION, add_arguments, run


def main() -> int:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(prog="blockcheck bench", description=DESCRIPTION)
    add_arguments(parser)
    return run(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
