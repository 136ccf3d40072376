"""The command line: one module a verb, imported only when the verb is asked for."""

from __future__ import annotations

import os
import sys

from blockcheck import __version__

TYPE_CHECKING = False  # `typing` takes as long to import as an answer that is replayed
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

EXIT_CLEAN, EXIT_FINDINGS, EXIT_ERROR = 0, 1, 2

GROUPS = {
    "find": ("check", "rules", "explain"),
    "understand": ("why", "graph", "bench", "catalogue"),
    "set up": ("config", "completion", "server", "clean"),
}
VERBS = tuple(verb for group in GROUPS.values() for verb in group)

DESCRIPTION = """\
Find blocking I/O on the event loop, and misuse of threads, executors and
locks, across functions and files."""

EXAMPLES = """\
examples:
    blockcheck check                   report on the project you are in
    blockcheck check src/app.py        report on one file of it
    blockcheck explain BCK201          why it matters, what to do instead
    blockcheck why src/app.py:42       what is thought of a line, and why

`blockcheck VERB --help` tells the options of a verb.
"""


#: Verbs whose process stays; those of the others end with what they say.
_STAYING = frozenset({"server", "bench"})


def command() -> int:
    """Run the command line in a process that is there for it alone."""
    import gc  # noqa: PLC0415  (only a process of one's own may be treated so)

    from blockcheck import process  # noqa: PLC0415

    if not _STAYING.intersection(sys.argv[1:2]):
        process.ours = True
        gc.disable()  # nearly all that is made is needed to the end, and looking through it takes seconds
    try:
        return main()
    finally:
        gc.freeze()  # nor need the interpreter look through it when it ends


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    # Names of files and functions need not fit the encoding of wherever output goes.
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure:
        reconfigure(errors="backslashreplace")
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has enough. Keep the interpreter from complaining at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_ERROR
    except Exception:  # noqa: BLE001  (an uncaught one would exit with 1, which means "findings")
        import traceback  # noqa: PLC0415

        traceback.print_exc()
        sys.stderr.write("blockcheck: internal error; please report it with the lines above\n")
        return EXIT_ERROR


def _run(arguments: list[str]) -> int:
    if arguments == ["--version"]:
        print(f"blockcheck {__version__}")
        return EXIT_CLEAN
    if arguments[:1] == ["check"]:
        from blockcheck import replay  # noqa: PLC0415  (likewise)

        known = replay.answer(arguments)
        if known is not None:
            return known
    from blockcheck.config import ConfigError  # noqa: PLC0415  (costs start-up)

    try:
        namespace = _parsed(arguments or ["--help"])
        code: int = namespace.run(namespace)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else EXIT_ERROR
    except ConfigError as error:
        sys.stderr.write(f"blockcheck: error: {error}\n")
        return EXIT_ERROR
    sys.stdout.flush()
    return code


def _parsed(arguments: list[str]) -> argparse.Namespace:
    """Read the command line; only help on the whole needs every verb's module."""
    from blockcheck.config import ConfigError  # noqa: PLC0415

    asked = arguments[0]
    if asked not in VERBS and not asked.startswith("-"):
        raise ConfigError(f"unknown verb {asked!r}; {_meant(asked)}")
    parser = _parser([asked]) if asked in VERBS else parser_of_all()
    namespace, unknown = parser.parse_known_args(arguments)
    if unknown:
        hint = _nearest_option(parser, asked, unknown)
        raise ConfigError(f"unrecognized arguments: {' '.join(unknown)}{hint}")
    namespace.command = tuple(arguments)
    return namespace


def _meant(word: str) -> str:
    from blockcheck.wording import nearest_name  # noqa: PLC0415

    return f"did you mean `blockcheck check {word}`?" if os.path.exists(word) else nearest_name(word, VERBS)  # noqa: PTH110


def _nearest_option(parser: argparse.ArgumentParser, verb: str, unknown: Sequence[str]) -> str:
    from blockcheck.cli.completion import subparsers_of  # noqa: PLC0415
    from blockcheck.wording import nearest_name  # noqa: PLC0415

    options = subparsers_of(parser).choices[verb]._option_string_actions  # noqa: SLF001
    close = nearest_name(unknown[0].partition("=")[0], options)
    return f"; {close}" if close.startswith("did") else ""


def parser_of_all() -> argparse.ArgumentParser:
    """Return the parser that knows every verb."""
    return _parser(VERBS)


def _parser(verbs: Sequence[str]) -> argparse.ArgumentParser:
    import argparse  # noqa: PLC0415  (costs start-up)
    from importlib import import_module  # noqa: PLC0415

    parser = argparse.ArgumentParser(
        prog="blockcheck",
        usage="blockcheck VERB [ARGUMENT ...]",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"blockcheck {__version__}")
    subparsers = parser.add_subparsers(
        prog="blockcheck", metavar="VERB", required=True, help=argparse.SUPPRESS
    )
    for verb in verbs:
        import_module(f"blockcheck.cli.{verb}").add_parser(subparsers)
    parser.epilog = f"{_listed(subparsers)}\n\n{EXAMPLES}"
    return parser


def _listed(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> str:
    """Return the verbs by group, each with its line of help."""
    about = {action.dest: action.help for action in subparsers._choices_actions}  # noqa: SLF001
    groups = []
    for title, verbs in GROUPS.items():
        lines = [f"    {verb:12}{about[verb]}" for verb in verbs if verb in about]
        groups.append("\n".join([f"{title}:", *lines]))
    return "\n\n".join(groups)
