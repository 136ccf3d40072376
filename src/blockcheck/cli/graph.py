"""The verb ``graph``: the call graph of a project."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
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


def run(args: argparse.Namespace) -> int:
    """Link the files and print the graph; returns the exit code."""
    from blockcheck.project.graph import adjacency  # noqa: PLC0415  (costs start-up)

    if args.output_format in ("html", "svg"):
        return _draw(args)
    from blockcheck.cli.linking import link  # noqa: PLC0415
    from blockcheck.config import load  # noqa: PLC0415

    project, shown, missing = link(args.paths, load(args.paths), sys.stderr, for_graph=True)
    graph = adjacency(project, shown)
    if args.output_format == "json":
        json.dump(graph, sys.stdout, indent=2)
        print()
    else:
        print(_dot(graph))
    return 2 if missing else 0


def _draw(args: argparse.Namespace) -> int:
    from blockcheck import engine  # noqa: PLC0415  (costs start-up)
    from blockcheck.config import load  # noqa: PLC0415
    from blockcheck.output import picture  # noqa: PLC0415

    report = engine.run(args.paths, load(args.paths))
    for problem in report.problems:
        print(f"{problem.path}:{problem.line}: {problem.message}", file=sys.stderr)
    render = picture.render_html if args.output_format == "html" else picture.render_svg
    sys.stdout.write(render(picture.build(report.findings)))
    return 2 if any(problem.fatal for problem in report.problems) else 0


def _dot(graph: dict[str, list[str]]) -> str:
    lines = ["digraph calls {", "  rankdir=LR;", "  node [shape=box, fontname=monospace];"]
    for caller, callees in graph.items():
        lines.append(f"  {json.dumps(caller)};")
        lines.extend(f"  {json.dumps(caller)} -> {json.dumps(callee)};" for callee in callees)
    return "\n".join([*lines, "}"])
