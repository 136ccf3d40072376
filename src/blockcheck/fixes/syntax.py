"""A file as fixes see it: its tree, where every node stands in the text, and what encloses it."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING, Any, TypeVar

import libcst as cst
from libcst._nodes.internal import CodegenState

from blockcheck.facts import SyntaxProblem
from blockcheck.facts.extraction import Walk
from blockcheck.facts.parsing import parse
from blockcheck.source.edits import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator

Node = TypeVar("Node", bound=cst.CSTNode)

#: What begins a scope of names; a class is one too, but the functions in it do not see it.
FUNCTIONS = (cst.FunctionDef, cst.Lambda)
COMPREHENSIONS = (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)


class Unfixable(Exception):  # noqa: N818  (names the state of the file)
    """Nothing can be changed in the file."""


class Syntax:
    """The tree of one text. Offsets are those of the text.

    Raises:
        Unfixable: the text cannot be parsed as it is.
    """

    def __init__(self, text: str) -> None:
        try:
            self.tree, problem = parse(text)
            if problem is not None:
                raise Unfixable(problem.message)
            walk = Walk(keep=True)
            walk.module(self.tree)
            recorder = _Recorder(self.tree)
            self.tree._codegen(recorder)  # noqa: SLF001 - the public `code` property offers no state
        except SyntaxProblem as problem:
            raise Unfixable(problem.message) from None
        except RecursionError:
            raise Unfixable("nested too deeply") from None
        if "".join(recorder.tokens) != text:
            raise Unfixable("the parser does not give the text back")
        self.text = text
        self.lines = Lines(text)
        self.nodes: list[cst.CSTNode] = walk.nodes or []
        offsets = [0, *accumulate(len(token) for token in recorder.tokens)]
        last = len(offsets) - 1  # a file without a newline at its end takes back what was generated
        self._inner, self._outer = (
            {key: (offsets[min(a, last)], offsets[min(b, last)]) for key, (a, b) in spans.items()}
            for spans in (recorder.inner, recorder.outer)
        )
        self._fresh: set[str] = set()
        self._parents = recorder.parents
        self._children = recorder.children

    # -- places

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """Where a node starts and ends, its own parentheses left out."""
        return self._inner.get(id(node)) or self._outer[id(node)]

    def outer(self, node: cst.CSTNode) -> tuple[int, int]:
        """Where a node starts and ends with its own parentheses (and a statement with the lines above it)."""
        return self._outer[id(node)]

    def code(self, node: cst.CSTNode) -> str:
        """The text of a node, its own parentheses left out."""
        start, end = self.span(node)
        return self.text[start:end]

    def line_start(self, offset: int) -> int:
        """Where the line of an offset starts."""
        line, _ = self.lines.place(offset)
        return self.lines.starts[line - 1]

    def line_end(self, offset: int) -> int:
        """Where the line after that of an offset starts: the end of the text if there is none."""
        line, _ = self.lines.place(offset)
        return self.lines.starts[line] if line < len(self.lines.starts) else len(self.text)

    def indent(self, node: cst.CSTNode) -> str:
        """The space before the line in which a node starts."""
        start = self.line_start(self.span(node)[0])
        line = self.text[start : self.span(node)[0]]
        return line[: len(line) - len(line.lstrip())]

    @property
    def newline(self) -> str:
        """How lines end in this file, most often."""
        return self.tree.default_newline

    def fresh_name(self, wish: str) -> str:
        """A name that stands nowhere in the file, and is given to nobody else."""
        number = 1
        name = wish
        while name in self._fresh or re.search(rf"\b{name}\b", self.text):
            number += 1
            name = f"{wish}_{number}"
        self._fresh.add(name)
        return name

    # -- surroundings

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """The node that a node is a part of."""
        return self._parents.get(id(node))

    def walk(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """A node and all that it contains, in source order."""
        pending = [node]
        while pending:
            current = pending.pop()
            yield current
            pending.extend(reversed(self._children.get(id(current), ())))

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """What encloses a node, innermost first."""
        parent = self.parent(node)
        while parent is not None:
            yield parent
            parent = self.parent(parent)

    def enclosing(self, node: cst.CSTNode, *kinds: type[Node]) -> Node | None:
        """The innermost of some kinds that encloses a node."""
        return next((outer for outer in self.ancestors(node) if isinstance(outer, kinds)), None)

    def statement(self, node: cst.CSTNode) -> cst.CSTNode:
        """The statement that a node is, or belongs to: a whole line of simple ones, or a compound one."""
        for outer in (node, *self.ancestors(node)):
            if isinstance(outer, (cst.SimpleStatementLine, cst.BaseCompoundStatement)):
                return outer
        return self.tree

    def function(self, node: cst.CSTNode) -> cst.FunctionDef | cst.Lambda | None:
        """The function or lambda in whose *body* a node is evaluated: defaults and decorators run outside."""
        inner = node
        for outer in self.ancestors(node):
            if isinstance(outer, FUNCTIONS) and inner is outer.body:
                return outer
            inner = outer
        return None

    def within(self, node: cst.CSTNode, outer: cst.CSTNode) -> bool:
        """Whether a node is another, or a part of it."""
        return node is outer or any(one is outer for one in self.ancestors(node))


class _Recorder(CodegenState):
    """Notes the token index at which every node begins and ends, with and without its parentheses, and its parent."""

    def __init__(self, tree: cst.Module) -> None:
        super().__init__(default_indent=tree.default_indent, default_newline=tree.default_newline)
        self.inner: dict[int, tuple[int, int]] = {}
        self.outer: dict[int, tuple[int, int]] = {}
        self.parents: dict[int, cst.CSTNode] = {}
        self.children: dict[int, list[cst.CSTNode]] = {}
        self._open: list[tuple[cst.CSTNode, int]] = []

    def before_codegen(self, node: cst.CSTNode) -> None:
        if self._open:
            parent = self._open[-1][0]
            self.parents[id(node)] = parent
            self.children.setdefault(id(parent), []).append(node)
        self._open.append((node, len(self.tokens)))

    def after_codegen(self, node: cst.CSTNode) -> None:
        self.outer[id(node)] = (self._open.pop()[1], len(self.tokens))

    def record_syntactic_position(  # type: ignore[override]
        self, node: cst.CSTNode, *, start_node: Any = None, end_node: Any = None
    ) -> _Span:
        return _Span(self, node, start_node, end_node)


class _Span:
    """Notes where a node's own text begins and ends, while it is generated."""

    __slots__ = ("_end", "_first", "_node", "_recorder", "_start")

    def __init__(self, recorder: _Recorder, node: cst.CSTNode, start: Any, end: Any) -> None:
        self._recorder = recorder
        self._node = node
        self._start = start
        self._end = end

    def __enter__(self) -> None:
        self._first = len(self._recorder.tokens)

    def __exit__(self, *_: object) -> None:
        recorder = self._recorder
        first, last = self._first, len(recorder.tokens)
        # Hoisted starts leave decorators out, and ends what follows the last statement.
        if self._start is not None:
            first = (recorder.inner.get(id(self._start)) or recorder.outer.get(id(self._start)) or (first,))[
                0
            ]
        if self._end is not None:
            last = (recorder.inner.get(id(self._end)) or recorder.outer.get(id(self._end)) or (0, last))[1]
        recorder.inner[id(self._node)] = (first, last)
