"""Contexts: which functions run on an event loop, which once per request, and by whose decision."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from blockcheck.facts import ir
from blockcheck.project.dialects import speaks
from blockcheck.project.values import FUNCTION, INSTANCE, METHOD, PARTIAL, PROPERTY, SELF, SYMBOL, Atom

if TYPE_CHECKING:
    from blockcheck.catalogue.model import Handler
    from blockcheck.project.model import Code, Reference, Unit
    from blockcheck.project.solver import Solver


#: A greenlet runs on the loop's thread, and lets the loop go on while a library's own calls wait.
GREENLET = "greenlet"
ON_LOOP = ("loop", GREENLET)
#: What a greenlet may wait for so.
HANDED_OVER = ("database",)
#: ``coroutine.send(None)``, as facts write it.
_STEP = re.compile(rf',"send",\d+\],\[\[{ir.CONST},null\]\]')


@dataclass(frozen=True)
class Root:
    """A function that something outside of the call graph runs.

    Attributes:
        context: loop, greenlet, thread, process or unknown.
        per_request: once per request, message or event.
        reason: by what, for messages.
        confidence: of the context.
        ready: run only where a file or socket is ready, so that receiving there does not wait.
    """

    gid: int
    context: str
    per_request: bool
    reason: str
    confidence: int = 3
    ready: bool = False


class Contexts:
    """The roots of a project, and what follows from them."""

    def __init__(self, solver: Solver) -> None:
        self.solver = solver
        self.roots: dict[tuple[int, str], Root] = {}
        self._driven: dict[int, bool] = {}
        #: Plain wrappers in the place of handlers: what they call is told of there, as far as a framework calls it.
        self.wrappers: set[int] = set()
        self._coroutines()
        self._references()
        self._handlers()
        self._registered()
        self._of: dict[int, list[Root]] = {}
        for root in self.roots.values():
            self._of.setdefault(root.gid, []).append(root)

    def _add(self, root: Root) -> None:
        if root.gid >= self.solver.own:
            return  # an installed package is nobody's to mend here
        key = (root.gid, root.context)
        known = self.roots.get(key)
        if known is None or (root.confidence, root.per_request) > (known.confidence, known.per_request):
            self.roots[key] = root

    def on_loop(self) -> list[Root]:
        """Roots that run on the event loop, in order of their code; those in greenlets too."""
        return sorted((r for r in self.roots.values() if r.context in ON_LOOP), key=lambda r: r.gid)

    def context(self, gid: int) -> list[Root]:
        """What is known of where a function is run from outside."""
        return self._of.get(gid, [])

    def per_request(self, gid: int) -> Root | None:
        """The root that makes a function run once per request, if any."""
        for root in self.context(gid):
            if root.per_request:
                return root
        return None

    def _coroutines(self) -> None:
        for code in self.solver.codes[: self.solver.own]:
            if code.is_async and "offloaded" not in code.flags:
                sure = 1 if self._is_driven_by_hand(code.unit) else 3
                self._add(Root(code.gid, "loop", False, "async def", sure))
            elif "asynchronous" in code.flags and code.is_function:
                self._add(Root(code.gid, "loop", False, "runs on the event loop through its decorator"))

    def _is_driven_by_hand(self, unit: Unit) -> bool:
        """Whether a module runs coroutines to their end itself, and knows of no event loop: they never suspend."""
        known = self._driven.get(unit.index)
        if known is None:
            known = self._driven[unit.index] = any(
                _STEP.search(text) and '"StopIteration"' in text for text in unit.facts.bodies
            ) and not speaks(self.solver.catalogue, unit)
        return known

    def _references(self) -> None:
        for gid in sorted(self.solver.records):
            for record in self.solver.records[gid]:
                for reference in record.references:
                    if reference.context == "eager":
                        continue
                    sure = 3
                    atoms: list[Atom] = [reference.atom]
                    if reference.atom[0] == SYMBOL:
                        atoms = list(self.solver.given(reference.atom, None))
                        sure = 2
                    for atom in atoms:
                        self._reference(atom, reference, sure)

    def _reference(self, atom: Atom, reference: Reference, sure: int) -> None:
        for function in self._functions(atom):
            code = self.solver.codes[function]
            context = reference.async_context if code.is_async else reference.context
            if code.is_async and not (reference.per_request and context == "loop"):
                continue  # its calls are known: it is a coroutine function
            reason = f"handed to {reference.by}"
            self._add(Root(function, context, reference.per_request, reason, sure, reference.ready))

    def _functions(self, atom: Atom) -> list[int]:
        tag = atom[0]
        if tag == FUNCTION:
            return [atom[1]]
        if tag == METHOD and atom[1][0] == FUNCTION:
            return [atom[1][1]]
        if tag in (PARTIAL, PROPERTY):
            return self._functions(atom[1])
        if tag in (SELF, INSTANCE):
            out: list[int] = []
            for inner in self.solver.attribute(atom, "__call__", None):
                out.extend(self._functions(inner))
            return out
        return []

    def _handlers(self) -> None:
        for code in self.solver.codes[: self.solver.own]:
            if code.facts.kind != "class":
                continue
            for base in self.solver.external_bases(code.gid):
                for handler in self.solver.catalogue.handlers(base):
                    for pattern in handler.methods:
                        self._handle(code, pattern, handler)

    def _handle(self, code: Code, pattern: str, handler: Handler) -> None:
        names = [n for n in code.facts.bound if fnmatchcase(n, pattern)] if "*" in pattern else [pattern]
        for name in names:
            if name not in code.bound:
                continue
            for atom in self.solver.cells.get(("c", code.gid, name), ()):
                for function in self._functions(atom):
                    is_async = self.solver.codes[function].is_async
                    context = handler.async_context if is_async else handler.context
                    reason = f"a handler of {handler.base}"
                    self._add(Root(function, context, handler.per_request, reason))
                    for inner in self._behind(function, code, name):
                        self._add(Root(inner, context, handler.per_request, reason))
                        if not is_async:
                            self.wrappers.add(function)

    def _behind(self, wrapper: int, owner: Code, name: str) -> list[int]:
        """A class's own function of a name that the wrapper in its place calls, at once or through other wrappers."""
        out: list[int] = []
        todo, seen = [wrapper], {wrapper}
        while todo:
            for record in self.solver.records.get(todo.pop(), ()):
                if record.awaited:
                    continue
                for target in record.targets:
                    if target.symbol is None or target.symbol[3] or target.how != "call":
                        continue
                    for atom in self.solver.given(target.symbol, None):
                        for function in self._functions(atom):
                            code = self.solver.codes[function]
                            if function in seen or code.is_async:
                                continue
                            seen.add(function)
                            if code.owner is owner and code.facts.name == name:
                                out.append(function)
                            elif code.owner is None and code.parent is not None and code.parent.is_function:
                                todo.append(function)
        return out

    def _registered(self) -> None:
        for gid, tables in self.solver.registered.items():
            code = self.solver.codes[gid]
            for table in tables:
                if code.facts.kind == "class":
                    continue
                context = table.get("async_context", "loop") if code.is_async else table.get("context", "")
                if context:
                    self._add(
                        Root(gid, context, table.get("per_request", False), "registered by a decorator")
                    )
