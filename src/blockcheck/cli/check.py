"""``blockcheck check``: analyse a project and report on it."""

from __future__ import annotations

import argparse
import contextlib
import functools
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from blockcheck.cli import EXIT_CLEAN, EXIT_ERROR, EXIT_FINDINGS
from blockcheck.cli import progress as progress_line
from blockcheck.config import FORMATS, Config, ConfigError, Selection, absolute, cache_folder, load
from blockcheck.findings import Confidence
from blockcheck.replay import SECONDS
from blockcheck.storage import Folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor
    from contextlib import AbstractContextManager

    from blockcheck.autofix import Outcome
    from blockcheck.cli.delivery import Target
    from blockcheck.engine import Given
    from blockcheck.findings import Report

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001

STDIN = Path("-")
# What an option says may be kept and told again; one that is not listed here makes the run do its work each time.
_REPORTING = frozenset(
    {
        "paths", "select", "extend_select", "ignore", "extend_ignore", "min_confidence", "output_format", "statistics",
        "exit_zero", "quiet", "color", "no_progress", "exclude", "extend_exclude", "force_exclude", "baseline", "config",
        "isolated", "jobs", "executor", "exhaustive", "cache_dir", "run", "command",
    }
)  # fmt: skip
EPILOG = """\
examples:
  blockcheck check                              the project you are in
  blockcheck check src/app.py --select BCK2     one file, one family of rules
  blockcheck check --min-confidence low         guesses too
  blockcheck check --diff-base origin/main      what this branch brings
  blockcheck check --output-format sarif=out.sarif --output-format concise

exit code: 0 no findings, 1 findings, 2 wrong usage, wrong configuration,
an error of the tool, or a fix that had to be dropped
"""


def add_parser(subparsers: Subparsers) -> None:
    """Register the verb."""
    parser = subparsers.add_parser(
        "check",
        usage="blockcheck check [PATH ...] [OPTION ...]",
        help="report blocking I/O and misuse of threads, executors and locks",
        description="Report on files and folders. The whole project they belong to is analysed.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        metavar="PATH",
        help="files and folders to report on (default: .); - is standard input",
    )

    rules = parser.add_argument_group(
        "rules", "CODES are codes, prefixes of codes (BCK2), or ALL, separated by commas"
    )
    for option, what in (
        ("select", "run these rules, whatever the configuration says"),
        ("extend-select", "run these rules too"),
        ("ignore", "do not run these rules"),
        ("extend-ignore", "do not run these rules either"),
    ):
        rules.add_argument(f"--{option}", action="extend", type=_codes, metavar="CODES", help=what)
    levels = [str(level) for level in Confidence]
    rules.add_argument(
        "--min-confidence",
        choices=levels,
        help="report findings of at least this confidence (default: medium)",
    )

    output = parser.add_argument_group("output")
    output.add_argument(
        "--output-format",
        action="append",
        default=[],
        type=_target,
        metavar="FORMAT[=FILE]",
        help=f"one of {', '.join(FORMATS)} (default: full); "
        "with a file it is one more report, written there, and may be given several times",
    )
    output.add_argument(
        "--output-file", type=Path, metavar="FILE", help="write the report here instead of standard output"
    )
    output.add_argument(
        "--statistics",
        action="store_true",
        help="count the findings by code, kind, root cause and confidence, and the calls that were not resolved",
    )
    output.add_argument("--exit-zero", action="store_true", help="exit with 0 even if there are findings")
    volume = output.add_mutually_exclusive_group()
    volume.add_argument("-q", "--quiet", action="store_true", help="write nothing but findings and errors")
    volume.add_argument(
        "-v", "--verbose", action="store_true", help="tell what is analysed, and how long it takes"
    )
    output.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="default: auto")
    output.add_argument("--no-progress", action="store_true", help="no progress line, not even on a terminal")

    fixes = parser.add_argument_group("fixes")
    fixes.add_argument("--fix", action="store_true", help="apply the safe fixes, and report what is left")
    fixes.add_argument("--unsafe-fixes", action="store_true", help="with --fix or --diff: unsafe fixes too")
    fixes.add_argument(
        "--diff",
        action="store_true",
        help="write what --fix would change as a unified diff, and change nothing; exit with 1 if it would",
    )
    fixes.add_argument("--show-fixes", action="store_true", help="with --fix or --diff: list what was fixed")

    files = parser.add_argument_group(
        "files", "PATTERNS have the form they have in a .gitignore, separated by commas"
    )
    files.add_argument(
        "--exclude",
        action="extend",
        type=_listed,
        metavar="PATTERNS",
        help="leave these out instead of the usual folders",
    )
    files.add_argument(
        "--extend-exclude", action="extend", type=_listed, metavar="PATTERNS", help="leave these out too"
    )
    files.add_argument(
        "--force-exclude",
        action="store_true",
        default=None,
        help="leave out excluded files even if they are named as PATH",
    )
    files.add_argument(
        "--stdin-filename", type=Path, metavar="FILE", help="read standard input as the content of this file"
    )

    adoption = parser.add_argument_group("known findings")
    adoption.add_argument(
        "--baseline",
        type=Path,
        metavar="FILE",
        help="do not report the findings that FILE knows (default: as configured)",
    )
    adoption.add_argument(
        "--write-baseline",
        type=Path,
        metavar="FILE",
        help="write the findings to FILE, for later runs with --baseline, instead of reporting them",
    )
    adoption.add_argument(
        "--diff-base",
        metavar="REV",
        help="report what has come, or was touched, since this git revision",
    )
    adoption.add_argument(
        "--add-noqa", action="store_true", help="add `# noqa` comments to the sources instead of reporting"
    )

    setup = parser.add_argument_group("configuration")
    source = setup.add_mutually_exclusive_group()
    source.add_argument(
        "--config", type=Path, metavar="FILE", help="read this pyproject.toml or blockcheck.toml"
    )
    source.add_argument("--isolated", action="store_true", help="read no configuration")
    setup.add_argument(
        "--jobs", type=_jobs, metavar="N", help="processes to use (default: by the number of files)"
    )
    setup.add_argument(
        "--executor",
        metavar="dask://HOST:PORT",
        help="read and parse files on the workers of this Dask scheduler (needs the extra dask)",
    )
    setup.add_argument(
        "--python",
        type=Path,
        metavar="PATH",
        help="follow calls into the packages of this interpreter, environment or site-packages folder "
        "(default: .venv or venv in the project's root)",
    )
    setup.add_argument(
        "--no-follow-installed", action="store_true", help="do not follow calls into installed packages"
    )
    setup.add_argument(
        "--exhaustive",
        action="store_true",
        help="parse files too that cannot matter; the findings are the same",
    )
    setup.add_argument("--no-cache", action="store_true", help="neither read nor write the cache")
    setup.add_argument("--cache-dir", type=Path, metavar="FOLDER", help="where to keep the cache")


def run(arguments: argparse.Namespace) -> int:
    """Run the verb; return the exit code."""
    paths, given = _input(arguments)
    config = _configured(
        arguments,
        load([*paths, *(buffer.path for buffer in given)], arguments.config, isolated=arguments.isolated),
    )

    from blockcheck import engine  # noqa: PLC0415  (wrong arguments should not wait for it)
    from blockcheck.cli import delivery, fixing, known  # noqa: PLC0415
    from blockcheck.cli.tape import Tape  # noqa: PLC0415

    targets = delivery.targets(arguments.output_format, config.output_format, arguments.output_file)
    known.check_usage(arguments, given)
    _say(arguments, f"analysing {config.root} with {config.file or 'no configuration file'}")
    asked = [*paths, *(buffer.path for buffer in given)]
    notes: list[str] = []

    def set_aside(report: Report) -> Report:
        left, told = known.set_aside(report, asked, config, arguments, cache)
        notes.extend(told)
        return left

    outcome: Outcome | None = None
    cache = _cache(arguments, config)
    inputs = None
    if cache is not None and not given and _only_reports(arguments):
        from blockcheck.inputs import Inputs  # noqa: PLC0415

        inputs = Inputs([] if config.baseline is None else [config.baseline])
    with (
        progress_line.shown(wanted=not (arguments.no_progress or arguments.quiet)) as progress,
        _executor(arguments) as executor,
    ):
        if arguments.fix or arguments.diff:
            outcome = fixing.run(paths, given, config, arguments, set_aside, progress, cache)
            report = outcome.report
        else:
            report = engine.run(
                paths,
                config,
                jobs=arguments.jobs,
                given=given,
                progress=progress,
                cache=cache,
                inputs=inputs,
                exhaustive=arguments.exhaustive,
                executor=executor,
                fixes=functools.partial(delivery.shows_fixes, targets),
                statistics=arguments.statistics,
            )
    _say(arguments, f"{report.files} files reported on, {report.parsed} analysed in {report.seconds:.2f} s")
    if outcome is None:
        report = set_aside(report)
    elif arguments.diff:
        return fixing.show(outcome, arguments)
    else:
        report = fixing.write(outcome)

    def conclude(report: Report) -> int:
        delivery.deliver(report, targets, arguments)
        if outcome is not None:
            notes.extend(fixing.notes(outcome, arguments))
        code = _last_words(report, notes, arguments)
        return EXIT_ERROR if outcome is not None and outcome.failed else code

    code = conclude(report)
    if cache is not None and inputs is not None and code != EXIT_ERROR:
        # What the same command will write when nothing has changed.
        later = replace(report, parsed=0, cached=report.parsed + report.cached, seconds=SECONDS)
        with Tape(sys.stdout) as out, Tape(sys.stderr) as err:
            code = conclude(later)
        inputs.keep(Folder(cache), arguments.command, out.getvalue(), err.getvalue(), code)
    return code


def _only_reports(arguments: argparse.Namespace) -> bool:
    """Tell whether a run does nothing but write its report to the standard streams."""
    asked = {name for name, value in vars(arguments).items() if value}
    files = [target for target in arguments.output_format if target.file is not None]
    return asked <= _REPORTING and not files


def _last_words(report: Report, notes: Sequence[str], arguments: argparse.Namespace) -> int:
    """Write what there is to say besides the report; return the exit code."""
    if not arguments.quiet:
        sys.stderr.writelines(f"{note}\n" for note in notes)
    for problem in report.problems:
        if problem.fatal:
            sys.stderr.write(f"blockcheck: error: {problem.path}: {problem.message}\n")
    if any(problem.fatal for problem in report.problems):
        return EXIT_ERROR
    if report.files == 0:
        sys.stderr.write("blockcheck: warning: no Python files found\n")
    return EXIT_FINDINGS if report.findings and not arguments.exit_zero else EXIT_CLEAN


def _input(arguments: argparse.Namespace) -> tuple[list[Path], list[Given]]:
    """Return the paths to report on, and what comes from standard input, if anything does."""
    from blockcheck.engine import Given  # noqa: PLC0415

    paths: list[Path] = arguments.paths
    if STDIN not in paths and (paths or arguments.stdin_filename is None):
        if arguments.stdin_filename is not None:
            raise ConfigError("--stdin-filename: expected - as a PATH, or none at all")
        return paths or [Path()], []
    name = absolute(arguments.stdin_filename or STDIN)
    return [path for path in paths if path != STDIN], [Given(name, sys.stdin.buffer.read())]


def _configured(arguments: argparse.Namespace, config: Config) -> Config:
    """Lay the command line over the configuration."""
    layer = Selection(
        select=None if arguments.select is None else tuple(arguments.select),
        extend_select=tuple(arguments.extend_select or ()),
        ignore=tuple(arguments.ignore or ()),
        extend_ignore=tuple(arguments.extend_ignore or ()),
        origin="--",
    )
    config = replace(config, selection=(*config.selection, layer))
    if arguments.min_confidence is not None:
        config = replace(config, min_confidence=Confidence[arguments.min_confidence.upper()])
    if arguments.exclude is not None:
        config = replace(config, exclude=tuple(arguments.exclude))
    if arguments.extend_exclude is not None:
        config = replace(config, extend_exclude=(*config.extend_exclude, *arguments.extend_exclude))
    if arguments.baseline is not None:
        config = replace(config, baseline=arguments.baseline)
    if arguments.python is not None:
        config = replace(config, python=arguments.python)
    if arguments.no_follow_installed:
        config = replace(config, follow_installed=False)
    if arguments.force_exclude is not None:
        config = replace(config, force_exclude=arguments.force_exclude)
    return config


def _cache(arguments: argparse.Namespace, config: Config) -> Path | None:
    """Return the folder of the cache; None for runs without one.

    Raises:
        ConfigError: for a folder that holds something else.
    """
    if arguments.no_cache:
        return None
    folder: Path | None = arguments.cache_dir
    if folder is not None and not Folder(folder).is_ours():
        raise ConfigError(f"--cache-dir: {folder}: no cache, and not empty")
    return folder or cache_folder(config)


def _executor(arguments: argparse.Namespace) -> AbstractContextManager[Executor | None]:
    if arguments.executor is None:
        return contextlib.nullcontext()
    from blockcheck.scaling import connected  # noqa: PLC0415  (few runs need it)

    return connected(arguments.executor)


def _say(arguments: argparse.Namespace, message: str) -> None:
    if arguments.verbose:
        sys.stderr.write(f"blockcheck: {message}\n")


def _listed(value: str) -> list[str]:
    return [item.strip() for item in value.split(",") if item.strip()]


def _codes(value: str) -> list[str]:
    return [code.upper() for code in _listed(value)]


def _target(value: str) -> Target:
    from blockcheck.cli.delivery import target  # noqa: PLC0415  (help should not wait for it)

    return target(value)


def _jobs(value: str) -> int:
    if not value.isdecimal() or int(value) < 1:
        raise argparse.ArgumentTypeError(f"expected a number above zero, not {value!r}")
    return int(value)
