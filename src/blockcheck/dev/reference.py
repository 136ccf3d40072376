"""The reference pages of the command line and of the configuration."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from blockcheck.cli import GROUPS, parser_of_all
from blockcheck.cli.completion import subparsers_of
from blockcheck.dev import schema

if TYPE_CHECKING:
    from collections.abc import Iterator


def command_line() -> str:
    """Return the page of all verbs and their options."""
    choices = subparsers_of(parser_of_all()).choices
    lines = ["# Command line", "", "`blockcheck VERB [ARGUMENT ...]`. Every verb has `--help`."]
    for title, verbs in GROUPS.items():
        lines += ["", f"## {title.capitalize()}"]
        for verb in verbs:
            lines += ["", f"### blockcheck {verb}", "", *_verb(choices[verb])]
    return "\n".join(lines) + "\n"


def _verb(parser: argparse.ArgumentParser) -> Iterator[str]:
    yield (parser.description or "").strip()
    for group in parser._action_groups:  # noqa: SLF001
        actions = [
            action
            for action in group._group_actions  # noqa: SLF001
            if action.help != argparse.SUPPRESS and action.dest != "help"
        ]
        if not actions:
            continue
        title = _TITLES.get(group.title or "", group.title)
        yield ""
        yield f"| {title} | {_cell(group.description)} |"
        yield "|---|---|"
        for action in actions:
            if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
                for choice in action._choices_actions:  # noqa: SLF001
                    yield f"| `{choice.dest}` | {_cell(choice.help)} |"
            else:
                yield f"| `{_cell(_spelt(action))}` | {_cell(action.help)} |"


_TITLES = {"positional arguments": "arguments"}


def _spelt(action: argparse.Action) -> str:
    choices = f"{{{','.join(map(str, action.choices))}}}" if action.choices else ""
    value = action.metavar if isinstance(action.metavar, str) else choices or action.dest.upper()
    if not action.option_strings:
        return value
    names = ", ".join(action.option_strings)
    return names if action.nargs == 0 else f"{names} {value}"


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|")


def configuration() -> str:
    """Return the page of all keys."""
    lines = [
        "# Configuration",
        "",
        "In `pyproject.toml` under `[tool.blockcheck]`, or in `blockcheck.toml` without that prefix; the nearest file",
        "above the checked paths counts, and its folder is the project that is analysed. Paths and patterns are relative",
        "to it. `blockcheck config` shows what is in force and where each value comes from; an unknown key or value is",
        "an error. `blockcheck config --schema` prints a JSON schema for editors: with Taplo, `#:schema config.schema.json`",
        "on the first line of `blockcheck.toml`.",
        "",
        "Where there is no such file, the project is the root of the working copy (of Git, Mercurial, Subversion or",
        "Jujutsu); where there is none either, the folder that holds the paths, or the one above the outermost package they",
        "are in. The home folder, folders for temporary files and folders of installed packages are never taken as one",
        "project: of those, only the packages that the paths are in are analysed.",
        "",
        *_table(key for key in schema.top_keys() if key.name != "rules"),
        "",
        "## `[tool.blockcheck.rules]`",
        "",
        *_table(schema.rule_keys()),
    ]
    return "\n".join(lines) + "\n"


def _table(keys: Any) -> Iterator[str]:
    yield "| key | values | default | |"
    yield "|---|---|---|---|"
    for key in keys:
        yield f"| `{key.name}` | {_values(key.form)} | {_default(key.form)} | {_cell(key.about)} |"


def _values(form: dict[str, Any]) -> str:
    if "enum" in form:
        return ", ".join(f"`{value}`" for value in form["enum"])
    if form["type"] == "array":
        if "type" in form["items"]:
            return {"string": "list of strings", "object": "list of tables"}[form["items"]["type"]]
        return (
            "list of codes" if {"type": "string"} not in form["items"]["anyOf"] else "list of names or tables"
        )
    if form["type"] == "object":
        one = form["additionalProperties"]["type"]
        return "table of strings" if one == "string" else "table of lists of codes"
    return {"integer": "number above zero", "boolean": "true or false", "string": "string"}[form["type"]]


def _default(form: dict[str, Any]) -> str:
    value = form.get("default")
    return "" if value is None else f"`{str(value).lower() if isinstance(value, bool) else value}`"
