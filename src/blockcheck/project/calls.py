"""Calls: what a callee value may run, recorded, and what the call gives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from blockcheck.catalogue.model import decorator_entry
from blockcheck.facts import ir
from blockcheck.project import containers
from blockcheck.project.model import LOCK_ROLES, Code, Record, Reference, Region, Target, path_of
from blockcheck.project.results import entry_result, evaluate, evaluate_text
from blockcheck.project.values import (
    ASKS,
    AWAITABLE,
    BOUND,
    CALLABLES,
    CLASS,
    CLASSMETHOD,
    CONSTANT,
    CONTAINER,
    CONTEXT,
    EXTERNAL,
    FUNCTION,
    GENERATOR,
    INSTANCE,
    LITERAL,
    LONGEST_PATH,
    MAPPING,
    METHOD,
    NONE,
    OBJECT,
    OFFLOADED,
    PARTIAL,
    PROPERTY,
    RUNNING,
    SELF,
    SEQUENCE,
    STATIC,
    SUPER,
    SYMBOL,
    TUPLE,
    Atom,
    Value,
    interesting,
    join,
    shallow,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from blockcheck.catalogue import Condition, Entry, Run
    from blockcheck.facts import CodeFacts
    from blockcheck.project.frame import Env
    from blockcheck.project.solver import Solver

_HIGH, _MEDIUM = 3, 2


class Calls(ABC):
    """The half of a frame that deals with calls."""

    solver: Solver
    code: Code
    facts: CodeFacts
    env: Env
    region: Region | None
    records: dict[int, Record]
    _awaiting: bool
    _asked: bool
    _ever_asked: bool

    _property_site: tuple[int, Any]
    _given: dict[Atom, Value]

    @abstractmethod
    def builtin(self, name: str, arguments: list[Value], record: Record) -> Value | None:
        """What a builtin function does with its arguments, if that decides what it gives."""

    @abstractmethod
    def publish(self) -> None:
        """Other code may run: let it see this module's names."""

    @abstractmethod
    def changed_by(self, gid: int, record: Record) -> None:
        """A call of a function has returned: note what it changed."""

    @abstractmethod
    def ev(self, e: Any) -> Value:
        """The value of an expression; calls in it are recorded."""

    def record(self, site: int, expression: Any, *, awaited: bool = False) -> Record:
        """A fresh record for a site; an earlier round's is replaced."""
        made = Record(self.code.gid, site, expression, self.region, self.env.held, awaited)
        self.records[site] = made
        return made

    def peek(self, expression: Any) -> Value:
        """The value of an expression that has been, or will be, evaluated in its own right."""
        kept = dict(self.records)
        env = self.env
        self.env = env.copy()
        value = self.ev(expression)
        self.env = env
        self.records = kept
        return value

    def settled(self, value: Value) -> Value:
        """A value in which known callers stand for what is the caller's: only the graph asks for it."""
        if not self.solver.keep_all:
            return value
        out: Value = ()
        for atom in value:
            out = join(out, self.given(atom) if atom[0] == SYMBOL else (atom,))
        return out

    def given(self, symbol: Atom) -> Value:
        """What known callers give for a symbol; if that grows, this code is interpreted again."""
        known = self._given.get(symbol)
        if known is None:
            known = self._given[symbol] = self.solver.given(symbol, self)
        return known

    def with_given(self, symbol: Atom, left_open: Value, act: Callable[[Atom], Value]) -> Value:
        """Let what known callers give for a symbol do its part too: only the graph of all calls asks for it.

        The result stays what each caller makes of it, and what no caller could tell.
        """
        solver = self.solver
        if not solver.keep_all:
            return left_open
        made: Value = ()
        for atom in self.given(symbol):
            made = join(made, act(atom))
        if not made:
            return left_open
        told: Value = ()
        for atom in left_open:
            told = join(told, self.given(atom) if atom[0] == SYMBOL else (atom,))
        return join(left_open, tuple(a for a in made if a not in told))

    def nowhere(self) -> int:
        """The site of a record that stands at no place of its own."""
        return -2 - len(self.records)

    # -- call expressions

    def _e_call(self, e: Any) -> Value:
        _, function, arguments, keywords, site = e
        awaiting, self._awaiting = self._awaiting, False
        if function == "super":
            found = self._super(arguments)
            if found:
                self._builtin(site, e, "super")
                return found
        callee = self.ev(function)
        values: list[Value] = []
        for a in arguments:
            if type(a) is list and a[0] == ir.STAR:
                values.extend(self._spread(self.ev(a[1])))
            else:
                values.append(self.ev(a))
        named: dict[str, Value] = {}
        for name, a in keywords:
            value = self.ev(a)
            if name is None:
                for atom in self.settled(value):
                    if atom[0] == MAPPING:
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
        self._forget_paths(record, function, arguments)
        return out

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

    def _returned_here(self, gid: int, binding: dict[Any, Value]) -> Value:
        """What a function returns, without what it returns only for other truths of its parameters."""
        solver = self.solver
        guarded = solver.return_guards.get(gid)
        whole = solver.read(("r", gid), self)
        if not guarded or not any(solver.excluded(g, gid, binding) for g in guarded):
            return whole
        out: Value = ()
        for guards in guarded:
            if not solver.excluded(guards, gid, binding):
                out = join(out, solver.read(("rg", gid, guards), self))
        return out

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
            if name[0] == CONSTANT and isinstance(name[1], str):
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
        confidence: int = _HIGH,
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
        if tag in (EXTERNAL, BOUND):
            return self.call_external(atom, arguments, keywords, record, record.expression, how=how)
        if tag == CLASS:
            return self.construct(atom[1], arguments, keywords, record)
        if tag == SYMBOL:
            record.targets.append(Target(symbol=atom, how=how, confidence=confidence))
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
        if tag in (STATIC, CLASSMETHOD):
            return self.call_atom(atom[1], arguments, keywords, record, how=how, confidence=confidence)
        return ()

    # -- project callees

    def call_function(
        self,
        function: Atom,
        receiver: Atom | None,
        arguments: list[Value],
        keywords: dict[str, Value],
        record: Record,
        *,
        how: str = "call",
        confidence: int = _HIGH,
    ) -> Value:
        """Call a project function."""
        solver = self.solver
        gid = function[1]
        code = solver.codes[gid]
        binding: dict[Any, Value] = dict(function[2])
        self._bind(code, receiver, arguments, keywords, binding, record.site)
        if code.flags and ("cached" in code.flags or "unknown-decorator" in code.flags):
            confidence = min(confidence, _MEDIUM)
        virtual = (
            receiver is not None
            and receiver[0] == SELF
            and self.code.owner is not None
            and receiver[1] == self.code.owner.gid
            and bool(self.facts.params.names)
            and how in ("call", "property")
            and code.owner is not None
            and solver.overridden(receiver[1], code.facts.name)
        )
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
            symbol = (SYMBOL, self.code.gid, self.facts.params.names[0], (code.facts.name,))
            record.targets.append(Target(symbol=symbol, receiver=receiver, how=how, confidence=confidence))
        self.publish()
        solver.ensure(gid)
        if solver.keep_all:
            self.changed_by(gid, record)
        value = self._returned_here(gid, binding)
        if value:
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
        if held:
            text = record.expression
            self.env.held = (*self.env.held, *((atom, record.site, text) for atom in held))
        return value

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
        """Instantiate a project class: __new__, __init__, __post_init__, and an external base's constructor."""
        solver = self.solver
        instance: Atom = (INSTANCE, gid)
        record.known = True
        made: Value = ()
        initialised = False
        for base in solver.mro(gid, self):
            if isinstance(base, str):
                entry = solver.catalogue.entry(base)
                tells = entry is not None and (entry.spawns is not None or entry.bound is not None)
                if (
                    entry is not None
                    and entry.sets
                    and self._may_block(entry, None, arguments, keywords, record)
                ):
                    solver.write(("s", instance), ((CONSTANT, entry.sets),))
                wanted = tells or (not initialised and base != "builtins.object")
                unknown = solver.keep_all and solver.catalogue.type(base) is None
                if wanted and (entry is not None or unknown):
                    self._external_target(base, entry, instance, arguments, keywords, record, "construct")
                    initialised = initialised or entry is not None
                continue
            code = solver.codes[base]
            for special in ("__new__", "__init__"):
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
            record.targets.append(Target(gid=gid, how="instantiate", confidence=_HIGH))
        self._fields(gid, arguments, keywords)
        return join(((INSTANCE, gid),), made)

    def _fields(self, gid: int, arguments: list[Value], keywords: dict[str, Value]) -> None:
        """A class without a constructor of its own takes its fields' values from the call."""
        code = self.solver.codes[gid]
        if any(
            "__init__" in self.solver.codes[b].bound for b in self.solver.mro(gid, None) if isinstance(b, int)
        ):
            return
        fields = [n for n in code.facts.bound if not n.startswith("__")]
        for name, value in zip(fields, arguments, strict=False):
            if interesting(value):
                self.solver.write(("c", gid, name), shallow(value))
        for name, value in keywords.items():
            if interesting(value) and name in code.bound:
                self.solver.write(("c", gid, name), shallow(value))

    def property(self, function: Atom, receiver: Atom) -> Value:
        """A property is read: its function is called at the attribute."""
        site, expression = self._property_site
        record = self.records.get(site)
        if record is None or record.expression is not expression:
            record = self.record(site, expression)
        if function[0] != FUNCTION:
            return ()
        return self.call_function(function, receiver, [], {}, record, how="property")

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
        """Call a special method of an instance, such as ``__getitem__``."""
        out: Value = ()
        found = self.solver.attribute(receiver, method, self)
        for atom in found:
            if atom[0] == METHOD and atom[1][0] == FUNCTION:
                record = self.record(site, e)
                out = join(out, self.call_function(atom[1], atom[2], arguments, {}, record, how="operator"))
        return out

    def call_setter(self, receiver: Atom, name: str, value: Value, site: int, e: Any) -> None:
        """An assignment to an attribute that a property with a setter guards."""
        for base in self.solver.mro(receiver[1], self):
            if isinstance(base, int) and name in self.solver.codes[base].bound:
                self.solver.ensure(base)
                for atom in self.solver.read(("set", base, name), self):
                    record = self.record(site, e)
                    self.call_function(atom, receiver, [value], {}, record, how="property")
                return

    # -- external callees

    def call_external(
        self,
        atom: Atom,
        arguments: list[Value],
        keywords: dict[str, Value],
        record: Record,
        e: Any,
        *,
        how: str = "call",
    ) -> Value:
        """Call an external function, constructor or method."""
        solver = self.solver
        catalogue = solver.catalogue
        name = catalogue.canonical(atom[1])
        receiver = atom[2] if atom[0] == BOUND else None
        entry = catalogue.entry(name)
        if entry is None and receiver is not None:
            owner = self._external_type(receiver)
            if owner is not None:
                entry = catalogue.method(owner, name.rpartition(".")[2])
        record.known = True
        target = self._external_target(name, entry, receiver, arguments, keywords, record, how)
        if solver.keep_all and receiver is None:
            target.external = atom[1]  # the name by which it was imported
        if receiver is not None and receiver[0] in (CONTAINER, SEQUENCE, MAPPING, LITERAL, TUPLE, GENERATOR):
            value = containers.method(self, receiver, name.rpartition(".")[2], arguments, keywords, record)
            if value is not None:
                return value
        if receiver is None and name.startswith("builtins."):
            value = self.builtin(name[9:], arguments, record)
            if value is not None:
                if entry is not None and entry.runs:
                    self._runs(entry, arguments, keywords, record, e, name)
                return value
        if entry is not None:
            if entry.runs:
                handled = self._runs(entry, arguments, keywords, record, e, name)
                if handled is not None:
                    return self._future(entry, receiver, handled, record)
            if entry.does == "asks-coroutine":
                return tuple(
                    (ASKS, a[1], a[2], True) for v in arguments[:1] for a in v if a[0] == SYMBOL and not a[3]
                )
            if entry.does == "asks-running":
                self._ever_asked = True
                return ((RUNNING, True),)
            if entry.does == "thread-identity":
                value = entry_result(solver, name, entry, receiver, arguments, keywords, None)
                return join(value, ((RUNNING, "thread"),))
            if entry.does == "running-loop":
                self._asked = self._ever_asked = True
            if entry.does is not None and receiver is not None:
                self._effects(entry, receiver, target, record)
        self._registrars(name, arguments, keywords, record)
        origin = (self.code.gid, record.site)
        value = self._cast(entry, e) or entry_result(
            solver, name, entry, receiver, arguments, keywords, origin
        )
        if entry is not None and entry.shares:
            self._share(entry.shares, arguments, keywords, origin)
        if entry is not None and entry.sets and self._may_block(entry, receiver, arguments, keywords, record):
            made = next((a for a in value if a[0] == OBJECT and a[2] == origin), None)
            solver.write(self._state_key(receiver or made, record), ((CONSTANT, entry.sets),))
            return value  # the object is told from others by where it is made
        if any(a[0] == OBJECT and a[2] == origin and catalogue.role(a[1]) is None for a in value):
            value = tuple(
                (OBJECT, a[1], None)
                if a[0] == OBJECT and a[2] == origin and catalogue.role(a[1]) is None
                else a
                for a in value
            )
        return value

    def _cast(self, entry: Entry | None, e: Any) -> Value:
        """What `cast` and its like give: the type that they are told, read as an annotation is."""
        if entry is None or entry.result is None or entry.result[0] != "type":
            return ()
        told = _argument(e, None, entry.result[1])
        return self.solver.annotated(self.code, told, self) if told is not None else ()

    def _future(self, entry: Entry, receiver: Atom | None, handled: Value, record: Record) -> Value:
        """What a call that runs something elsewhere gives: the object that stands for the result, or the result."""
        if entry.result is None or entry.result[0] != "instance":
            return handled
        origin = (self.code.gid, record.site) if self.solver.catalogue.role(entry.result[1]) else None
        made = evaluate(self.solver, entry.result, receiver, [], {}, origin)
        if handled and not any(a[0] == AWAITABLE for a in handled):
            handled = ((AWAITABLE, handled),)
        return join(made, handled)

    def _external_type(self, receiver: Atom) -> str | None:
        if receiver[0] == OBJECT:
            return self.solver.catalogue.canonical(receiver[1])
        if receiver[0] in (SELF, INSTANCE):
            for base in self.solver.external_bases(receiver[1]):
                if self.solver.catalogue.type(base) is not None:
                    return base
        return None

    def _external_target(
        self,
        name: str,
        entry: Entry | None,
        receiver: Atom | None,
        arguments: list[Value],
        keywords: dict[str, Value],
        record: Record,
        how: str,
    ) -> Target:
        target = Target(external=name, entry=entry, receiver=receiver, how=how)
        if entry is not None and entry.blocks:
            target.blocks = self._may_block(entry, receiver, arguments, keywords, record)
            target.confidence = int(entry.confidence)
            if target.blocks and record.awaited and not entry.awaitable:
                # Something is awaited here: whatever it is, it is not the blocking callable of that name.
                target.blocks = False
                target.reason = "awaited"
            if target.blocks and receiver is not None and self._asynchronous(receiver):
                target.blocks = False
        record.targets.append(target)
        return target

    def _asynchronous(self, receiver: Atom) -> bool:
        if receiver[0] != OBJECT:
            return False
        info = self.solver.catalogue.type(self.solver.catalogue.canonical(receiver[1]))
        return info is not None and info.asynchronous

    def _may_block(
        self,
        entry: Entry,
        receiver: Atom | None,
        arguments: list[Value],
        keywords: dict[str, Value],
        record: Record,
    ) -> bool:
        if any(self._holds(c, receiver, arguments, keywords, record) for c in entry.unless):
            return False
        return not entry.only_if or any(
            self._holds(c, receiver, arguments, keywords, record) for c in entry.only_if
        )

    def _holds(
        self,
        condition: Condition,
        receiver: Atom | None,
        arguments: list[Value],
        keywords: dict[str, Value],
        record: Record,
    ) -> bool:
        if condition.test == "state":
            if state_path(record.expression, str(condition.value)) in self.env.paths:
                return True
            state = self.solver.read(self._state_key(receiver, record), self)
            return (CONSTANT, condition.value) in state
        given = False
        value: Value = ()
        if condition.name is not None and condition.name in keywords:
            given, value = True, keywords[condition.name]
        elif condition.at is not None and condition.at < len(arguments):
            given, value = True, arguments[condition.at]
        if condition.test == "given":
            return given is bool(condition.value)
        if not given:
            return False
        if condition.test == "is":
            if len(value) != 1 or value[0][0] != CONSTANT:
                return False
            constant = value[0][1]
            return bool(constant == condition.value) and type(constant) in (type(condition.value), int, float)
        if condition.test == "type":
            catalogue = self.solver.catalogue
            return bool(value) and all(
                a[0] == OBJECT and condition.value in catalogue.mro(catalogue.canonical(a[1])) for a in value
            )
        return _mentions(_argument(record.expression, condition.name, condition.at), str(condition.value))

    def _state_key(self, receiver: Atom | None, record: Record) -> Any:
        """The cell of an object's states; one whose making is not known goes by its name here."""
        if receiver is None or (receiver[0] == OBJECT and receiver[2] is None):
            scope = self.code.owner or self.code
            return ("s", scope.gid, state_path(record.expression, ""))
        return ("s", receiver)

    def told_states(self, record: Record) -> list[str]:
        """What a call tells of its receiver if it comes out true: ``if future.done():``."""
        told = [t.entry.tells for t in record.targets if t.entry is not None and t.entry.tells]
        return [path for state in told if (path := state_path(record.expression, state)) is not None]

    def _runs(
        self,
        entry: Entry,
        arguments: list[Value],
        keywords: dict[str, Value],
        record: Record,
        e: Any,
        name: str,
    ) -> Value | None:
        """Callables handed over: run here, elsewhere or later. A result that they decide is returned."""
        out: Value | None = None
        for run in entry.runs:
            value: Value = ()
            given = False
            if run.name is not None and run.name in keywords:
                value, given = keywords[run.name], True
            elif run.at is not None and run.at < len(arguments):
                value, given = arguments[run.at], True
            if not given:
                continue
            if run.rest and run.at is not None:
                for more in arguments[run.at + 1 :]:
                    value = join(value, more)
            executor = (
                arguments[run.executor] if run.executor is not None and run.executor < len(arguments) else ()
            )
            if any(self.solver.role(atom) == "process-pool" for atom in executor):
                run = replace(run, context="process")  # noqa: PLW2901
            made = self._run(run, entry, value, arguments, keywords, record, e, name)
            if made is not None:
                out = made if out is None else join(out, made)
        return out

    def _run(
        self,
        run: Run,
        entry: Entry,
        value: Value,
        arguments: list[Value],
        keywords: dict[str, Value],
        record: Record,
        e: Any,
        name: str,
    ) -> Value | None:
        solver = self.solver
        out: Value = ()
        if run.partial:
            rest = arguments[(run.at or 0) + 1 :]
            named = tuple(sorted((k, v) for k, v in keywords.items() if k != run.name))
            return tuple((PARTIAL, a, tuple(rest), named) for a in value if a[0] in CALLABLES)
        if run.decorates:
            return tuple((OFFLOADED, a, run.context) for a in value)
        if run.context in ("thread", "process"):
            inner = _argument(e, run.name, run.at)
            if (
                type(inner) is list
                and inner[0] == ir.CALL
                and not any(a[0] in CALLABLES or a[0] in (SYMBOL, AWAITABLE) for a in value)
            ):
                record.references.append(Reference("eager", (CONSTANT, inner[4]), False, "", name))
        for atom in value:
            if run.context == "here":
                result = (
                    self.call_atom(atom, self._handed(run, arguments), {}, record, how="here")
                    if atom[0] in CALLABLES or atom[0] == SYMBOL
                    else ()
                )
                out = join(out, result)
                continue
            if atom[0] == AWAITABLE and (run.result or run.context == "loop-now"):
                out = join(out, atom[1])
                continue
            if atom[0] in CALLABLES or atom[0] in (SYMBOL, SELF, INSTANCE):
                record.references.append(
                    Reference(run.context, atom, run.per_request, run.async_context, name)
                )
            if run.result:
                out = join(out, solver.result_of(atom, self))
        if run.result:
            return ((AWAITABLE, out),) if entry.awaitable else out
        return None

    def _handed(self, run: Run, arguments: list[Value]) -> list[Value]:
        """What a callable that is run at once gets, as in `map`: the elements of the other arguments."""
        if not self.solver.keep_all:
            return []
        out: list[Value] = []
        for position, value in enumerate(arguments):
            if position != run.at:
                inner: Value = ()
                for atom in self.settled(value):
                    inner = join(inner, self.solver.elements(atom, self))
                out.append(inner)
        return out

    def _registrars(
        self, name: str, arguments: list[Value], keywords: dict[str, Value], record: Record
    ) -> None:
        for table in self.solver.catalogue.registrar(name):
            value: Value = ()
            if table.get("name") in keywords:
                value = keywords[table["name"]]
            elif table.get("at") is not None and table["at"] < len(arguments):
                value = arguments[table["at"]]
            for atom in value:
                if atom[0] in CALLABLES or atom[0] == SYMBOL:
                    record.references.append(
                        Reference(
                            table["context"],
                            atom,
                            table.get("per_request", False),
                            table.get("async_context", "loop"),
                            name,
                        )
                    )

    def _effects(self, entry: Entry, receiver: Atom, target: Target, record: Record) -> None:
        """Locks taken and given back by method calls."""
        if entry.does == "acquire" and self.solver.role(receiver) in LOCK_ROLES:
            if target.blocks or not entry.blocks:
                self.env.held = (
                    *self.env.held,
                    (
                        self.solver.lock_of(receiver, self),
                        record.site,
                        record.expression[1][1] if _is_method(record.expression) else None,
                    ),
                )
        elif entry.does == "release":
            held = list(self.env.held)
            for position in range(len(held) - 1, -1, -1):
                if held[position][0] == self.solver.lock_of(receiver, self):
                    del held[position]
                    break
            self.env.held = tuple(held)

    def _share(
        self,
        table: dict[str, Any],
        arguments: list[Value],
        keywords: dict[str, Value],
        origin: tuple[int, int],
    ) -> None:
        """Note the lock that a new condition is given: the two are one lock."""
        at = table.get("at", len(arguments))
        given = keywords.get(table["name"]) or (arguments[at] if at < len(arguments) else ())
        locks = tuple(a for a in given if self.solver.role(a) in LOCK_ROLES)
        if locks:
            self.solver.write(("lock", origin), locks)

    def tried_locks(self, record: Record) -> list[Any]:
        """Locks that a call takes if it comes out true: ``if lock.acquire(blocking=False):``."""
        text = record.expression[1][1] if _is_method(record.expression) else None
        return [
            (self.solver.lock_of(target.receiver, self), record.site, text)
            for target in record.targets
            if target.entry is not None
            and target.entry.does == "acquire"
            and not target.blocks
            and target.receiver is not None
            and self.solver.role(target.receiver) in LOCK_ROLES
        ]

    def awaited(self, atom: Atom) -> Value:
        """What awaiting an atom gives."""
        tag = atom[0]
        if tag == AWAITABLE:
            value: Value = atom[1]
            return value
        if tag == OBJECT:
            for base in self.solver.catalogue.mro(self.solver.catalogue.canonical(atom[1])):
                info = self.solver.catalogue.type(base)
                if info is not None and info.awaits:
                    return evaluate_text(self.solver, info.awaits, atom)
        return ()

    # -- iteration

    def consume(self, e: Any) -> None:
        """What a lazy call only began happens now: its result is iterated."""
        record = self.records.get(e[4]) if type(e) is list and e[0] == ir.CALL else None
        for target in record.targets if record is not None else ():
            if target.entry is not None and target.entry.lazy and target.how == "call":
                target.how = "iterate"

    def iterate(self, value: Value, site: int, e: Any, *, is_async: bool) -> Value:
        """What looping over a value gives; generators run their bodies here."""
        self.consume(e)
        out: Value = ()
        for atom in value:
            tag = atom[0]
            if tag == GENERATOR:
                if atom[1] >= 0 and not atom[3]:
                    record = self._loop_record(site, e)
                    code = self.solver.codes[atom[1]]
                    confidence = _MEDIUM if "unknown-decorator" in code.flags else _HIGH
                    record.targets.append(
                        Target(gid=atom[1], how="iterate", binding={}, confidence=confidence)
                    )
                out = join(out, atom[2])
            elif tag in (SELF, INSTANCE):
                out = join(out, self._iterate_instance(atom, site, e, is_async=is_async))
            elif tag == SYMBOL:
                left_open = self.solver.elements(atom, self)
                out = join(
                    out,
                    self.with_given(
                        atom, left_open, lambda a: self.iterate((a,), site, e, is_async=is_async)
                    ),
                )
            elif tag in (OBJECT, EXTERNAL):
                kind = self.solver.catalogue.canonical(atom[1])
                if not is_async:
                    for special in ("__iter__", "__next__"):
                        entry = self.solver.catalogue.method(kind, special)
                        if entry is not None and entry.blocks:
                            record = self._loop_record(site, e)
                            self._external_target(entry.name, entry, atom, [], {}, record, "iterate")
                out = join(out, self.solver.elements(atom, self))
            else:
                out = join(out, self.solver.elements(atom, self))
        return out

    def _loop_record(self, site: int, e: Any) -> Record:
        record = self.records.get(site)
        if record is None or record.expression is not e:
            record = self.record(site, e)
        return record

    def _iterate_instance(self, atom: Atom, site: int, e: Any, *, is_async: bool) -> Value:
        out: Value = ()
        first = "__aiter__" if is_async else "__iter__"
        made: Value = ()
        for inner in self.solver.attribute(atom, first, self):
            if inner[0] == METHOD and inner[1][0] == FUNCTION:
                record = self._loop_record(site, e)
                made = join(made, self.call_function(inner[1], inner[2], [], {}, record, how="iterate"))
        for inner in made:
            if inner[0] == GENERATOR:
                record = self._loop_record(site, e)
                record.targets.append(Target(gid=inner[1], how="iterate", binding={}))
                out = join(out, inner[2])
            elif inner[0] in (SELF, INSTANCE):
                out = join(out, self._next(inner, site, e, is_async=is_async))
            else:
                out = join(out, self.solver.elements(inner, self))
        if not made:
            for inner in self.solver.attribute(atom, "__getitem__", self):
                if inner[0] == METHOD and inner[1][0] == FUNCTION:
                    record = self._loop_record(site, e)
                    out = join(out, self.call_function(inner[1], inner[2], [], {}, record, how="iterate"))
        return out

    def _next(self, atom: Atom, site: int, e: Any, *, is_async: bool) -> Value:
        out: Value = ()
        for inner in self.solver.attribute(atom, "__anext__" if is_async else "__next__", self):
            if inner[0] == METHOD and inner[1][0] == FUNCTION:
                record = self._loop_record(site, e)
                value = self.call_function(inner[1], inner[2], [], {}, record, how="iterate")
                for got in value:
                    out = join(out, self.awaited(got) if got[0] == AWAITABLE else (got,))
        return out

    def next_of(self, atom: Atom, record: Record) -> Value:
        """What `next(x)` gives."""
        if atom[0] in (SELF, INSTANCE):
            return self._next(atom, record.site, record.expression, is_async=False)
        return ()

    # -- context managers

    def enter(self, value: Value, site: int, e: Any, *, is_async: bool) -> tuple[Value, list[Any]]:
        """Enter a context manager: what ``as`` is given, and the locks held inside."""
        out: Value = ()
        locks: list[Any] = []
        for outer in value:
            for atom in self.solver.given(outer, self) if outer[0] == SYMBOL else (outer,):
                tag = atom[0]
                if tag == CONTEXT:
                    out = join(out, atom[2])
                    if not is_async:
                        held = self.solver.read(("h", atom[1]), self)
                        locks.extend((a, site, e) for a in held)
                elif tag == OBJECT:
                    out = join(out, self._enter_object(atom, site, e, locks, is_async=is_async))
                elif tag in (SELF, INSTANCE):
                    if not is_async and self.solver.role(atom) in LOCK_ROLES:
                        locks.append((self.solver.lock_of(atom, self), site, e))
                    out = join(out, self._enter_instance(atom, site, e, locks, is_async=is_async))
                elif tag == AWAITABLE:
                    out = join(out, atom[1])
        return out, locks

    def _enter_object(self, atom: Atom, site: int, e: Any, locks: list[Any], *, is_async: bool) -> Value:
        catalogue = self.solver.catalogue
        kind = catalogue.canonical(atom[1])
        if not is_async:
            if self.solver.role(atom) in LOCK_ROLES:
                locks.append((self.solver.lock_of(atom, self), site, e))
            for special in ("__enter__", "__exit__"):
                entry = catalogue.method(kind, special)
                if entry is not None:
                    record = self._loop_record(site, e)
                    self._external_target(
                        entry.name, entry, atom, [], {}, record, "enter" if special == "__enter__" else "exit"
                    )
        for base in catalogue.mro(kind):
            info = catalogue.type(base)
            text = (info.aenter if is_async else info.enter) if info is not None else ""
            if text:
                return (atom,) if text == "self" else evaluate_text(self.solver, text, atom)
        return (atom,)

    def _enter_instance(self, atom: Atom, site: int, e: Any, locks: list[Any], *, is_async: bool) -> Value:
        out: Value = ()
        for special in ("__aenter__", "__aexit__") if is_async else ("__enter__", "__exit__"):
            for inner in self.solver.attribute(atom, special, self):
                if inner[0] == BOUND and not is_async:
                    entry = self.solver.catalogue.entry(inner[1])
                    if entry is not None:
                        record = self._loop_record(site, e)
                        self._external_target(
                            inner[1],
                            entry,
                            atom,
                            [],
                            {},
                            record,
                            "enter" if special == "__enter__" else "exit",
                        )
                    if special == "__enter__":
                        out = join(out, (atom,))
                if inner[0] != METHOD or inner[1][0] != FUNCTION:
                    continue
                record = self._loop_record(site, e)
                before = self.env.held
                value = self.call_function(
                    inner[1],
                    inner[2],
                    [],
                    {},
                    record,
                    how="enter" if special in ("__enter__", "__aenter__") else "exit",
                )
                if special == "__enter__":
                    locks.extend((h[0], site, e) for h in self.env.held[len(before) :])
                self.env.held = before
                if special == "__enter__":
                    out = join(out, tuple(a for a in value if a != NONE))
                elif special == "__aenter__":
                    for got in value:
                        out = join(out, self.awaited(got))
        return out

    # -- decorators

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
                if expression[2] == "setter":
                    self.solver.write(
                        ("set", self.code.gid, code.facts.name), tuple(a for a in value if a[0] == FUNCTION)
                    )
                return base if expression[2] != "getter" else tuple((PROPERTY, a) for a in value)
        factory = type(expression) is list and expression[0] == ir.CALL
        head = self.ev(expression[1]) if factory else self.ev(expression)
        for atom in head:
            if atom[0] in (EXTERNAL, BOUND):
                name = self.solver.catalogue.canonical(atom[1])
                known = self._known_decorator(name, code, value)
                if known is not None:
                    if factory:
                        self.ev(expression)
                    self._decorator_event(name, code, expression)
                    return known
        out: Value = ()
        applied = False
        made = self.ev(expression) if factory else head
        for atom in made:
            if atom[0] in (FUNCTION, METHOD, CLASS, PARTIAL, SELF, INSTANCE, BOUND):
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
            return made
        code.flags.add("unknown-decorator")
        return value

    def _decorator_event(self, name: str, code: Code, expression: Any) -> None:
        """Note what a decorator itself does around each call of a plain function, such as sleeping between tries."""
        table = self.solver.catalogue.decorator(name)
        if table is None or code.is_async or table.get("kind", "none") == "none":
            return
        if "only_if" in table or "unless" in table:
            call = (
                self.records.get(expression[4])
                if type(expression) is list and expression[0] == ir.CALL
                else None
            )
            if call is None:
                call = Record(self.code.gid, -1, expression, None, ())
            if not self._may_block(decorator_entry(name, table), None, call.arguments, call.keywords, call):
                return
        self.solver.decorator_events.setdefault(code.gid, {})[
            table["kind"], name, table.get("confidence", "high")
        ] = None

    def _callable(self, atom: Atom) -> bool:
        return atom[0] == INSTANCE and bool(self.solver.attribute(atom, "__call__", None))

    def _known_decorator(self, name: str, code: Code, value: Value) -> Value | None:
        if name == "builtins.property":
            code.flags.add("property")
            return tuple((PROPERTY, a) for a in value)
        if name == "builtins.staticmethod":
            return tuple((STATIC, a) for a in value)
        if name == "builtins.classmethod":
            return tuple((CLASSMETHOD, a) for a in value)
        table = self.solver.catalogue.decorator(name)
        if table is None:
            return None
        effect = table["effect"]
        if effect in ("property", "cached-property"):
            code.flags.add("property" if effect == "property" else "cached")
            return tuple((PROPERTY, a) for a in value)
        if effect == "staticmethod":
            return tuple((STATIC, a) for a in value)
        if effect == "classmethod":
            return tuple((CLASSMETHOD, a) for a in value)
        if effect in ("cached", "memoised-method"):
            code.flags.add("cached")
        elif effect in (
            "contextmanager",
            "asynccontextmanager",
            "overload",
            "abstract",
            "asynchronous",
            "synchronous",
            "deferred",
        ):
            code.flags.add(effect)
        elif effect == "offloads":
            code.flags.add("offloaded")
            return tuple((OFFLOADED, a, table.get("context", "thread")) for a in value)
        elif effect in ("registers", "schedules"):
            self.solver.registered.setdefault(code.gid, []).append(table)
        if effect == "overload":
            return ()
        if effect == "deferred":
            return tuple((OFFLOADED, a, table.get("context", "never")) for a in value)
        return value


def state_path(call: Any, state: str) -> str | None:
    """Under which path a state of a method call's receiver is known; below the receiver's own."""
    path = path_of(call[1][1]) if _is_method(call) else None
    return None if path is None else f"{path}.<{state}>"


def _root(expression: Any) -> str | None:
    while type(expression) is list and expression[0] in (ir.ATTR, ir.SUBSCRIPT, ir.CALL):
        expression = expression[1]
    return expression if type(expression) is str else None


def _is_method(e: Any) -> bool:
    return type(e) is list and e[0] == ir.CALL and type(e[1]) is list and e[1][0] == ir.ATTR


def _argument(e: Any, name: str | None, at: int | None) -> Any:
    if type(e) is not list or e[0] != ir.CALL:
        return None
    for key, value in e[3]:
        if key is not None and key == name:
            return value
    return e[2][at] if at is not None and at < len(e[2]) else None


def _mentions(e: Any, word: str) -> bool:
    if type(e) is str:
        return e == word
    if type(e) is not list:
        return False
    if e[0] == ir.ATTR and e[2] == word:
        return True
    return any(_mentions(part, word) for part in e[1:])
