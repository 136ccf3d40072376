"""What a definition's decorators make of it."""

from __future__ import annotations

from typing import Any

from blockcheck.catalogue.model import decorator_entry
from blockcheck.facts import ir
from blockcheck.project.interpreter.calls import Calls
from blockcheck.project.model import Code, Record
from blockcheck.project.values import (
    BOUND,
    CALLABLES,
    CLASS,
    CLASSMETHOD,
    EXTERNAL,
    FUNCTION,
    GETTER,
    INSTANCE,
    METHOD,
    OFFLOADED,
    PARTIAL,
    PROPERTY,
    SELF,
    STATIC,
    Atom,
    Value,
    join,
)

#: Where a property keeps what each of its decorators gives it.
_ACCESSORS = {"getter": 1, "setter": 2, "deleter": 3}


class Decorators(Calls):
    """Decorators."""

    def decorate(self, code: Code, value: Value) -> Value:
        """What a definition's decorators, innermost first, make of it."""
        for expression, site in reversed(code.facts.decorators):
            value = self._decorate(code, value, expression, site)
        return value

    def _decorate(self, code: Code, value: Value, expression: Any, site: int) -> Value:
        if (
            type(expression) is list
            and expression[0] == ir.ATTR
            and expression[2] in ("setter", "deleter", "getter")
        ):
            base = self.ev(expression[1])
            if any(a[0] == PROPERTY for a in base):
                at = _ACCESSORS[expression[2]]
                return tuple((*a[:at], f, *a[at + 1 :]) for a in base if a[0] == PROPERTY for f in value)
        factory = type(expression) is list and expression[0] == ir.CALL
        head = self.ev(expression[1]) if factory else self.ev(expression)
        for atom in head:
            name = self._decorator_name(atom)
            if name:
                table = self.solver.catalogue.decorator(name)
                if factory and table is not None:
                    self.ev(expression)
                if table is not None and "kind" not in table and not self._applies(name, table, expression):
                    return value
                known = self._known_decorator(name, code, value)
                if known is not None:
                    self._decorator_event(name, code, expression)
                    return known
        out: Value = ()
        applied = False
        made = self.ev(expression) if factory else head
        for atom in made:
            if atom[0] in (FUNCTION, METHOD, CLASS, PARTIAL, SELF, INSTANCE, BOUND, GETTER):
                record = self.records.get(site)
                if record is None or record.expression is not expression:
                    record = self.record(site, expression)
                got = self.call_atom(atom, [value], {}, record)
                applied = applied or bool(record.known)
                out = join(out, got)
        made = tuple(
            a for a in out if a[0] in CALLABLES or a[0] in (SELF, PROPERTY, OFFLOADED) or self._callable(a)
        )
        if made:
            if code.facts.kind == "class":
                return join(tuple(a for a in made if a[0] == CLASS) or value, ())
            self._give_receiver(code, made)
            return made
        if self.solver.patient and all(a[0] in (FUNCTION, METHOD, CLASS) for a in head):
            # Not resolved yet, or the project's own and not interpreted yet: among modules that import each other
            # both come later.
            self.solver.undecided.add(self.code.gid)
            return ()
        code.mark("unknown-decorator")
        return value

    def _give_receiver(self, code: Code, made: Value) -> None:
        """A function that takes a method's place is given the method's receiver."""
        if code.owner is None:
            return
        for atom in made:
            wrapper = self.solver.codes[atom[1]] if atom[0] == FUNCTION else None
            if (
                wrapper is not None
                and wrapper is not code
                and wrapper.owner is None
                and wrapper.facts.params.names
            ):
                self._give(wrapper.gid, wrapper.facts.params.names[0], ((SELF, code.owner.gid),))

    def _decorator_name(self, atom: Atom) -> str:
        """The name under which the catalogue may know a decorator; empty where it is the project's own affair."""
        if atom[0] in (EXTERNAL, BOUND):
            return self.solver.catalogue.canonical(atom[1])
        function = atom[1] if atom[0] == METHOD else atom
        name = self.solver.codes[function[1]].name if function[0] == FUNCTION else ""
        return name if name in self.solver.catalogue.declared else ""

    def _decorator_event(self, name: str, code: Code, expression: Any) -> None:
        """Note what a decorator itself does around each call of a plain function, such as sleeping between tries."""
        table = self.solver.catalogue.decorator(name)
        if table is None or code.is_async or table.get("kind", "none") == "none":
            return
        if not self._applies(name, table, expression):
            return
        self.solver.decorator_events.setdefault(code.gid, {})[
            table["kind"], name, table.get("confidence", "high")
        ] = None

    def _applies(self, name: str, table: dict[str, Any], expression: Any) -> bool:
        """Whether a decorator's conditions on its own arguments hold."""
        if "only_if" not in table and "unless" not in table:
            return True
        is_call = type(expression) is list and expression[0] == ir.CALL
        call = self.records.get(expression[4]) if is_call else None
        if call is None:
            call = Record(self.code.gid, -1, expression, None, ())
        return self.may_block(decorator_entry(name, table), None, call.arguments, call.keywords, call)

    def _callable(self, atom: Atom) -> bool:
        return atom[0] == INSTANCE and any(
            self.solver.attribute(atom, special, None) for special in ("__call__", "__get__")
        )

    def _known_decorator(self, name: str, code: Code, value: Value) -> Value | None:
        if name == "builtins.property":
            code.mark("property")
            return tuple((PROPERTY, a, None, None) for a in value)
        if name == "builtins.staticmethod":
            return tuple((STATIC, a) for a in value)
        if name == "builtins.classmethod":
            return tuple((CLASSMETHOD, a) for a in value)
        table = self.solver.catalogue.decorator(name)
        if table is None:
            return None
        effect = table["effect"]
        if effect in ("property", "cached-property"):
            code.mark("property" if effect == "property" else "cached")
            return tuple((PROPERTY, a, None, None) for a in value)
        if effect == "staticmethod":
            return tuple((STATIC, a) for a in value)
        if effect == "classmethod":
            return tuple((CLASSMETHOD, a) for a in value)
        if effect in ("cached", "memoised-method"):
            code.mark("cached")
        elif effect in (
            "contextmanager",
            "asynccontextmanager",
            "overload",
            "abstract",
            "asynchronous",
            "synchronous",
            "deferred",
            "dispatches",
        ):
            code.mark(effect)
        elif effect == "offloads":
            code.mark("offloaded")
            return tuple((OFFLOADED, a, table.get("context", "thread")) for a in value)
        elif effect in ("registers", "schedules"):
            self.solver.registered.setdefault(code.gid, []).append(table)
        if effect == "overload":
            return ()
        if effect == "deferred":
            return tuple((OFFLOADED, a, table.get("context", "never")) for a in value)
        return value
