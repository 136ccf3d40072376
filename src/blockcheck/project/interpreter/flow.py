"""Loops, `with` and `try`: ways through a body, joined where they meet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project import implicit, trips
from blockcheck.project.interpreter import idioms
from blockcheck.project.interpreter.branches import Branches
from blockcheck.project.interpreter.env import Env, merge
from blockcheck.project.interpreter.managers import Managers
from blockcheck.project.model import Region, path_of
from blockcheck.project.values import CONSTANT, RUNNING, SYMBOL, Value

if TYPE_CHECKING:
    from collections.abc import Callable

_NOT_THERE = frozenset({"ImportError", "ModuleNotFoundError"})


class Flow(Branches, Managers):
    """Control flow."""

    def _s_for(self, s: Any, env: Env) -> Env | None:
        _, target, iterable, body, orelse, is_async, site = s
        self.env = env
        if is_async:
            self._awaiting = True
        value = self.ev(iterable)
        self._awaiting = False
        trip = trips.of_iterable(self, iterable, value)
        element = self.iterate(value, site, iterable, is_async=is_async)
        if is_async and self.env.held:
            self.awaits.append((site, self.env.held, self.region))

        def before() -> None:
            self.assign(target, element, None)
            self.narrow_counted(iterable, self.env)

        return self._loop(site, trip, body, orelse, self.env, before, endless=False)

    def _s_while(self, s: Any, env: Env) -> Env | None:
        _, test, body, orelse, site = s
        if self._verdict(test) is False:
            return self.block(orelse, env)
        endless = type(test) is list and test[0] == ir.CONST and bool(test[1])
        trip = ("forever", "while True") if endless else trips.of_test(self, test)

        def before() -> None:
            implicit.truth(self, self.ev(test))
            self.narrow(test, self.env, truth=True)

        def after() -> None:
            self.narrow(test, self.env, truth=False)

        return self._loop(site, trip, body, orelse, env, before, after, endless=endless)

    def _loop(
        self,
        site: int,
        trip: Any,
        body: list[Any],
        orelse: list[Any],
        env: Env,
        before: Callable[[], None],
        after: Callable[[], None] | None = None,
        *,
        endless: bool,
    ) -> Env | None:
        outer = self.region
        self.region = Region("loop", site, trip, outer)
        entry = env
        breaks: list[Env] = []
        for _round in range(2):
            self._breaks.append([])
            self._continues.append([])
            self.env = entry.copy()
            before()
            end = self.block(body, self.env)
            for other in self._continues.pop():
                end = merge(end, other)
            breaks = self._breaks.pop()
            again = merge(env.copy(), end)
            if again is None or not _grew(entry, again):
                entry = again or entry
                break
            entry = again
        self.region = outer
        out: Env | None = None if endless else entry
        if out is not None:
            self.env = out.copy()
            if after is not None:
                after()
            out = self.block(orelse, self.env) if orelse else self.env
        for other in breaks:
            out = merge(out, other)
        return out

    def _s_break(self, _s: Any, env: Env) -> Env | None:
        if self._breaks:
            self._breaks[-1].append(env)
        return None

    def _s_continue(self, _s: Any, env: Env) -> Env | None:
        if self._continues:
            self._continues[-1].append(env)
        return None

    def _jumps(self) -> list[Env]:
        """What is known at each `break` and `continue` so far of the loop around."""
        return [*self._breaks[-1], *self._continues[-1]] if self._breaks else []

    def _s_with(self, s: Any, env: Env) -> Env | None:
        _, items, body, is_async = s
        self.env = env
        outer_region, outer_held = self.region, env.held
        earlier = self._jumps()
        added: list[Any] = []
        managers: list[tuple[Value, Any]] = []
        for context, target, site in items:
            if is_async:
                self._awaiting = True
            value = self.ev(context)
            self._awaiting = False
            managers.append((value, context))
            given, locks = self.enter(value, site, context, is_async=is_async)
            if is_async and self.env.held:
                self.awaits.append((site, self.env.held, self.region))
            if locks:
                added.extend(locks)
                self.env.held = (*self.env.held, *locks)
                self.region = Region("lock", site, locks, self.region)
            else:
                self.region = Region("with", site, (context, value, target or context), self.region)
            if target is not None:
                self.assign(target, given, None)
        asked_before, self._asked = self._asked, False
        end = self.block(body, self.env)
        asked, self._asked = self._asked, asked_before or (self._asked and end is not None)
        if asked and end is None and any(self._suppresses_no_loop(context) for context, _, _ in items):
            # `with suppress(RuntimeError): return get_running_loop()`: what follows runs where no loop does.
            self._implied.append(Region("off-loop", -1, None, None))
            end = env.copy()
        elif end is None and any(self.may_swallow(*manager, is_async=is_async) for manager in managers):
            end = env.copy()
        self.region = outer_region
        for context, target, site in items:
            if path_of(target or context) in self.at_end:
                self.end_stack(target or context, self._loop_record(site, context))
        for jump in (j for j in self._jumps() if j not in earlier):
            jump.held = tuple(h for h in jump.held if h not in added)
        if end is not None:
            self.env = end
            for context, target, _ in items:
                self.leave_stack(context if target is None else target)
            end = self.env
            released = {h[0] for h in added}
            kept = {h[0] for h in end.held}
            end.held = tuple(h for h in outer_held if h[0] in kept) + tuple(
                h for h in end.held if h[0] not in released and h not in outer_held
            )
        return end

    def _suppresses_no_loop(self, context: Any) -> bool:
        return self.suppresses(context) and any(idioms.catches_no_loop(types) for types in context[2])

    def _s_try(self, s: Any, env: Env) -> Env | None:
        _, body, handlers, orelse, final = s
        before = env.copy()
        outer = self.region
        earlier = self._jumps()
        self.region = Region("try", -1, final, outer)
        if any("BlockingIOError" in idioms.names_of(types) for types, _, _ in handlers):
            self.region = Region("polled", -1, None, self.region)
        asked_before, self._asked = self._asked, False
        after = self.block(body, env)
        asked, self._asked = self._asked, asked_before
        self.region = outer
        middle = merge(before.copy(), self.env) if after is None else merge(before.copy(), after)
        caught_in = outer
        if (raiser := idioms.only_called(body)) is not None:
            # Making a coroutine raises nothing: what a retrying decorator does then is for other functions.
            for symbol in self.ev(raiser):
                if symbol[0] == SYMBOL and not symbol[3]:
                    caught_in = Region("when", -1, (*symbol[1:3], "sync"), caught_in)
        if after is not None and orelse:
            after = self.block(orelse, after.copy())
        out = after
        for types, name, handler in handlers:
            self.env = (middle or before).copy()
            caught = self.ev(types)
            if name is not None:
                self.assign(name, self._instances(caught), None)
            off_loop = asked and idioms.catches_no_loop(types)
            kind = (
                "off-loop" if off_loop else "fallback" if idioms.names_of(types) <= _NOT_THERE else "except"
            )
            self.region = Region(kind, -1, None, caught_in)
            handled = self.block(handler, self.env)
            if handled is not None and self.facts.is_generator and idioms.yields(body):
                self.solver.write(("swallows", self.code.gid), ((CONSTANT, True),))
            if not off_loop or out is None:
                out = merge(out, handled)
            elif handled is not None:
                _note_answers(out, handled)
            self.region = outer
        if final:
            start = out if out is not None else (middle or before).copy()
            if out is not None and after is None:
                start = out
            self.region = Region("finally", -1, None, outer)
            jumped = [j for j in self._jumps() if j not in earlier]
            held = start.held
            end = self.block(final, start.copy() if out is None else start)
            self.region = outer
            there = {h[0] for h in end.held} if end is not None else set()
            released = {h[0] for h in held} - there
            for jump in jumped:
                jump.held = tuple(h for h in jump.held if h[0] not in released)
            if self.exit_held and end is not None:
                # A `return` inside the try leaves through the finally: what that releases is not held after.
                self.exit_held = tuple(h for h in self.exit_held if h[0] in there)
            out = end if out is not None else None
        return out


def _note_answers(on_loop: Env, off_loop: Env) -> None:
    """A name that is true where a loop runs and false where none does, or the other way round, says which it is."""
    for name, value in on_loop.names.items():
        if len(value) == 1 and value[0][0] == CONSTANT and type(value[0][1]) is bool:
            # What was assigned after the question is not assigned where the question raised.
            others = [atom for atom in off_loop.names.get(name, ()) if atom != value[0]]
            if others == [(CONSTANT, not value[0][1])]:
                on_loop.names[name] = ((RUNNING, value[0][1]),)


def _grew(before: Env, after: Env) -> bool:
    """Whether a loop's body changed what it found when it began."""
    for name, value in before.names.items():
        new = after.names.get(name)
        if new is not None and new is not value and len(new) != len(value):
            return True
    return len(before.held) != len(after.held)
