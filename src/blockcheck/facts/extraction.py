"""One lean walk from a libcst tree to facts.

No metadata provider and no visitor: each node type has a handler that reads just the fields that
matter. Handlers visit in source order, which gives every reportable node its site number; `positions`
repeats the same walk to learn which node a site was.
"""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import libcst as cst

from blockcheck.facts import ir
from blockcheck.facts.model import CodeFacts, ModuleFacts, Parameters, SyntaxProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_LONGEST_STRING = 120
_MOST_PARTS = 4  # of a formatted string whose text is followed
_MOST_MENDED = 8  # lines left out of a file before it is given up
_MARKER = re.compile(r"#\s*blockcheck:\s*(non-blocking|blocking)\b")
_PLACE = re.compile(r"error at (\d+):(\d+)")
_ANNOTATION = re.compile(r"[\w.\[\], |\"']+\Z")
_switching = threading.RLock()
_CHECK = "__post_init__"  # where nodes are asked whether they are valid


def parse(text: str) -> tuple[cst.Module, SyntaxProblem | None]:
    """Parse a module; lines that are not Python are left out as far as that mends it.

    Returns:
        The tree, and the first problem if lines were left out: the rest of the file still counts.

    Raises:
        SyntaxProblem: with the place, where leaving out some lines does not help.
    """
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


def _parse(text: str) -> cst.Module:
    """Parse a module, telling all the ways in which that can fail as one."""
    try:
        with _unchecked():
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
def _unchecked() -> Iterator[None]:
    """Let nodes be made without asking whether they are valid: what the parser has read is.

    Asking takes a sixth of the parser's time. Nodes that others make meanwhile, in another thread, are not asked either.
    """
    with _switching:
        check = getattr(cst.CSTNode, _CHECK)
        setattr(cst.CSTNode, _CHECK, _take_as_it_is)
        try:
            yield
        finally:
            setattr(cst.CSTNode, _CHECK, check)


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


def extract_facts(text: str) -> ModuleFacts:
    """The facts of a module's text.

    Raises:
        SyntaxProblem: the text cannot be parsed, not even without some lines.
    """
    tree, problem = parse(text)
    walk = Walk(markers="blockcheck:" in text)
    try:
        walk.module(tree)
        bodies = [json.dumps(b, separators=(",", ":")) for b in walk.bodies]
    except RecursionError:
        raise SyntaxProblem(1, 1, "nested too deeply to be analysed") from None
    lines = text.count("\n") + (not text.endswith("\n") and bool(text))
    place = (problem.line, problem.column, problem.message) if problem is not None else None
    for code in walk.codes:
        code.compact()
    return ModuleFacts(walk.codes, bodies, walk.exports, walk.sites, lines, place)


class Walk:
    """The walk over one tree; `keep` makes it remember the node of every site."""

    def __init__(self, *, markers: bool = False, keep: bool = False) -> None:
        self.codes: list[CodeFacts] = []
        self.bodies: list[list[Any]] = []
        self.exports: list[str] | None = None
        self.sites = 0
        self.nodes: list[cst.CSTNode] | None = [] if keep else None
        self._markers = markers
        self._first: cst.CSTNode | None = None
        self._header: Sequence[cst.EmptyLine] = ()
        self._current: CodeFacts = CodeFacts("module", "", "", -1)
        self._index = 0
        self._loads: set[str] = set()
        self._bound: dict[str, None] = {}
        self._lambdas = 0
        self._scopes: list[tuple[set[str], dict[str, None]]] = []
        self._expressions: dict[type, Callable[[Any], Any]] = {
            cst.Name: self._name,
            cst.Attribute: self._attribute,
            cst.Call: self._call,
            cst.Subscript: self._subscript,
            cst.SimpleString: self._simple_string,
            cst.ConcatenatedString: self._concatenated,
            cst.FormattedString: self._formatted,
            cst.Integer: self._integer,
            cst.Float: self._float,
            cst.Await: self._await,
            cst.BinaryOperation: self._binary,
            cst.BooleanOperation: self._boolean,
            cst.UnaryOperation: self._unary,
            cst.Comparison: self._comparison,
            cst.IfExp: self._if_exp,
            cst.Tuple: self._tuple,
            cst.List: self._list,
            cst.Set: self._set,
            cst.Dict: self._dict,
            cst.Lambda: self._lambda,
            cst.ListComp: self._list_comp,
            cst.SetComp: self._set_comp,
            cst.DictComp: self._dict_comp,
            cst.GeneratorExp: self._generator,
            cst.Yield: self._yield,
            cst.NamedExpr: self._named,
        }
        if hasattr(cst, "TemplatedString"):
            self._expressions[cst.TemplatedString] = self._templated
        self._small: dict[type, Callable[[Any], Any]] = {
            cst.Expr: self._expr,
            cst.Assign: self._assign,
            cst.AnnAssign: self._ann_assign,
            cst.AugAssign: self._aug_assign,
            cst.Return: self._return,
            cst.Raise: self._raise,
            cst.Assert: self._assert,
            cst.Del: self._del,
            cst.Import: self._import,
            cst.ImportFrom: self._import_from,
            cst.Global: self._global,
            cst.Nonlocal: self._nonlocal,
            cst.Break: self._break,
            cst.Continue: self._continue,
        }
        self._compound: dict[type, Callable[[Any], Any]] = {
            cst.If: self._if,
            cst.For: self._for,
            cst.While: self._while,
            cst.With: self._with,
            cst.Try: self._try,
            cst.TryStar: self._try,
            cst.FunctionDef: self._function,
            cst.ClassDef: self._class,
            cst.Match: self._match,
        }

    # -- scaffolding

    def _site(self, node: cst.CSTNode) -> int:
        site = self.sites
        self.sites = site + 1
        if self.nodes is not None:
            self.nodes.append(node)
        return site

    def module(self, tree: cst.Module) -> None:
        """Walk a whole module, once."""
        self._first = tree.body[0] if tree.body else None
        self._header = tree.header
        self._begin(CodeFacts("module", "", "", -1))
        self._end(self._block(tree.body))
        self._resolve_captures()
        # The tables hold this object's own methods: a cycle, which only the collector would free.
        for table in (self._expressions, self._small, self._compound):
            table.clear()
        self._first, self._header = None, ()

    def _begin(self, code: CodeFacts) -> tuple[Any, ...]:
        saved = (self._current, self._index, self._loads, self._bound, self._lambdas)
        self._index = len(self.codes)
        self.codes.append(code)
        self.bodies.append([])
        self._scopes.append((set(), {}))
        self._current = code
        self._loads, self._bound = self._scopes[self._index]
        self._lambdas = 0
        return saved

    def _end(self, body: list[Any], saved: tuple[Any, ...] | None = None) -> int:
        index = self._index
        self.bodies[index] = body
        code = self._current
        for name in (*code.outer, *code.nonlocals):
            self._bound.pop(name, None)
        code.bound = list(self._bound)
        code.self_stores = sorted(set(code.self_stores))
        code.other_stores = sorted(set(code.other_stores))
        if saved is not None:
            self._current, self._index, self._loads, self._bound, self._lambdas = saved
        return index

    def _resolve_captures(self) -> None:
        """Tell each function which of its names nested scopes read."""
        captured: list[set[str]] = [set() for _ in self.codes]
        for index, (loads, bound) in enumerate(self._scopes):
            code = self.codes[index]
            names = {*code.nonlocals, *(n for n in loads if n not in bound)}.difference(code.outer)
            parent = code.parent
            while names and parent > 0:
                outer = self.codes[parent]
                if outer.kind != "class":
                    here = names.intersection(self._scopes[parent][1])
                    captured[parent] |= here
                    names = names.difference(here, outer.outer)
                parent = outer.parent
        for code, names in zip(self.codes, captured, strict=True):
            code.captured = sorted(names)

    def _qualify(self, name: str) -> str:
        outer = self._current.qualname
        return f"{outer}.{name}" if outer else name

    def _block(self, body: Any) -> list[Any]:
        out: list[Any] = []
        compound = self._compound
        small = self._small
        for node in body:
            if type(node) is cst.SimpleStatementLine:
                for part in node.body:
                    handler = small.get(type(part))
                    if handler is not None:
                        made = handler(part)
                        if made is not None:
                            out.append(made)
            else:
                handler = compound.get(type(node))
                if handler is not None:
                    out.append(handler(node))
        return out

    def _suite(self, suite: Any) -> list[Any]:
        if type(suite) is cst.IndentedBlock:
            return self._block(suite.body)
        out = []
        for part in suite.body:
            handler = self._small.get(type(part))
            made = handler(part) if handler is not None else None
            if made is not None:
                out.append(made)
        return out

    def _x(self, node: Any) -> Any:
        handler = self._expressions.get(type(node))
        return handler(node) if handler is not None else None

    def _effects(self, nodes: list[Any]) -> Any:
        """Operands that are evaluated but whose combination has no known value."""
        kept = [e for e in nodes if e is not None and not (type(e) is list and e[0] == ir.CONST)]
        return [ir.EVAL, kept] if kept else None

    # -- expressions

    def _name(self, node: cst.Name) -> Any:
        name = node.value
        if name == "None":
            return [ir.CONST, None]
        if name == "True":
            return [ir.CONST, True]
        if name == "False":
            return [ir.CONST, False]
        self._loads.add(name)
        return name

    def _attribute(self, node: cst.Attribute) -> Any:
        base = self._x(node.value)
        name = node.attr.value
        return [ir.ATTR, base, name, self._site(node)]

    def _call(self, node: cst.Call) -> Any:
        function = self._x(node.func)
        arguments: list[Any] = []
        keywords: list[Any] = []
        for arg in node.args:
            value = self._x(arg.value)
            if arg.keyword is not None:
                keywords.append([arg.keyword.value, value])
            elif not arg.star:
                arguments.append(value)
            elif arg.star == "*":
                arguments.append([ir.STAR, value])
            else:
                keywords.append([None, value])
        if function == "setattr" and len(arguments) == 3 and arguments[1] and arguments[1][0] == ir.CONST:
            self._current.other_stores.append(str(arguments[1][1]))
        return [ir.CALL, function, arguments, keywords, self._site(node)]

    def _subscript(self, node: cst.Subscript) -> Any:
        base = self._x(node.value)
        indices = []
        for element in node.slice:
            part: Any = element.slice
            if type(part) is cst.Index:
                indices.append(self._x(part.value))
            else:
                limits = (part.lower, part.upper, part.step)
                bounds = [self._x(b) if b is not None else [ir.CONST, None] for b in limits]
                indices.append([ir.SLICE, bounds])
        index = indices[0] if len(indices) == 1 else [ir.TUPLE, indices]
        return [ir.SUBSCRIPT, base, index, self._site(node)]

    def _simple_string(self, node: cst.SimpleString) -> Any:
        text = _literal(node.value)
        return [ir.STRING, []] if text is None else [ir.CONST, text]

    def _concatenated(self, node: cst.ConcatenatedString) -> Any:
        left, right = self._x(node.left), self._x(node.right)
        if left and right and left[0] == right[0] == ir.CONST:
            return [ir.CONST, left[1] + right[1]]
        return [ir.STRING, [e for e in (left, right) if e and e[0] != ir.CONST]]

    def _parts(self, parts: Any) -> list[Any]:
        out = []
        for part in parts:
            expression = getattr(part, "expression", None)
            if expression is not None:
                value = self._x(expression)
                if value is not None:
                    out.append(value)
                if part.format_spec:
                    out.extend(self._parts(part.format_spec))
        return out

    def _formatted(self, node: cst.FormattedString) -> Any:
        if 0 < len(node.parts) <= _MOST_PARTS and all(_is_plain(p) for p in node.parts):
            # Its text follows from those of its parts: it may name an attribute.
            return [ir.STRING, [self._plain(part) for part in node.parts]]
        return [ir.STRING, self._parts(node.parts)]

    def _plain(self, part: Any) -> Any:
        return [ir.CONST, part.value] if type(part) is cst.FormattedStringText else self._x(part.expression)

    def _templated(self, node: Any) -> Any:
        return self._effects(self._parts(node.parts))

    def _integer(self, node: cst.Integer) -> Any:
        try:
            value = int(node.value.replace("_", ""), 0)
        except ValueError:
            return None
        return [ir.CONST, value if abs(value) < 1 << 53 else 1 << 53]

    def _float(self, node: cst.Float) -> Any:
        try:
            return [ir.CONST, float(node.value.replace("_", ""))]
        except ValueError:
            return None

    def _await(self, node: cst.Await) -> Any:
        self._current.awaits = True
        value = self._x(node.expression)
        return [ir.AWAIT, value, self._site(node)]

    def _binary(self, node: cst.BinaryOperation) -> Any:
        left, right = self._x(node.left), self._x(node.right)
        if left is None and right is None:
            return None
        return [ir.BINOP, _operator(node.operator), left, right, self._site(node)]

    def _boolean(self, node: cst.BooleanOperation) -> Any:
        word = "or" if type(node.operator) is cst.Or else "and"
        return [ir.BOOL, word, [self._x(node.left), self._x(node.right)]]

    def _unary(self, node: cst.UnaryOperation) -> Any:
        value = self._x(node.expression)
        if type(node.operator) is cst.Not:
            return [ir.NOT, value]
        if (
            type(node.operator) is cst.Minus
            and value
            and value[0] == ir.CONST
            and type(value[1]) in (int, float)
        ):
            return [ir.CONST, -value[1]]
        word = (
            "neg"
            if type(node.operator) is cst.Minus
            else "pos"
            if type(node.operator) is cst.Plus
            else "invert"
        )
        return None if value is None else [ir.BINOP, word, value, None, self._site(node)]

    def _comparison(self, node: cst.Comparison) -> Any:
        left = self._x(node.left)
        rest = [[_operator(c.operator), self._x(c.comparator)] for c in node.comparisons]
        return [ir.COMPARE, left, rest]

    def _if_exp(self, node: cst.IfExp) -> Any:
        then = self._x(node.body)
        test = self._x(node.test)
        return [ir.IFEXP, test, then, self._x(node.orelse)]

    def _elements(self, elements: Any) -> list[Any]:
        out = []
        for element in elements:
            value = self._x(element.value)
            out.append([ir.STAR, value] if type(element) is cst.StarredElement else value)
        return out

    def _tuple(self, node: cst.Tuple) -> Any:
        return [ir.TUPLE, self._elements(node.elements)]

    def _list(self, node: cst.List) -> Any:
        return [ir.LIST, self._elements(node.elements), self._site(node)]

    def _set(self, node: cst.Set) -> Any:
        return [ir.SET, self._elements(node.elements), self._site(node)]

    def _dict(self, node: cst.Dict) -> Any:
        items: list[Any] = []
        for element in node.elements:
            if type(element) is cst.DictElement:
                key = self._x(element.key)
                items.append([key, self._x(element.value)])
            else:
                items.append([None, [ir.STAR, self._x(element.value)]])
        return [ir.DICT, items, self._site(node)]

    def _lambda(self, node: cst.Lambda) -> Any:
        self._lambdas += 1
        name = f"<lambda{self._lambdas}>"
        params = self._parameters(node.params)
        code = CodeFacts("lambda", name, self._qualify(name), self._index, self._site(node), params=params)
        saved = self._begin(code)
        self._bind_parameters(params)
        body = [[ir.RETURN, self._x(node.body)]]
        return [ir.LAMBDA, self._end(body, saved)]

    def _comprehension(self, node: Any, kind: str) -> Any:
        clauses = []
        clause = node.for_in
        while clause is not None:
            if clause.asynchronous is not None:
                self._current.awaits = True
            iterable = self._x(clause.iter)
            target = self._target(clause.target, comprehension=True)
            site = self._site(clause)
            conditions = [self._x(c.test) for c in clause.ifs]
            clauses.append([target, iterable, conditions, clause.asynchronous is not None, site])
            clause = clause.inner_for_in
        key = self._x(node.key) if kind == "dict" else None
        element = self._x(node.value if kind == "dict" else node.elt)
        return [ir.COMP, kind, element, key, clauses, self._site(node)]

    def _list_comp(self, node: cst.ListComp) -> Any:
        return self._comprehension(node, "list")

    def _set_comp(self, node: cst.SetComp) -> Any:
        return self._comprehension(node, "set")

    def _dict_comp(self, node: cst.DictComp) -> Any:
        return self._comprehension(node, "dict")

    def _generator(self, node: cst.GeneratorExp) -> Any:
        return self._comprehension(node, "generator")

    def _yield(self, node: cst.Yield) -> Any:
        self._current.is_generator = True
        value = node.value
        if type(value) is cst.From:
            inner = self._x(value.item)
            return [ir.YIELD_FROM, inner, self._site(node)]
        inner = self._x(value) if value is not None else None
        return [ir.YIELD, inner, self._site(node)]

    def _named(self, node: cst.NamedExpr) -> Any:
        value = self._x(node.value)
        name = node.target.value if type(node.target) is cst.Name else ""
        self._bound[name] = None
        return [ir.NAMED, name, value]

    # -- targets

    def _target(self, node: Any, *, comprehension: bool = False) -> Any:
        kind = type(node)
        if kind is cst.Name:
            if not comprehension:
                if node.value in self._bound and node.value in self._current.params.names:
                    self._current.rebound.append(node.value)
                self._bound[node.value] = None
            else:
                self._bound.setdefault(node.value)
            return node.value
        if kind is cst.Attribute:
            base = self._x(node.value)
            name = node.attr.value
            code = self._current
            first = code.params.names[0] if code.params.names else None
            (code.self_stores if base is not None and base == first else code.other_stores).append(name)
            return [ir.ATTR, base, name, self._site(node)]
        if kind is cst.Subscript:
            return self._subscript(node)
        if kind in (cst.Tuple, cst.List):
            out = []
            for element in node.elements:
                inner = self._target(element.value, comprehension=comprehension)
                out.append([ir.STAR, inner] if type(element) is cst.StarredElement else inner)
            return [ir.TUPLE, out]
        return None

    # -- small statements

    def _expr(self, node: cst.Expr) -> Any:
        value = node.value
        if type(value) is cst.SimpleString:
            return None
        made = self._x(value)
        return None if made is None or type(made) is str else [ir.EXPR, made]

    def _assign(self, node: cst.Assign) -> Any:
        value = self._x(node.value)
        targets = [self._target(t.target) for t in node.targets]
        if self._index == 0 and targets == ["__all__"]:
            self.exports = _names(value)
        return [ir.ASSIGN, targets, value]

    def _ann_assign(self, node: cst.AnnAssign) -> Any:
        annotation = self._annotation(node.annotation)
        value = self._x(node.value) if node.value is not None else None
        return [ir.ANNOTATED, self._target(node.target), annotation, value, node.value is not None]

    def _aug_assign(self, node: cst.AugAssign) -> Any:
        target = self._x(node.target)
        value = self._x(node.value)
        if type(node.target) is cst.Name:
            self._bound[node.target.value] = None
            if node.target.value in self._current.params.names:
                self._current.rebound.append(node.target.value)
            if self._index == 0 and target == "__all__" and self.exports is not None:
                more = _names(value)
                self.exports = [*self.exports, *more] if more is not None else None
        elif type(node.target) is cst.Attribute:
            code = self._current
            first = code.params.names[0] if code.params.names else None
            own = target[1] is not None and target[1] == first
            (code.self_stores if own else code.other_stores).append(target[2])
        return [ir.AUGMENTED, target, _operator(node.operator).removesuffix("="), value, self._site(node)]

    def _return(self, node: cst.Return) -> Any:
        return [ir.RETURN, self._x(node.value) if node.value is not None else [ir.CONST, None]]

    def _raise(self, node: cst.Raise) -> Any:
        value = self._x(node.exc) if node.exc is not None else None
        if node.cause is not None:
            value = [ir.EVAL, [value, self._x(node.cause.item)]]
        return [ir.RAISE, value]

    def _assert(self, node: cst.Assert) -> Any:
        test = self._x(node.test)
        return [ir.ASSERT, test, self._x(node.msg) if node.msg is not None else None]

    def _del(self, node: cst.Del) -> Any:
        targets = node.target.elements if type(node.target) is cst.Tuple else [cst.Element(node.target)]
        return [ir.DEL, [self._x(t.value) for t in targets]]

    def _import(self, node: cst.Import) -> Any:
        out = []
        for alias in node.names:
            dotted = _dotted(alias.name)
            name = _alias(alias)
            self._bound[name or dotted.split(".", 1)[0]] = None
            out.append([dotted, name])
        return [ir.IMPORT, out]

    def _import_from(self, node: cst.ImportFrom) -> Any:
        module = _dotted(node.module) if node.module is not None else ""
        if isinstance(node.names, cst.ImportStar):
            return [ir.FROM, len(node.relative), module, [["*", None]]]
        out = []
        for alias in node.names:
            name, local = _dotted(alias.name), _alias(alias)
            self._bound[local or name] = None
            out.append([name, local])
        return [ir.FROM, len(node.relative), module, out]

    def _global(self, node: cst.Global) -> None:
        self._current.outer.extend(n.name.value for n in node.names)

    def _nonlocal(self, node: cst.Nonlocal) -> None:
        self._current.nonlocals.extend(n.name.value for n in node.names)

    def _break(self, _node: cst.Break) -> Any:
        return [ir.BREAK]

    def _continue(self, _node: cst.Continue) -> Any:
        return [ir.CONTINUE]

    # -- compound statements

    def _if(self, node: cst.If) -> Any:
        test = self._x(node.test)
        body = self._suite(node.body)
        orelse: list[Any] = []
        if node.orelse is not None:
            inner = node.orelse
            orelse = [self._if(inner)] if type(inner) is cst.If else self._suite(inner.body)
        return [ir.IF, test, body, orelse]

    def _else(self, node: Any) -> list[Any]:
        return self._suite(node.body) if node is not None else []

    def _for(self, node: cst.For) -> Any:
        if node.asynchronous is not None:
            self._current.awaits = True
        target = self._target(node.target)
        iterable = self._x(node.iter)
        site = self._site(node)
        body = self._suite(node.body)
        return [ir.FOR, target, iterable, body, self._else(node.orelse), node.asynchronous is not None, site]

    def _while(self, node: cst.While) -> Any:
        test = self._x(node.test)
        site = self._site(node)
        body = self._suite(node.body)
        return [ir.WHILE, test, body, self._else(node.orelse), site]

    def _with(self, node: cst.With) -> Any:
        if node.asynchronous is not None:
            self._current.awaits = True
        items = []
        for item in node.items:
            context = self._x(item.item)
            target = self._target(item.asname.name) if item.asname is not None else None
            items.append([context, target, self._site(item)])
        return [ir.WITH, items, self._suite(node.body), node.asynchronous is not None]

    def _try(self, node: Any) -> Any:
        body = self._suite(node.body)
        handlers = []
        for handler in node.handlers:
            types = self._x(handler.type) if handler.type is not None else None
            name = None
            if handler.name is not None and type(handler.name.name) is cst.Name:
                name = handler.name.name.value
                self._bound[name] = None
            handlers.append([types, name, self._suite(handler.body)])
        orelse = self._else(node.orelse)
        return [ir.TRY, body, handlers, orelse, self._else(node.finalbody)]

    def _function(self, node: cst.FunctionDef) -> Any:
        decorators = [[self._x(d.decorator), self._site(d)] for d in node.decorators]
        params = self._parameters(node.params)
        returns = self._annotation(node.returns) if node.returns is not None else None
        name = node.name.value
        self._bound[name] = None
        code = CodeFacts(
            "function",
            name,
            self._qualify(name),
            self._index,
            self._site(node),
            is_async=node.asynchronous is not None,
            params=params,
            decorators=decorators,
            returns=returns,
            marker=self._marker(node) if self._markers else "",
        )
        saved = self._begin(code)
        self._bind_parameters(params)
        return [ir.DEF, self._end(self._suite(node.body), saved)]

    def _class(self, node: cst.ClassDef) -> Any:
        decorators = [[self._x(d.decorator), self._site(d)] for d in node.decorators]
        bases = [self._x(a.value) for a in node.bases if not a.star]
        keywords = [[a.keyword.value, self._x(a.value)] for a in node.keywords if a.keyword is not None]
        name = node.name.value
        self._bound[name] = None
        code = CodeFacts(
            "class",
            name,
            self._qualify(name),
            self._index,
            self._site(node),
            decorators=decorators,
            bases=bases,
            keywords=keywords,
        )
        saved = self._begin(code)
        return [ir.CLASS, self._end(self._suite(node.body), saved)]

    def _match(self, node: cst.Match) -> Any:
        subject = self._x(node.subject)
        cases = []
        for case in node.cases:
            pattern = self._pattern(case.pattern)
            guard = self._x(case.guard) if case.guard is not None else None
            cases.append([pattern, guard, self._suite(case.body)])
        return [ir.MATCH, subject, cases]

    def _pattern(self, node: Any) -> Any:
        kind = type(node)
        if kind is cst.MatchValue:
            return [ir.P_VALUE, self._x(node.value)]
        if kind is cst.MatchSingleton:
            return [ir.P_VALUE, self._x(node.value)]
        if kind in (cst.MatchAs, cst.MatchStar):
            inner = getattr(node, "pattern", None)
            name = node.name.value if node.name is not None else None
            if name is not None:
                self._bound[name] = None
            return [ir.P_BIND, name, self._pattern(inner) if inner is not None else None]
        if kind is cst.MatchClass:
            cls = self._x(node.cls)
            site = self._site(node)
            positional = [self._pattern(p.value) for p in node.patterns]
            keywords = [[k.key.value, self._pattern(k.pattern)] for k in node.kwds]
            return [ir.P_CLASS, cls, positional, keywords, site]
        if kind is cst.MatchMapping:
            patterns = [self._pattern(e.pattern) for e in node.elements]
            if node.rest is not None:
                self._bound[node.rest.value] = None
            return [ir.P_MAPPING, patterns, [self._x(e.key) for e in node.elements]]
        parts: Any = getattr(node, "patterns", ())
        return [
            ir.P_GROUP,
            [self._pattern(getattr(p, "pattern", None) or getattr(p, "value", p)) for p in parts],
            kind is cst.MatchOr,
        ]

    # -- definitions

    def _parameters(self, node: cst.Parameters) -> Parameters:
        out = Parameters()
        positional = [*node.posonly_params, *node.params]
        out.positional_only = len(node.posonly_params)
        out.positional = len(positional)
        for param in (*positional, *node.kwonly_params):
            name = param.name.value
            out.names.append(name)
            if param.annotation is not None:
                out.annotations[name] = self._annotation(param.annotation)
            if param.default is not None:
                out.defaults[name] = self._x(param.default)
        if isinstance(node.star_arg, cst.Param):
            out.star = node.star_arg.name.value
            if node.star_arg.annotation is not None:
                out.annotations["*"] = self._annotation(node.star_arg.annotation)
        if node.star_kwarg is not None:
            out.double_star = node.star_kwarg.name.value
            if node.star_kwarg.annotation is not None:
                out.annotations["**"] = self._annotation(node.star_kwarg.annotation)
        return out

    def _bind_parameters(self, params: Parameters) -> None:
        self._bound.update(dict.fromkeys(params.names))
        for name in (params.star, params.double_star):
            if name is not None:
                self._bound[name] = None

    def _annotation(self, node: cst.Annotation) -> Any:
        value = node.annotation
        if isinstance(value, (cst.SimpleString, cst.ConcatenatedString)):
            text = value.evaluated_value
            if not isinstance(text, str) or not _ANNOTATION.match(text):
                return None
            try:
                value = cst.parse_expression(text.strip())
            except (cst.ParserSyntaxError, RecursionError):
                return None
        keep, self.nodes, sites = self.nodes, None, self.sites  # nothing in an annotation is ever reported
        made = self._x(value)
        self.nodes, self.sites = keep, sites
        return made

    def _marker(self, node: cst.FunctionDef) -> str:
        body = node.body
        trailing = body.header if isinstance(body, cst.IndentedBlock) else body.trailing_whitespace  # type: ignore[attr-defined]
        lines = [*node.leading_lines, *node.lines_after_decorators]
        if node is self._first:
            lines += self._header  # what stands above the first statement belongs to the module
        comments = [trailing.comment, *(line.comment for line in lines)]
        for comment in comments:
            found = _MARKER.match(comment.value) if comment is not None else None
            if found is not None:
                return found[1]
        return ""


def _operator(node: Any) -> str:
    return _OPERATORS.get(type(node), "")


_OPERATORS: dict[type, str] = {
    cst.Add: "+", cst.Subtract: "-", cst.Multiply: "*", cst.Divide: "/", cst.FloorDivide: "//", cst.Modulo: "%",
    cst.Power: "**", cst.BitOr: "|", cst.BitAnd: "&", cst.BitXor: "^", cst.LeftShift: "<<", cst.RightShift: ">>",
    cst.MatrixMultiply: "@",
    cst.AddAssign: "+=", cst.SubtractAssign: "-=", cst.MultiplyAssign: "*=", cst.DivideAssign: "/=",
    cst.FloorDivideAssign: "//=", cst.ModuloAssign: "%=", cst.PowerAssign: "**=", cst.BitOrAssign: "|=",
    cst.BitAndAssign: "&=", cst.BitXorAssign: "^=", cst.LeftShiftAssign: "<<=", cst.RightShiftAssign: ">>=",
    cst.MatrixMultiplyAssign: "@=",
    cst.Equal: "==", cst.NotEqual: "!=", cst.LessThan: "<", cst.LessThanEqual: "<=", cst.GreaterThan: ">",
    cst.GreaterThanEqual: ">=", cst.Is: "is", cst.IsNot: "is not", cst.In: "in", cst.NotIn: "not in",
}  # fmt: skip


def _names(value: Any) -> list[str] | None:
    """The strings of a list or tuple display; None for anything else."""
    if not value or value[0] not in (ir.LIST, ir.TUPLE):
        return None
    return [e[1] for e in value[1] if type(e) is list and e[0] == ir.CONST and type(e[1]) is str]


def _is_plain(part: cst.BaseFormattedStringContent) -> bool:
    """Whether a part of a formatted string is short text, or a name or attribute that is put in as it is."""
    if type(part) is cst.FormattedStringText:
        return len(part.value) <= _LONGEST_STRING and "\\" not in part.value and "{" not in part.value
    return (
        type(part) is cst.FormattedStringExpression
        and type(part.expression) in (cst.Name, cst.Attribute, cst.SimpleString)
        and part.conversion is None
        and part.format_spec is None
    )


def _literal(raw: str) -> str | None:
    """The text of a plain string literal; None where it is long or has to be computed."""
    if len(raw) > _LONGEST_STRING:
        return None
    quote = raw[-1]
    start = raw.index(quote)
    prefix = raw[:start].lower()
    width = 3 if raw.startswith(quote * 3, start) and len(raw) >= start + 6 else 1
    text = raw[start + width : -width]
    if "b" in prefix or ("\\" in text and "r" not in prefix):
        return None
    return text


def _dotted(node: Any) -> str:
    if type(node) is cst.Name:
        return node.value
    return f"{_dotted(node.value)}.{node.attr.value}"


def _alias(alias: cst.ImportAlias) -> str | None:
    if alias.asname is None or not isinstance(alias.asname.name, cst.Name):
        return None
    return alias.asname.name.value
