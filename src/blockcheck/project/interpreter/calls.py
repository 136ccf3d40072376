"""Call expressions: what a callee value may run, recorded, and what the call gives."""

from __future__ import annotations

from typing import Any

from blockcheck.facts import ir
from blockcheck.project import containers, implicit
from blockcheck.project.interpreter import dispatch
from blockcheck.project.interpreter.callees import Callees
from blockcheck.project.model import HIGH, Code, Record, Reference, Region, Target
from blockcheck.project.values import (
    AWAITABLE,
    BOUND,
    CLASS,
    CLASSMETHOD,
    CONSTANT,
    CONTAINER,
    EXTERNAL,
    FUNCTION,
    GETTER,
    HINT,
    INSTANCE,
    LONGEST_PATH,
    MAPPING,
    METHOD,
    OBJECT,
    OFFLOADED,
    PARTIAL,
    RECORD,
    SELF,
    STATIC,
    SUPER,
    SYMBOL,
    TUPLE,
    Atom,
    Value,
    join,
    join_all,
    shallow,
)

_MOST = 16  # positional arguments looked at


class Calls(Callees):
    """Call expressions."""

    def _e_call(self, e: Any) -> Value:
        _, function, arguments, keywords, site = e
        awaiting, self._awaiting = self._awaiting, False
        if function == "super":
            found = self._super(arguments)
            if found:
                self._builtin(site, e, "super")
                return found
        callee = self.ev(function)
        awaits = self._awaited_arguments(callee) if _has_call(arguments, keywords) else frozenset()
        values: list[Value] = []
        for position, a in enumerate(arguments):
            if type(a) is list and a[0] == ir.STAR:
                values.extend(self._spread(self.starred(a[1])))
            else:
                self._awaiting = position in awaits and type(a) is list and a[0] == ir.CALL
                values.append(self.ev(a))
        named: dict[str, Value] = {}
        for name, a in keywords:
            self._awaiting = name in awaits and type(a) is list and a[0] == ir.CALL
            value = self.ev(a)
            if name is None:
                for atom in self.settled(value):
                    if atom[0] in (SELF, INSTANCE):
                        implicit.special(self, (atom,), ("keys",), [])
                        given = implicit.special(self, (atom,), ("__getitem__",), [()])
                        named["**"] = join(named.get("**", ()), given)
                    elif atom[0] == MAPPING:
                        named["**"] = join(named.get("**", ()), atom[1])
                    elif atom[0] == CONTAINER:
                        for key in self.solver.keys(atom):
                            if isinstance(key, str) and key != "*":
                                named[key] = join(
                                    named.get(key, ()), self.solver.read(("e", atom[1], atom[2], key), self)
                                )
            else:
                named[name] = value
        if function == "getattr" and len(values) > 1:
            return self._getattr(e, values)
        record = self.record(site, e, awaited=awaiting)
        record.arguments, record.keywords = values, named
        out: Value = ()
        for atom in callee:
            out = join(out, self.call_atom(atom, values, named, record))
        record.result = out
        if awaiting:
            self._doubt_either(arguments)
        self._forget_paths(record, function, arguments)
        return out

    def _doubt_either(self, arguments: list[Any]) -> None:
        """``await settled(f())``: an f that gives an awaitable or does the work at once is hardly meant to do that here."""
        for argument in arguments:
            is_call = type(argument) is list and argument[0] == ir.CALL
            record = self.records.get(argument[4]) if is_call else None
            if record is None or record.awaited:
                continue
            for target in record.targets:
                given = self.solver.read(("r", target.gid), self) if target.gid >= 0 else ()
                if any(a[0] == AWAITABLE for a in given):
                    record.regions = Region("either", -1, None, record.regions)
                    break

    def _awaited_arguments(self, callee: Value) -> frozenset[int | str | None]:
        """The positions and names of what a callee awaits: ``asyncio.wait_for(event.wait(), 3)``."""
        out: set[int | str | None] = set()
        for atom in callee:
            if atom[0] not in (EXTERNAL, BOUND):
                continue
            entry = self.solver.catalogue.entry(self.solver.catalogue.canonical(atom[1]))
            if entry is None or not entry.runs:
                continue
            made = entry.result if entry.result is not None and entry.result[0] == "instance" else None
            if not entry.awaitable and (
                made is None or self.solver.catalogue.role(made[1]) not in ("task", "future")
            ):
                continue
            for run in entry.runs:
                if run.context == "loop":
                    out.update(range(run.at or 0, _MOST) if run.rest else (run.at, run.name))
        return frozenset(out - {None})

    def _spread(self, value: Value) -> list[Value]:
        value = self.settled(value)
        wholes = [containers.sequence(self.solver, atom, self) for atom in value]
        parts: list[Value] = []
        for whole in wholes:
            for position, part in enumerate(whole or ()):
                parts[position : position + 1] = [
                    join(parts[position], part) if position < len(parts) else part
                ]
        if None not in wholes:
            return parts
        out: Value = ()
        for atom in value:
            out = join(out, self.solver.elements(atom, self))
        return [out, out, out, out] if out else []

    def _note_elements(self, record: Record, function: Any) -> None:
        """A method changed a container that a path leads to: what stands where is known from here on."""
        path = self.env.path(function[1]) if type(function) is list and function[0] == ir.ATTR else None
        receivers = [t.receiver for t in record.targets]
        if path is None or len(receivers) != 1 or receivers[0] is None or receivers[0][0] != CONTAINER:
            return
        name, paths = function[2], self.env.paths
        if name in containers.MOVING or name in ("pop", "append", "extend"):
            for known in [p for p in paths if p.startswith(f"{path}[") and (name != "append" or "[-" in p)]:
                del paths[known]
        if name == "append" and record.arguments:
            paths[f"{path}[-1]"] = record.arguments[0]
        elif name == "update":
            given = containers.entries(self.solver, record.arguments[0], self) if record.arguments else {}
            for key, value in {**given, **record.keywords}.items():
                if key != "*":
                    paths[f"{path}[{key!r}]"] = value

    def _forget_paths(self, record: Record, function: Any, arguments: list[Any]) -> None:
        if self.solver.keep_all:
            self._note_elements(record, function)
            return  # what each callee changes is known
        if not self.env.paths or not any(t.gid >= 0 or t.symbol is not None for t in record.targets):
            return
        for expression in (function, *arguments):
            root = _root(expression)
            if root is not None and type(function) is list:
                self.env.forget(root)

    def _builtin(self, site: int, e: Any, name: str) -> None:
        """Note the call of a builtin that is understood here, for the graph."""
        if self.solver.keep_all:
            self.record(site, e).targets.append(Target(external=f"builtins.{name}"))

    def _super(self, arguments: list[Any]) -> Value:
        code: Code | None = self.code
        while code is not None and code.owner is None:
            code = code.parent
        if code is None or code.owner is None:
            return ()
        receiver = self.solver.receiver(code) or (SELF, code.owner.gid)
        receivers: Value = (receiver,)
        if self.solver.keep_all and code.facts.params.names:
            receivers = self.solver.given((SYMBOL, code.gid, code.facts.params.names[0], ()), self)
        above = code.owner.gid
        if arguments:
            above = next((a[1] for a in self.ev(arguments[0]) if a[0] == CLASS), above)
        return tuple((SUPER, above, r) for r in receivers)

    def _getattr(self, e: Any, values: list[Value]) -> Value:
        out: Value = ()
        self._builtin(e[4], e, "getattr")
        for name in self.settled(values[1]):
            # no statement gives an attribute another name, and a path of attributes has other steps, as "()"
            if name[0] == CONSTANT and isinstance(name[1], str) and name[1].isidentifier():
                self._property_site = (e[4], e)
                for atom in values[0]:
                    out = join(out, self.solver.attribute(atom, name[1], self))
        if len(values) > 2:
            out = join(out, values[2])
        return out

    def call_atom(
        self,
        atom: Atom,
        arguments: list[Value],
        keywords: dict[str, Value],
        record: Record,
        *,
        how: str = "call",
        confidence: int = HIGH,
    ) -> Value:
        """Call one atom: its targets are added to the record, its result returned."""
        tag = atom[0]
        if tag == FUNCTION:
            return self.call_function(atom, None, arguments, keywords, record, how=how, confidence=confidence)
        if tag == METHOD:
            if atom[1][0] == FUNCTION:
                return self.call_function(
                    atom[1], atom[2], arguments, keywords, record, how=how, confidence=confidence
                )
            return self.call_atom(
                atom[1], [(atom[2],), *arguments], keywords, record, how=how, confidence=confidence
            )
        if tag == BOUND and atom[1] == "builtins.type.__call__" and atom[2][0] == CLASS:
            self.instantiate(atom[2][1], arguments, keywords, record)
            return ((INSTANCE, atom[2][1]),)
        if tag in (EXTERNAL, BOUND):
            return self.call_external(atom, arguments, keywords, record, record.expression, how=how)
        if tag == CLASS:
            return self.construct(atom[1], arguments, keywords, record)
        if tag == SYMBOL:
            record.targets.append(Target(symbol=atom, how=how, confidence=confidence))
            self.effects_of_given(atom, arguments, keywords, record)
            left_open = ((SYMBOL, atom[1], atom[2], (*atom[3], "()")),) if len(atom[3]) < LONGEST_PATH else ()
            return self.with_given(
                atom, left_open, lambda a: self.call_atom(a, arguments, keywords, record, how=how)
            )
        if tag == PARTIAL:
            merged = dict(atom[3])
            merged.update(keywords)
            return self.call_atom(
                atom[1], [*atom[2], *arguments], merged, record, how=how, confidence=confidence
            )
        if tag in (SELF, INSTANCE):
            out: Value = ()
            for inner in self.solver.attribute(atom, "__call__", self):
                if inner[0] in (METHOD, FUNCTION, BOUND):
                    out = join(
                        out,
                        self.call_atom(inner, arguments, keywords, record, how=how, confidence=confidence),
                    )
            return out
        if tag == OBJECT:
            entry = self.solver.catalogue.method(self.solver.catalogue.canonical(atom[1]), "__call__")
            if entry is not None:
                return self.call_external(
                    (BOUND, entry.name, atom), arguments, keywords, record, record.expression, how=how
                )
            return ()
        if tag == OFFLOADED:
            record.references.append(Reference(atom[2], atom[1], False, "loop", "decorator"))
            record.known = True
            return ((AWAITABLE, self.solver.result_of(atom[1], self)),)
        if tag == GETTER:
            return self._get(atom, arguments, record)
        if tag == RECORD:
            record.known = True
            return containers.new_record(self, record.site, atom[1], arguments, keywords)
        if tag == HINT:
            return arguments[0] if arguments else ()
        if tag in (STATIC, CLASSMETHOD):
            return self.call_atom(atom[1], arguments, keywords, record, how=how, confidence=confidence)
        return ()

    def _get(self, getter: Atom, arguments: list[Value], record: Record) -> Value:
        """Call what takes an attribute or element of its argument, or calls a method of it."""
        record.known = True
        kind, given = getter[1], getter[2]
        if kind == "value":
            return join_all(list(given))
        if kind == "new":
            return tuple((INSTANCE, a[1]) for v in arguments[:1] for a in self.settled(v) if a[0] == CLASS)
        if kind == "register":
            return dispatch.register(self, getter, arguments)
        if kind == "factory" or not arguments or not given:
            return ()
        taken: list[Value] = []
        for wanted in given if kind != "method" else given[:1]:
            out: Value = ()
            for name in self.settled(wanted):
                if kind == "item":
                    for atom in self.settled(arguments[0]):
                        out = join(out, self.solver.element(atom, (name,), self))
                elif name[0] == CONSTANT and isinstance(name[1], str):
                    self._property_site = (record.site, record.expression)
                    found = arguments[0]
                    for part in name[1].split("."):
                        found = join_all([self.solver.attribute(a, part, self) for a in found])
                    out = join(out, found)
            taken.append(out)
        if kind != "method":
            return taken[0] if len(taken) == 1 else ((TUPLE, *(shallow(t, 6) for t in taken)),)
        return join_all([self.call_atom(a, list(given[1:]), {}, record) for a in taken[0]])


def _root(expression: Any) -> str | None:
    while type(expression) is list and expression[0] in (ir.ATTR, ir.SUBSCRIPT, ir.CALL):
        expression = expression[1]
    return expression if type(expression) is str else None


def _has_call(arguments: list[Any], keywords: list[Any]) -> bool:
    """Whether an argument is a call itself."""
    for a in arguments:
        if type(a) is list and a[0] == ir.CALL:
            return True
    return bool(keywords) and any(type(a) is list and a[0] == ir.CALL for _, a in keywords)
