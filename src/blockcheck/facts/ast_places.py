"""Lines and columns of sites by Python's own parser, which is twenty times as fast as libcst's.

Python's `ast` says where nodes stand but knows no more than the grammar of the running Python; libcst
stays the one tree that is analysed. The walk here visits the nodes that have sites in the order of
`extraction.Walk` and does nothing but count. Where the counts differ, or where a span cannot be told
exactly from `ast`, there is no answer, and libcst is asked.
"""

from __future__ import annotations

import ast
import re
import sys
import warnings
from typing import TYPE_CHECKING, Any

from blockcheck.source.lines import split

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Span = tuple[int, int, int, int]

#: What an expression leaves in the facts, as far as the numbering depends on it.
_NOTHING, _SOMETHING, _NUMBER = 0, 1, 2

_BLANK = r"(?:[ \t\f\r\n]|\\\r?\n|#[^\r\n]*)*"
_OPEN = re.compile(r"\(" + _BLANK)
_CLOSE = re.compile(_BLANK + r"\)")
_CLAUSE = re.compile(r"(?:[ \t\f\r\n\\)]|#[^\r\n]*)*(?=async\b|for\b)")
_NEXT_ITEM = re.compile(_BLANK + r"[,:]")


class Unsure(Exception):  # noqa: N818 - not an error: libcst knows
    """The place cannot be told exactly from `ast`."""


def locate(text: str, sites: set[int], total: int) -> dict[int, Span] | None:
    """As `cst_places.locate`; None where libcst has to be asked.

    Args:
        total: how many sites the walk over the libcst tree found.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        walk = _Walk(sites)
        walk.block(tree.body)
        if walk.sites != total:
            return None
        places = _Places(text)
        return {site: places.span(found) for site, found in walk.found.items()}
    except (SyntaxError, ValueError, RecursionError, MemoryError, Unsure):
        return None


class _Walk:
    """Counts sites, and notes the nodes of the wanted ones."""

    def __init__(self, wanted: set[int]) -> None:
        self.sites = 0
        self.found: dict[int, Any] = {}
        self._wanted = wanted
        self._in_string = False
        self._handlers: dict[type, Callable[[Any], int | None]] = {
            ast.Name: lambda _node: _SOMETHING,
            ast.Constant: self._constant,
            ast.Attribute: self._attribute,
            ast.Call: self._call,
            ast.Subscript: self._subscript,
            ast.Slice: self._slice,
            ast.JoinedStr: self._joined,
            ast.Await: self._await,
            ast.BinOp: self._binary,
            ast.BoolOp: lambda node: self._all(node.values),
            ast.UnaryOp: self._unary,
            ast.Compare: self._compare,
            ast.IfExp: lambda node: self._all([node.body, node.test, node.orelse]),
            ast.Tuple: lambda node: self._all(node.elts),
            ast.List: self._display,
            ast.Set: self._display,
            ast.Dict: self._dict,
            ast.Starred: lambda node: self.expression(node.value),
            ast.Lambda: self._lambda,
            ast.ListComp: self._comprehension,
            ast.SetComp: self._comprehension,
            ast.DictComp: self._comprehension,
            ast.GeneratorExp: self._comprehension,
            ast.Yield: self._yield,
            ast.YieldFrom: self._yield_from,
            ast.NamedExpr: lambda node: self._all([node.value]),
            ast.Expr: lambda node: self.expression(node.value),
            ast.Assign: self._assign,
            ast.AnnAssign: self._annotated,
            ast.AugAssign: self._augmented,
            ast.Return: lambda node: self._all([node.value]),
            ast.Raise: lambda node: self._all([node.exc, node.cause]),
            ast.Assert: lambda node: self._all([node.test, node.msg]),
            ast.Delete: lambda node: self._all(node.targets),
            ast.If: self._if,
            ast.For: self._for,
            ast.AsyncFor: self._for,
            ast.While: self._while,
            ast.With: self._with,
            ast.AsyncWith: self._with,
            ast.Try: self._try,
            ast.FunctionDef: self._function,
            ast.AsyncFunctionDef: self._function,
            ast.ClassDef: self._class,
            ast.Match: self._match,
        }
        if sys.version_info >= (3, 11):
            self._handlers[ast.TryStar] = self._try
        if hasattr(ast, "TemplateStr"):
            self._handlers[ast.TemplateStr] = self._template

    def _site(self, found: Any) -> None:
        if self.sites in self._wanted:
            if self._in_string and sys.version_info < (3, 12):
                raise Unsure  # places inside f-strings were not right before
            self.found[self.sites] = found
        self.sites += 1

    def block(self, statements: Iterable[ast.stmt]) -> None:
        """Walk statements."""
        handlers = self._handlers
        for statement in statements:
            handler = handlers.get(type(statement))
            if handler is not None:
                handler(statement)

    def expression(self, node: Any) -> int:
        """Walk an expression, and tell what the facts say of it."""
        handler = self._handlers.get(type(node))
        return (handler(node) or _NOTHING) if handler is not None else _NOTHING

    def _all(self, nodes: Iterable[Any]) -> int:
        for node in nodes:
            if node is not None:
                self.expression(node)
        return _SOMETHING

    # -- expressions

    def _constant(self, node: ast.Constant) -> int:
        if type(node.value) in (int, float):
            return _NUMBER
        return _NOTHING if node.value is ... or type(node.value) is complex else _SOMETHING

    def _attribute(self, node: ast.Attribute) -> int:
        self.expression(node.value)
        self._site(node)
        return _SOMETHING

    def _call(self, node: ast.Call) -> int:
        self.expression(node.func)
        given: list[Any] = [*node.args, *(k for k in node.keywords)]
        if node.args and node.keywords:
            given.sort(key=lambda n: (n.lineno, n.col_offset))
        for part in given:
            self.expression(part.value if type(part) is ast.keyword else part)
        self._site(node)
        return _SOMETHING

    def _subscript(self, node: ast.Subscript) -> int:
        self.expression(node.value)
        self.expression(node.slice)
        self._site(node)
        return _SOMETHING

    def _slice(self, node: ast.Slice) -> int:
        return self._all([node.lower, node.upper, node.step])

    def _joined(self, node: ast.JoinedStr) -> int:
        before, self._in_string = self._in_string, True
        for part in node.values:
            if type(part) is ast.FormattedValue:
                self.expression(part.value)
                if part.format_spec is not None:
                    self.expression(part.format_spec)
        self._in_string = before
        return _SOMETHING

    def _template(self, _node: ast.AST) -> int:
        raise Unsure

    def _await(self, node: ast.Await) -> int:
        self.expression(node.value)
        self._site(node)
        return _SOMETHING

    def _binary(self, node: ast.BinOp) -> int:
        left, right = self.expression(node.left), self.expression(node.right)
        if not left and not right:
            return _NOTHING
        self._site(node)
        return _SOMETHING

    def _compare(self, node: ast.Compare) -> int:
        self._all([node.left, *node.comparators])
        if any(isinstance(operator, (ast.In, ast.NotIn)) for operator in node.ops):
            self._site(node)
        return _SOMETHING

    def _unary(self, node: ast.UnaryOp) -> int:
        kind = self.expression(node.operand)
        if type(node.op) is ast.Not:
            return _SOMETHING
        if kind == _NUMBER and type(node.op) is ast.USub:
            return _NUMBER
        if kind:
            self._site(node)
        return kind and _SOMETHING

    def _display(self, node: ast.List | ast.Set) -> int:
        self._all(node.elts)
        self._site(node)
        return _SOMETHING

    def _dict(self, node: ast.Dict) -> int:
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                self.expression(key)
            self.expression(value)
        self._site(node)
        return _SOMETHING

    def _lambda(self, node: ast.Lambda) -> int:
        self._defaults(node.args)
        self._site(node)
        self.expression(node.body)
        return _SOMETHING

    def _comprehension(self, node: Any) -> int:
        last = node.value if type(node) is ast.DictComp else node.elt
        for clause in node.generators:
            self.expression(clause.iter)
            self._target(clause.target)
            self._site((_CLAUSE_OF, node, last))
            self._all(clause.ifs)
            last = clause.ifs[-1] if clause.ifs else clause.iter
        if type(node) is ast.DictComp:
            self.expression(node.key)
            self.expression(node.value)
        else:
            self.expression(node.elt)
        self._site(node)
        return _SOMETHING

    def _yield(self, node: ast.Yield) -> int:
        self._all([node.value])
        self._site(node)
        return _SOMETHING

    def _yield_from(self, node: ast.YieldFrom) -> int:
        self.expression(node.value)
        self._site(node)
        return _SOMETHING

    # -- statements

    def _target(self, node: ast.expr) -> None:
        if type(node) in (ast.Tuple, ast.List):
            for element in node.elts:  # type: ignore[attr-defined]
                self._target(element)
        elif type(node) is ast.Starred:
            self._target(node.value)
        else:
            self.expression(node)

    def _assign(self, node: ast.Assign) -> None:
        self.expression(node.value)
        for target in node.targets:
            self._target(target)

    def _annotated(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.expression(node.value)
        self._target(node.target)

    def _augmented(self, node: ast.AugAssign) -> None:
        self.expression(node.target)
        self.expression(node.value)
        self._site(node)

    def _if(self, node: ast.If) -> None:
        self.expression(node.test)
        self.block(node.body)
        self.block(node.orelse)

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        self._target(node.target)
        self.expression(node.iter)
        self._site(node)
        self.block(node.body)
        self.block(node.orelse)

    def _while(self, node: ast.While) -> None:
        self.expression(node.test)
        self._site(node)
        self.block(node.body)
        self.block(node.orelse)

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            self.expression(item.context_expr)
            if item.optional_vars is not None:
                self._target(item.optional_vars)
            self._site((_ITEM_OF, node, item))
        self.block(node.body)

    def _try(self, node: Any) -> None:
        self.block(node.body)
        for handler in node.handlers:
            if handler.type is not None:
                self.expression(handler.type)
            self.block(handler.body)
        self.block(node.orelse)
        self.block(node.finalbody)

    def _decorators(self, nodes: list[ast.expr]) -> None:
        for node in nodes:
            self.expression(node)
            self._site((_DECORATOR, node, None))

    def _defaults(self, node: ast.arguments) -> None:
        self._all(node.defaults)
        self._all(node.kw_defaults)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._decorators(node.decorator_list)
        self._defaults(node.args)
        self._site(node)
        self.block(node.body)

    def _class(self, node: ast.ClassDef) -> None:
        self._decorators(node.decorator_list)
        self._all(b for b in node.bases if type(b) is not ast.Starred)
        self._all(k.value for k in node.keywords if k.arg is not None)
        self._site(node)
        self.block(node.body)

    def _match(self, node: ast.Match) -> None:
        self.expression(node.subject)
        for case in node.cases:
            self._pattern(case.pattern)
            if case.guard is not None:
                self.expression(case.guard)
            self.block(case.body)

    def _pattern(self, node: Any) -> None:
        kind = type(node)
        if kind is ast.MatchValue:
            self.expression(node.value)
        elif kind is ast.MatchClass:
            self.expression(node.cls)
            self._site(node)
            for inner in (*node.patterns, *node.kwd_patterns):
                self._pattern(inner)
        elif kind is ast.MatchAs:
            if node.pattern is not None:
                self._pattern(node.pattern)
        else:
            for inner in getattr(node, "patterns", ()):
                self._pattern(inner)


# Sites of what is no node of its own in `ast`, or has no place there.
_CLAUSE_OF = "clause"  # comprehension, what stands before the clause
_ITEM_OF = "item"  # with statement, item
_DECORATOR = "decorator"  # expression

_HEADED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.AsyncFor, ast.While)


class _Places:
    """The spans of nodes in a text, as libcst tells them: without the parentheses around a node."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = split(text)
        self._starts: list[int] | None = None

    def span(self, found: Any) -> Span:
        """Line, column, end line, end column, 1-based, in code points, end exclusive."""
        if type(found) is not tuple:
            if isinstance(found, _HEADED):  # compound statements are shown by their first line only
                column = self._column(found.lineno, found.col_offset)
                return found.lineno, column, found.lineno, len(self._lines[found.lineno - 1]) + 1
            if type(found) is ast.GeneratorExp:
                begin, end = self._offsets(found)
                opened = _OPEN.match(self._text, begin)
                if opened is None:
                    raise Unsure
                return self._between(opened.end(), self._end_of_clauses(found, end))
            return (
                found.lineno,
                self._column(found.lineno, found.col_offset),
                found.end_lineno,
                self._column(found.end_lineno, found.end_col_offset),
            )
        kind, node, part = found
        if kind == _CLAUSE_OF:
            clause = _CLAUSE.match(self._text, self._offsets(part)[1])
            if clause is None:
                raise Unsure
            return self._between(clause.end(), self._end_of_clauses(node, self._offsets(node)[1]))
        if kind == _ITEM_OF:
            return self._item(node, part)
        begin, end = self._offsets(node)
        at = begin - 1
        while self._text[at] in " \t":
            at -= 1
        if self._text[at] != "@":
            raise Unsure
        return self._between(at, end)

    def _item(self, node: Any, item: ast.withitem) -> Span:
        """An item of a with statement: parentheses may be its own or the statement's."""
        begin, end = self._offsets(item.context_expr)
        if item.optional_vars is not None:
            end = self._offsets(item.optional_vars)[1]
        start = self._offsets(node)[0]
        before = self._text[start if item is node.items[0] else begin - 1 : begin].rstrip()
        if before.endswith("(") or _NEXT_ITEM.match(self._text, end) is None:
            raise Unsure
        return self._between(begin, end)

    def _end_of_clauses(self, comprehension: Any, end: int) -> int:
        """Where the last clause of a comprehension ends, with the parentheses around its last part."""
        last = comprehension.generators[-1]
        at = self._offsets(last.ifs[-1] if last.ifs else last.iter)[1]
        while (closed := _CLOSE.match(self._text, at)) is not None and closed.end() < end:
            at = closed.end()
        return at

    def _column(self, line: int, offset: int) -> int:
        text = self._lines[line - 1]
        return (
            offset + 1 if text.isascii() else len(text.encode("utf-8", "surrogatepass")[:offset].decode()) + 1
        )

    def _offsets(self, node: Any) -> tuple[int, int]:
        """Where a node begins and ends in the text."""
        starts = self._line_starts()
        return (
            starts[node.lineno - 1] + self._column(node.lineno, node.col_offset) - 1,
            starts[node.end_lineno - 1] + self._column(node.end_lineno, node.end_col_offset) - 1,
        )

    def _line_starts(self) -> list[int]:
        if self._starts is None:
            self._starts = [0, *(m.end() for m in re.finditer(r"\r\n|\n|\r", self._text))]
        return self._starts

    def _between(self, begin: int, end: int) -> Span:
        """The span between two offsets."""
        from bisect import bisect_right  # noqa: PLC0415

        starts = self._line_starts()
        line, end_line = bisect_right(starts, begin), bisect_right(starts, end)
        return line, begin - starts[line - 1] + 1, end_line, end - starts[end_line - 1] + 1
