"""Lines and columns of sites by libcst: exact for all that it can parse, and slow.

The text is parsed again, the walk repeated to find the nodes, and libcst's code generation run with a
state that notes where the wanted ones stand. `ast_places` answers first where it can.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from contextlib import contextmanager, nullcontext
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from libcst._nodes.internal import CodegenState

from blockcheck.facts.extraction import Walk
from blockcheck.facts.parsing import parse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    import libcst as cst


class _Recorder(CodegenState):
    """Notes the token index at which wanted nodes begin and end."""

    def __init__(self, tree: cst.Module, wanted: set[int]) -> None:
        super().__init__(default_indent=tree.default_indent, default_newline=tree.default_newline)
        self.wanted = wanted
        self.spans: dict[int, tuple[int, int]] = {}
        self._open: list[int] = []

    def before_codegen(self, node: cst.CSTNode) -> None:
        if id(node) in self.wanted:
            self._open.append(len(self.tokens))

    def after_codegen(self, node: cst.CSTNode) -> None:
        if id(node) in self.wanted:
            self.spans.setdefault(id(node), (self._open.pop(), len(self.tokens)))

    def record_syntactic_position(  # type: ignore[override]
        self, node: cst.CSTNode, *, start_node: Any = None, end_node: Any = None
    ) -> AbstractContextManager[None]:
        if id(node) in self.wanted:
            return self._syntactic(node, start_node, end_node)
        return _NOTHING  # a generator for each node would cost more than all the rest

    @contextmanager
    def _syntactic(self, node: cst.CSTNode, start_node: Any, end_node: Any) -> Iterator[None]:
        start = len(self.tokens)
        yield
        # A node's own span includes its parentheses; hoisted starts leave decorators out.
        first = self.spans.get(id(start_node), (start, 0))[0] if start_node is not None else start
        last = self.spans.get(id(end_node), (0, len(self.tokens)))[1]
        self.spans[id(node)] = (first, last)


_NOTHING = nullcontext()


def locate(text: str, sites: set[int]) -> dict[int, tuple[int, int, int, int]]:
    """Line, column, end line and end column (1-based, code points, end exclusive) of sites.

    Raises:
        SyntaxProblem: the text cannot be parsed.
    """
    tree, _ = parse(text)
    walk = Walk(keep=True)
    walk.module(tree)
    nodes = walk.nodes or []
    wanted = {site: nodes[site] for site in sites if 0 <= site < len(nodes)}
    recorder = _Recorder(tree, {id(n) for n in wanted.values()})
    tree._codegen(recorder)  # noqa: SLF001 - the public `code` property offers no state
    offsets = [0, *accumulate(len(t) for t in recorder.tokens)]
    whole = "".join(recorder.tokens)
    starts = [0]
    at = 0
    while True:
        newline = _next_line(whole, at)
        if newline < 0:
            break
        starts.append(newline)
        at = newline
    out = {}
    for site, node in wanted.items():
        first, last = recorder.spans[id(node)]
        begin, end = offsets[first], offsets[last]
        kind = type(node).__name__
        if kind in _HEADED:
            end = _header_end(whole, begin, end)
        elif kind == "CompFor":  # the space before it is its own
            begin = _BLANK.match(whole, begin).end()  # type: ignore[union-attr]
        line, end_line = bisect_right(starts, begin), bisect_right(starts, end)
        out[site] = (line, begin - starts[line - 1] + 1, end_line, end - starts[end_line - 1] + 1)
    return out


_BLANK = re.compile(r"(?:[ \t\f\r\n\\]|#[^\r\n]*)*")
_HEADED = frozenset({"FunctionDef", "ClassDef", "For", "While"})


def _header_end(text: str, begin: int, end: int) -> int:
    """Compound statements are shown by their first line only."""
    stop = begin
    while stop < end and text[stop] not in "\r\n":
        stop += 1
    return stop


def _next_line(text: str, at: int) -> int:
    """Offset just after the next line break at or after `at`; -1 at the end."""
    newline = text.find("\n", at)
    carriage = text.find("\r", at)
    if carriage >= 0 and (newline < 0 or carriage < newline):
        return carriage + (2 if newline == carriage + 1 else 1)
    return newline + 1 if newline >= 0 else -1
