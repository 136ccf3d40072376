"""What a test's outcome tells of the names and paths that it looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project.fate import calls, kept_calls
from blockcheck.project.guards import is_coroutine_function, kept_question
from blockcheck.project.interpreter.externals import Externals
from blockcheck.project.model import called, path_of
from blockcheck.project.values import (
    CLASS,
    CONSTANT,
    EXTERNAL,
    HINT,
    INSTANCE,
    NONE,
    OBJECT,
    SELF,
    TUPLE,
    Atom,
    Value,
    join,
)

if TYPE_CHECKING:
    from blockcheck.project.interpreter.env import Env


class Narrowing(Externals):
    """Narrowing."""

    def narrow(self, test: Any, env: Env, *, truth: bool) -> None:
        """What a test's outcome tells of the names and paths that it looks at."""
        if type(test) is str:
            self._without_none(test, env, truth=truth)
            self._note_told(kept_calls(self.code).get(test), env, truth=truth)
            kept = kept_question(self, test)
            if kept is not None:
                self._narrow_isinstance(kept, env, truth=truth)
            return
        if type(test) is not list:
            return
        tag = test[0]
        if tag == ir.NOT:
            self.narrow(test[1], env, truth=not truth)
        elif tag == ir.BOOL:
            if (test[1] == "and") == truth:
                for part in test[2]:
                    self.narrow(part, env, truth=truth)
        elif tag == ir.COMPARE and len(test[2]) == 1:
            operator, right = test[2][0]
            if right == [ir.CONST, None] and operator in ("is", "is not"):
                path = path_of(test[1])
                is_there = (operator == "is not") == truth
                if path is not None:
                    self._without_none(path, env, truth=is_there)
                if is_there:
                    self._note_told(kept_calls(self.code).get(path) if path else test[1], env, truth=True)
            elif _is_some(test[1], operator, right, truth=truth):
                self.narrow(test[1], env, truth=True)
        elif tag == ir.ATTR:
            path = path_of(test)
            if path is not None:
                self._without_none(path, env, truth=truth)
        elif tag == ir.CALL and test[1] == "isinstance":
            self._narrow_isinstance(test, env, truth=truth)
        elif tag == ir.CALL:
            record = self.records.get(test[4])
            if record is not None and truth:
                env.held = (*env.held, *self.tried_locks(record))
            if record is not None and len(test[2]) == 1:
                asks = (t.entry is not None and t.entry.does == "asks-coroutine" for t in record.targets)
                if any(asks):
                    self._narrow_callable(test[2][0], env, truth=truth)
            self._note_told(test, env, truth=truth)
        elif tag == ir.NAMED:
            self._without_none(test[1], env, truth=truth)

    def narrow_counted(self, iterable: Any, env: Env) -> None:
        """What a loop tells that goes round as often as something was counted: ``for _ in range(queue.qsize()):``."""
        if called(iterable) != "range":
            return
        for given in iterable[2]:
            for call in calls(kept_calls(self.code).get(given, given) if type(given) is str else given):
                self._note_told(call, env, truth=True)

    def _note_told(self, call: Any, env: Env, *, truth: bool) -> None:
        """What the outcome of a call, which a name may have kept, tells of its receiver."""
        if type(call) is list and call[0] == ir.NAMED:
            call = call[2]
        record = self.records.get(call[4]) if type(call) is list and call[0] == ir.CALL else None
        for key in self.told_states(record, truth=truth) if record is not None else ():
            env.paths[key] = ((CONSTANT, True),)

    def _narrow_callable(self, asked: Any, env: Env, *, truth: bool) -> None:
        """``if iscoroutinefunction(self.handler):``: of what it may be, only coroutine functions, or only others."""
        path = path_of(asked)
        if path is None:
            return
        known = self.peek(asked)
        kept = tuple(a for a in known if is_coroutine_function(self.solver, a) is not (not truth))
        if len(kept) != len(known):
            (env.names if path in env.names else env.paths)[path] = kept

    def _without_none(self, path: str, env: Env, *, truth: bool) -> None:
        store = env.names if path in env.names else env.paths
        value = store.get(path)
        if value and truth:
            kept = tuple(a for a in value if a != NONE)
            if len(kept) != len(value):
                store[path] = kept

    def _narrow_isinstance(self, test: Any, env: Env, *, truth: bool) -> None:
        path = path_of(test[2][0]) if len(test[2]) == 2 else None
        if path is None:
            return
        made = self.types_of(test[2][1])
        if not made:
            return
        known = env.names.get(path)
        if known is None:
            known = env.paths.get(path)
        if not truth:
            if known:
                gone = {a[:2] for a in made}
                kept = tuple(a for a in known if a[:2] not in gone)
                (env.names if path in env.names else env.paths)[path] = kept
            return
        if known is not None:
            below = tuple(a for a in known if any(self._is_a(a, m) for m in made))
            made = below or made
        if path in env.names or ("." not in path and "[" not in path):
            env.names[path] = made
        else:
            env.paths[path] = made

    def types_of(self, e: Any) -> Value:
        """Instances of the types that the second argument of `isinstance` names."""
        parts = e[1] if type(e) is list and e[0] == ir.TUPLE else [e]
        made: Value = ()
        for part in parts:
            made = join(made, self._instances(self.ev(part)))
        return made

    def _instances(self, classes: Value) -> Value:
        out: list[Atom] = []
        for atom in classes:
            if atom[0] == CLASS:
                out.append((INSTANCE, atom[1]))
            elif atom[0] == EXTERNAL:
                out.append((OBJECT, self.solver.catalogue.canonical(atom[1]), None))
            elif atom[0] == HINT:
                out.extend(atom[1])
            elif atom[0] == TUPLE:
                for part in atom[1:]:
                    out.extend(self._instances(part))
        return tuple(out)

    def _is_a(self, atom: Atom, wanted: Atom) -> bool:
        if wanted[0] == INSTANCE:
            return atom[0] in (INSTANCE, SELF) and wanted[1] in self.solver.mro(atom[1], self)
        if atom[0] == OBJECT:
            return wanted[1] in self.solver.catalogue.mro(self.solver.catalogue.canonical(atom[1]))
        if atom[0] in (INSTANCE, SELF):
            return wanted[1] in self.solver.mro(atom[1], self)
        return False


def _is_some(counted: Any, operator: str, number: Any, *, truth: bool) -> bool:
    """Whether the outcome of a comparison says that what a call counts is not none: ``queue.qsize() > 0``."""
    if (
        type(counted) is not list
        or counted[0] != ir.CALL
        or type(number) is not list
        or number[0] != ir.CONST
    ):
        return False
    least = number[1]
    if type(least) is not int:
        return False
    if not truth:
        operator = _OTHERWISE.get(operator, "")
    return (operator in (">", ">=", "==") and least >= 1) or (operator in (">", "!=") and least == 0)


_OTHERWISE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
