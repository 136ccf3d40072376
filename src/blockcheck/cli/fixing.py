"""What `check` does to mend findings: apply fixes, or show what applying them would change."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from blockcheck import autofix
from blockcheck.cli import EXIT_CLEAN, EXIT_ERROR, EXIT_FINDINGS
from blockcheck.cli.summary import count
from blockcheck.findings import Applicability, Finding
from blockcheck.source.edits import unified
from blockcheck.source.rewriting import rewrite

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from blockcheck.autofix import Outcome
    from blockcheck.config import Config
    from blockcheck.engine import Given
    from blockcheck.findings import Report


def run(
    paths: Sequence[Path],
    given: Sequence[Given],
    config: Config,
    arguments: argparse.Namespace,
    keep: Callable[[Report], Report],
    progress: Callable[[int, int], None] | None,
    cache: Path | None,
) -> Outcome:
    """Find out what is to be changed; nothing is written yet."""
    fixer = autofix.Fixer(
        paths,
        config,
        unsafe=arguments.unsafe_fixes,
        jobs=arguments.jobs,
        given=given,
        keep=keep,
        cache=cache,
    )
    return fixer.run(progress)


def write(outcome: Outcome) -> Report:
    """Write the changed files and return the report of what is left; files that cannot be written are told of."""
    unwritten = set()
    for path, file in outcome.files.items():
        try:
            rewrite(file.path, file.data, file.result)
        except OSError as error:  # noqa: PERF203 - files are few, and each is to be told of
            unwritten.add(path)
            outcome.failed = True
            sys.stderr.write(f"blockcheck: error: {path}: cannot be fixed: {error.strerror or error}\n")
    left = [finding for finding in outcome.fixed if finding.location.path in unwritten]
    outcome.fixed = [finding for finding in outcome.fixed if finding.location.path not in unwritten]
    findings = sorted([*outcome.report.findings, *left], key=Finding.sort_key)
    return replace(outcome.report, findings=findings)


def show(outcome: Outcome, arguments: argparse.Namespace) -> int:
    """Write the diff and return the exit code."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure:
        reconfigure(errors="backslashreplace", newline="")
    for path, file in sorted(outcome.files.items()):
        sys.stdout.write(unified(path, file.before, file.after))
    if not arguments.quiet:
        sys.stderr.writelines(f"{note}\n" for note in notes(outcome, arguments))
    if outcome.failed:
        return EXIT_ERROR
    return EXIT_FINDINGS if outcome.files and not arguments.exit_zero else EXIT_CLEAN


def notes(outcome: Outcome, arguments: argparse.Namespace) -> Iterator[str]:
    """Yield what was fixed and what was not, for people."""
    for dropped in outcome.dropped:
        place = dropped.finding.location
        yield (
            f"blockcheck: warning: {place.path}:{place.line}:{place.column}: "
            f"the fix of {dropped.finding.code} was dropped: {dropped.reason}"
        )
    verb = "would be fixed" if arguments.diff else "fixed"
    yield f"{count(len(outcome.fixed), 'finding')} {verb}"
    if arguments.diff and not arguments.unsafe_fixes:  # without it the summary tells
        more = sum(
            f.fix is not None and f.fix.applicability is Applicability.UNSAFE for f in outcome.report.findings
        )
        if more:
            yield f"{more} more with --unsafe-fixes"
    if arguments.show_fixes:
        by_path: dict[str, Counter[str]] = defaultdict(Counter)
        for finding in outcome.fixed:
            by_path[finding.location.path][f"{finding.code} ({finding.name})"] += 1
        for path, counts in sorted(by_path.items()):
            yield f"  {path}:"
            yield from (f"    {number} x {code}" for code, number in sorted(counts.items()))
