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

    new = verbs.add_parser("new-rule", help="write the files of a new rule, to be filled in")
    new.add_argument("code", metavar="CODE", help="such as BCK214")
    new.add_argument("name", metavar="NAME", help="such as blocking-print")
    new.add_argument("--kind", help="for calls that block the event loop in one way: the catalogue's kind")
    new.set_defaults(run=_new_rule)

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


def _new_rule(arguments: argparse.Namespace) -> int:
    from blockcheck.dev import new_rule  # noqa: PLC0415

    try:
        for path in new_rule.create(arguments.code, arguments.name, arguments.kind):
            print(path)
    except ValueError as error:
        print(f"new-rule: {error}", file=sys.stderr)
        return 2
    print("Fill in every TODO; CONTRIBUTING.md tells the order.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
