"""The names that a block of a function sets and reads, and what keeps it from becoming a function of its own."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import libcst as cst

from blockcheck.fixes.syntax import COMPREHENSIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.fixes.place import Place
    from blockcheck.fixes.syntax import Syntax


class Usage:
    """The names of one statement with all that it contains."""

    def __init__(self, syntax: Syntax, block: cst.CSTNode) -> None:
        self._syntax = syntax
        self._block = block
        self.loads: dict[str, list[cst.Name]] = defaultdict(list)
        self.stores: dict[str, list[cst.Name]] = defaultdict(list)
        for node in syntax.walk(block):
            if isinstance(node, cst.Name) and not _is_no_variable(syntax, node):
                (self.stores if _is_stored(syntax, node) else self.loads)[node.value].append(node)

    def used_outside(self, name: str, place: Place) -> bool:
        """Whether what the block leaves in a name may be read outside of it."""
        return any(self._reaches(name, load) for load in self._loads_outside(name, place))

    def _reaches(self, name: str, load: cst.Name) -> bool:
        """Whether the block's value of a name can be what is read at a place outside of it."""
        syntax = self._syntax
        loops = [outer for outer in syntax.ancestors(self._block) if isinstance(outer, (cst.For, cst.While))]
        again = any(syntax.within(load, loop) for loop in loops)
        at = syntax.span(load)[0]
        if at < syntax.span(self._block)[0] and not again:
            return False
        for outer in syntax.ancestors(load):
            if syntax.within(self._block, outer):
                break
            if isinstance(outer, cst.With) and name in _as_names(outer) and syntax.within(load, outer.body):
                return False
            if (
                isinstance(outer, cst.For)
                and name in _names_of(outer.target)
                and syntax.within(load, outer.body)
            ):
                return False
            if name in _own_names(outer):
                return False
        siblings = syntax.parent(self._block)
        for other in getattr(siblings, "body", ()):
            behind = syntax.span(other)[0] > syntax.span(self._block)[0] and syntax.span(other)[1] <= at
            if behind and not again and name in _set_by(other):
                return False
        return True

    def _function(self, place: Place) -> cst.CSTNode:
        return place.syntax.function(self._block) or place.syntax.tree

    def _loads_outside(self, name: str, place: Place) -> Iterator[cst.Name]:
        for node in self._syntax.walk(self._function(place)):
            if (
                isinstance(node, cst.Name)
                and node.value == name
                and not _is_no_variable(self._syntax, node)
                and not _is_stored(self._syntax, node)
                and not self._syntax.within(node, self._block)
            ):
                yield node

    def needed_outside(self, place: Place) -> set[str]:
        """The names that the block sets and the function reads elsewhere."""
        return {name for name in self.stores if self.used_outside(name, place)}

    def _set_outside(self, name: str, place: Place) -> bool:
        for node in self._syntax.walk(self._function(place)):
            if isinstance(node, cst.Param) and node.name.value == name:
                return True
            if (
                isinstance(node, cst.Name)
                and node.value == name
                and _is_stored(self._syntax, node)
                and not self._syntax.within(node, self._block)
            ):
                return True
        return False

    def always_set(self) -> set[str]:
        """The names that the block's own statements set, none of them under a condition."""
        out: set[str] = set()
        body = self._block.body.body if isinstance(self._block, cst.With) else ()
        for line in body:
            for part in line.body if isinstance(line, cst.SimpleStatementLine) else ():
                if isinstance(part, cst.Assign):
                    out.update(t.target.value for t in part.targets if isinstance(t.target, cst.Name))
        return out

    def _set_first(self, name: str) -> bool:
        """Whether the block itself sets a name before it reads it."""
        first = self._syntax.statement(self.stores[name][0])
        if first is self._block:
            return True  # by `with … as`
        if isinstance(first, cst.For) and name in _names_of(first.target):
            return all(self._syntax.within(load, first.body) for load in self.loads[name])
        enclosing = self._syntax.enclosing(first, cst.With, cst.For, cst.While, cst.If, cst.Try)
        if enclosing is not self._block or not isinstance(first, cst.SimpleStatementLine):
            return False
        _, end = self._syntax.span(first)
        return all(self._syntax.span(load)[0] >= end for load in self.loads[name])

    def obstacle(self, place: Place) -> str:
        """Why the block cannot become a function; empty where it can."""
        last = self._block.body.body[-1] if isinstance(self._block, cst.With) else None
        final = last.body[-1] if isinstance(last, cst.SimpleStatementLine) else None
        for node in self._syntax.walk(self._block):
            own = self._syntax.function(node) is self._syntax.function(self._block)
            reason = self._obstacle(node, final) if own else ""
            if reason:
                return reason
            if isinstance(node, cst.Name) and node.value in ("super", "__class__", "locals"):
                return f"it uses {node.value}"
            if isinstance(node, (cst.SimpleString, cst.FormattedString)) and "\n" in self._syntax.code(node):
                return "it has strings of several lines"
        for name in self.stores:
            if name in self.loads and not self._set_first(name) and self._set_outside(name, place):
                return f"it changes {name}"
            if self._is_global(name, place):
                return f"it sets {name} for others"
        return ""

    def _obstacle(self, node: cst.CSTNode, final: cst.CSTNode | None) -> str:
        if isinstance(node, (cst.Await, cst.Yield)):
            return "it waits or yields"
        if isinstance(node, (cst.For, cst.With, cst.CompFor)) and node.asynchronous is not None:
            return "it waits"
        if isinstance(node, (cst.Global, cst.Nonlocal, cst.Del)):
            return "it declares or deletes names"
        if isinstance(node, cst.Return) and node is not final:
            return "it returns from within"
        if isinstance(node, (cst.Break, cst.Continue)):
            loop = self._syntax.enclosing(node, cst.For, cst.While)
            if loop is None or not self._syntax.within(loop, self._block):
                return "it leaves a loop"
        return ""

    def _is_global(self, name: str, place: Place) -> bool:
        """Whether a name that is set here is not the function's own."""
        facts = place.code.facts
        if name in facts.outer or name in facts.nonlocals:
            return True
        # Functions within would no longer see what the block sets.
        return name in facts.captured


def _as_names(block: cst.With) -> set[str]:
    return {name for item in block.items if item.asname is not None for name in _names_of(item.asname.name)}


def _names_of(target: cst.CSTNode) -> set[str]:
    """All names in a target or value, which is mostly one."""
    if isinstance(target, cst.Name):
        return {target.value}
    return {node.value for node in _small_walk(target) if isinstance(node, cst.Name)}


def _own_names(node: cst.CSTNode) -> set[str]:
    """The variables of a comprehension."""
    if not isinstance(node, COMPREHENSIONS):
        return set()
    out: set[str] = set()
    part: cst.CompFor | None = node.for_in
    while part is not None:
        out |= _names_of(part.target)
        part = part.inner_for_in
    return out


def _set_by(statement: cst.CSTNode) -> set[str]:
    """The names that a statement sets whatever happens, without reading them."""
    if isinstance(statement, cst.With):
        return _as_names(statement)
    out: set[str] = set()
    for part in statement.body if isinstance(statement, cst.SimpleStatementLine) else ():
        if isinstance(part, cst.Assign):
            names = {t.target.value for t in part.targets if isinstance(t.target, cst.Name)}
            out |= names - _names_of(part.value)
    return out


def _small_walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A node and all that it contains: slow, so for small ones."""
    yield node
    for child in node.children:
        yield from _small_walk(child)


def _is_no_variable(syntax: Syntax, node: cst.Name) -> bool:
    """Whether a name is an attribute, a keyword, a parameter, or one of an inner scope's own."""
    parent = syntax.parent(node)
    if isinstance(parent, cst.Attribute):
        return parent.attr is node
    if isinstance(parent, cst.Arg):
        return parent.keyword is node
    return isinstance(parent, cst.Param) and parent.name is node


def _is_stored(syntax: Syntax, node: cst.Name) -> bool:
    """Whether a name is set where it stands, in the function's own scope."""
    inner: cst.CSTNode = node
    for outer in syntax.ancestors(node):
        if isinstance(outer, (cst.AssignTarget, cst.AsName, cst.NameItem)):
            return True
        if isinstance(outer, (cst.AnnAssign, cst.AugAssign, cst.For, cst.NamedExpr)):
            return inner is outer.target
        if isinstance(outer, cst.CompFor):
            return False  # a comprehension's variables are its own
        if isinstance(outer, (cst.FunctionDef, cst.ClassDef)):
            return inner is outer.name
        if isinstance(outer, cst.ImportAlias):
            return outer.asname is None or inner is outer.asname
        if isinstance(outer, (cst.MatchAs, cst.MatchStar)):
            return inner is outer.name
        if not isinstance(outer, (cst.Tuple, cst.List, cst.Element, cst.StarredElement)):
            return False
        inner = outer
    return False
