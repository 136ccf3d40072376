"""Branches: `if` and `match`, and tests that ask on which side of the event loop they run."""

from __future__ import annotations

from typing import Any

from blockcheck.facts import ir
from blockcheck.project import containers, guards, implicit
from blockcheck.project.interpreter import idioms
from blockcheck.project.interpreter.assignment import Assignment
from blockcheck.project.interpreter.env import Env, merge
from blockcheck.project.interpreter.narrowing import Narrowing
from blockcheck.project.model import Region, path_of
from blockcheck.project.values import NONE, PLATFORM, RUNNING, Value, join, join_all


class Branches(Narrowing, Assignment):
    """Branches."""

    def _s_if(self, s: Any, env: Env) -> Env | None:
        self.env = env
        test = s[1]
        value = self.ev(test)
        implicit.truth(self, value)
        env = self.env
        verdict = self._verdict(test)
        running = self._running(test, value)
        holds, fails = guards.of_test(self, test, value)
        then_env, else_env = env.copy(), env
        self.narrow(test, then_env, truth=True)
        self.narrow(test, else_env, truth=False)
        outer = self.region
        if idioms.is_lazy(test, s[2]):
            self.region = Region("lazy", -1, self._how_often(test), outer)
        elif self.code.unit.installed and idioms.asks_for_missing(test):
            self.region = Region("lazy", -1, None, outer)
        foreign = {a[1] for a in value if a[0] == PLATFORM}
        self.region = _under(holds, self.region, foreign=True in foreign)
        # A test of the thread's identity parts the loop's thread from others; which branch is whose, it hides.
        by_thread = (RUNNING, "thread") in value
        if running is False or by_thread:
            self.region = Region("off-loop", -1, None, self.region)
        after_then = self.block(s[2], then_env) if verdict is not False else None
        self.region = _under(fails, outer, foreign=False in foreign)
        if running is True or by_thread:
            self.region = Region("off-loop", -1, None, self.region)
        known = after_then is None and idioms.returns_known(self.code, test, s[2])
        if known:
            self.region = Region("lazy", -1, self._how_often(test), self.region)
        after_else = self.block(s[3], else_env) if verdict is not True else None
        self.region = outer
        if known and after_else is not None:
            self._implied.append(Region("lazy", -1, self._how_often(test), None))
        if (after_then is None) != (after_else is None) and verdict is None:
            # One branch leaves: what follows runs under the other's condition.
            followed = holds if after_else is None else fails
            self._implied.extend(Region("when", -1, guard, None) for guard in followed)
            if (after_else is None) in foreign:
                self._implied.append(Region("platform", -1, None, None))
        if by_thread and type(test) is list and test[0] == ir.COMPARE and test[2][0][0] in ("!=", "is not"):
            # `if self.thread != get_ident(): …` hands over to the thread that owns the object.
            running = False
        if running is not None:
            # What only happens off the loop is judged there; on it, the other branch was taken.
            on, off = (after_then, after_else) if running else (after_else, after_then)
            if on is None and off is not None:
                self._implied.append(Region("off-loop", -1, None, None))
                return off
            return on
        if verdict is False:
            return after_else
        if verdict is True:
            return after_then
        return merge(after_then, after_else)

    def _how_often(self, test: Any) -> str:
        """Whether what a test finds missing is filled once, or for each of many keys."""
        return "once" if idioms.is_once(self.code, test) else "each"

    def _running(self, test: Any, value: Value) -> bool | None:
        """The outcome, on an event loop, of a test that asks whether one runs here; None for other tests."""
        told = {a[1] for a in value if a[0] == RUNNING}
        if len(told) == 1 and told != {"thread"}:
            return bool(told.pop())
        if self._ever_asked and path_of(test) is not None and self._is_loop(value):
            return True
        return None

    def _is_loop(self, value: Value) -> bool:
        """Whether a value is the running event loop, which is there where one runs."""
        known = [a for a in value if a != NONE]
        return bool(known) and all(self.solver.role(a) == "event-loop" for a in known)

    def _verdict(self, test: Any) -> bool | None:
        """Whether a test is decided: only for the constants that Python's idioms use."""
        if type(test) is list:
            if test[0] == ir.CONST:
                return bool(test[1])
            if test[0] == ir.NOT:
                inner = self._verdict(test[1])
                return None if inner is None else not inner
        return None

    def _s_match(self, s: Any, env: Env) -> Env | None:
        self.env = env
        subject = self.ev(s[1])
        path = path_of(s[1])
        out: Env | None = self.env
        for pattern, guard, body in s[2]:
            self.env = env.copy()
            self._pattern(pattern, subject, path)
            self.ev(guard)
            out = merge(out, self.block(body, self.env))
        return out

    def _pattern(self, pattern: Any, subject: Value, path: str | None) -> None:
        if not pattern:
            return
        tag = pattern[0]
        if tag == ir.P_BIND:
            if pattern[2] is not None:
                self._pattern(pattern[2], subject, path)
                if path is not None and path in self.env.names:
                    subject = self.env.names[path]
            if pattern[1] is not None:
                self.assign(pattern[1], subject, None)
        elif tag == ir.P_CLASS:
            made = self._instances(self.ev(pattern[1]))
            if made and path is not None and "." not in path:
                self.env.names[path] = made
            for inner in pattern[2]:
                self._pattern(inner, (), None)
            for name, inner in pattern[3]:
                value: Value = ()
                for atom in made:
                    value = join(value, self.solver.attribute(atom, name, self))
                self._pattern(inner, value, None)
        elif tag == ir.P_GROUP:
            elements = self.settled(subject)
            for position, inner in enumerate(pattern[1]):
                part: Value = subject
                if not pattern[2]:
                    part = ()
                    for atom in elements:
                        whole = containers.sequence(self.solver, atom, self)
                        if whole is not None and len(whole) == len(pattern[1]):
                            part = join(part, whole[position])
                self._pattern(inner, part, None)
        elif tag == ir.P_MAPPING:
            for inner, key in zip(pattern[1], pattern[2], strict=True):
                index = self.settled(self.ev(key))
                held = join_all([self.solver.element(a, index, self) for a in self.settled(subject)])
                self._pattern(inner, held, None)
        elif tag == ir.P_VALUE:
            self.ev(pattern[1])


def _under(holding: list[guards.Guard], region: Region | None, *, foreign: bool) -> Region | None:
    """A region within those of some guards, and in that of another platform where it is one."""
    for guard in holding:
        region = Region("when", -1, guard, region)
    return Region("platform", -1, None, region) if foreign else region
