"""``blockcheck config``: the configuration that is in force, in the form of a ``blockcheck.toml``."""

from __future__ import annotations

import dataclasses
import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blockcheck.config import DEFAULT_EXCLUDE, DEFAULT_EXCLUDE_UNLESS_PACKAGE, Config, load

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001


_WIDTH = 70

#: Written by ``python -m blockcheck.dev docs``.
SCHEMA = Path(__file__).parent.parent / "config.schema.json"


def add_parser(subparsers: Subparsers) -> None:
    """Register the verb."""
    parser = subparsers.add_parser(
        "config",
        help="show the configuration in force",
        description="Show the configuration that applies to paths, in the form of a blockcheck.toml, and where each value comes from.",
    )
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="default: .")
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--config", type=Path, metavar="FILE", help="read this pyproject.toml or blockcheck.toml"
    )
    source.add_argument("--isolated", action="store_true", help="read no configuration")
    parser.add_argument(
        "--schema", action="store_true", help="print the JSON schema of the configuration instead"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the verb; return the exit code."""
    from blockcheck.catalogue import load as load_catalogue  # noqa: PLC0415  (help should not wait for them)
    from blockcheck.engine import enabled_codes  # noqa: PLC0415

    if arguments.schema:
        print(SCHEMA.read_text(encoding="utf-8"), end="")
        return 0

    config = load(arguments.paths or [Path()], arguments.config, isolated=arguments.isolated)
    load_catalogue(config.catalogue, config.declared)  # says what is wrong with it
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
        "catalogue": [path.as_posix() for path in config.catalogue],
        **({} if config.baseline is None else {"baseline": config.baseline.as_posix()}),
        **(config.declared.tables if config.declared is not None else {}),
    }
    origin = _Origin(config)
    for key, value in values.items():
        yield f"{key} = {_toml(value)}  # {origin(*_ALSO.get(key, ()), key)}"
    yield f"\n[per-file-ignores]  # {origin('per-file-ignores')}"
    for pattern, ignored in config.per_file_ignores:
        yield f"{_toml(pattern)} = {_toml(list(ignored))}"
    yield "\n[rules]"
    for name, value in dataclasses.asdict(config.settings.rules).items():
        key = name.replace("_", "-")
        yield f"{key} = {_toml(value)}  # {origin(f'rules.{key}')}"


class _Origin:
    """Tells where values come from."""

    def __init__(self, config: Config) -> None:
        self._told = config.told
        self._file = config.file.name if config.file else ""

    def __call__(self, *keys: str) -> str:
        """Return the keys of the file that had a part in a value, or that none had."""
        told = [key for key in keys if key in self._told]
        if told == [keys[-1]]:
            return self._file
        return f"{self._file}: {', '.join(told)}" if told else "default"


#: Keys of the file that have a part in the value shown for another.
_ALSO = {"select": ("extend-select", "ignore", "extend-ignore"), "exclude": ("extend-exclude",)}


def _toml(value: Any) -> str:
    """Write a value: for strings, numbers and booleans JSON and TOML agree; long lists over several lines."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(k)} = {_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return "\n".join(["[", *(f"    {_toml(item)}," for item in value), "]"])
    text = json.dumps(value, ensure_ascii=False)
    if isinstance(value, list) and len(text) > _WIDTH:
        lines = textwrap.wrap(text[1:-1], _WIDTH, break_long_words=False, break_on_hyphens=False)
        return "\n".join(["[", *(f"    {line}" for line in lines), "]"])
    return text
