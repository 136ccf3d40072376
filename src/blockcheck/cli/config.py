"""``blockcheck config``: the configuration that is in force, in the form of a ``blockcheck.toml``."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blockcheck.config import DEFAULT_EXCLUDE, DEFAULT_EXCLUDE_UNLESS_PACKAGE, Config, load

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001


def add_parser(subparsers: Subparsers) -> None:
    """Register the verb."""
    parser = subparsers.add_parser(
        "config",
        help="show the configuration in force",
        description="Show the configuration that applies to paths, in the form of a blockcheck.toml.",
    )
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="default: .")
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--config", type=Path, metavar="FILE", help="read this pyproject.toml or blockcheck.toml"
    )
    source.add_argument("--isolated", action="store_true", help="read no configuration")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the verb; return the exit code."""
    from blockcheck.engine import enabled_codes  # noqa: PLC0415  (help should not wait for it)

    config = load(arguments.paths or [Path()], arguments.config, isolated=arguments.isolated)
    print(f"# root: {config.root}")
    print(f"# file: {config.file or 'none'}")
    for line in _lines(config, sorted(enabled_codes(config))):
        print(line)
    return 0


def _lines(config: Config, codes: list[str]) -> Iterator[str]:
    exclude = (
        (*DEFAULT_EXCLUDE, *DEFAULT_EXCLUDE_UNLESS_PACKAGE) if config.exclude is None else config.exclude
    )
    values: dict[str, Any] = {
        "select": codes,
        "min-confidence": str(config.min_confidence),
        "exclude": [*exclude, *config.extend_exclude],
        "force-exclude": config.force_exclude,
        "src": [path.as_posix() for path in config.src],
        "output-format": config.output_format,
        "non-blocking": sorted(config.settings.non_blocking),
        "blocking": sorted(config.settings.blocking),
        "catalogue": [path.as_posix() for path in config.catalogue],
    }
    for key, value in values.items():
        yield f"{key} = {_toml(value)}"
    yield "\n[per-file-ignores]"
    for pattern, ignored in config.per_file_ignores:
        yield f"{_toml(pattern)} = {_toml(list(ignored))}"
    yield "\n[rules]"
    for name, value in dataclasses.asdict(config.settings.rules).items():
        yield f"{name.replace('_', '-')} = {_toml(value)}"


def _toml(value: Any) -> str:
    """Write a string, number, boolean or list: for these JSON and TOML agree."""
    return json.dumps(value, ensure_ascii=False)
