"""From text to libcst's tree, also where parts of the text are not Python."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from blockcheck.facts import lean_nodes
from blockcheck.facts.model import SyntaxProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import libcst as cst

_MOST_MENDED = 8  # lines left out of a file before it is given up
_PLACE = re.compile(r"error at (\d+):(\d+)")
_switching = threading.RLock()
_CHECK = "__post_init__"  # where nodes are asked whether they are valid


def parse(text: str, *, lean: bool = False) -> tuple[cst.Module, SyntaxProblem | None]:
    """Parse a module; lines that are not Python are left out as far as that mends it.

    Args:
        lean: make nodes that hold their fields and can do nothing; only where `process.ours`.

    Returns:
        The tree, and the first problem if lines were left out: the rest of the file still counts.

    Raises:
        SyntaxProblem: with the place, where leaving out some lines does not help.
    """
    if lean:
        tree: cst.Module | None = lean_nodes.module(text)
        if tree is not None:
            return tree, None
    first: SyntaxProblem | None = None
    for _ in range(_MOST_MENDED):
        try:
            return _parse(text), first
        except SyntaxProblem as problem:  # noqa: PERF203 - seldom more than once
            first = first or problem
            mended = _without_line(text, problem.line)
            if mended is None:
                break
            text = mended
    assert first is not None
    raise first


def expression(text: str, *, lean: bool = False) -> Any:
    """The tree of one expression; None where it is none."""
    if lean:
        tree = lean_nodes.expression(text)
        if tree is not None:
            return tree
    import libcst as cst  # noqa: PLC0415 - it takes 0.2 s to import

    try:
        return cst.parse_expression(text)
    except (cst.ParserSyntaxError, RecursionError):
        return None


def _parse(text: str) -> cst.Module:
    """Parse a module, telling all the ways in which that can fail as one."""
    import libcst as cst  # noqa: PLC0415 - it takes 0.2 s to import

    try:
        with _unchecked(cst.CSTNode):
            return cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        message = str(error.message).removeprefix("parser error: ")
        told = _PLACE.search(message)  # surer than `raw_line`, which may be that of the next token
        if told is not None:
            raise SyntaxProblem(int(told[1]), int(told[2]) + 1, message) from None
        raise SyntaxProblem(max(error.raw_line, 1), error.raw_column + 1, message) from None
    except RecursionError:
        raise SyntaxProblem(1, 1, "nested too deeply to be analysed") from None
    except Exception as error:  # noqa: BLE001 - the native parser has its own exceptions
        raise SyntaxProblem(1, 1, f"cannot be parsed: {error}") from None


@contextmanager
def _unchecked(base: Any) -> Iterator[None]:
    """Let nodes be made without asking whether they are valid: what the parser has read is.

    Asking takes a sixth of the parser's time. Nodes that others make meanwhile, in another thread, are not asked either.
    """
    with _switching:
        check: Callable[[Any], None] = getattr(base, _CHECK)
        setattr(base, _CHECK, _take_as_it_is)
        try:
            yield
        finally:
            setattr(base, _CHECK, check)


def _take_as_it_is(_node: cst.CSTNode) -> None:
    return None


def _without_line(text: str, number: int) -> str | None:
    """The text with a line, and all that read the same, made harmless; None where there is nothing to leave out."""
    lines = text.splitlines(keepends=True)
    if not 0 < number <= len(lines):
        return None
    body = lines[number - 1].strip()
    if body in ("", "#", "pass", "if _:"):
        return None
    harmless = (
        "#" if body.startswith("@") else "if _:" if body.split("#")[0].rstrip().endswith(":") else "pass"
    )
    for index, line in enumerate(lines):
        if line.strip() == body:
            indent = line[: len(line) - len(line.lstrip())]
            ending = line[len(line.rstrip("\r\n")) :]
            lines[index] = indent + harmless + ending
    return "".join(lines)
