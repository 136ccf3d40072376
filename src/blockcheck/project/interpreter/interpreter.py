"""What the parts of a frame share: its state, the records of calls, and what known callers give."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from blockcheck.project.model import HIGH, Record
from blockcheck.project.values import SYMBOL, Atom, Value, join, shallow

if TYPE_CHECKING:
    from collections.abc import Callable

    from blockcheck.catalogue import Entry
    from blockcheck.facts import CodeFacts
    from blockcheck.project.interpreter.env import Env
    from blockcheck.project.model import Code, Region
    from blockcheck.project.solver import Solver


class Interpreter(ABC):
    """The state of the interpretation of one code, and the doors through which its parts reach one another."""

    solver: Solver
    code: Code
    facts: CodeFacts
    env: Env
    region: Region | None
    records: dict[int, Record]
    awaits: list[Any]
    captured: frozenset[str]
    global_names: frozenset[str]
    nonlocal_names: frozenset[str]
    returned: Value
    guarded: dict[tuple[Any, ...], Value]
    yielded: Value
    exit_held: tuple[Any, ...] | None
    yield_held: tuple[Any, ...] | None
    released: dict[Atom, None]
    stacks: dict[str, set[int]]
    at_end: dict[str, list[Value]]
    _unwritten: dict[str, Value]
    _given: dict[Atom, Value]
    #: Calls that iterators will make once the name they were given to is used; and the one that is being made.
    begun: dict[str, list[Record]]
    beginning: Any
    _breaks: list[list[Env]]
    _continues: list[list[Env]]
    _implied: list[Region]
    _asked: bool
    _ever_asked: bool
    _unassigned: frozenset[str]
    _awaiting: bool
    #: Parameters and the values that they have when the code begins.
    _initial: dict[str, Value]
    _property_site: tuple[int, Any]

    @abstractmethod
    def begin(self, targets: list[Any], e: Any) -> Value:
        """The value of an expression that is assigned; what an iterator does, it does once its name is used."""

    @abstractmethod
    def block(self, statements: list[Any], env: Env) -> Env | None:
        """Interpret statements in order; None when control does not come out at the end."""

    @abstractmethod
    def ev(self, e: Any) -> Value:
        """The value of an expression; calls in it are recorded."""

    @abstractmethod
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

    @abstractmethod
    def may_block(
        self,
        entry: Entry,
        receiver: Atom | None,
        arguments: list[Value],
        keywords: dict[str, Value],
        record: Record,
    ) -> bool:
        """Whether the conditions of an entry hold for a call."""

    @abstractmethod
    def state_set(
        self,
        entry: Entry,
        receiver: Atom | None,
        arguments: list[Value],
        keywords: dict[str, Value],
        record: Record,
    ) -> str | None:
        """The state that a call sets: of its receiver, or of what it makes."""

    @abstractmethod
    def enter(self, value: Value, site: int, e: Any, *, is_async: bool) -> tuple[Value, list[Any]]:
        """Enter a context manager: what ``as`` is given, and the locks held inside."""

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
    def leave(self, env: Env) -> None:
        """Note what is still held where the function is left."""

    @abstractmethod
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

    @abstractmethod
    def call_special(self, receiver: Atom, method: str, arguments: list[Value], site: int, e: Any) -> Value:
        """Call a special method of an instance, such as ``__getitem__``."""

    @abstractmethod
    def property(self, function: Atom, receiver: Atom | None, arguments: list[Value] | None = None) -> Value:
        """A property is read: its function is called at the attribute."""

    @abstractmethod
    def external_property(self, entry: Entry, receiver: Atom) -> Value:
        """An external property that does something is read."""

    @abstractmethod
    def own_receiver(self, owner: int, name: str) -> Value:
        """An attribute that only subclasses of the method's own class have: open, on the receiver."""

    @abstractmethod
    def iterate(self, value: Value, site: int, e: Any, *, is_async: bool) -> Value:
        """What looping over a value gives; generators run their bodies here."""

    @abstractmethod
    def exhaust(self, value: Value, record: Record, *, lazy: bool = False) -> None:
        """A call takes all that there is in an iterable; a lazy one will, once what it gives is iterated."""

    @abstractmethod
    def starred(self, e: Any) -> Value:
        """The value of what a star takes whole."""

    @abstractmethod
    def unpack(self, value: Value, e: Any) -> None:
        """All that a call gives is taken where it stands."""

    @abstractmethod
    def types_of(self, e: Any) -> Value:
        """Instances of the types that the second argument of `isinstance` names."""

    def is_given(self, name: str) -> bool:
        """Whether a parameter still has the value that the caller gave."""
        return name in self.facts.params.names and (
            name in self._unassigned or self.env.names.get(name) is self._initial.get(name, ())
        )

    def note_narrowed(self, inner: Code) -> None:
        """A function defined where a test has told of a parameter is run only where the test came out so."""
        for name in sorted(self.captured & self._unassigned):
            value, key = self.env.names.get(name, ()), ("n", inner.gid, name)
            if value is not self._initial.get(name, ()) or key in self.solver.cells:
                self.solver.write(key, shallow(value))

    @abstractmethod
    def awaited(self, atom: Atom) -> Value:
        """What awaiting an atom gives."""

    @abstractmethod
    def consume(self, e: Any) -> None:
        """What a lazy call only began happens now: its result is iterated."""

    @abstractmethod
    def next_of(self, atom: Atom, record: Record) -> Value:
        """What `next(x)` gives."""

    @abstractmethod
    def store(self, base: Value, name: str, value: Value) -> None:
        """Assign an attribute: its cells are told."""

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
