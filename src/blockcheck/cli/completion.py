"""``blockcheck completion SHELL``: a script that teaches a shell our verbs, options and codes."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001

EPILOG = """\
examples:
  bash:  eval "$(blockcheck completion bash)"  in ~/.bashrc
  zsh:   eval "$(blockcheck completion zsh)"   in ~/.zshrc, after compinit
  fish:  blockcheck completion fish > ~/.config/fish/completions/blockcheck.fish
"""


@dataclass(frozen=True)
class Argument:
    """An option with its spellings, or a positional argument without any.

    Attributes:
        values: what may be given; empty for anything, which is completed as a file.
    """

    spellings: tuple[str, ...]
    about: str
    takes_value: bool
    values: tuple[str, ...]


@dataclass(frozen=True)
class Verb:
    """A verb and its arguments."""

    name: str
    about: str
    arguments: tuple[Argument, ...]


def add_parser(subparsers: Subparsers) -> None:
    """Register the verb."""
    parser = subparsers.add_parser(
        "completion",
        help="print a script that completes verbs, options and codes",
        description="Print a completion script.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("shell", choices=("bash", "zsh", "fish"))
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the verb; return the exit code."""
    from blockcheck.cli import parser_of_all  # noqa: PLC0415  (it imports us)

    verbs = _verbs(parser_of_all())
    print("\n".join({"bash": _bash, "zsh": _zsh, "fish": _fish}[arguments.shell](verbs)))
    return 0


def _verbs(parser: argparse.ArgumentParser) -> list[Verb]:
    from blockcheck.rules import RULES  # noqa: PLC0415  (help should not wait for it)

    codes = tuple(rule.code for rule in RULES)
    subparsers = subparsers_of(parser)
    abouts = {action.dest: action.help or "" for action in subparsers._choices_actions}  # noqa: SLF001
    return [
        Verb(name, abouts[name], tuple(_arguments(subparser, codes)))
        for name, subparser in subparsers.choices.items()
    ]


def subparsers_of(parser: argparse.ArgumentParser) -> Subparsers:
    """Return the action that holds the parsers of the verbs."""
    return next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))  # noqa: SLF001


def _arguments(parser: argparse.ArgumentParser, codes: tuple[str, ...]) -> Iterator[Argument]:
    for action in parser._actions:  # noqa: SLF001
        values = tuple(map(str, action.choices or ()))
        if action.metavar in ("CODE", "CODES"):
            values = codes
        yield Argument(tuple(action.option_strings), action.help or "", action.nargs != 0, values)


def _bash(verbs: list[Verb]) -> Iterator[str]:
    yield "_blockcheck() {"
    yield '    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} words=""'
    yield "    if ((COMP_CWORD == 1)); then"
    yield f'        COMPREPLY=($(compgen -W "{" ".join(verb.name for verb in verbs)}" -- "$current")); return'
    yield "    fi"
    yield '    case "${COMP_WORDS[1]} $previous" in'
    for verb in verbs:
        for argument in verb.arguments:
            if argument.spellings and argument.values:
                pattern = "|".join(f'"{verb.name} {spelling}"' for spelling in argument.spellings)
                yield f'        {pattern}) words="{" ".join(argument.values)}" ;;'
    yield "    esac"
    yield '    if [[ -z $words ]]; then case "${COMP_WORDS[1]}" in'
    for verb in verbs:
        words = [word for argument in verb.arguments for word in argument.spellings or argument.values]
        yield f'        {verb.name}) words="{" ".join(words)}" ;;'
    yield "    esac; fi"
    yield '    COMPREPLY=($(compgen -W "$words" -- "$current"))'
    yield "    if ((${#COMPREPLY[@]} == 0)); then compopt -o default 2>/dev/null; fi"
    yield "}"
    yield "complete -F _blockcheck blockcheck"


def _zsh(verbs: list[Verb]) -> Iterator[str]:
    yield "#compdef blockcheck"
    yield "_blockcheck() {"
    yield "    local -a verbs=("
    for verb in verbs:
        yield f"        {shlex.quote(f'{verb.name}:{verb.about}')}"
    yield "    )"
    yield "    if ((CURRENT == 2)); then _describe verb verbs; return; fi"
    yield "    shift words; ((CURRENT--))"
    yield "    case $words[1] in"
    for verb in verbs:
        yield f"        {verb.name}) _arguments \\"
        for argument in verb.arguments:
            values = f"({' '.join(argument.values)})" if argument.values else "_files"
            about = argument.about.translate(str.maketrans("[]:", "()-"))
            for spelling in argument.spellings:
                value = f":value:{values}" if argument.takes_value else ""
                yield f"            {shlex.quote(f'*{spelling}[{about}]{value}')} \\"
            if not argument.spellings:
                yield f"            {shlex.quote(f'*:argument:{values}')} \\"
        yield "            ;;"
    yield "    esac"
    yield "}"
    yield "compdef _blockcheck blockcheck"


def _fish(verbs: list[Verb]) -> Iterator[str]:
    for verb in verbs:
        yield f"complete -c blockcheck -f -n __fish_use_subcommand -a {verb.name} -d {_fish_quoted(verb.about)}"
    for verb in verbs:
        when = f"complete -c blockcheck -n {_fish_quoted(f'__fish_seen_subcommand_from {verb.name}')}"
        for argument in verb.arguments:
            values = f" -x -a {_fish_quoted(' '.join(argument.values))}" if argument.values else ""
            if not argument.spellings:
                if values:
                    yield f"{when} -f{values.replace(' -x', '')}"
                continue
            names = [
                f"-l {spelling[2:]}" if spelling.startswith("--") else f"-s {spelling[1:]}"
                for spelling in argument.spellings
            ]
            value = values or (" -r" if argument.takes_value else "")
            yield f"{when} {' '.join(names)}{value} -d {_fish_quoted(argument.about)}"


def _fish_quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
