"""Calls of project functions and classes: parameters bound, results as this caller sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project import containers
from blockcheck.project.fate import calls_below
from blockcheck.project.guards import excluded
from blockcheck.project.interpreter import dispatch
from blockcheck.project.interpreter.externals import Externals
from blockcheck.project.model import HIGH, MEDIUM, Code, Record, Target, is_by_super
from blockcheck.project.results import entry_result
from blockcheck.project.values import (
    ABOVE,
    AWAITABLE,
    BOUND,
    CLASS,
    CLASSMETHOD,
    CONSTANT,
    CONTEXT,
    EXTERNAL,
    FUNCTION,
    GENERATOR,
    INSTANCE,
    METHOD,
    OBJECT,
    OTHERWISE,
    PROPERTY,
    RECORD,
    SELF,
    STATIC,
    SYMBOL,
    Atom,
    Value,
    interesting,
    join,
    shallow,
)

if TYPE_CHECKING:
    from blockcheck.catalogue import Entry


class Callees(Externals):
    """Calls of project code."""

    def _returned_here(self, gid: int, binding: dict[Any, Value]) -> Value:
        """What a function returns, without what it returns only for other truths of its parameters."""
        solver = self.solver
        guarded = solver.return_guards.get(gid)
        whole = solver.read(("r", gid), self)
        if not guarded or not any(excluded(solver, g, gid, binding) for g in guarded):
            return whole
        out: Value = ()
        for guards in guarded:
            if not excluded(solver, guards, gid, binding):
                out = join(out, solver.read(("rg", gid, guards), self))
        return out

    def call_function(
        self,
        function: Atom,
        receiver: Atom | None,
        arguments: list[Value],
        keywords: dict[str, Value],
        record: Record,
        *,
        how: str = "call",
        confidence: int = HIGH,
    ) -> Value:
        """Call a project function."""
        solver = self.solver
        gid = function[1]
        code = solver.codes[gid]
        dispatched: Value = ()
        if "dispatches" in code.flags:
            chosen, left = dispatch.implementations(self, gid, arguments[0] if arguments else ())
            for atom in chosen:
                made = self.call_function(
                    atom, receiver, arguments, keywords, record, how=how, confidence=min(confidence, MEDIUM)
                )
                dispatched = join(dispatched, made)
            if not left:
                return dispatched
        binding: dict[Any, Value] = dict(function[2])
        self._bind(code, receiver, arguments, keywords, binding, record.site)
        if gid in solver.declared:
            solver.ensure(gid)
            said = (EXTERNAL, code.name) if receiver is None else (BOUND, code.name, receiver)
            return self.call_external(said, arguments, keywords, record, record.expression, how=how)
        if code.flags and ("cached" in code.flags or "unknown-decorator" in code.flags):
            confidence = min(confidence, MEDIUM)
        virtual = self._left_to_receiver(code, receiver) if how in ("call", "property") else ()
        record.targets.append(
            Target(
                gid=gid,
                binding=binding,
                receiver=receiver,
                how=how,
                confidence=confidence,
                reason="virtual" if virtual else "",
            )
        )
        record.known = True
        if virtual:
            symbol = (SYMBOL, self.code.gid, self.facts.params.names[0], virtual)
            record.targets.append(Target(symbol=symbol, receiver=receiver, how=how, confidence=confidence))
        self.publish()
        solver.ensure(gid)
        if gid in solver.askers:
            self._ever_asked = True
        if solver.keep_all:
            self.changed_by(gid, record)
        value = self._returned_here(gid, binding)
        if gid in solver.declared_results:
            entry = solver.declared_results[gid]
            value = entry_result(solver, entry.name, entry, receiver, arguments, keywords, None)
        elif value:
            value = solver.substitute(value, gid, binding, receiver, self)
        held = solver.read(("h", gid), self)
        if code.flags and ("contextmanager" in code.flags or "asynccontextmanager" in code.flags):
            element = solver.read(("y", gid), self)
            element = solver.substitute(element, gid, binding, receiver, self)
            record.targets[-1].how = "enter" if record.targets[-1].gid == gid else record.targets[-1].how
            return ((CONTEXT, gid, shallow(element), "asynccontextmanager" in code.flags),)
        if code.facts.is_generator:
            element = solver.read(("y", gid), self)
            element = solver.substitute(element, gid, binding, receiver, self)
            for target in record.targets:
                if target.gid == gid:
                    target.how = "make-generator"
            return ((GENERATOR, gid, shallow(element), code.is_async),)
        if code.is_async and "synchronous" not in code.flags:
            return ((AWAITABLE, shallow(value)),)
        for lock in solver.read(("gives-back", gid), self):
            self.give_back(lock)
        if held:
            text = record.expression
            self.env.held = (*self.env.held, *((atom, record.site, text) for atom in held))
        return join(dispatched, value)

    def _left_to_receiver(self, code: Code, receiver: Atom | None) -> tuple[str, ...]:
        """The path by which our receiver, being of a subclass, may mean another method; empty where it cannot."""
        if receiver is None or receiver[0] != SELF or self.code.owner is None or code.owner is None:
            return ()
        owner = self.code.owner.gid
        if receiver[1] != owner or not self.facts.params.names:
            return ()
        solver, name = self.solver, code.facts.name
        if solver.next_definer(owner, name) == code.owner.gid:
            return (name,) if solver.overridden(owner, name) else ()
        if solver.keep_all or not solver.cooperates(owner, name):
            return ()
        return (f"{ABOVE}{owner}", name)  # by way of `super()`

    def _bind(
        self,
        code: Code,
        receiver: Atom | None,
        arguments: list[Value],
        keywords: dict[str, Value],
        binding: dict[Any, Value],
        site: int,
    ) -> None:
        params = code.facts.params
        names = params.names
        gid = code.gid
        position = 0
        if receiver is not None and params.positional:
            binding[gid, names[0]] = (receiver,)
            position = 1
            if self.solver.keep_all:
                self._give(gid, names[0], (receiver,))
        extra: Value = ()
        extras: list[Value] = []
        if receiver is not None and not params.positional and params.star is not None:
            extra = (receiver,)
            extras.append(extra)
        for value in arguments:
            if position < params.positional:
                name = names[position]
                binding[gid, name] = join(binding.get((gid, name), ()), value)
                position += 1
                self._give(gid, name, value)
            else:
                extra = join(extra, value)
                extras.append(value)
        if params.star is not None and self.solver.keep_all:
            extra = containers.new_sequence(self, site, "tuple", extras)
        if params.star is not None and extra:
            binding[gid, "*"] = extra
            self._give(gid, "*", extra)
        rest: Value = ()
        others: dict[Any, Value] = {}
        for name, value in keywords.items():
            if name in names:
                binding[gid, name] = value
                self._give(gid, name, value)
            else:
                rest = join(rest, value)
                others["*" if name == "**" else name] = value
        if params.double_star is not None and rest and self.solver.keep_all:
            rest = containers.new_table(self, site, others)
        if params.double_star is not None and rest:
            binding[gid, "**"] = rest
            self._give(gid, "**", rest)
        elif "**" in keywords:
            for name in names[position:]:
                if (gid, name) not in binding:
                    binding[gid, name] = keywords["**"]
                    self._give(gid, name, keywords["**"])
        if self.solver.keep_all:
            for name in params.defaults:
                if (gid, name) not in binding:
                    self._give(gid, name, self.solver.default(gid, name, self))

    def _give(self, gid: int, name: str, value: Value) -> None:
        keep_all = self.solver.keep_all  # constants are keys of what the graph looks up
        if not value or not (keep_all or interesting(value)):
            return
        kept = tuple(
            a
            for a in value
            if (keep_all or a[0] != CONSTANT) and not (a[0] == SYMBOL and a[1] == gid and a[2] == name)
        )
        if kept:
            self.solver.write(("p", gid, name), shallow(kept))

    def construct(
        self, gid: int, arguments: list[Value], keywords: dict[str, Value], record: Record
    ) -> Value:
        """Instantiate a project class, by its metaclass where that decides."""
        out: Value = ()
        for method in self.solver.special_method((CLASS, gid), "__call__", self):
            if method[0] == METHOD and method[1][0] == FUNCTION:
                out = join(
                    out,
                    self.call_function(method[1], method[2], arguments, keywords, record, how="construct"),
                )
        if out and self.solver.keep_all:
            return out
        return join(self.instantiate(gid, arguments, keywords, record), out)

    def instantiate(
        self, gid: int, arguments: list[Value], keywords: dict[str, Value], record: Record
    ) -> Value:
        """Instantiate a project class: __new__, __init__, __post_init__, and an external base's constructor."""
        solver = self.solver
        instance: Atom = (INSTANCE, gid)
        record.known = True
        said = solver.declared.get(gid)
        if said is not None:
            self._external_target(said.name, said, instance, arguments, keywords, record, "construct")
            self._fields(gid, arguments, keywords, record)
            return (instance,)
        made: Value = ()
        initialised = False
        for base in solver.mro(gid, self):
            if isinstance(base, str):
                entry = solver.catalogue.entry(base)
                tells = entry is not None and (entry.spawns is not None or entry.bound is not None)
                if entry is not None:
                    above = (
                        self._handed_up(gid, arguments, keywords) if initialised else (arguments, keywords)
                    )
                    state = self.state_set(entry, None, *above, record)
                    if state is None and entry.sets:
                        state = f"{OTHERWISE}{entry.sets}"
                    if state is not None:
                        solver.write(("s", instance), ((CONSTANT, state),))
                wanted = tells or (not initialised and base != "builtins.object")
                unknown = solver.keep_all and solver.catalogue.type(base) is None
                if wanted and (entry is not None or unknown):
                    self._external_target(base, entry, instance, arguments, keywords, record, "construct")
                    if entry is not None and entry.runs:
                        # A constructor of the project's own hands on by name what it is given by that name.
                        given = [] if initialised else arguments
                        self._runs(entry, given, keywords, record, record.expression, base)
                    initialised = initialised or entry is not None
                continue
            code = solver.codes[base]
            for special in ("__new__", "__init__"):
                if special == "__init__" and self._is_other(gid, made):
                    return made
                if special in code.bound and (not initialised or special == "__new__"):
                    solver.ensure(base)
                    for atom in solver.read(("c", base, special), self):
                        function = atom[1] if atom[0] in (STATIC, CLASSMETHOD) else atom
                        if function[0] != FUNCTION:
                            continue
                        receiver = (CLASS, gid) if special == "__new__" else instance
                        value = self.call_function(
                            function, receiver, arguments, keywords, record, how="construct"
                        )
                        if special == "__new__":
                            made = join(made, tuple(a for a in value if a[0] in (INSTANCE, OBJECT)))
                    if special == "__init__":
                        initialised = True
            if not initialised and "__post_init__" in code.bound:
                for atom in solver.read(("c", base, "__post_init__"), self):
                    if atom[0] == FUNCTION:
                        self.call_function(atom, instance, [], {}, record, how="construct")
                initialised = True
        if not any(t.gid >= 0 and t.how == "construct" for t in record.targets):
            record.targets.append(Target(gid=gid, how="instantiate", confidence=HIGH))
        self._fields(gid, arguments, keywords, record)
        return join(((INSTANCE, gid),), made)

    def _handed_up(
        self, gid: int, arguments: list[Value], keywords: dict[str, Value]
    ) -> tuple[list[Value], dict[str, Value]]:
        """What a constructor of the project's own gives its base's, of what it is given itself: ``super().__init__(size)``."""
        solver = self.solver
        for base in solver.mro(gid, self):
            for atom in solver.read(("c", base, "__init__"), self) if isinstance(base, int) else ():
                if atom[0] != FUNCTION:
                    continue
                code = solver.codes[atom[1]]
                binding: dict[Any, Value] = {}
                self._bind(code, (INSTANCE, gid), arguments, keywords, binding, -1)

                def value(e: Any, code: Code = code, binding: dict[Any, Value] = binding) -> Value:
                    if type(e) is list and e[0] == ir.CONST:
                        return ((CONSTANT, e[1]),)
                    if type(e) is not str or e not in code.facts.params.names:
                        return ()
                    known = binding.get((code.gid, e))
                    return solver.default(code.gid, e, self) if known is None else known

                for call in calls_below(code.unit.facts.body(code.index)):
                    if is_by_super(call) and call[1][2] == "__init__":
                        return [value(a) for a in call[2]], {k: value(v) for k, v in call[3] if k}
                return [], {}
        return [], {}

    def _is_other(self, gid: int, made: Value) -> bool:
        """Whether ``__new__`` makes something that is no instance of the class, which is not initialised then."""
        return bool(made) and not any(a[0] == INSTANCE and gid in self.solver.mro(a[1], self) for a in made)

    def _fields(self, gid: int, arguments: list[Value], keywords: dict[str, Value], record: Record) -> None:
        """A class without a constructor of its own takes its fields' values from the call."""
        solver = self.solver
        classes = [b for b in solver.mro(gid, self) if isinstance(b, int)]
        if any("__init__" in solver.codes[b].bound for b in classes):
            return
        fields: dict[str, int] = {}
        for base in reversed(classes):
            for atom in solver.read(("b", base), self):
                if atom[0] == RECORD:
                    fields.update(dict.fromkeys(atom[1], base))
            names = (n for n in solver.codes[base].facts.bound if not n.startswith("__"))
            fields.update({n: fields.get(n, base) for n in names})
        view = solver.container((INSTANCE, gid))
        if view is not None and view[3] == "dict":
            for name, value in keywords.items():
                containers.put(solver, view, name, value)
        for name, value in [*zip(fields, arguments, strict=False), *keywords.items()]:
            if interesting(value) and name in fields:
                solver.write(("c", fields[name], name), shallow(value))
        for owner in dict.fromkeys(fields.values()):
            for atom in solver.read(("f", owner), self):
                for factory in atom[2][0]:
                    self.call_atom(factory, [], {}, record, how="construct")

    def property(self, function: Atom, receiver: Atom | None, arguments: list[Value] | None = None) -> Value:
        """A property is read: its function is called at the attribute."""
        site, expression = self._property_site
        record = self.records.get(site)
        if record is None or record.expression is not expression:
            record = self.record(site, expression)
        if function[0] != FUNCTION:
            return ()
        return self.call_function(function, receiver, arguments or [], {}, record, how="property")

    def own_receiver(self, owner: int, name: str) -> Value:
        """An attribute that only subclasses of the method's own class have: open, on the receiver."""
        names = self.facts.params.names
        if self.code.owner is None or self.code.owner.gid != owner or not names:
            return ()
        return ((SYMBOL, self.code.gid, names[0], (name,)),)

    def external_property(self, entry: Entry, receiver: Atom) -> Value:
        """An external property that does something is read."""
        site, expression = self._property_site
        record = self.records.get(site)
        if record is None or record.expression is not expression:
            record = self.record(site, expression)
        return self.call_external((BOUND, entry.name, receiver), [], {}, record, expression, how="property")

    def call_special(self, receiver: Atom, method: str, arguments: list[Value], site: int, e: Any) -> Value:
        """Call a special method of an instance, such as ``__getitem__``; of an external one, if the catalogue knows it."""
        if receiver[0] == OBJECT:
            entry = self.solver.catalogue.method(self.solver.catalogue.canonical(receiver[1]), method)
            if entry is None:
                return ()
            return self.call_external((BOUND, entry.name, receiver), arguments, {}, self.record(site, e), e)
        out: Value = ()
        found = self.solver.special_method(receiver, method, self)
        for atom in found:
            if atom[0] == METHOD and atom[1][0] == FUNCTION:
                record = self.record(site, e)
                out = join(out, self.call_function(atom[1], atom[2], arguments, {}, record, how="operator"))
        return out

    def call_accessors(self, base: Value, target: Any, arguments: tuple[Value, ...], which: int) -> None:
        """An attribute is assigned (2) or deleted (3) that a property guards."""
        for receiver in base:
            if receiver[0] not in (SELF, INSTANCE):
                continue
            for owner in self.solver.mro(receiver[1], self):
                if isinstance(owner, int) and target[2] in self.solver.codes[owner].bound:
                    self.solver.ensure(owner)
                    for atom in self.solver.read(("c", owner, target[2]), self):
                        if atom[0] == PROPERTY and atom[which] is not None and atom[which][0] == FUNCTION:
                            record = self.record(target[3], target)
                            self.call_function(
                                atom[which], receiver, list(arguments), {}, record, how="property"
                            )
                    break
