"""What `check` does about findings that are known: baselines, revisions and comments."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from blockcheck.cli.summary import count
from blockcheck.config import ConfigError
from blockcheck.wording import shown_path

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path

    from blockcheck.config import Config
    from blockcheck.engine import Given
    from blockcheck.findings import Report


def check_usage(arguments: argparse.Namespace, given: Sequence[Given]) -> None:
    """Refuse what cannot be meant.

    Raises:
        ConfigError: for options that contradict each other.
    """
    if arguments.write_baseline and (arguments.baseline or arguments.diff_base or arguments.add_noqa):
        raise ConfigError("--write-baseline: writes every finding, so no other option may set some aside")
    if (arguments.fix or arguments.diff) and (arguments.write_baseline or arguments.add_noqa):
        raise ConfigError("--fix: what is left can be written down in a second run")
    if arguments.fix and not arguments.diff and given:
        raise ConfigError("--fix: standard input cannot be changed; --diff shows what would be")
    if arguments.show_fixes and not (arguments.fix or arguments.diff):
        raise ConfigError("--show-fixes: nothing is fixed without --fix or --diff")
    if arguments.add_noqa and given:
        raise ConfigError("--add-noqa: standard input cannot be changed")


def set_aside(
    report: Report, paths: Sequence[Path], config: Config, arguments: argparse.Namespace, cache: Path | None
) -> tuple[Report, list[str]]:
    """Return the report of what is left to report, and notes on what is not."""
    notes: list[str] = []
    if arguments.diff_base:
        from blockcheck.adoption import diff_base  # noqa: PLC0415  (few runs need it; likewise below)

        report, change = diff_base.narrow(
            report, paths, config, arguments.diff_base, jobs=arguments.jobs, cache=cache
        )
        touched = f" ({change.touched} in touched code)" if change.touched else ""
        notes.append(
            f"since {arguments.diff_base}: {change.introduced} introduced, {change.fixed} fixed, "
            f"{change.unchanged} unchanged{touched}"
        )
    if config.baseline is not None and not arguments.write_baseline:
        from blockcheck.adoption import baseline  # noqa: PLC0415

        file = shown_path(config.baseline)
        entries = baseline.read(config.baseline)
        before = len(report.findings)
        report, obsolete = baseline.apply(entries, report, config)
        notes.append(f"{count(before - len(report.findings), 'finding')} known to {file}")
        notes += [f"obsolete in {file}: {entry}" for entry in obsolete]
    if arguments.write_baseline:
        from blockcheck.adoption import baseline  # noqa: PLC0415

        written = baseline.write(arguments.write_baseline, report, config)
        notes.append(f"{count(written, 'finding')} written to {arguments.write_baseline}")
        report = replace(report, findings=[])
    if arguments.add_noqa:
        from blockcheck.adoption import add_noqa  # noqa: PLC0415

        report, added = add_noqa.add(report)
        notes.append(f"{count(added, 'finding')} hidden by new comments")
    return report, notes
