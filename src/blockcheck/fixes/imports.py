"""What a name is called in a file, and where an import goes that the file lacks."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import libcst as cst
from libcst.helpers import get_full_name_for_node

from blockcheck.fixes.refusal import Refused
from blockcheck.fixes.syntax import FUNCTIONS
from blockcheck.source.edits import Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from blockcheck.facts import ModuleFacts
    from blockcheck.fixes.syntax import Syntax

_FUTURE, _STANDARD, _THIRD, _OWN = range(4)


@dataclass(frozen=True)
class Binding:
    """A name that an import binds, what it stands for, and the module or name that was asked for."""

    name: str
    target: str
    full: str
    always: bool


class Imports:
    """The imports of a file.

    Args:
        syntax: the file.
        facts: its scopes.
        own: the top-level package that the file belongs to.
    """

    def __init__(self, syntax: Syntax, facts: ModuleFacts, own: str) -> None:
        self._syntax = syntax
        self._facts = facts
        self._own = own
        self._bindings = list(self._module_bindings())

    def find(
        self, target: str, imported: str, scopes: Sequence[int], before: cst.CSTNode | None = None
    ) -> tuple[str, list[Change]]:
        """Return an expression for a qualified name, and the import that it needs if the file has none.

        Args:
            target: the qualified name, such as ``asyncio.to_thread``.
            imported: what to import for it: ``asyncio``, or ``anyio.to_thread`` for ``from anyio import to_thread``.
            scopes: the codes around the place of use, innermost first, without the module.
            before: what uses it, if it may be one of a function's own imports that was done before.

        Raises:
            Refused: the name means something else there.
        """
        taken = {name for index in scopes for name in self._bound(index)}
        module = imported if imported != target else imported.rpartition(".")[0]
        own = list(self._done_before(before)) if before is not None else []
        for binding in [*own, *sorted(self._bindings, key=lambda b: (-len(b.target), b.name))]:
            covers = target == binding.target or target.startswith(f"{binding.target}.")
            # That a package is there does not mean that all of its modules are.
            there = f"{binding.full}.".startswith(f"{module}.")
            usable = binding in own or (binding.name not in taken and self._lasting(binding))
            if covers and there and usable:
                return binding.name + target[len(binding.target) :], []
        package, _, name = imported.rpartition(".")
        rest = target[len(imported) :]
        if name in taken or (name in self._facts.codes[0].bound and not self._unused_name(name, imported)):
            raise Refused(f"{name!r} means something else here")
        text = f"from {package} import {name}" if package else f"import {name}"
        return name + rest, [self._insertion(text, imported, from_import=bool(package))]

    def _done_before(self, node: cst.CSTNode) -> Iterator[Binding]:
        """What imports of the function bind that were done whenever a node is reached, where nothing else binds the name."""
        syntax = self._syntax
        inner = node
        for outer in syntax.ancestors(node):
            if isinstance(outer, FUNCTIONS):
                return
            for statement in outer.body if isinstance(outer, cst.IndentedBlock) else ():
                if statement is inner:
                    break
                for part in statement.body if isinstance(statement, cst.SimpleStatementLine) else ():
                    for name, target, full in _imported(part):
                        if self._is_always(name, target, node):
                            yield Binding(name, target, full, always=True)
            inner = outer

    def _is_always(self, name: str, target: str, node: cst.CSTNode) -> bool:
        """Whether a name of the function around a node stands for nothing else."""
        function = self._syntax.function(node)
        if not isinstance(function, cst.FunctionDef):
            return False
        parts = [part for part in self._syntax.walk(function) if not isinstance(part, cst.Param)]
        others = {full for part in parts for other, full, _ in _imported(part) if other == name}
        parameters = {part.name.value for part in self._syntax.walk(function) if isinstance(part, cst.Param)}
        bound = {*parameters, *_plain_bindings(function.body.body)}
        return others == {target} and name not in bound

    def binds(self, name: str) -> bool:
        """Whether an import binds a name, of the module or of one of its functions."""
        return name in self._names

    @cached_property
    def _names(self) -> set[str]:
        parts = (
            n for n in self._syntax.walk(self._syntax.tree) if isinstance(n, (cst.Import, cst.ImportFrom))
        )
        return {name for part in parts for name, _, _ in _imported(part)}

    def _bound(self, index: int) -> Iterator[str]:
        code = self._facts.codes[index]
        yield from code.bound
        yield from code.params.names
        yield from (name for name in (code.params.star, code.params.double_star) if name)

    def _lasting(self, binding: Binding) -> bool:
        """Whether the name always stands for the import's target: nothing else binds it."""
        if not binding.always:
            return False
        same = [other for other in self._bindings if other.name == binding.name]
        if any(other.target != binding.target for other in same):
            return False
        return not self._bound_otherwise(binding.name)

    def _unused_name(self, name: str, imported: str) -> bool:
        """Whether a module's name is only bound by imports of the same thing that are not always done."""
        same = [other for other in self._bindings if other.name == name]
        return bool(same) and all(b.target == imported for b in same) and not self._bound_otherwise(name)

    def _bound_otherwise(self, name: str) -> bool:
        """Whether the module, or a function through ``global``, binds a name other than by importing."""
        if any(name in code.outer for code in self._facts.codes):
            return True
        return any(name == other for other in _plain_bindings(self._syntax.tree.body))

    def _module_bindings(self) -> Iterator[Binding]:
        yield from self._bindings_in(self._syntax.tree.body, always=True)

    def _bindings_in(self, body: Iterable[cst.CSTNode], *, always: bool) -> Iterator[Binding]:
        for statement in body:
            if isinstance(statement, cst.SimpleStatementLine):
                for part in statement.body:
                    for name, target, full in _imported(part):
                        yield Binding(name, target, full, always)
            elif isinstance(statement, (cst.If, cst.Try, cst.TryStar, cst.With)):
                for block, sure in _blocks(statement):
                    yield from self._bindings_in(block, always=always and sure)

    # -- where a new one goes

    def _insertion(self, text: str, imported: str, *, from_import: bool) -> Change:
        syntax = self._syntax
        lines = [(s, self._group(s)) for s in self._first_imports()]
        group = self._classify(imported)
        newline = syntax.newline
        known = [(s, g) for s, g in lines if g != _FUTURE]
        if not known:
            return self._first_of_all(text, [s for s, g in lines if g == _FUTURE])
        mates = [s for s, g in known if g == group]
        if mates:
            later = [s for s in mates if _order(s) > (from_import, imported.rpartition(".")[0] or imported)]
            if later:
                at = syntax.line_start(syntax.span(later[0])[0])
                return Change(at, at, text + newline)
            return self._behind(mates[-1], text)
        before = [s for s, g in known if g < group]
        if before:
            return self._behind(before[-1], newline + text)
        at = syntax.line_start(syntax.span(known[0][0])[0])
        return Change(at, at, text + newline + newline)

    def _behind(self, statement: cst.CSTNode, text: str) -> Change:
        end = self._syntax.line_end(self._syntax.span(statement)[1])
        newline = self._syntax.newline
        if end == len(self._syntax.text) and not self._syntax.text.endswith(("\n", "\r")):
            return Change(end, end, newline + text)
        return Change(end, end, text + newline)

    def _first_of_all(self, text: str, futures: list[cst.SimpleStatementLine]) -> Change:
        """The first import of a file: behind its docstring and future imports, before everything else."""
        syntax, newline = self._syntax, self._syntax.newline
        if futures:
            return self._behind(futures[-1], newline + text)
        body = syntax.tree.body
        if body and _is_docstring(body[0]):
            return self._behind(body[0], newline + text)
        at = syntax.line_start(syntax.span(body[0])[0]) if body else len(syntax.text)
        if body and isinstance(body[0], (cst.FunctionDef, cst.ClassDef)):
            if body[0].decorators:
                at = syntax.line_start(syntax.span(body[0].decorators[0])[0])
            return Change(at, at, text + newline * 3)
        return Change(at, at, text + newline * 2)

    def _first_imports(self) -> list[cst.SimpleStatementLine]:
        """The imports at the head of the file, up to the first other statement."""
        out: list[cst.SimpleStatementLine] = []
        for number, statement in enumerate(self._syntax.tree.body):
            if number == 0 and _is_docstring(statement):
                continue
            if not (
                isinstance(statement, cst.SimpleStatementLine)
                and len(statement.body) == 1
                and isinstance(statement.body[0], (cst.Import, cst.ImportFrom))
            ):
                break
            out.append(statement)
        return out

    def _group(self, statement: cst.SimpleStatementLine) -> int:
        part = statement.body[0]
        if isinstance(part, cst.Import):
            return self._classify(get_full_name_for_node(part.names[0].name) or "")
        assert isinstance(part, cst.ImportFrom)
        if part.relative:
            return _OWN
        return self._classify(get_full_name_for_node(part.module) or "" if part.module else "")

    def _classify(self, name: str) -> int:
        head = name.partition(".")[0]
        if head == "__future__":
            return _FUTURE
        if head in sys.stdlib_module_names:
            return _STANDARD
        return _OWN if head == self._own else _THIRD


def _order(statement: cst.SimpleStatementLine) -> tuple[bool, str]:
    """How sorted imports compare: plain ones first, then by name."""
    part = statement.body[0]
    if isinstance(part, cst.ImportFrom):
        return True, (get_full_name_for_node(part.module) or "") if part.module else ""
    assert isinstance(part, cst.Import)
    return False, get_full_name_for_node(part.names[0].name) or ""


def _imported(part: cst.CSTNode) -> Iterator[tuple[str, str, str]]:
    """The names that an import binds, what each stands for, and what was asked for."""
    if isinstance(part, cst.Import):
        for alias in part.names:
            full = get_full_name_for_node(alias.name) or ""
            if alias.asname is not None:
                yield str(get_full_name_for_node(alias.asname.name)), full, full
            else:
                head = full.partition(".")[0]
                yield head, head, full
    elif isinstance(part, cst.ImportFrom) and not isinstance(part.names, cst.ImportStar):
        dots = "." * len(part.relative)
        module = dots + ((get_full_name_for_node(part.module) or "") if part.module else "")
        for alias in part.names:
            full = get_full_name_for_node(alias.name) or ""
            name = str(get_full_name_for_node(alias.asname.name)) if alias.asname is not None else full
            yield name, f"{module}.{full}", f"{module}.{full}"


def _blocks(statement: cst.CSTNode) -> Iterator[tuple[Sequence[cst.CSTNode], bool]]:
    """The blocks of a compound statement, and whether each is always run as far as one can expect."""
    if isinstance(statement, cst.If):
        yield statement.body.body, False
        orelse = statement.orelse
        if isinstance(orelse, cst.If):
            yield from _blocks(orelse)
        elif orelse is not None:
            yield orelse.body.body, False
    elif isinstance(statement, (cst.Try, cst.TryStar)):
        yield statement.body.body, not statement.handlers
        for handler in statement.handlers:
            yield handler.body.body, False
        if statement.orelse is not None:
            yield statement.orelse.body.body, False
        if statement.finalbody is not None:
            yield statement.finalbody.body.body, True
    elif isinstance(statement, cst.With):
        yield statement.body.body, True


def _plain_bindings(body: Iterable[cst.CSTNode]) -> Iterator[str]:
    """The names that a module binds in other ways than by importing."""
    pending = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            yield node.name.value
        elif isinstance(node, (cst.AssignTarget, cst.AnnAssign, cst.AugAssign, cst.For, cst.NamedExpr)):
            yield from _names(node.target)
        elif isinstance(node, cst.AsName):
            if not isinstance(node.name, cst.Name):
                yield from _names(node.name)
            else:
                yield node.name.value
        elif isinstance(node, cst.Del):
            yield from _names(node.target)
        if not isinstance(node, (cst.FunctionDef, cst.ClassDef, cst.Lambda, cst.Import, cst.ImportFrom)):
            pending.extend(node.children)


def _names(target: cst.CSTNode) -> Iterator[str]:
    if isinstance(target, cst.Name):
        yield target.value
    elif isinstance(target, (cst.Tuple, cst.List)):
        for element in target.elements:
            yield from _names(element.value)
    elif isinstance(target, cst.StarredElement):
        yield from _names(target.value)


def _is_docstring(statement: cst.CSTNode) -> bool:
    return (
        isinstance(statement, cst.SimpleStatementLine)
        and isinstance(statement.body[0], cst.Expr)
        and isinstance(statement.body[0].value, (cst.SimpleString, cst.ConcatenatedString))
    )
