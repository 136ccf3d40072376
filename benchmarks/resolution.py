"""What calls in async functions are resolved to: a table of packages, in Markdown.

Run it as ``python benchmarks/resolution.py [--python ENVIRONMENT] FOLDER ...``.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

from blockcheck.cli.linking import link
from blockcheck.config import load
from blockcheck.project.resolution import RESOLVED, count


def of_package(folder: Path, python: Path | None) -> Counter[str]:
    """The calls in the async functions of one package, and in what stands in them."""
    config = replace(load([folder], isolated=True), python=python, follow_installed=python is not None)
    project, shown, _ = link([folder], config, sys.stderr, for_graph=False)
    wanted = []
    for code in project.codes[: project.solver.own]:
        scope = code
        while scope is not None and not scope.is_async:
            scope = scope.parent
        if scope is not None and code.unit.file.display in shown:
            wanted.append(code.gid)
    return count(project, wanted)


def main() -> None:
    """Print the table, then the reasons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--python", type=Path, help="follow calls into the packages of this environment")
    arguments = parser.parse_args()
    rows = {folder.name: of_package(folder, arguments.python) for folder in arguments.folders}
    total: Counter[str] = Counter()
    for row in rows.values():
        total.update(row)
    rows["all"] = total
    print("| package | calls | " + " | ".join(RESOLVED) + " | resolved |")
    print("|---|" + "---:|" * (len(RESOLVED) + 2))
    for name, row in rows.items():
        calls = sum(row.values())
        cells = [f"{row[kind]:,} ({share(row[kind], calls)})" for kind in RESOLVED]
        resolved = share(sum(row[kind] for kind in RESOLVED), calls)
        print(f"| {name} | {calls:,} | " + " | ".join(cells) + f" | {resolved} |")
    reasons = [reason for reason, _ in total.most_common() if reason not in RESOLVED]
    print("\n| not resolved, because | " + " | ".join(rows) + " |")
    print("|---|" + "---:|" * len(rows))
    for reason in reasons:
        print(f"| {reason} | " + " | ".join(f"{row[reason]:,}" for row in rows.values()) + " |")


def share(part: int, whole: int) -> str:
    """A percentage."""
    return f"{100 * part / whole:.1f}%" if whole else "-"


if __name__ == "__main__":
    main()
