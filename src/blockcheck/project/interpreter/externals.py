"""Calls of external functions, constructors and methods, by what the catalogue knows of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project import containers
from blockcheck.project.interpreter.holding import Holding, is_method
from blockcheck.project.kept_files import is_given_memory
from blockcheck.project.model import LOW, Record, Region, Target, argument, guards_of, path_of
from blockcheck.project.results import entry_result, evaluate
from blockcheck.project.values import (
    ASKS,
    AWAITABLE,
    BOUND,
    CONSTANT,
    CONTAINER,
    EXTERNAL,
    GENERATOR,
    HINT,
    IN_MEMORY,
    INSTANCE,
    LITERAL,
    MAPPING,
    MODULE,
    NAMESPACE,
    OBJECT,
    OTHERWISE,
    PLATFORM,
    RECORD,
    RUNNING,
    SELF,
    SEQUENCE,
    SYMBOL,
    TUPLE,
    Atom,
    Value,
    join,
    shallow,
)

if TYPE_CHECKING:
    from blockcheck.catalogue import Condition, Entry


#: How Python names platforms: Windows, and those that say that it is another.
WINDOWS = frozenset({"win32", "win", "cygwin", "nt", "Windows"})
OTHERS = frozenset({"linux", "darwin", "posix", "Linux", "Darwin"})
NONE_GIVEN = ((CONSTANT, None),)
#: What is done with a file, and so with one in memory.
_READ_OR_WRITTEN = frozenset({"file", "database", "http"})
#: Results that stand in an argument's expression.
_TOLD = frozenset({"type", "hint", "record", "imported"})


class Externals(Holding):
    """Calls of what lies outside the project."""

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
        owner_name, _, method = name.rpartition(".")
        if method == "startswith" and arguments and self.is_platform(receiver or (EXTERNAL, owner_name)):
            return tuple((PLATFORM, str(a[1]) in WINDOWS) for a in arguments[0] if a[0] == CONSTANT)
        entry = catalogue.entry(name)
        if entry is None and receiver is not None:
            owner = self._external_type(receiver)
            if owner is not None:
                entry = catalogue.method(owner, name.rpartition(".")[2])
        elif entry is None:
            owner, _, last = name.rpartition(".")
            if last[:1].islower() and catalogue.type(owner) is not None:  # through the class itself
                entry = catalogue.method(owner, last)
        record.known = True
        target = self._external_target(name, entry, receiver, arguments, keywords, record, how)
        if solver.keep_all and receiver is None:
            target.external = atom[1]  # the name by which it was imported
        if entry is not None and entry.uses and not solver.keep_all:
            self._uses(entry, arguments, keywords, record)
        if receiver is not None and (
            receiver[0] in (CONTAINER, SEQUENCE, MAPPING, LITERAL, TUPLE, GENERATOR, NAMESPACE)
            or solver.container(receiver) is not None
        ):
            value = containers.method(self, receiver, name.rpartition(".")[2], arguments, keywords, record)
            if value is not None:
                if entry is not None and entry.does is not None:
                    self._effects(entry, receiver, target, record)
                return ((AWAITABLE, shallow(value)),) if self._asynchronous(receiver) else value
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
                if entry.does == "enters" and arguments:
                    return self._enter_in_stack(record, arguments[0], is_async=entry.awaitable)
                self._effects(entry, receiver, target, record)
        self._registrars(name, arguments, keywords, record)
        origin = (self.code.gid, record.site)
        value = self._told(entry, arguments, e) or entry_result(
            solver, name, entry, receiver, arguments, keywords, origin
        )
        if entry is not None and entry.shares:
            self._share(entry.shares, arguments, keywords, origin, e)
        state = None
        if entry is not None:
            state = self.state_set(entry, receiver, arguments, keywords, record)
            if state == IN_MEMORY and not any(
                a[0] == OBJECT and a[2] == origin and not a[1].startswith("builtins.") for a in value
            ):
                state = None  # what it gives works on no file
        if state is not None:
            made = next((a for a in value if a[0] == OBJECT and a[2] == origin), None)
            solver.write(self._state_key(made or receiver, record), ((CONSTANT, state),))
            return value  # the object is told from others by where it is made
        return tuple(
            (OBJECT, a[1], None)
            if a[0] == OBJECT and a[2] == origin and catalogue.role(a[1]) is None and not catalogue.like(a[1])
            else a
            for a in value
        )

    def is_platform(self, atom: Atom) -> bool:
        """Whether a value names the platform that this runs on."""
        return (
            atom[0] in (EXTERNAL, OBJECT)
            and self.solver.catalogue.role(self.solver.catalogue.canonical(atom[1])) == "platform"
        )

    def _told(self, entry: Entry | None, arguments: list[Value], e: Any) -> Value:
        """What a call gives that is told a type, a module or names: read off the argument's expression."""
        if entry is None or entry.result is None or entry.result[0] not in _TOLD:
            return ()
        how, at = entry.result
        told = argument(e, None, at)
        if told is None:
            return ()
        if how == "record":
            names = field_names(told)
            return ((RECORD, names),) if names is not None else ()
        if how == "imported":
            return self._imported(arguments)
        allowed = self.solver.annotated(self.code, told, self)
        return ((HINT, allowed),) if how == "hint" and allowed else allowed

    def _imported(self, arguments: list[Value]) -> Value:
        """The project's modules that a call imports by their names."""
        out: Value = ()
        for name in self.settled(arguments[0]):
            if name[0] == CONSTANT and isinstance(name[1], str):
                dotted = name[1].lstrip(".")
                level = len(name[1]) - len(dotted)
                if level and len(arguments) > 1:
                    for package in self.settled(arguments[1]):
                        if package[0] == CONSTANT and isinstance(package[1], str):
                            above = package[1].split(".")[: 1 - level or None]
                            out = join(out, self._module(".".join([*above, dotted])))
                elif not level:
                    out = join(out, self._module(dotted))
        return out

    def _module(self, dotted: str) -> Value:
        index = self.solver.modules.find(dotted, self.code.unit)
        return ((MODULE, index),) if index is not None else ()

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
            target.blocks = self.may_block(entry, receiver, arguments, keywords, record)
            target.confidence = int(entry.confidence)
            if entry.does == "put" and receiver is not None and receiver[0] == OBJECT and receiver[2] is None:
                target.confidence = LOW  # it waits where the queue is full, and most queues hold any number
            if target.blocks and record.awaited and not entry.awaitable:
                # Something is awaited here: whatever it is, it is not the blocking callable of that name.
                target.blocks = False
                target.reason = "awaited"
            if target.blocks and receiver is not None and self._asynchronous(receiver):
                target.blocks = False
            if entry.kind in _READ_OR_WRITTEN and self._works_in_memory(
                entry, receiver, arguments, keywords, record
            ):
                target.blocks = False
            elif (
                entry.kind == "file"
                and receiver is not None
                and receiver[0] == OBJECT
                and receiver[2] is None
            ):
                self._unless_given_memory(record)
            if target.blocks and entry.kind == "file":
                self._unless_kept_memory(entry, receiver, record, target)
            if entry.does == "put" and receiver is not None and self._is_being_filled(receiver, record):
                target.blocks = False
        record.targets.append(target)
        return target

    def _unless_given_memory(self, record: Record) -> None:
        """A file known by a parameter's annotation may be one in memory: the caller knows."""
        name = record.expression[1][1] if is_method(record.expression) else None
        if type(name) is str and self.is_given(name):
            guard = (self.code.gid, name, (IN_MEMORY, None, False))
            record.regions = Region("when", -1, guard, record.regions)

    def _unless_kept_memory(
        self, entry: Entry, receiver: Atom | None, record: Record, target: Target
    ) -> None:
        """A file known by an attribute's annotation is one in memory where every known caller gives such a one."""
        if entry.handle is not None:
            file = _handled(entry.handle, record)
        elif receiver is not None and receiver[0] == OBJECT and receiver[2] is None:
            file = record.expression[1][1] if is_method(record.expression) else None
        else:
            return
        if is_given_memory(self, file):
            target.confidence = LOW

    def _is_being_filled(self, receiver: Atom, record: Record) -> bool:
        """Whether a constructor fills a queue that it has just made: it knows how much there is room for."""
        if self.facts.name != "__init__" or not is_method(record.expression):
            return False
        made_here = receiver[0] == OBJECT and receiver[2] is not None and receiver[2][0] == self.code.gid
        return made_here or path_of(record.expression[1][1]) in self.env.paths

    def state_set(
        self,
        entry: Entry,
        receiver: Atom | None,
        arguments: list[Value],
        keywords: dict[str, Value],
        record: Record,
    ) -> str | None:
        """The state that a call sets: of its receiver, or of what it makes."""
        if entry.sets and self.may_block(entry, receiver, arguments, keywords, record):
            return entry.sets
        return IN_MEMORY if self._works_in_memory(entry, receiver, arguments, keywords, record) else None

    def _works_in_memory(
        self,
        entry: Entry,
        receiver: Atom | None,
        arguments: list[Value],
        keywords: dict[str, Value],
        record: Record,
    ) -> bool:
        """Whether the file that a call works on, its receiver or an argument, is known to be one in memory."""
        if entry.handle is None:
            return receiver is not None and self.solver.in_memory(receiver, self)
        at = entry.handle.get("at", len(arguments))
        given = keywords.get(entry.handle["name"]) or (arguments[at] if at < len(arguments) else ())
        if "is" in entry.handle:
            return given == ((CONSTANT, entry.handle["is"]),)
        if "begins" in entry.handle:
            return self._begins(_handled(entry.handle, record), given, entry.handle["begins"], record)
        return bool(given) and all(self.solver.in_memory(a, self) for a in given)

    def _begins(self, e: Any, value: Value, start: str, record: Record) -> bool:
        """Whether an argument is a text with a given start: by its value, or by a test that has come out so."""
        if value and all(a[0] == CONSTANT and str(a[1]).startswith(start) for a in value):
            return True
        asked = (self.code.gid, e, ("startswith", start, True))
        return type(e) is str and self.is_given(e) and asked in guards_of(record.regions)

    def _asynchronous(self, receiver: Atom) -> bool:
        if receiver[0] != OBJECT:
            return False
        info = self.solver.catalogue.type(self.solver.catalogue.canonical(receiver[1]))
        return info is not None and info.asynchronous

    def _uses(self, entry: Entry, arguments: list[Value], keywords: dict[str, Value], record: Record) -> None:
        """Methods of its arguments that a call calls: those of a handle that it reads from, or to get all elements."""
        catalogue = self.solver.catalogue
        for use in entry.uses:
            value = keywords.get(use.get("name", ""), ())
            if not value and use.get("at", len(arguments)) < len(arguments):
                value = arguments[use["at"]]
            if use["method"] == "__iter__":
                self.exhaust(value, record, lazy=entry.lazy)
                continue
            for atom in value:
                found = (
                    catalogue.method(catalogue.canonical(atom[1]), use["method"])
                    if atom[0] == OBJECT
                    else None
                )
                if found is not None and found.blocks:
                    how = "lazy" if entry.lazy else "call"
                    self._external_target(found.name, found, atom, [], {}, record, how)

    def may_block(
        self,
        entry: Entry,
        receiver: Atom | None,
        arguments: list[Value],
        keywords: dict[str, Value],
        record: Record,
    ) -> bool:
        """Whether the conditions of an entry hold for a call."""
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
            if receiver is not None and receiver[0] == SELF:  # whatever instances there are
                for gid in (receiver[1], *self.solver.subclasses(receiver[1])):
                    state = join(state, self.solver.read(("s", (INSTANCE, gid)), self))
            return (CONSTANT, condition.value) in state and (
                CONSTANT,
                f"{OTHERWISE}{condition.value}",
            ) not in state
        given = False
        value: Value = ()
        if condition.name is not None and condition.name in keywords:
            given, value = True, keywords[condition.name]
        elif condition.at is not None and condition.at < len(arguments):
            given, value = True, arguments[condition.at]
        if condition.test == "given":  # None stands for what is left out
            return (given and value != NONE_GIVEN) is bool(condition.value)
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
        return _mentions(argument(record.expression, condition.name, condition.at), str(condition.value))

    def _state_key(self, receiver: Atom | None, record: Record) -> Any:
        """The cell of an object's states; one whose making is not known goes by its name here."""
        if receiver is None or (receiver[0] == OBJECT and receiver[2] is None):
            scope = self.code.owner or self.code
            return ("s", scope.gid, state_path(record.expression, ""))
        return ("s", receiver)

    def told_states(self, record: Record, *, truth: bool) -> list[str]:
        """What the outcome of a call tells of its receiver: ``if future.done():``, ``while queue.empty():``."""
        entries = [t.entry for t in record.targets if t.entry is not None]
        told = [e.tells if truth else e.tells_otherwise for e in entries]
        return [
            path for state in told if state and (path := state_path(record.expression, state)) is not None
        ]


def state_path(call: Any, state: str) -> str | None:
    """Under which path a state of a method call's receiver is known; below the receiver's own."""
    path = path_of(call[1][1] if is_method(call) else call)  # of what a `with` enters, itself
    return None if path is None else f"{path}.<{state}>"


def _mentions(e: Any, word: str) -> bool:
    if type(e) is str:
        return e == word
    if type(e) is not list:
        return False
    if e[:1] == [ir.ATTR] and e[2] == word:
        return True
    return any(_mentions(part, word) for part in e[1:])


def field_names(e: Any) -> tuple[str, ...] | None:
    """The names in ``"a b"``, ``["a", "b"]`` or ``[("a", int), ("b", str)]``."""
    if type(e) is list and e[0] == ir.CONST and isinstance(e[1], str):
        return tuple(e[1].replace(",", " ").split())
    if type(e) is not list or e[0] not in (ir.TUPLE, ir.LIST):
        return None
    names = []
    for part in e[1]:
        first = part[1][0] if type(part) is list and part[0] == ir.TUPLE and part[1] else part
        if type(first) is not list or first[0] != ir.CONST or not isinstance(first[1], str):
            return None
        names.append(first[1])
    return tuple(names)


def _handled(handle: dict[str, Any], record: Record) -> Any:
    """The expression of the file that a call works on."""
    return argument(record.expression, handle["name"], handle.get("at"))
