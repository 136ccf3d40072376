"""Whether a lock that a function takes by ``acquire`` is given back on every way out of the function."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project.fate import calls, every, expressions, walk
from blockcheck.project.model import called, path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator

State = frozenset[int]  # the sites since which the lock may be held; FREE among them where it may be free

FREE = -1
_UNREACHED: State = frozenset()
_ROUNDS = 2
_TRUTHS = ([ir.CONST, True], [ir.CONST, False])
_RAISES = frozenset({"raise", "call", "yield"})
_ALL = frozenset({"Exception", "BaseException"})


@dataclass(frozen=True)
class Exit:
    """A way out of a block: ``return``, ``raise``, ``break``, ``continue``, ``call`` (one that raises), ``yield`` or ``end``.

    Attributes:
        state: since where the lock may be held there.
        call: the call that raises, for ``call``.
    """

    how: str
    state: State
    call: Any = None


@dataclass
class Ways:
    """The ways through one function, as far as one lock is concerned.

    Args:
        path: the lock as the function writes it.
        releases: tells of a call's site whether what is called gives the lock back.
        risk: tells of a call how likely it raises: 0 is never.
    """

    path: str
    releases: Callable[[int], bool]
    risk: Callable[[Any], int]
    #: Whether it is a context manager: what is raised in the ``with`` is raised at its ``yield``.
    manages: bool = False
    exits: list[Exit] = field(default_factory=list)
    #: Whether it is given back before it is taken: then it is the caller who holds it.
    is_callers: bool = False
    #: Names that hold the outcome of an attempt to take the lock.
    outcomes: dict[str, set[int]] = field(default_factory=dict)

    def run(self, body: list[Any]) -> list[Exit]:
        """All exits of a function, the end of its body last."""
        for statement in every(body):
            if statement[0] == ir.ASSIGN and self._is(statement[2], "acquire"):
                self._note(statement, _UNREACHED)
        end = self.block(body, frozenset({FREE}))
        if end:
            self.exits.append(Exit("end", end))
        return self.exits

    def block(self, body: list[Any], state: State) -> State:
        """The state behind a block; nothing where control does not come out at its end."""
        for statement in body:
            if not state:
                break
            state = self._statement(statement, state)
        return state

    def _statement(self, statement: Any, state: State) -> State:
        tag = statement[0]
        if tag == ir.IF:
            return self._if(statement, state)
        if tag in (ir.FOR, ir.WHILE):
            return self._loop(statement, state)
        if tag == ir.TRY:
            return self._try(statement, state)
        state = self._expressions(statement, state)
        if tag == ir.WITH:
            return self.block(statement[2], state)
        if tag == ir.MATCH:
            out = state
            for _, _, body in statement[2]:
                out |= self.block(body, state)
            return out
        if tag == ir.RETURN:
            given = any(self._is(c, "acquire") for c in _calls(statement))
            self.exits.append(Exit("return", frozenset({FREE}) if given else state))
        elif tag == ir.RAISE:
            self.exits.append(Exit("raise", state))
        elif tag in (ir.BREAK, ir.CONTINUE):
            self.exits.append(Exit("break" if tag == ir.BREAK else "continue", state))
        else:
            return state
        return _UNREACHED

    def _expressions(self, statement: Any, state: State) -> State:
        """What the calls of a statement do to the lock."""
        for call in _calls(statement):
            if self._is(call, "acquire"):
                state = frozenset({call[4]})
                if statement[0] == ir.ASSIGN and statement[2] is call:
                    self._note(statement, state)
            elif self._is(call, "release") or self.releases(call[4]):
                self.is_callers = self.is_callers or state == {FREE}
                state = frozenset({FREE})
            elif state != {FREE} and self.risk(call):
                self.exits.append(Exit("call", state, call))
        if statement[0] == ir.ASSIGN and statement[2] == [ir.CONST, True]:
            self._note(statement, state, only=self.outcomes)
        if self.manages and state != {FREE} and _yields(statement):
            self.exits.append(Exit("yield", state))
        return state

    def _note(self, assignment: Any, state: State, only: Container[str] | None = None) -> None:
        """A name tells from now on that the lock was taken."""
        name = assignment[1][0]
        if isinstance(name, str) and (only is None or name in only):
            self.outcomes.setdefault(name, set()).update(state - {FREE})

    def _is(self, call: Any, method: str) -> bool:
        function = called(call)
        return (
            isinstance(function, list)
            and function[0] == ir.ATTR
            and function[2] == method
            and path_of(function[1]) == self.path
        )

    # -- branches

    def _if(self, statement: Any, state: State) -> State:
        _, test, body, orelse = statement
        before = state
        state = self._expressions([ir.EXPR, test], state)
        taken, other = self._outcome(test, before, state)
        if not orelse and _is_flag(test) and any(self._gives_back(s) for s in body):
            other = frozenset({FREE})  # the flag says whether the lock is held
        return self.block(body, taken) | self.block(orelse, other)

    def _outcome(self, test: Any, before: State, after: State) -> tuple[State, State]:
        """The states where a test is true and where it is false."""
        if isinstance(test, str) and test in self.outcomes:
            return after, (after - self.outcomes[test]) or frozenset({FREE})
        if isinstance(test, list):
            if test[0] == ir.NOT:
                true, false = self._outcome(test[1], before, after)
                return false, true
            if test[0] == ir.COMPARE and len(test[2]) == 1 and test[2][0][1] in _TRUTHS:
                operator, truth = test[2][0]
                true, false = self._outcome(test[1], before, after)
                return (true, false) if (operator in ("is", "==")) is truth[1] else (false, true)
            if test[0] == ir.BOOL:
                states = [self._outcome(part, before, after) for part in test[2]]
                if test[1] == "and":
                    return min((s[0] for s in states), key=len), frozenset().union(*(s[1] for s in states))
                return frozenset().union(*(s[0] for s in states)), min((s[1] for s in states), key=len)
            if test[0] == ir.NAMED and isinstance(test[2], list):
                if self._is(test[2], "acquire"):
                    self.outcomes.setdefault(test[1], set()).add(test[2][4])
                return self._outcome(test[2], before, after)
            if self._is(test, "acquire"):
                return after, before
        return after, after

    def _gives_back(self, statement: Any) -> bool:
        return any(self._is(c, "release") or self.releases(c[4]) for c in _calls(statement))

    # -- loops

    def _loop(self, statement: Any, state: State) -> State:
        is_while = statement[0] == ir.WHILE
        body, orelse = (statement[2], statement[3]) if is_while else (statement[3], statement[4])
        outer = self.exits
        head, out = state, _UNREACHED
        for _ in range(_ROUNDS):
            self.exits = []
            before = head
            after = self._expressions([ir.EXPR, statement[1] if is_while else statement[2]], head)
            true, false = self._outcome(statement[1], before, after) if is_while else (after, after)
            end = self.block(body, true)
            inner = self.exits
            endless = is_while and statement[1] == [ir.CONST, True]
            out = _UNREACHED if endless else false
            for exit_ in inner:
                if exit_.how == "break":
                    out |= exit_.state
                elif exit_.how == "continue":
                    end |= exit_.state
            if end <= head:
                break
            head |= end
        self.exits = outer + [e for e in inner if e.how not in ("break", "continue")]
        return (self.block(orelse, out) if out and orelse else out) or out

    # -- exceptions

    def _try(self, statement: Any, state: State) -> State:
        _, body, handlers, orelse, final = statement
        outer, self.exits = self.exits, []
        after = self.block(body, state)
        inner, self.exits = self.exits, []
        raised = frozenset().union(*(e.state for e in inner if e.how in _RAISES))
        if handlers:
            self.exits = [e for e in inner if e.how not in _RAISES]
        else:
            self.exits = inner
        out = self.block(orelse, after) if after else after
        for _types, _name, handler in handlers:
            out |= self.block(handler, raised or state)
        inner, self.exits = self.exits, outer
        if not final:
            self.exits = outer + inner
            return out
        for exit_ in inner:
            end = self.block(final, exit_.state)
            if end:
                self.exits.append(Exit(exit_.how, end, exit_.call))
        return self.block(final, out) if out else out


def _is_flag(test: Any) -> bool:
    """Whether a test looks at a name, an attribute or what a method tells: something that was noted before."""
    if isinstance(test, list) and test[0] in (ir.NOT, ir.COMPARE):
        return _is_flag(test[1])
    return isinstance(test, str) or (isinstance(test, list) and test[0] in (ir.ATTR, ir.CALL))


def _calls(statement: Any) -> Iterator[Any]:
    """The calls that stand directly in a statement, in source order."""
    yield from sorted((c for e in expressions(statement) for c in calls(e)), key=lambda c: int(c[4]))


def _yields(statement: Any) -> bool:
    return any(e[0] == ir.YIELD for x in expressions(statement) for e in walk(x))


def hands_on(body: list[Any], path: str) -> bool:
    """Whether a function gives a lock, or the means to release it, to somebody else."""
    return any(_bare(e, path) for statement in body for e in expressions(statement))


def _bare(expression: Any, path: str) -> bool:
    """Whether an expression has the lock, or a method of it, as a value rather than as what is called on."""
    if not expression or not isinstance(expression, (list, str)):
        return False
    if path_of(expression) == path:
        return True
    if isinstance(expression, str):
        return False
    if isinstance(expression[0], int) and not isinstance(expression[0], bool):
        if expression[0] in (ir.CONST, ir.LAMBDA):
            return False
        function = called(expression)
        if isinstance(function, list) and function[0] == ir.ATTR and path_of(function[1]) == path:
            return any(_bare(part, path) for part in expression[2:])
        if expression[0] == ir.ATTR and path_of(expression[1]) == path:
            return expression[2] in ("acquire", "release")
    return any(_bare(part, path) for part in expression if isinstance(part, (list, str)))
