"""Refuse source that is nested beyond what any parser is made for, before a parser meets it.

libcst recurses natively and takes quadratic time in the depth of an expression: some thousand levels keep it
busy for minutes, some more exhaust its stack and end the process. CPython itself refuses more than 200
brackets inside each other, so that bound loses nothing; the bound on chains (operators, attributes, calls in
a row) lies far above what people and even generators write.
"""

from __future__ import annotations

import re
from itertools import accumulate

from blockcheck.source.decoding import UnreadableSource
from blockcheck.source.lines import end_of

MAX_BRACKETS = 200
MAX_CHAIN = 1000

_OPEN, _CLOSE = "([{", ")]}"
_DELTA = {ord(c): 1 for c in _OPEN} | {ord(c): -1 for c in _CLOSE}
_NO_BRACKETS = bytes(set(range(256)) - set(_DELTA))
# No byte of a multi-byte character is one of these.
_NO_LINKS = bytes(set(range(256)) - set(b".+-*/%@&|^~<>([\"'"))
_KEYWORD = re.compile(rb"\b(?:not|and|or|if|lambda|await|in|is)\b")
# A line that starts so starts a statement: a cheap and safe way to cut most sources into small pieces.
_STATEMENT = re.compile(
    rb"\n[ \t]*(?:def|class|return|import|with|try|except|raise|assert|elif|while|pass)\b"
)

_TOKEN = re.compile(
    r"""
    (?P<skip>\#[^\r\n]*|\\\r?\n|[ \t\f]+)
    |(?P<string>(?:[rbuftRBUFT]{0,2})(?:\"\"\"(?:\\.|[^\\])*?(?:\"\"\"|\Z)|'''(?:\\.|[^\\])*?(?:'''|\Z)
        |\"(?:\\.|[^\\\"\r\n])*\"?|'(?:\\.|[^\\'\r\n])*'?))
    |(?P<link>\b(?:not|and|or|if|lambda|await|in|is)\b|\*\*|//|<<|>>|->|[-+*/%@&|^~.](?!=))
    |(?P<word>[^\W]+)
    |(?P<open>[(\[{])
    |(?P<close>[)\]}])
    |(?P<comma>[,;])
    |(?P<end>\r\n|\r|\n)
    |(?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)


def check(text: str) -> None:
    """Raise `UnreadableSource` where an expression is nested too deeply to be analysed."""
    data = text.encode("utf-8", "surrogatepass")
    brackets = data.translate(None, _NO_BRACKETS)
    deep = len(brackets) > MAX_BRACKETS and max(accumulate(map(_DELTA.__getitem__, brackets))) > MAX_BRACKETS
    if deep or _may_hold_long_chain(data):
        _check_exactly(text)


def _may_hold_long_chain(data: bytes) -> bool:
    """Tell whether any statement has enough operators, dots and brackets for a chain beyond the bound."""
    return _links(data) > MAX_CHAIN and any(_links(piece) > MAX_CHAIN for piece in _STATEMENT.split(data))


def _links(data: bytes) -> int:
    marks = len(data.translate(None, _NO_LINKS))
    return marks + sum(1 for _ in _KEYWORD.finditer(data)) if marks + len(data) // 3 > MAX_CHAIN else marks


def _check_exactly(text: str) -> None:
    chains = [0]
    before = ""
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "skip":
            continue
        if kind == "open":
            # A call or a subscript is one more link of the chain it stands in.
            chains[-1] += before in ("word", "close", "string")
            chains.append(0)
            if len(chains) - 1 > MAX_BRACKETS:
                raise _too_deep(text, token.start(), f"more than {MAX_BRACKETS} brackets inside each other")
        elif kind == "close":
            if len(chains) > 1:
                chains.pop()
        elif kind == "comma" or (kind == "end" and len(chains) == 1):
            chains[-1] = 0
        elif kind == "link" or (kind == "string" and before == "string"):
            chains[-1] += 1
            if chains[-1] > MAX_CHAIN:
                raise _too_deep(text, token.start(), f"an expression of more than {MAX_CHAIN} nested levels")
        if kind != "end":
            before = kind or ""


def _too_deep(text: str, offset: int, what: str) -> UnreadableSource:
    return UnreadableSource(*end_of(text[:offset]), f"nested too deeply to be analysed: {what}")
