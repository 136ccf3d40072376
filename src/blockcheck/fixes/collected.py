"""Whether a function waits for all that it hands to a pool, before it goes on behind the pool's block.

Where it does, nothing is lost if the pool is not shut down there. What cannot be followed counts as not waited for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from blockcheck.fixes.syntax import COMPREHENSIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.fixes.place import Place
    from blockcheck.project import Record

# Builtins that take all there is of what they are given, and those that hand it on.
_ALL = frozenset({"dict", "frozenset", "list", "max", "min", "set", "sorted", "sum", "tuple"})
_VIEWS = frozenset({"items", "keys", "values"})
_BRANCHES = (
    *(
        cst.If,
        cst.IfExp,
        cst.Else,
        cst.For,
        cst.While,
        cst.BooleanOperation,
        cst.ExceptHandler,
        cst.Lambda,
        cst.Match,
    ),
    cst.CompFor,
    *COMPREHENSIONS,
)


class Collected:
    """The places of a function where results are waited for."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._syntax = place.syntax
        self._function = place.syntax.function(place.node)
        self._records: dict[int, Record] = {
            id(place.syntax.nodes[record.site]): record for record in place.project.all_records(place.gid)
        }

    def record(self, node: cst.CSTNode | None) -> Record | None:
        """What the project knows of a call."""
        return self._records.get(id(node))

    def does(self, node: cst.CSTNode | None) -> str:
        """What a call means, in the catalogue's words."""
        record = self.record(node)
        entries = [t.entry for t in record.targets if t.entry is not None] if record is not None else []
        return next((entry.does for entry in entries if entry.does), "")

    # -- iterators of results

    def exhausted(self, node: cst.CSTNode) -> bool:
        """Whether all elements of an expression are taken."""
        parent = self._syntax.parent(node)
        if isinstance(parent, cst.For):
            return parent.iter is node and not self._is_left(parent)
        if isinstance(parent, cst.CompFor):
            whole = self._syntax.parent(parent)
            if parent.iter is not node or not isinstance(whole, COMPREHENSIONS):
                return False
            return self.exhausted(whole) if isinstance(whole, cst.GeneratorExp) else True
        if isinstance(parent, (cst.StarredElement, cst.Arg)) and self._is_unpacked(parent):
            return True
        if isinstance(parent, cst.Arg):
            call = self._syntax.parent(parent)
            if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Name):
                return False
            name = call.func.value
            if name == "zip" and self._place.is_builtin(name) and self._is_as_long(call, node):
                return self.exhausted(call)
            if name == "enumerate" and self._place.is_builtin(name):
                return self.exhausted(call)
            return name in _ALL and self._place.is_builtin(name) and len(call.args) == 1
        name = self._assigned(node)
        return bool(name) and any(self.exhausted(load) for load in self._loads_behind(name, node))

    def _is_unpacked(self, parent: cst.StarredElement | cst.Arg) -> bool:
        return isinstance(parent, cst.StarredElement) or parent.star == "*"

    def _is_as_long(self, call: cst.Call, node: cst.CSTNode) -> bool:
        """Whether what a ``zip`` puts beside the results of a ``map`` is what that was given."""
        if not isinstance(node, cst.Call):
            return False
        given = {self._syntax.code(argument.value) for argument in node.args[1:]}
        others = [argument.value for argument in call.args if argument.value is not node]
        return all(isinstance(o, cst.Name) and self._syntax.code(o) in given for o in others)

    def _is_left(self, loop: cst.For) -> bool:
        """Whether a loop may end before its iterable does, other than by an exception."""
        if loop.asynchronous is not None:
            return True
        for node in self._syntax.walk(loop.body):
            if self._syntax.function(node) is not self._function:
                continue
            if isinstance(node, (cst.Return, cst.Yield)):
                return True
            if isinstance(node, cst.Break) and self._syntax.enclosing(node, cst.For, cst.While) is loop:
                return True
        return False

    # -- futures

    def waited_for(self, node: cst.CSTNode) -> bool:
        """Whether the future, or what is to be awaited, that an expression gives is waited for."""
        if self._is_awaited(node) or self._is_asked(node):
            return True
        name = self._assigned(node)
        if name:
            return any(
                self._is_awaited(load) or self._is_asked(load) or self._in_container(load)
                for load in self._loads_behind(name, node)
            )
        return self._in_container(node)

    def _is_awaited(self, node: cst.CSTNode) -> bool:
        """``await f``, and ``await g(f, …)`` where that waits for all that it is given."""
        parent = self._syntax.parent(node)
        if isinstance(parent, cst.Await):
            return True
        call = self._syntax.parent(parent) if isinstance(parent, cst.Arg) else None
        if not isinstance(call, cst.Call) or not isinstance(self._syntax.parent(call), cst.Await):
            return False
        record = self.record(call)
        gathers = record is not None and any(
            run.rest and run.context == "loop" for t in record.targets if t.entry for run in t.entry.runs
        )
        return gathers or (self.does(call) == "wait" and len(call.args) == 1)

    def _is_asked(self, node: cst.CSTNode) -> bool:
        """``f.result()``, for as long as it takes."""
        parent = self._syntax.parent(node)
        call = (
            self._syntax.parent(parent)
            if isinstance(parent, cst.Attribute) and parent.value is node
            else None
        )
        return isinstance(call, cst.Call) and not call.args and self.does(call) == "result"

    def _in_container(self, node: cst.CSTNode) -> bool:
        """Whether all that stands in the container is waited for that an expression is put into."""
        syntax, parent = self._syntax, self._syntax.parent(node)
        if isinstance(parent, COMPREHENSIONS):
            return self._all_waited_for(parent)
        if isinstance(parent, (cst.Element, cst.DictElement)):
            display = syntax.parent(parent)
            return display is not None and (self._all_waited_for(display) or self._in_container(display))
        if isinstance(parent, cst.Arg):
            call = syntax.parent(parent)
            if isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute):
                owner = call.func.value
                if (
                    isinstance(owner, cst.Name)
                    and call.func.attr.value in ("append", "add")
                    and len(call.args) == 1
                ):
                    return self._name_waited_for(owner.value, node)
            return False
        target = node
        if isinstance(parent, cst.Index):
            element = syntax.parent(parent)
            subscript = syntax.parent(element) if element is not None else None
            target = subscript if subscript is not None else node
        elif isinstance(parent, cst.Assign) and isinstance(parent.targets[0].target, cst.Subscript):
            target = parent.targets[0].target
        if not isinstance(target, cst.Subscript) or not isinstance(target.value, cst.Name):
            return False
        return isinstance(syntax.parent(target), cst.AssignTarget) and self._name_waited_for(
            target.value.value, node
        )

    def _all_waited_for(self, node: cst.CSTNode) -> bool:
        """Whether each element of a container is waited for."""
        if self._is_taken(node):
            return True
        name = self._assigned(node)
        return bool(name) and self._name_waited_for(name, node)

    def _name_waited_for(self, name: str, node: cst.CSTNode) -> bool:
        return any(self._is_taken(load) for load in self._loads_behind(name, node))

    def _is_taken(self, node: cst.CSTNode) -> bool:
        """Whether a container's elements are all waited for at this very place."""
        syntax, parent = self._syntax, self._syntax.parent(node)
        if isinstance(parent, cst.Arg):
            if parent.star == "*":
                return self._is_awaited(node)
            call = syntax.parent(parent)
            if isinstance(call, cst.Call) and self.does(call) == "wait" and len(call.args) == 1:
                record = self.record(call)
                entries = (
                    [t.entry for t in record.targets if t.entry is not None] if record is not None else []
                )
                if any(entry.awaitable for entry in entries):
                    return isinstance(syntax.parent(call), cst.Await)
                return self.exhausted(call) if any(entry.lazy for entry in entries) else True
        if isinstance(parent, cst.Attribute) and parent.attr.value in _VIEWS:
            view = syntax.parent(parent)
            return isinstance(view, cst.Call) and not view.args and self._is_taken(view)
        if isinstance(parent, cst.For) and parent.iter is node and not self._is_left(parent):
            names = {n.value for n in syntax.walk(parent.target) if isinstance(n, cst.Name)}
            return any(
                isinstance(part, cst.Name)
                and part.value in names
                and (self._is_awaited(part) or self._is_asked(part))
                and not self._is_conditional(part, parent)
                for part in syntax.walk(parent.body)
            )
        if isinstance(parent, cst.CompFor) and parent.iter is node:
            whole = syntax.parent(parent)
            element = getattr(whole, "elt", None)
            if parent.ifs or parent.inner_for_in is not None or not isinstance(whole, COMPREHENSIONS):
                return False
            asked = element is not None and any(
                self._is_asked(part) and not self._is_conditional(part, whole)
                for part in syntax.walk(element)
            )
            return asked and (not isinstance(whole, cst.GeneratorExp) or self.exhausted(whole))
        return False

    # -- names

    def _assigned(self, node: cst.CSTNode) -> str:
        """The variable that is set to an expression."""
        parent = self._syntax.parent(node)
        if isinstance(parent, cst.Assign) and len(parent.targets) == 1 and parent.value is node:
            target = parent.targets[0].target
            return target.value if isinstance(target, cst.Name) else ""
        if isinstance(parent, cst.AnnAssign) and parent.value is node:
            return parent.target.value if isinstance(parent.target, cst.Name) else ""
        return ""

    def _loads_behind(self, name: str, node: cst.CSTNode) -> Iterator[cst.Name]:
        """Where a name is read later on, whatever happens in between but an exception."""
        syntax = self._syntax
        _, end = syntax.span(syntax.statement(node))
        around = [id(outer) for outer in (syntax.statement(node), *syntax.ancestors(syntax.statement(node)))]
        for part in syntax.walk(self._function or syntax.tree):
            if not isinstance(part, cst.Name) or part.value != name or syntax.span(part)[0] < end:
                continue
            if syntax.function(part) is not self._function:
                continue
            block = next((o for o in syntax.ancestors(part) if id(o) in around), None)
            if block is None or self._is_conditional(part, block):
                continue
            if not self._leaves(node, end, part):
                yield part

    def _leaves(self, node: cst.CSTNode, start: int, load: cst.Name) -> bool:
        """Whether the function, or a loop around a node, may be left before a name is read, other than by an exception."""
        syntax = self._syntax
        end = syntax.span(syntax.statement(load))[0]
        for part in syntax.walk(self._function or syntax.tree):
            if (
                not isinstance(part, (cst.Return, cst.Break, cst.Continue))
                or not start <= syntax.span(part)[0] < end
            ):
                continue
            loop = syntax.enclosing(part, cst.For, cst.While)
            if isinstance(part, cst.Return) or loop is None or syntax.within(node, loop):
                return True
        return False

    def _is_conditional(self, node: cst.CSTNode, block: cst.CSTNode) -> bool:
        """Whether something between a node and what encloses it decides if it is evaluated."""
        inner = node
        for outer in self._syntax.ancestors(node):
            if outer is block:
                return False
            always = [getattr(outer, name, None) for name in ("for_in", "iter", "left", "test")]
            if isinstance(outer, _BRANCHES) and not any(inner is one for one in always):
                return True
            inner = outer
        return False
