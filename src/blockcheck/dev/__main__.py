"""``python -m blockcheck.dev``: generate what is generated, and start a rule."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def main() -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m blockcheck.dev", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    docs = verbs.add_parser("docs", help="write all generated documentation anew")
    docs.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a file is stale")
    docs.set_defaults(run=_docs)

    measured = verbs.add_parser(
        "measured", help="publish the figures of a result of `blockcheck bench --json`"
    )
    measured.add_argument("result", type=Path, metavar="RESULT.json")
    measured.set_defaults(run=_measured)

    namespace = parser.parse_args()
    if not Path("src/blockcheck").is_dir():
        parser.error("run this in a clone of the repository")
    code: int = namespace.run(namespace)
    return code


def _docs(arguments: argparse.Namespace) -> int:
    from blockcheck.dev import docs  # noqa: PLC0415

    stale = docs.stale(Path())
    for path, text in stale.items():
        print(path)
        if not arguments.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    return 1 if stale and arguments.check else 0


def _measured(arguments: argparse.Namespace) -> int:
    from blockcheck.dev import measured  # noqa: PLC0415

    measured.publish(arguments.result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
