"""Which locks are held: taken and given back by method calls, by helpers, and by stacks of context managers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project.interpreter.handing import Handing
from blockcheck.project.model import LOCK_ROLES, Record, Target, argument, path_of
from blockcheck.project.values import AWAITABLE, BOUND, CALLABLES, OBJECT, SYMBOL, Atom, Value, join, shallow

if TYPE_CHECKING:
    from blockcheck.catalogue import Entry


_TAKING = (("acquire",), ("release",))  # the methods of whatever is a lock


class Holding(Handing):
    """What calls do to the locks held."""

    def _effects(self, entry: Entry, receiver: Atom, target: Target, record: Record) -> None:
        """Locks taken and given back by method calls."""
        if entry.does == "acquire" and self.solver.role(receiver) in LOCK_ROLES:
            if target.blocks or not entry.blocks:
                self.env.held = (
                    *self.env.held,
                    (
                        self.solver.lock_of(receiver, self),
                        record.site,
                        record.expression[1][1] if is_method(record.expression) else None,
                    ),
                )
        elif entry.does == "release":
            self.give_back(self.solver.lock_of(receiver, self))
        elif entry.does == "exits" and is_method(record.expression):
            self.end_stack(record.expression[1][1], record)
            self.leave_stack(record.expression[1][1])
        elif entry.does == "moves" and is_method(record.expression):
            self.at_end.pop(path_of(record.expression[1][1]) or "", None)

    def effects_of_given(
        self, symbol: Atom, arguments: list[Value], keywords: dict[str, Value], record: Record
    ) -> None:
        """The same where the lock is a parameter that nothing but its callers tell of."""
        if symbol[3][-1:] not in _TAKING:
            return
        for atom in self.solver.given(symbol, self):
            entry = self.solver.catalogue.entry(atom[1]) if atom[0] == BOUND else None
            if entry is not None and atom[2] is not None:
                blocks = entry.blocks and self.may_block(entry, atom[2], arguments, keywords, record)
                target = Target(external=entry.name, entry=entry, receiver=atom[2], blocks=blocks)
                self._effects(entry, atom[2], target, record)

    def _share(
        self,
        table: dict[str, Any],
        arguments: list[Value],
        keywords: dict[str, Value],
        origin: tuple[int, int],
        e: Any,
    ) -> None:
        """Note the lock that a new condition is given: the two are one lock."""
        at = table.get("at", len(arguments))
        given = keywords.get(table["name"]) or (arguments[at] if at < len(arguments) else ())
        name = argument(e, table["name"], at)
        if isinstance(name, str) and name in self.facts.params.names:
            # An annotation tells what it is; which it is, only the callers.
            given = join(given, self.solver.read(("p", self.code.gid, name), self))
        locks = tuple(a for a in given if a[0] == OBJECT and a[2] and self.solver.role(a) in LOCK_ROLES)
        if locks:
            self.solver.write(("lock", origin), locks)

    def tried_locks(self, record: Record) -> list[Any]:
        """Locks that a call takes if it comes out true: ``if lock.acquire(blocking=False):``."""
        text = record.expression[1][1] if is_method(record.expression) else None
        return [
            (self.solver.lock_of(target.receiver, self), record.site, text)
            for target in record.targets
            if target.entry is not None
            and target.entry.does == "acquire"
            and not target.blocks
            and target.receiver is not None
            and self.solver.role(target.receiver) in LOCK_ROLES
        ]

    def give_back(self, lock: Atom) -> None:
        """A lock is released: by this code, or by what it called."""
        held = list(self.env.held)
        for position in range(len(held) - 1, -1, -1):
            if held[position][0] == lock:
                del held[position]
                self.env.held = tuple(held)
                return
        self.released[lock] = None

    def _enter_in_stack(self, record: Record, value: Value, *, is_async: bool) -> Value:
        """A stack enters a context manager, and leaves it when it is left itself."""
        call = record.expression
        given, locks = self.enter(value, record.site, call, is_async=is_async)
        if locks and is_method(call):
            stack = path_of(call[1][1])
            if stack is not None:
                self.stacks.setdefault(stack, set()).add(record.site)
            self.env.held = (*self.env.held, *((lock, site, call[2][0]) for lock, site, _ in locks))
        return ((AWAITABLE, shallow(given)),) if is_async else given

    def end_stack(self, expression: Any, record: Record) -> None:
        """A stack of context managers, which a call leaves, calls what it was given, the last first."""
        for value in reversed(self.at_end.pop(path_of(expression) or "", [])):
            for atom in value:
                if atom[0] in CALLABLES or atom[0] == SYMBOL:
                    self.call_atom(atom, [], {}, record, how="exit")

    def leave_stack(self, expression: Any) -> None:
        """A stack of context managers is left: so is what it entered."""
        path = path_of(expression)
        sites = self.stacks.pop(path, set()) if path is not None else set()
        if sites:
            self.env.held = tuple(h for h in self.env.held if h[1] not in sites)


def is_method(e: Any) -> bool:
    """Whether an expression calls a method."""
    return type(e) is list and e[0] == ir.CALL and type(e[1]) is list and e[1][0] == ir.ATTR
