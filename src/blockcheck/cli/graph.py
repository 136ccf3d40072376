"""The verb ``graph``: the call graph of a project."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from blockcheck.cli import EXIT_CLEAN, EXIT_ERROR

if TYPE_CHECKING:
    import argparse

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001


def add_parser(subparsers: Subparsers) -> None:
    """Register the verb."""
    parser = subparsers.add_parser(
        "graph",
        help="print the call graph, or draw the blocking paths",
        description="Print who calls whom (json, dot): every function and module body of the files below PATH, and "
        "what they call. Or draw the paths from functions on the event loop to what blocks it (html, svg).",
    )
    parser.add_argument(
        "paths", metavar="PATH", nargs="*", type=Path, default=[Path()], help="files or folders"
    )
    parser.add_argument("--output-format", choices=("json", "dot", "html", "svg"), default="json")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Link the files and print the graph; return the exit code."""
    from blockcheck.project.graph import adjacency  # noqa: PLC0415  (costs start-up)

    if arguments.output_format in ("html", "svg"):
        return _draw(arguments)
    from blockcheck.cli.linking import link  # noqa: PLC0415
    from blockcheck.config import load  # noqa: PLC0415

    project, shown, missing = link(arguments.paths, load(arguments.paths), sys.stderr, for_graph=True)
    graph = adjacency(project, shown)
    if arguments.output_format == "json":
        json.dump(graph, sys.stdout, indent=2)
        print()
    else:
        print(_dot(graph))
    return EXIT_ERROR if missing else EXIT_CLEAN


def _draw(arguments: argparse.Namespace) -> int:
    from blockcheck import engine  # noqa: PLC0415  (costs start-up)
    from blockcheck.config import load  # noqa: PLC0415
    from blockcheck.output import picture  # noqa: PLC0415

    report = engine.run(arguments.paths, load(arguments.paths))
    for problem in report.problems:
        print(f"{problem.path}:{problem.line}: {problem.message}", file=sys.stderr)
    render = picture.render_html if arguments.output_format == "html" else picture.render_svg
    sys.stdout.write(render(picture.build(report.findings)))
    return EXIT_ERROR if any(problem.fatal for problem in report.problems) else EXIT_CLEAN


def _dot(graph: dict[str, list[str]]) -> str:
    lines = ["digraph calls {", "  rankdir=LR;", "  node [shape=box, fontname=monospace];"]
    for caller, callees in graph.items():
        lines.append(f"  {json.dumps(caller)};")
        lines.extend(f"  {json.dumps(caller)} -> {json.dumps(callee)};" for callee in callees)
    return "\n".join([*lines, "}"])
