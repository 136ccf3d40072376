"""Comments that speak to the tool: which findings they hide, and which of them hide nothing.

``# noqa`` and ``# noqa: BCK201`` mean what they mean to flake8; ``# blockcheck: ignore[BCK201] reason`` and
``# blockcheck: ignore-file[BCK201] reason`` are our own; without brackets they mean every code.
``# blockcheck: non-blocking`` and ``# blockcheck: blocking`` on a ``def`` are marks for the analysis.
"""

from __future__ import annotations

import re
import tokenize
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from blockcheck.source.lines import split
from blockcheck.wording import nearest_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from blockcheck.findings import Finding

CODE_PREFIX = "BCK"

_HINT = re.compile(r"#[^\r\n]*(?:noqa|blockcheck\s*:)", re.IGNORECASE)
NOQA = re.compile(r"#\s*noqa\b(?::\s?(?P<codes>[A-Z]+[0-9]+(?:[,\s]+[A-Z]+[0-9]+)*))?", re.IGNORECASE)
_OWN = re.compile(r"#\s*blockcheck\s*:\s*(?P<verb>[\w-]*)\s*(?:\[(?P<codes>[^\]]*)\])?")
_CODE = re.compile(r"[A-Z]+[0-9]*", re.IGNORECASE)
_VERBS = ("ignore", "ignore-file", "non-blocking", "blocking")


@dataclass
class Comment:
    """One comment, or one of several instructions in a comment.

    Attributes:
        verb: ``noqa`` or one of ours.
        codes: prefixes of the codes it is about; None stands for every code.
        line: where it stands; ``column`` and ``end_column`` enclose it.
        used: the codes' prefixes (an empty one for "every code") that have hidden a finding.
    """

    verb: str
    codes: tuple[str, ...] | None
    line: int
    column: int
    end_column: int
    used: set[str] = field(default_factory=set)

    def hide(self, code: str) -> bool:
        """Tell whether findings of ``code`` are hidden, remembering it."""
        if self.codes is None:
            self.used.add("")
            return True
        hits = [prefix for prefix in self.codes if code.startswith(prefix)]
        self.used.update(hits)
        return bool(hits)


@dataclass(frozen=True)
class Unused:
    """A suppression, or a part of one, that hides nothing."""

    line: int
    column: int
    end_column: int
    message: str


@dataclass(frozen=True)
class Layout:
    """Which lines of a file belong together.

    Attributes:
        statements: line → first and last line of the statement, or of the block's header, that it is part of.
        brackets: line on which brackets close → the line on which the outermost of them opened.
    """

    statements: dict[int, tuple[int, int]] = field(default_factory=dict)
    brackets: dict[int, int] = field(default_factory=dict)


class Suppressions:
    """The comments of one file, ready to be asked about findings."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._comments: list[Comment] = []
        self._layout = Layout()
        if _worth_reading(text):
            self._comments, self._layout = _read(text)
        self._by_line: dict[int, list[Comment]] = {}
        for comment in self._comments:
            if comment.verb in ("noqa", "ignore"):
                self._by_line.setdefault(comment.line, []).append(comment)
        self._of_file = [comment for comment in self._comments if comment.verb == "ignore-file"]

    def __bool__(self) -> bool:
        return bool(self._comments)

    def hides(self, finding: Finding, *, noqa: bool = True) -> bool:
        """Tell whether a comment hides a finding.

        It stands in the finding's lines, on the first or last line of the statement, or where brackets around the
        finding close: there formatters put the comment of a line that they split. Without ``noqa`` those comments
        are not obeyed; they are of use all the same.
        """
        place = finding.location
        lines = {*self._layout.statements.get(place.line, ()), *range(place.line, place.end_line + 1)}
        opened = self._layout.brackets
        lines.update(line for line in self._by_line if opened.get(line, line) <= place.line <= line)
        comments = [comment for line in sorted(lines) for comment in self._by_line.get(line, ())]
        # Every comment is asked, so that each that would have done is known to be of use.
        hiding = [comment.verb for comment in (*comments, *self._of_file) if comment.hide(finding.code)]
        return any(noqa or verb != "noqa" for verb in hiding)

    def marks(self) -> dict[int, str]:
        """Return the lines that carry a ``blocking`` or ``non-blocking`` mark."""
        return {c.line: c.verb for c in self._comments if c.verb in ("blocking", "non-blocking")}

    def unused(self, known: Iterable[str], enabled: Iterable[str]) -> Iterator[Unused]:
        """Yield what the comments say in vain, once every finding has been asked about.

        A code that is not enabled in this run cannot be known to be unused. Blanket ``# noqa`` comments and
        the codes of other tools are not ours to judge.
        """
        known, enabled = list(known), list(enabled)
        for comment in self._comments:
            message = self._complaint(comment, known, enabled)
            if message:
                yield Unused(comment.line, comment.column, comment.end_column, message)

    def _complaint(self, comment: Comment, known: list[str], enabled: list[str]) -> str:
        if comment.verb in ("blocking", "non-blocking"):
            return ""
        if comment.verb not in ("noqa", *_VERBS):
            return f"unknown instruction {comment.verb!r}; {nearest_name(comment.verb, _VERBS)}"
        if comment.codes is None:
            unused_blanket = comment.verb != "noqa" and not comment.used
            return f"unused suppression: nothing is reported {_where(comment)}" if unused_blanket else ""
        unused: list[str] = []
        for code in comment.codes:
            ours = code.startswith(CODE_PREFIX)
            if not ours and comment.verb == "noqa":
                continue
            if not any(name.startswith(code) for name in known):
                return f"unknown code {code!r} in suppression; {nearest_name(code, known)}"
            if code not in comment.used and any(name.startswith(code) for name in enabled):
                unused.append(code)
        return (
            f"unused suppression of {', '.join(unused)}: nothing is reported {_where(comment)}"
            if unused
            else ""
        )


def _where(comment: Comment) -> str:
    return "in this file" if comment.verb == "ignore-file" else "here"


def _worth_reading(text: str) -> bool:
    """Tell whether any comment may concern us; most files end here."""
    return ("noqa" in text or "NOQA" in text or "NoQA" in text or "blockcheck" in text) and bool(
        _HINT.search(text)
    )


def _read(text: str) -> tuple[list[Comment], Layout]:
    """Return the comments, and what lines belong together."""
    comments: list[Comment] = []
    layout = Layout()
    opened: list[int] = []
    lines = split(text)
    start = 0
    try:
        for token in tokens(lines):
            if token.type == tokenize.COMMENT:
                comments += _instructions(token.string, token.start[0], token.start[1])
            elif token.type == tokenize.NEWLINE:
                end = token.end[0]
                layout.statements.update(dict.fromkeys(range(start, end + 1), (start, end)) if start else {})
                start = 0
            elif token.type not in _BETWEEN and not start:
                start = token.start[0]
            if token.type == tokenize.OP and token.string in _OPENING:
                opened.append(token.start[0])
            elif token.type == tokenize.OP and token.string in _CLOSING and opened:
                end = token.start[0]
                layout.brackets[end] = min(opened.pop(), layout.brackets.get(end, end))
    except (tokenize.TokenError, SyntaxError):
        # The text is broken, or newer than this Python; what was read up to here stands, and after it
        # every line is taken by its look.
        last = max([comment.line for comment in comments], default=0)
        for number, line in enumerate(lines[last:], last + 1):
            if found := _HINT.search(line):
                comments += _instructions(line[found.start() :], number, found.start())
    return comments, layout


_OPENING, _CLOSING = ("(", "[", "{"), (")", "]", "}")
_BETWEEN = (tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER, tokenize.ENCODING)


def tokens(lines: Sequence[str]) -> Iterator[tokenize.TokenInfo]:
    """Yield the tokens of lines without ends, whatever the ends were."""
    return tokenize.generate_tokens(iter([line + "\n" for line in lines]).__next__)


def _instructions(comment: str, line: int, offset: int) -> Iterator[Comment]:
    for found in NOQA.finditer(comment):
        codes = _codes(found["codes"])
        yield Comment("noqa", codes, line, offset + found.start() + 1, offset + found.end() + 1)
    for found in _OWN.finditer(comment):
        yield Comment(
            found["verb"], _codes(found["codes"]), line, offset + found.start() + 1, offset + found.end() + 1
        )


def _codes(listed: str | None) -> tuple[str, ...] | None:
    if listed is None:
        return None
    return tuple(dict.fromkeys(code.upper() for code in _CODE.findall(listed)))
