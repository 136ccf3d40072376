"""Where reports go: standard output, files, and several of both in one run."""

from __future__ import annotations

import argparse
import contextlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from blockcheck import output
from blockcheck.cli import summary
from blockcheck.config import DEFAULT_FORMAT, FORMATS, ConfigError
from blockcheck.output import colour, full, statistics

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from blockcheck.findings import Finding, Report

_TEXT = ("full", "concise")


@dataclass(frozen=True)
class Target:
    """One report to write: its format, and its file (None for standard output)."""

    format: str
    file: Path | None


def target(value: str) -> Target:
    """Read ``FORMAT`` or ``FORMAT=FILE``, as an argument's type."""
    name, equals, file = value.partition("=")
    if name not in FORMATS:
        raise argparse.ArgumentTypeError(f"invalid choice: {name!r} (choose from {', '.join(FORMATS)})")
    if equals and not file:
        raise argparse.ArgumentTypeError(f"expected a file behind {value!r}")
    return Target(name, _place(Path(file)) if file else None)


def _place(file: Path | None) -> Path | None:
    """Standard output, where a file's name is the usual sign for that."""
    return None if file == Path("-") else file


def targets(asked: list[Target], usual: str, file: Path | None) -> list[Target]:
    """Return every report to write, the main one first: in the usual format unless another was asked for.

    Raises:
        ConfigError: for two reports that would go to one place.
    """
    plain = [item for item in asked if item.file is None]
    if len(plain) > 1:
        raise ConfigError("--output-format: only one report can go to standard output; write FORMAT=FILE")
    main = Target(plain[0].format if plain else usual, _place(file))
    all_targets = [main, *(item for item in asked if item.file is not None)]
    files = [item.file for item in all_targets]
    for place in files:
        if files.count(place) > 1:
            raise ConfigError(f"--output-format: two reports would be written to {place}")
    return all_targets


def shows_fixes(wanted: list[Target], findings: Sequence[Finding]) -> bool:
    """Tell whether any of the reports shows how findings are mended."""
    formats = {item.format for item in wanted}
    return bool(formats & {"json", "jsonl", "sarif"}) or ("full" in formats and full.is_detailed(findings))


def deliver(report: Report, wanted: list[Target], arguments: argparse.Namespace) -> None:
    """Write the reports, the statistics if they are wanted, and a summary for readers of text."""
    with contextlib.ExitStack() as stack:
        # All of them first: a place that cannot be written to should not leave half of the reports behind.
        streams = [
            stack.enter_context(_opened(item.file, "--output-format" if number else "--output-file"))
            for number, item in enumerate(wanted)
        ]
        for number, (item, stream) in enumerate(zip(wanted, streams, strict=True)):
            as_text = item.format in _TEXT
            paint = output.Paint(enabled=as_text and colour.wanted(arguments.color, stream))
            output.write(report, item.format, stream, paint)
            if number == 0 and as_text and arguments.statistics:
                statistics.write(report, stream, paint)
    sys.stdout.flush()  # where both streams end in one file, what follows shall follow there
    main_is_text = wanted[0].format in _TEXT
    if arguments.statistics and not main_is_text:
        statistics.write(report, sys.stderr, output.PLAIN)
    if main_is_text and report.files and not arguments.quiet:  # else there is nothing to sum up
        hints = wanted[0].format == DEFAULT_FORMAT
        sys.stderr.writelines(f"{line}\n" for line in summary.lines(report, hints=hints))


@contextlib.contextmanager
def _opened(file: Path | None, option: str) -> Iterator[TextIO]:
    """Give the stream to write to. File names need not be text, and streams not be Unicode."""
    if file is None:
        yield sys.stdout
        return
    try:
        stream = file.open("w", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise ConfigError(f"{option}: {file}: cannot be written: {error.strerror}") from error
    with stream:
        yield stream
