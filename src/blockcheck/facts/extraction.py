"""One lean walk from a libcst tree to facts.

No metadata provider and no visitor: each node type has a handler that reads just the fields that
matter. Handlers visit in source order, which gives every reportable node its site number; `positions`
repeats the same walk to learn which node a site was.
"""

from __future__ import annotations

import ast
import json
import re
from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.facts.model import CodeFacts, ModuleFacts, Parameters, SyntaxProblem
from blockcheck.facts.parsing import expression, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import libcst as cst

_LONGEST_STRING = 120
_MOST_PARTS = 4  # of a formatted string whose text is followed
_MARKER = re.compile(r"#\s*blockcheck:\s*(non-blocking|blocking)\b")
_ANNOTATION = re.compile(r"[\w.\[\], |\"']+\Z")


def extract_facts(text: str, *, lean: bool = False) -> ModuleFacts:
    """The facts of a module's text.

    Args:
        lean: let the parser make lean nodes; only where `process.ours`.

    Raises:
        SyntaxProblem: the text cannot be parsed, not even without some lines.
    """
    tree, problem = parse(text, lean=lean)
    walk = Walk(markers="blockcheck:" in text, lean=lean)
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

    def __init__(self, *, markers: bool = False, keep: bool = False, lean: bool = False) -> None:
        self.codes: list[CodeFacts] = []
        self.bodies: list[list[Any]] = []
        self.exports: list[str] | None = None
        self.sites = 0
        self.nodes: list[cst.CSTNode] | None = [] if keep else None
        self._markers = markers
        self._lean = lean
        self._first: cst.CSTNode | None = None
        self._header: Sequence[cst.EmptyLine] = ()
        self._current: CodeFacts = CodeFacts("module", "", "", -1)
        self._index = 0
        self._loads: set[str] = set()
        self._bound: dict[str, None] = {}
        self._lambdas = 0
        self._scopes: list[tuple[set[str], dict[str, None]]] = []
        self._expressions: dict[str, Callable[[Any], Any]] = {
            "Name": self._name,
            "Attribute": self._attribute,
            "Call": self._call,
            "Subscript": self._subscript,
            "SimpleString": self._simple_string,
            "ConcatenatedString": self._concatenated,
            "FormattedString": self._formatted,
            "TemplatedString": self._templated,
            "Integer": self._integer,
            "Float": self._float,
            "Await": self._await,
            "BinaryOperation": self._binary,
            "BooleanOperation": self._boolean,
            "UnaryOperation": self._unary,
            "Comparison": self._comparison,
            "IfExp": self._if_exp,
            "Tuple": self._tuple,
            "List": self._list,
            "Set": self._set,
            "Dict": self._dict,
            "Lambda": self._lambda,
            "ListComp": self._list_comp,
            "SetComp": self._set_comp,
            "DictComp": self._dict_comp,
            "GeneratorExp": self._generator,
            "Yield": self._yield,
            "NamedExpr": self._named,
        }
        self._small: dict[str, Callable[[Any], Any]] = {
            "Expr": self._expr,
            "Assign": self._assign,
            "AnnAssign": self._ann_assign,
            "AugAssign": self._aug_assign,
            "Return": self._return,
            "Raise": self._raise,
            "Assert": self._assert,
            "Del": self._del,
            "Import": self._import,
            "ImportFrom": self._import_from,
            "Global": self._global,
            "Nonlocal": self._nonlocal,
            "Break": self._break,
            "Continue": self._continue,
        }
        self._compound: dict[str, Callable[[Any], Any]] = {
            "If": self._if,
            "For": self._for,
            "While": self._while,
            "With": self._with,
            "Try": self._try,
            "TryStar": self._try,
            "FunctionDef": self._function,
            "ClassDef": self._class,
            "Match": self._match,
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
            if _kind(node) == "SimpleStatementLine":
                for part in node.body:
                    handler = small.get(type(part).__name__)
                    if handler is not None:
                        made = handler(part)
                        if made is not None:
                            out.append(made)
            else:
                handler = compound.get(type(node).__name__)
                if handler is not None:
                    out.append(handler(node))
        return out

    def _suite(self, suite: Any) -> list[Any]:
        if _kind(suite) == "IndentedBlock":
            return self._block(suite.body)
        out = []
        for part in suite.body:
            handler = self._small.get(type(part).__name__)
            made = handler(part) if handler is not None else None
            if made is not None:
                out.append(made)
        return out

    def _x(self, node: Any) -> Any:
        handler = self._expressions.get(type(node).__name__)
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
            if _kind(part) == "Index":
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
        return [ir.CONST, part.value] if _kind(part) == "FormattedStringText" else self._x(part.expression)

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
        word = "or" if _kind(node.operator) == "Or" else "and"
        return [ir.BOOL, word, [self._x(node.left), self._x(node.right)]]

    def _unary(self, node: cst.UnaryOperation) -> Any:
        value = self._x(node.expression)
        if _kind(node.operator) == "Not":
            return [ir.NOT, value]
        if (
            _kind(node.operator) == "Minus"
            and value
            and value[0] == ir.CONST
            and type(value[1]) in (int, float)
        ):
            return [ir.CONST, -value[1]]
        word = (
            "neg"
            if _kind(node.operator) == "Minus"
            else "pos"
            if _kind(node.operator) == "Plus"
            else "invert"
        )
        return None if value is None else [ir.BINOP, word, value, None, self._site(node)]

    def _comparison(self, node: cst.Comparison) -> Any:
        left = self._x(node.left)
        rest = [[_operator(c.operator), self._x(c.comparator)] for c in node.comparisons]
        if any(operator in ir.CONTAINMENT for operator, _ in rest):
            return [ir.COMPARE, left, rest, self._site(node)]
        return [ir.COMPARE, left, rest]

    def _if_exp(self, node: cst.IfExp) -> Any:
        then = self._x(node.body)
        test = self._x(node.test)
        return [ir.IFEXP, test, then, self._x(node.orelse)]

    def _elements(self, elements: Any) -> list[Any]:
        out = []
        for element in elements:
            value = self._x(element.value)
            out.append([ir.STAR, value] if _kind(element) == "StarredElement" else value)
        return out

    def _tuple(self, node: cst.Tuple) -> Any:
        return [ir.TUPLE, self._elements(node.elements)]

    def _list(self, node: cst.List) -> Any:
        return [ir.LIST, self._elements(node.elements), self._site(node)]

    def _set(self, node: cst.Set) -> Any:
        return [ir.SET, self._elements(node.elements), self._site(node)]

    def _dict(self, node: cst.Dict) -> Any:
        items: list[Any] = []
        element: Any
        for element in node.elements:
            if _kind(element) == "DictElement":
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
        value: Any = node.value
        if _kind(value) == "From":
            inner = self._x(value.item)
            return [ir.YIELD_FROM, inner, self._site(node)]
        inner = self._x(value) if value is not None else None
        return [ir.YIELD, inner, self._site(node)]

    def _named(self, node: Any) -> Any:
        value = self._x(node.value)
        name: str = node.target.value if _kind(node.target) == "Name" else ""
        self._bound[name] = None
        return [ir.NAMED, name, value]

    # -- targets

    def _target(self, node: Any, *, comprehension: bool = False) -> Any:
        kind = _kind(node)
        if kind == "Name":
            if not comprehension:
                if node.value in self._bound and node.value in self._current.params.names:
                    self._current.rebound.append(node.value)
                self._bound[node.value] = None
            else:
                self._bound.setdefault(node.value)
            return node.value
        if kind == "Attribute":
            base = self._x(node.value)
            name = node.attr.value
            code = self._current
            first = code.params.names[0] if code.params.names else None
            (code.self_stores if base is not None and base == first else code.other_stores).append(name)
            return [ir.ATTR, base, name, self._site(node)]
        if kind == "Subscript":
            return self._subscript(node)
        if kind in ("Tuple", "List"):
            out = []
            for element in node.elements:
                inner = self._target(element.value, comprehension=comprehension)
                out.append([ir.STAR, inner] if _kind(element) == "StarredElement" else inner)
            return [ir.TUPLE, out]
        return None

    # -- small statements

    def _expr(self, node: cst.Expr) -> Any:
        value = node.value
        if _kind(value) == "SimpleString":
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

    def _aug_assign(self, node: Any) -> Any:
        target = self._x(node.target)
        value = self._x(node.value)
        if _kind(node.target) == "Name":
            self._bound[node.target.value] = None
            if node.target.value in self._current.params.names:
                self._current.rebound.append(node.target.value)
            if self._index == 0 and target == "__all__" and self.exports is not None:
                more = _names(value)
                self.exports = [*self.exports, *more] if more is not None else None
        elif _kind(node.target) == "Attribute":
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
        target: Any = node.target
        targets = [t.value for t in target.elements] if _kind(target) == "Tuple" else [target]
        return [ir.DEL, [self._x(t) for t in targets]]

    def _import(self, node: cst.Import) -> Any:
        out = []
        for alias in node.names:
            dotted = _dotted(alias.name)
            name = _alias(alias)
            self._bound[name or dotted.split(".", 1)[0]] = None
            out.append([dotted, name])
        return [ir.IMPORT, out]

    def _import_from(self, node: Any) -> Any:
        module = _dotted(node.module) if node.module is not None else ""
        if _kind(node.names) == "ImportStar":
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
            inner: Any = node.orelse
            orelse = [self._if(inner)] if _kind(inner) == "If" else self._suite(inner.body)
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
            if handler.name is not None and _kind(handler.name.name) == "Name":
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
        kind = _kind(node)
        if kind == "MatchValue":
            return [ir.P_VALUE, self._x(node.value)]
        if kind == "MatchSingleton":
            return [ir.P_VALUE, self._x(node.value)]
        if kind in ("MatchAs", "MatchStar"):
            inner = getattr(node, "pattern", None)
            name = node.name.value if node.name is not None else None
            if name is not None:
                self._bound[name] = None
            return [ir.P_BIND, name, self._pattern(inner) if inner is not None else None]
        if kind == "MatchClass":
            cls = self._x(node.cls)
            site = self._site(node)
            positional = [self._pattern(p.value) for p in node.patterns]
            keywords = [[k.key.value, self._pattern(k.pattern)] for k in node.kwds]
            return [ir.P_CLASS, cls, positional, keywords, site]
        if kind == "MatchMapping":
            patterns = [self._pattern(e.pattern) for e in node.elements]
            if node.rest is not None:
                self._bound[node.rest.value] = None
            return [ir.P_MAPPING, patterns, [self._x(e.key) for e in node.elements]]
        parts: Any = getattr(node, "patterns", None) or ()
        inner_patterns = [
            p.pattern
            if _kind(p) == "MatchOrElement"
            else p.value
            if _kind(p) == "MatchSequenceElement"
            else p
            for p in parts
        ]
        return [ir.P_GROUP, [self._pattern(p) for p in inner_patterns], kind == "MatchOr"]

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
        star: Any = node.star_arg
        if _kind(star) == "Param":
            out.star = star.name.value
            if star.annotation is not None:
                out.annotations["*"] = self._annotation(star.annotation)
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
        value: Any = node.annotation
        if _kind(value) in ("SimpleString", "ConcatenatedString"):
            text = _evaluated(value)
            if text is None or not _ANNOTATION.match(text):
                return None
            value = expression(text.strip(), lean=self._lean)
        keep, self.nodes, sites = self.nodes, None, self.sites  # nothing in an annotation is ever reported
        made = self._x(value)
        self.nodes, self.sites = keep, sites
        return made

    def _marker(self, node: cst.FunctionDef) -> str:
        body = node.body
        trailing = body.header if _kind(body) == "IndentedBlock" else body.trailing_whitespace  # type: ignore[attr-defined]
        lines = [*node.leading_lines, *node.lines_after_decorators]
        if node is self._first:
            lines += self._header  # what stands above the first statement belongs to the module
        comments = [trailing.comment, *(line.comment for line in lines)]
        for comment in comments:
            found = _MARKER.match(comment.value) if comment is not None else None
            if found is not None:
                return found[1]
        return ""


def _kind(node: Any) -> str:
    """The node's class by name: there are libcst's classes and lean ones."""
    return type(node).__name__


def _operator(node: Any) -> str:
    return _OPERATORS.get(_kind(node), "")


_OPERATORS: dict[str, str] = {
    "Add": "+", "Subtract": "-", "Multiply": "*", "Divide": "/", "FloorDivide": "//", "Modulo": "%",
    "Power": "**", "BitOr": "|", "BitAnd": "&", "BitXor": "^", "LeftShift": "<<", "RightShift": ">>",
    "MatrixMultiply": "@",
    "AddAssign": "+=", "SubtractAssign": "-=", "MultiplyAssign": "*=", "DivideAssign": "/=",
    "FloorDivideAssign": "//=", "ModuloAssign": "%=", "PowerAssign": "**=", "BitOrAssign": "|=",
    "BitAndAssign": "&=", "BitXorAssign": "^=", "LeftShiftAssign": "<<=", "RightShiftAssign": ">>=",
    "MatrixMultiplyAssign": "@=",
    "Equal": "==", "NotEqual": "!=", "LessThan": "<", "LessThanEqual": "<=", "GreaterThan": ">",
    "GreaterThanEqual": ">=", "Is": "is", "IsNot": "is not", "In": "in", "NotIn": "not in",
}  # fmt: skip


def _names(value: Any) -> list[str] | None:
    """The strings of a list or tuple display; None for anything else."""
    if not value or value[0] not in (ir.LIST, ir.TUPLE):
        return None
    return [e[1] for e in value[1] if type(e) is list and e[0] == ir.CONST and type(e[1]) is str]


def _is_plain(part: Any) -> bool:
    """Whether a part of a formatted string is short text, or a name or attribute that is put in as it is."""
    if _kind(part) == "FormattedStringText":
        return len(part.value) <= _LONGEST_STRING and "\\" not in part.value and "{" not in part.value
    return (
        _kind(part) == "FormattedStringExpression"
        and _kind(part.expression) in ("Name", "Attribute", "SimpleString")
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


def _evaluated(node: Any) -> str | None:
    """The text of string literals side by side; None where it has to be computed."""
    if _kind(node) == "ConcatenatedString":
        left, right = _evaluated(node.left), _evaluated(node.right)
        return left + right if left is not None and right is not None else None
    if _kind(node) != "SimpleString":
        return None
    made = ast.literal_eval(node.value)
    return made if isinstance(made, str) else None


def _dotted(node: Any) -> str:
    if _kind(node) == "Name":
        return str(node.value)
    return f"{_dotted(node.value)}.{node.attr.value}"


def _alias(alias: Any) -> str | None:
    if alias.asname is None or _kind(alias.asname.name) != "Name":
        return None
    return str(alias.asname.name.value)
