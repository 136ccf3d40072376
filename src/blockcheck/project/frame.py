"""Abstract interpretation of one code: its statements in order, branches joined, calls recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project import containers, effects, implicit, trips
from blockcheck.project.calls import Calls
from blockcheck.project.fate import statements, walk
from blockcheck.project.model import Code, Record, Region, guards_of, is_within, path_of
from blockcheck.project.values import (
    ASKS,
    BOUND,
    CALLABLES,
    CLASS,
    CLASSMETHOD,
    CONSTANT,
    CONTAINER,
    EXTERNAL,
    FUNCTION,
    GENERATOR,
    INSTANCE,
    LITERAL,
    MAPPING,
    MODULE,
    NONE,
    OBJECT,
    RUNNING,
    SELF,
    SEQUENCE,
    STATIC,
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

    from blockcheck.project.solver import Solver


class Env:
    """What is known at a point: names, access paths assigned here (``self.x``), locks held on every way here."""

    __slots__ = ("held", "names", "paths", "roots")

    def __init__(
        self,
        names: dict[str, Value],
        paths: dict[str, Value],
        held: tuple[Any, ...],
        roots: dict[str, str] | None = None,
    ) -> None:
        self.names = names
        self.paths = paths
        self.held = held
        #: Names of objects that have another name: under which their paths stand.
        self.roots: dict[str, str] = roots or {}

    def copy(self) -> Env:
        """An independent copy."""
        return Env(dict(self.names), dict(self.paths) if self.paths else {}, self.held, dict(self.roots))

    def path(self, e: Any) -> str | None:
        """Under which path something is known, whichever of its names is used."""
        path = path_of(e)
        if path is None or not self.roots:
            return path
        end = next((i for i, c in enumerate(path) if c in ".["), len(path))
        return self.roots.get(path[:end], path[:end]) + path[end:]

    def bind(self, name: str, source: Any) -> None:
        """A name is bound anew: to another name's object, or to one of its own."""
        if type(source) is str and source != name:
            root = self.roots.get(source, source)
            if self.roots.get(name, name) != root:
                self._leave_root(name)
                self.roots[name] = root
        else:
            self._leave_root(name)

    def _leave_root(self, name: str) -> None:
        root = self.roots.pop(name, name)
        if root == name and name in self.roots.values():
            # Others still go by it: the name gets a root of its own.
            self.roots[name] = f"{name}'"
            self.forget(f"{name}'")
        elif root == name:
            self.forget(name)
        else:
            self.forget(name) if name not in self.roots.values() else None

    def forget(self, root: str) -> None:
        """Drop what is known of paths below a name."""
        if self.paths:
            dot, bracket = root + ".", root + "["
            for path in [p for p in self.paths if p.startswith((dot, bracket))]:
                del self.paths[path]


def merge(left: Env | None, right: Env | None) -> Env | None:
    """The join of two ways to a point; None is a way that does not get there."""
    if left is None:
        return right
    if right is None:
        return left
    names = dict(left.names)
    for name, value in right.names.items():
        old = names.get(name)
        if old is None:
            names[name] = value
        elif old is not value:
            names[name] = join(old, value)
    paths: dict[str, Value] = {}
    if left.paths and right.paths:
        for path, value in left.paths.items():
            other = right.paths.get(path)
            if other is not None:
                paths[path] = value if other is value else join(value, other)
    held = left.held
    if held is not right.held and held:
        there = {h[0] for h in right.held}
        held = tuple(h for h in held if h[0] in there)
    roots = left.roots
    if roots != right.roots:
        # A name that is not the same object's on both ways has paths of neither.
        both = {*left.roots, *right.roots}
        roots = {
            n: left.roots.get(n, n) if left.roots.get(n, n) == right.roots.get(n, n) else f"{n}?"
            for n in both
        }
    return Env(names, paths, held, roots)


class Frame(Calls):
    """The interpretation of one code object."""

    def __init__(self, solver: Solver, code: Code) -> None:
        self.solver = solver
        self.code = code
        self.facts = code.facts
        self.records: dict[int, Record] = {}
        self.awaits: list[Any] = []
        self.region: Region | None = None
        self.captured = frozenset(code.facts.captured)
        self.global_names = frozenset(code.facts.outer)
        self.nonlocal_names = frozenset(code.facts.nonlocals)
        self.env = Env({}, {}, ())
        #: A module's names that no other code can have read since they were assigned.
        self._unwritten: dict[str, Value] = {}
        self._given = {}
        self._blocks = 0
        self.returned: Value = ()
        #: The same by the conditions on parameters under which each return is reached.
        self.guarded: dict[tuple[Any, ...], Value] = {}
        self.exit_held: tuple[Any, ...] | None = None
        self.yield_held: tuple[Any, ...] | None = None
        self.yielded: Value = ()
        self._breaks: list[list[Env]] = []
        self._implied: list[Region] = []
        self._asked = False  # inside this try: whether a loop runs
        self._ever_asked = False
        #: Parameters that the body never assigns: their truth is the caller's.
        self._unassigned = frozenset(code.facts.params.names) - frozenset(code.facts.rebound)
        self._awaiting = False
        self._property_site: tuple[int, Any] = (-1, None)

    # -- running

    def run(self) -> None:
        """Interpret the body; results go to the solver's cells and to `records`."""
        code = self.code
        if code.is_function:
            self._parameters()
            if self.solver.keep_all:
                effects.enter(self)
        body = code.unit.facts.body(code.index)
        end = self.block(body, self.env)
        self.publish()
        if self.facts.kind == "class":
            for name, value in (end or self.env).names.items():
                self.solver.write(("c", code.gid, name), shallow(value))
        if not code.is_function:
            return
        gid = code.gid
        if end is not None:
            self._leave(end)
            if self.facts.kind == "function" and not self.returned:
                self.returned = (NONE,)
        self._declared_result()
        self.solver.write(("r", gid), self.returned)
        if any(self.guarded):
            self.solver.return_guards.setdefault(gid, {}).update(dict.fromkeys(self.guarded))
            for guards, value in self.guarded.items():
                self.solver.write(("rg", gid, guards), value)
        if self.yielded:
            self.solver.write(("y", gid), shallow(self.yielded))
        if self.exit_held:
            self.solver.write(("h", gid), tuple(h[0] for h in self.exit_held))
        if self.yield_held:
            self.solver.write(("h", gid), tuple(h[0] for h in self.yield_held))

    def _declared_result(self) -> None:
        """Where the body does not tell what is returned or yielded, the return annotation does."""
        scope = self.code.parent
        if self.facts.returns is None or scope is None:
            return
        known = self.yielded if self.facts.is_generator else self.returned
        if any(a[0] not in (CONSTANT, SYMBOL) for a in known):
            return
        for atom in self.solver.annotated(scope, self.facts.returns, self):
            if not self.facts.is_generator:
                self.returned = join(self.returned, (atom,))
            elif atom[0] == SEQUENCE:
                self.yielded = join(self.yielded, atom[2])

    def _leave(self, env: Env) -> None:
        """Note what is still held where the function is left: a `with` gives back what it took."""
        if self.solver.keep_all:
            effects.leave(self, env)
        held = env.held
        region = self.region
        while held and region is not None:
            if region.kind == "lock":
                given_back = {h[1] for h in region.info}
                held = tuple(h for h in held if h[1] not in given_back)
            region = region.outer
        if self.exit_held is None:
            self.exit_held = held
        elif self.exit_held:
            there = {h[0] for h in held}
            self.exit_held = tuple(h for h in self.exit_held if h[0] in there)

    def _parameters(self) -> None:
        code, solver = self.code, self.solver
        params = self.facts.params
        gid = code.gid
        names = self.env.names
        scope = code.parent
        for position, name in enumerate(params.names):
            if position == 0 and code.owner is not None and self.facts.kind == "function":
                receiver = solver.receiver(code)
                if receiver is not None:
                    names[name] = ((SYMBOL, gid, name, ()),) if solver.keep_all else (receiver,)
                    continue
            annotation = params.annotations.get(name)
            value: Value = ()
            if annotation is not None and scope is not None:
                value = solver.annotated(scope, annotation, self)
            if solver.keep_all and solver.read(("p", gid, name), self):
                value = ()  # what callers give says more
            if not value:
                value = ((SYMBOL, gid, name, ()),)
                if name in params.defaults and not solver.keep_all:
                    # What is called is the caller's choice: a callable default counts where it is left out only.
                    default = tuple(
                        a for a in solver.default(gid, name, self) if a != NONE and a[0] not in CALLABLES
                    )
                    value = join(value, default)
            names[name] = value
        if params.star is not None:
            names[params.star] = (
                ((SYMBOL, gid, "*", ()),) if solver.keep_all else ((SEQUENCE, "tuple", self._rest("*")),)
            )
        if params.double_star is not None:
            names[params.double_star] = (
                ((SYMBOL, gid, "**", ()),) if solver.keep_all else ((MAPPING, self._rest("**")),)
            )
        for name in self.captured:
            if name in names:
                solver.write(("v", gid, name), names[name])

    def _rest(self, stars: str) -> Value:
        """What each of the arguments is that a starred parameter collects."""
        annotation, scope = self.facts.params.annotations.get(stars), self.code.parent
        value = (
            self.solver.annotated(scope, annotation, self)
            if annotation is not None and scope is not None
            else ()
        )
        return value or ((SYMBOL, self.code.gid, stars, ()),)

    # -- statements

    def block(self, statements: list[Any], env: Env) -> Env | None:
        """Interpret statements in order; None when control does not come out at the end."""
        current: Env | None = env
        table = _STATEMENTS
        self._blocks += 1
        outer, known = self.region, len(self._implied)
        for statement in statements:
            current = table[statement[0]](self, statement, current)
            if current is None:
                break
            if len(self._implied) > known:
                for implied in self._implied[known:]:
                    self.region = Region(implied.kind, -1, implied.info, self.region)
                del self._implied[known:]
        del self._implied[known:]
        self.region = outer
        self._blocks -= 1
        if self._blocks:
            self.publish()
        return current

    def publish(self) -> None:
        """Other code may run: it sees a module's names as they are now, not what they were in between."""
        if self._unwritten:
            for name, value in self._unwritten.items():
                self.solver.write(("g", self.code.unit.index, name), shallow(value))
            self._unwritten.clear()

    def _s_expr(self, s: Any, env: Env) -> Env | None:
        self.env = env
        self.ev(s[1])
        return self.env

    def _s_assign(self, s: Any, env: Env) -> Env | None:
        self.env = env
        value = self.ev(s[2])
        for target in s[1]:
            self.assign(target, value, s[2])
        return self.env

    def _s_annotated(self, s: Any, env: Env) -> Env | None:
        self.env = env
        declared = self.solver.annotated(self.code, s[2], self)
        value = self.ev(s[3]) if s[4] else ()
        if declared and not any(a[0] not in (CONSTANT, SYMBOL) for a in value):
            value = declared
        elif declared and (self.facts.kind == "class" or any(a[0] in (SEQUENCE, MAPPING) for a in declared)):
            # A default that a constructor's argument replaces; a container, whose elements only the annotation tells.
            value = join(declared, value)
        if s[4] or value:
            self.assign(s[1], value, s[3])
        if declared:
            self._declare(s[1], declared)
        return self.env

    def _declare(self, target: Any, declared: Value) -> None:
        """Note the declared type of an attribute: it decides among what is assigned."""
        if type(target) is list and target[0] == ir.ATTR:
            for atom in self.ev(target[1]):
                if atom[0] in (SELF, INSTANCE):
                    self.solver.write(("t", atom[1], target[2]), declared)
        elif type(target) is str and self.facts.kind == "class":
            self.solver.write(("t", self.code.gid, target), declared)

    def _s_augmented(self, s: Any, env: Env) -> Env | None:
        self.env = env
        old = self.ev(s[1])
        right = self.ev(s[3])
        in_place = _OPERATORS.get(s[2], "").replace("__", "__i", 1)
        value = implicit.special(self, old, (in_place,), [right])
        if not value and not (s[2] == "+" and any(a[0] == CONTAINER for a in old)):
            value = self.ev([ir.BINOP, s[2], s[1], s[3], s[4]])
        if s[2] == "+":
            for atom in old:
                if atom[0] == CONTAINER:
                    for other in right:
                        containers.put(self.solver, atom, containers.ADDED, self.solver.elements(other, self))
        self.assign(s[1], join(old, value), None)
        return self.env

    def _s_if(self, s: Any, env: Env) -> Env | None:
        self.env = env
        test = s[1]
        value = self.ev(test)
        implicit.truth(self, value)
        env = self.env
        verdict = self._verdict(test)
        running = self._running(test, value)
        then_env, else_env = env.copy(), env
        self.narrow(test, then_env, truth=True)
        self.narrow(test, else_env, truth=False)
        outer = self.region
        if self._is_lazy(test, s[2]):
            self.region = Region("lazy", -1, None, outer)
        guard = self._guard(test, value)
        if guard is not None:
            self.region = Region("when", -1, guard, self.region)
        # A test of the thread's identity parts the loop's thread from others; which branch is whose, it hides.
        by_thread = (RUNNING, "thread") in value
        if running is False or by_thread:
            self.region = Region("off-loop", -1, None, self.region)
        after_then = self.block(s[2], then_env) if verdict is not False else None
        self.region = outer if guard is None else Region("when", -1, _opposite(guard), outer)
        if running is True or by_thread:
            self.region = Region("off-loop", -1, None, self.region)
        after_else = self.block(s[3], else_env) if verdict is not True else None
        self.region = outer
        if after_then is None and after_else is not None and self._returns_known(test, s[2]):
            self._implied.append(Region("lazy", -1, None, None))
        if guard is not None and (after_then is None) != (after_else is None) and verdict is None:
            # One branch leaves: what follows runs under the other's condition.
            self._implied.append(Region("when", -1, guard if after_else is None else _opposite(guard), None))
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
        return bool(value) and all(self.solver.role(a) == "event-loop" for a in value)

    def _guard(self, test: Any, value: Value) -> tuple[int, str, bool | str] | None:
        """The parameter whose truth a test asks, if it still has the value that the caller gave."""
        asked = [a for a in value if a[0] == ASKS]
        if len(asked) == 1:
            return (asked[0][1], asked[0][2], "async" if asked[0][3] else "sync")
        truth = True
        while type(test) is list and test[0] == ir.NOT:
            truth = not truth
            test = test[1]
        if type(test) is not str or test not in self.facts.params.names:
            return None
        if test not in self._unassigned:
            return None
        return (self.code.gid, test, truth)

    def _verdict(self, test: Any) -> bool | None:
        """Whether a test is decided: only for the constants that Python's idioms use."""
        if type(test) is list:
            if test[0] == ir.CONST:
                return bool(test[1])
            if test[0] == ir.NOT:
                inner = self._verdict(test[1])
                return None if inner is None else not inner
        return None

    def _is_lazy(self, test: Any, body: list[Any]) -> bool:
        """`if x is None: x = …` and its like: the body runs once in the life of x."""
        path = None
        if type(test) is list:
            if (test[0] == ir.NOT and path_of(test[1]) is not None) or (
                test[0] == ir.COMPARE and test[2] == [["is", [ir.CONST, None]]]
            ):
                path = path_of(test[1])
            elif test[0] == ir.COMPARE and len(test[2]) == 1 and test[2][0][0] == "not in":
                path = path_of(test[2][0][1])
                if path is not None:
                    return any(_stores_below(s, path) for s in body)
            else:
                # `if not ((x := cache.get(k)) and x.ready): x = …`
                bound = [e[1] for e in walk(test) if e[0] == ir.NAMED]
                return any(_stores(s, name) for name in bound for s in body)
        if path is None:
            return False
        return any(_stores(s, path) for s in body)

    def _returns_known(self, test: Any, body: list[Any]) -> bool:
        """`if x is not None: return x`, with x from a place that the function fills: the rest runs once for it."""
        known = (
            test[1]
            if type(test) is list and test[0] == ir.COMPARE and test[2] == [["is not", _NONE]]
            else test
        )
        path = path_of(known)
        if path is None or body != [[ir.RETURN, known]]:
            return False
        every = statements(self.code)
        if type(known) is list:
            return any(_stores(s, path) for s in every)
        for statement in every:
            if statement[0] == ir.ASSIGN and statement[1] == [known]:
                made = statement[2]
                if (
                    type(made) is list
                    and made[0] == ir.CALL
                    and type(made[1]) is list
                    and made[1][0] == ir.ATTR
                ):
                    place = path_of(made[1][1])  # cache.get(key)
                    return place is not None and any(_stores_below(s, place) for s in every)
                place = path_of(made)
                return place is not None and place != path and any(_stores(s, place) for s in every)
        return False

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
        return self._loop(
            site, trip, body, orelse, self.env, lambda: self.assign(target, element, None), endless=False
        )

    def _s_while(self, s: Any, env: Env) -> Env | None:
        _, test, body, orelse, site = s
        if self._verdict(test) is False:
            return self.block(orelse, env)
        endless = type(test) is list and test[0] == ir.CONST and bool(test[1])
        trip = ("forever", "while True") if endless else ("data", "while")

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

    @property
    def _continues(self) -> list[list[Env]]:
        stack: list[list[Env]] = self.__dict__.setdefault("_continue_stack", [])
        return stack

    def _s_break(self, _s: Any, env: Env) -> Env | None:
        if self._breaks:
            self._breaks[-1].append(env)
        return None

    def _s_continue(self, _s: Any, env: Env) -> Env | None:
        if self._continues:
            self._continues[-1].append(env)
        return None

    def _s_with(self, s: Any, env: Env) -> Env | None:
        _, items, body, is_async = s
        self.env = env
        outer_region, outer_held = self.region, env.held
        added: list[Any] = []
        for context, target, site in items:
            if is_async:
                self._awaiting = True
            value = self.ev(context)
            self._awaiting = False
            given, locks = self.enter(value, site, context, is_async=is_async)
            if is_async and self.env.held:
                self.awaits.append((site, self.env.held, self.region))
            if locks:
                added.extend(locks)
                self.env.held = (*self.env.held, *locks)
                self.region = Region("lock", site, locks, self.region)
            else:
                self.region = Region("with", site, (context, value), self.region)
            if target is not None:
                self.assign(target, given, None)
        end = self.block(body, self.env)
        self.region = outer_region
        if end is not None:
            released = {h[0] for h in added}
            kept = {h[0] for h in end.held}
            end.held = tuple(h for h in outer_held if h[0] in kept) + tuple(
                h for h in end.held if h[0] not in released and h not in outer_held
            )
        return end

    def _s_try(self, s: Any, env: Env) -> Env | None:
        _, body, handlers, orelse, final = s
        before = env.copy()
        outer = self.region
        self.region = Region("try", -1, final, outer)
        asked_before, self._asked = self._asked, False
        after = self.block(body, env)
        asked, self._asked = self._asked, asked_before
        self.region = outer
        middle = merge(before.copy(), self.env) if after is None else merge(before.copy(), after)
        if after is not None and orelse:
            after = self.block(orelse, after.copy())
        out = after
        for types, name, handler in handlers:
            self.env = (middle or before).copy()
            caught = self.ev(types)
            if name is not None:
                self.assign(name, self._instances(caught), None)
            off_loop = asked and _catches_no_loop(types)
            kind = "off-loop" if off_loop else "fallback" if _names_of(types) <= _NOT_THERE else "except"
            self.region = Region(kind, -1, None, outer)
            handled = self.block(handler, self.env)
            if not off_loop or out is None:
                out = merge(out, handled)
            self.region = outer
        if final:
            start = out if out is not None else (middle or before).copy()
            if out is not None and after is None:
                start = out
            self.region = Region("finally", -1, None, outer)
            end = self.block(final, start.copy() if out is None else start)
            self.region = outer
            if self.exit_held and end is not None:
                # A `return` inside the try leaves through the finally: what that releases is not held after.
                there = {h[0] for h in end.held}
                self.exit_held = tuple(h for h in self.exit_held if h[0] in there)
            out = end if out is not None else None
        return out

    def _s_return(self, s: Any, env: Env) -> Env | None:
        if type(s[1]) is list and s[1][0] == ir.IFEXP:
            _, test, left, right = s[1]
            return self._s_if([ir.IF, test, [[ir.RETURN, left]], [[ir.RETURN, right]]], env)
        self.env = env
        value = shallow(self._answer(self._returned_value(s[1])))
        self.returned = join(self.returned, value)
        guards = guards_of(self.region)
        self.guarded[guards] = join(self.guarded.get(guards, ()), value)
        self._leave(self.env)
        return None

    def _answer(self, value: Value) -> Value:
        """What a function that asks whether a loop runs says on one."""
        off_loop = is_within(self.region, "off-loop")
        if off_loop and (value == (NONE,) or any(a[0] == CONSTANT and type(a[1]) is bool for a in value)):
            return ()
        if self._ever_asked:
            return tuple((RUNNING, a[1]) if a[0] == CONSTANT and type(a[1]) is bool else a for a in value)
        return value

    def _returned_value(self, e: Any) -> Value:
        if type(e) is list and e[0] == ir.COMP and e[1] == "generator":
            self.ev(e[4][0][1])  # only its first iterable is evaluated here: the rest is left to the caller
            return self.peek(e)
        return self.ev(e)

    def _s_raise(self, s: Any, env: Env) -> Env | None:
        self.env = env
        value = self.ev(s[1])
        if self.solver.keep_all:
            self._raise_classes(value)
        return None

    def _raise_classes(self, value: Value) -> None:
        """`raise C` makes an instance of C; the statement has no site, the graph needs none."""
        classes = [a for a in self.settled(value) if a[0] == CLASS]
        if classes:
            record = self.record(self.nowhere(), None)
            for atom in classes:
                self.call_atom(atom, [], {}, record)

    def _s_del(self, s: Any, env: Env) -> Env | None:
        self.env = env
        for target in s[1]:
            if type(target) is list and target[0] == ir.SUBSCRIPT:
                base, index = self.ev(target[1]), self.ev(target[2])
                implicit.special(self, base, ("__delitem__",), [index])
            elif type(target) is list and target[0] == ir.ATTR:
                implicit.special(self, self.ev(target[1]), ("__delattr__",), [])
            path = path_of(target)
            if path is not None:
                env.names.pop(path, None)
                env.paths.pop(path, None)
                env.forget(path)
        return env

    def _s_def(self, s: Any, env: Env) -> Env | None:
        self.env = env
        code = self.solver.codes[self.code.unit.first + s[1]]
        for name, default in code.facts.params.defaults.items():
            self.solver.write(("d", code.gid, name), self.ev(default))
        value = self.decorate(code, ((FUNCTION, code.gid, ()),))
        self.assign(code.facts.name, value, None)
        return self.env

    def _s_class(self, s: Any, env: Env) -> Env | None:
        self.env = env
        code = self.solver.codes[self.code.unit.first + s[1]]
        bases: Value = ()
        for base in code.facts.bases:
            value = self.settled(self.ev(base))
            bases = join(bases, tuple(a for a in value if a[0] in (CLASS, EXTERNAL)))
        for _name, keyword in code.facts.keywords:
            self.ev(keyword)
        self.solver.write(("b", code.gid), bases)
        self.publish()
        self.solver.ensure(code.gid)
        if self.solver.keep_all:
            self._init_subclass(code)
        self.assign(code.facts.name, self.decorate(code, ((CLASS, code.gid),)), None)
        return self.env

    def changed_by(self, gid: int, record: Record) -> None:
        """A call of a function has returned: note what it changed."""
        effects.apply(self, gid, record)

    def _init_subclass(self, code: Code) -> None:
        """A class is made: the nearest base that wants to know is told."""
        for base in self.solver.mro(code.gid, self)[1:]:
            if isinstance(base, int) and "__init_subclass__" in self.solver.codes[base].bound:
                self.solver.ensure(base)
                for atom in self.solver.read(("c", base, "__init_subclass__"), self):
                    function = atom[1] if atom[0] in (CLASSMETHOD, STATIC) else atom
                    if function[0] == FUNCTION:
                        record = self.record(self.nowhere(), None)
                        self.call_function(function, (CLASS, code.gid), [], {}, record)
                return

    def _s_import(self, s: Any, env: Env) -> Env | None:
        self.env = env
        self.publish()
        unit = self.code.unit
        for dotted, alias in s[1]:
            if alias is not None:
                self.assign(alias, (self.solver.modules.atom(dotted, unit),), None)
                continue
            head = dotted.partition(".")[0]
            self.assign(head, (self.solver.modules.atom(head, unit),), None)
        return env

    def _s_from(self, s: Any, env: Env) -> Env | None:
        _, level, module, names = s
        self.env = env
        self.publish()
        solver, unit = self.solver, self.code.unit
        dotted = solver.modules.absolute(level, module, unit)
        index = solver.modules.find(dotted, unit)
        for name, alias in names:
            if name == "*":
                self._star(index)
                continue
            value: Value = ()
            if index is not None:
                if index == unit.index and self.code.parent is None:
                    sub = solver.modules.find(f"{dotted}.{name}", unit)
                    value = ((MODULE, sub),) if sub is not None else ()
                else:
                    value = solver.module_attribute(index, name, self)
            else:
                sub = solver.modules.find(f"{dotted}.{name}", unit)
                if sub is not None:
                    value = ((MODULE, sub),)
                elif not solver.modules.is_package(dotted):
                    value = self._external(f"{dotted}.{name}")
            self.assign(alias or name, value, None)
        return env

    def _external(self, dotted: str) -> Value:
        catalogue = self.solver.catalogue
        head, _, tail = dotted.rpartition(".")
        if catalogue.attribute(catalogue.canonical(head), tail) is not None:
            return self.solver.attribute((EXTERNAL, head), tail, self)
        return ((EXTERNAL, dotted),)

    def _star(self, index: int | None) -> None:
        if index is None:
            return
        self.solver.ensure(self.solver.units[index].first)
        for name in self.solver.exports(index):
            value = self.solver.module_attribute(index, name, self)
            if value:
                if self.code.parent is None:
                    self.solver.star_units.add(self.code.unit.index)
                self.assign(name, value, None)

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
            for position, inner in enumerate(pattern[1]):
                part: Value = subject
                if not pattern[2]:
                    part = ()
                    for atom in subject:
                        whole = containers.sequence(self.solver, atom, self)
                        if whole is not None and len(whole) == len(pattern[1]):
                            part = join(part, whole[position])
                self._pattern(inner, part, None)
        elif tag == ir.P_MAPPING:
            for inner in pattern[1]:
                self._pattern(inner, (), None)
        elif tag == ir.P_VALUE:
            self.ev(pattern[1])

    def _s_assert(self, s: Any, env: Env) -> Env | None:
        self.env = env
        implicit.truth(self, self.ev(s[1]))
        self.env = env.copy()
        self.ev(s[2])
        self.env = env
        self.narrow(s[1], self.env, truth=True)
        return self.env

    def builtin(self, name: str, arguments: list[Value], record: Record) -> Value | None:
        """What a builtin function does with its arguments, if that decides what it gives."""
        made = implicit.builtin(self, name, arguments)
        return made if made is not None else containers.function(self, name, arguments, record)

    # -- narrowing

    def narrow(self, test: Any, env: Env, *, truth: bool) -> None:
        """What a test's outcome tells of the names and paths that it looks at."""
        if type(test) is str:
            self._without_none(test, env, truth=truth)
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
                if path is not None:
                    self._without_none(path, env, truth=(operator == "is not") == truth)
        elif tag == ir.ATTR:
            path = path_of(test)
            if path is not None:
                self._without_none(path, env, truth=truth)
        elif tag == ir.CALL and test[1] == "isinstance" and len(test[2]) == 2:
            self._narrow_isinstance(test, env, truth=truth)
        elif tag == ir.CALL and truth:
            record = self.records.get(test[4])
            if record is not None:
                for lock in self.tried_locks(record):
                    env.held = (*env.held, lock)
                for key in self.told_states(record):
                    env.paths[key] = ((CONSTANT, True),)
        elif tag == ir.NAMED:
            self._without_none(test[1], env, truth=truth)

    def _without_none(self, path: str, env: Env, *, truth: bool) -> None:
        store = env.names if path in env.names else env.paths
        value = store.get(path)
        if value and truth:
            kept = tuple(a for a in value if a != NONE)
            if len(kept) != len(value):
                store[path] = kept

    def _narrow_isinstance(self, test: Any, env: Env, *, truth: bool) -> None:
        path = path_of(test[2][0])
        if path is None:
            return
        wanted = test[2][1]
        parts = wanted[1] if type(wanted) is list and wanted[0] == ir.TUPLE else [wanted]
        made: Value = ()
        for part in parts:
            made = join(made, self._instances(self.ev(part)))
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

    def _instances(self, classes: Value) -> Value:
        out: list[Atom] = []
        for atom in classes:
            if atom[0] == CLASS:
                out.append((INSTANCE, atom[1]))
            elif atom[0] == EXTERNAL:
                out.append((OBJECT, self.solver.catalogue.canonical(atom[1]), None))
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

    # -- assignment

    def assign(self, target: Any, value: Value, source: Any) -> None:
        """Bind a target; names strongly, attributes and elements strongly here and weakly everywhere."""
        if type(target) is str:
            self._assign_name(target, value, source)
            return
        if type(target) is not list:
            return
        tag = target[0]
        if tag == ir.ATTR:
            self._assign_attribute(target, value)
        elif tag == ir.SUBSCRIPT:
            self._assign_element(target, value)
        elif tag == ir.TUPLE:
            self._unpack(target[1], value, source)
        elif tag == ir.STAR:
            self.assign(target[1], ((SEQUENCE, "list", value),), None)

    def _assign_name(self, name: str, value: Value, source: Any) -> None:
        env, solver, code = self.env, self.solver, self.code
        kind = self.facts.kind
        if name in self.global_names:
            solver.write(("g", code.unit.index, name), shallow(value))
            env.names[name] = value
            return
        if name in self.nonlocal_names:
            scope = code.parent
            while scope is not None and (scope.facts.kind == "class" or name not in scope.bound):
                scope = scope.parent
            if scope is not None:
                solver.write(("v", scope.gid, name), shallow(value))
            env.names[name] = value
            return
        env.names[name] = value
        env.bind(name, source)
        if kind == "module":
            self._unwritten[name] = value
        elif name in self.captured and kind != "class":
            solver.write(("v", code.gid, name), shallow(value))

    def _assign_attribute(self, target: Any, value: Value) -> None:
        base = self.settled(self.ev(target[1]))
        name = target[2]
        for atom in base:
            if atom[0] in (SELF, INSTANCE):
                self.call_setter(atom, name, value, target[3], target)
        self.store(base, name, value)
        path = self.env.path(target)
        if path is not None:
            self.env.forget(path)
            self.env.paths[path] = value

    def store(self, base: Value, name: str, value: Value) -> None:
        """Assign an attribute: its cells are told."""
        kept = shallow(value)
        if self.solver.keep_all:
            effects.stored(self, name)
        for atom in base:
            tag = atom[0]
            if tag in (SELF, INSTANCE):
                self.solver.write(("a", self._storing_class(atom, name), name), kept)
                self._set_descriptor(atom, name, value)
            elif tag == CLASS:
                self.solver.write(("c", atom[1], name), kept)
            elif tag == MODULE:
                self.solver.write(("g", atom[1], name), kept)

    def _set_descriptor(self, atom: Atom, name: str, value: Value) -> None:
        """An attribute of the class may be an object that is told of assignments."""
        if self.solver.keep_all:
            for base in self.solver.mro(atom[1], self):
                if isinstance(base, int) and name in self.solver.codes[base].bound:
                    held = self.solver.read(("c", base, name), self)
                    implicit.special(self, held, ("__set__",), [(atom,), value])
                    return

    def _storing_class(self, atom: Atom, name: str) -> int:
        """The class under whose name an attribute's cell is read: the nearest that declares it."""
        if self.solver.defines(atom[1], name):
            return int(atom[1])
        for base in self.solver.mro(atom[1], self):
            if type(base) is int and self.solver.defines(base, name):
                return base
        return int(atom[1])

    def _assign_element(self, target: Any, value: Value) -> None:
        base = self.settled(self.ev(target[1]))
        index = self.settled(self.ev(target[2]))
        key = containers.key_of(index)
        kept = shallow(value)
        if self.solver.keep_all:
            effects.stored(self, effects.ELEMENT)
        for atom in base:
            if atom[0] == CONTAINER:
                self.solver.write(("e", atom[1], atom[2], key), kept)
                self.solver.write(("e", atom[1], atom[2], None), kept)
            elif atom[0] in (SELF, INSTANCE):
                self.call_special(atom, "__setitem__", [index, value], target[3], target)
        path = self.env.path(target)
        if path is not None:
            self.env.forget(path)
            self.env.paths[path] = value

    def _unpack(self, targets: list[Any], value: Value, source: Any) -> None:
        if type(source) is list and source[0] in (ir.TUPLE, ir.LIST) and len(source[1]) == len(targets):
            parts = [self.ev(e) for e in source[1]]
            for target, given in zip(targets, parts, strict=True):
                self.assign(target, given, None)
            return
        star = next((i for i, t in enumerate(targets) if type(t) is list and t[0] == ir.STAR), None)
        for position, target in enumerate(targets):
            part: Value = ()
            if star == position:
                self._unpack_rest(target[1], value, position, len(targets) - 1 - position)
                continue
            behind = star is not None and position > star
            index: Value = ((CONSTANT, position - len(targets) if behind else position),)
            for atom in value:
                if atom[0] in (TUPLE, CONTAINER, SYMBOL):
                    got = self.solver.element(atom, index, self)
                    if atom[0] == SYMBOL:
                        got = self.with_given(atom, got, lambda a, i=index: self.solver.element(a, i, self))  # type: ignore[misc]
                    part = join(part, got)
                else:
                    part = join(part, self._element_in_order(atom))
            self.assign(target, part, None)

    def _element_in_order(self, atom: Atom) -> Value:
        """An element of something that is unpacked."""
        if self.solver.keep_all and atom[0] in (SELF, INSTANCE):
            return self.iterate((atom,), self.nowhere(), None, is_async=False)
        return self.solver.elements(atom, self)

    def _unpack_rest(self, target: Any, value: Value, before: int, after: int) -> None:
        """Bind `*rest`: a list of what the other targets leave."""
        rest: Value = ()
        for atom in value:
            whole = containers.sequence(self.solver, atom, self)
            if whole is not None and len(whole) >= before + after:
                rest = join(rest, ((TUPLE, *whole[before : len(whole) - after]),))
            else:
                rest = join(rest, ((SEQUENCE, "list", self.solver.elements(atom, self)),))
        self.assign(target, rest, None)

    # -- expressions

    def ev(self, e: Any) -> Value:
        """The value of an expression; calls in it are recorded."""
        if e is None:
            return ()
        if type(e) is str:
            return self.load(e)
        value: Value = _EXPRESSIONS[e[0]](self, e)
        return value

    def load(self, name: str) -> Value:
        """The value of a name."""
        value = self.env.names.get(name)
        if value is not None:
            return value
        code = self.code
        if name in code.bound and code.is_function and name not in self.global_names:
            return ()
        if code.parent is None:
            return self.solver.global_name(code.unit, name, self)
        return self.solver.name(code, name, self)

    def _e_const(self, e: Any) -> Value:
        return ((CONSTANT, e[1]),)

    def _e_attr(self, e: Any) -> Value:
        if self.env.paths:
            path = self.env.path(e)
            if path is not None:
                known = self.env.paths.get(path)
                if known is not None:
                    return known
        awaiting, self._awaiting = self._awaiting, False
        base = self.ev(e[1])
        out: Value = ()
        self._property_site = (e[3], e)
        for atom in base:
            self._property_site = (e[3], e)
            got = self.solver.attribute(atom, e[2], self)
            if atom[0] == SYMBOL and (not got or self.solver.runs_when_read(e[2])):
                got = self.with_given(atom, got, lambda a: self.solver.attribute(a, e[2], self))
            out = join(out, got)
        self._awaiting = awaiting
        return out

    def _e_subscript(self, e: Any) -> Value:
        if self.env.paths:
            path = self.env.path(e)
            if path is not None:
                known = self.env.paths.get(path)
                if known is not None:
                    return known
        base = self.ev(e[1])
        index = self.settled(self.ev(e[2]))
        out: Value = ()
        for atom in base:
            out = join(out, self._element(atom, index, e))
        return out

    def _element(self, atom: Atom, index: Value, e: Any) -> Value:
        tag = atom[0]
        if tag in (CONTAINER, TUPLE, SEQUENCE) and type(e[2]) is list and e[2][0] == ir.SLICE:
            return containers.sliced(self, atom, [self.ev(b) for b in e[2][1]], e[3])
        if tag in (CONTAINER, TUPLE, SEQUENCE, MAPPING):
            return self.solver.element(atom, index, self)
        if tag == SYMBOL:
            left_open = self.solver.element(atom, index, self)
            return self.with_given(atom, left_open, lambda a: self._element(a, index, e))
        if tag in (SELF, INSTANCE):
            return self.call_special(atom, "__getitem__", [index], e[3], e)
        if tag == MODULE:  # globals()["name"]
            out: Value = ()
            for key in containers.keys_of(index) or ():
                if isinstance(key, str):
                    out = join(out, self.solver.module_attribute(atom[1], key, self))
            return out
        if tag in (CLASS, EXTERNAL):
            return (atom,)
        if tag == OBJECT:
            entry = self.solver.catalogue.method(self.solver.catalogue.canonical(atom[1]), "__getitem__")
            if entry is not None:
                record = self.record(e[3], e)
                return self.call_external((BOUND, entry.name, atom), [index], {}, record, e)
            return self.solver.elements(atom, self)
        return ()

    def _e_binop(self, e: Any) -> Value:
        left, right = self.ev(e[2]), self.ev(e[3])
        method = _OPERATORS.get(e[1])
        if method is None:
            return ()
        together = containers.combined(self, e[1], left, right, e[4])
        if together is not None:
            return together
        out: Value = ()
        for atom in left:
            tag = atom[0]
            if tag in (SELF, INSTANCE):
                out = join(out, self.call_special(atom, method, [right], e[4], e))
            elif tag == OBJECT:
                entry = self.solver.catalogue.method(self.solver.catalogue.canonical(atom[1]), method)
                if entry is not None:
                    record = self.record(e[4], e)
                    out = join(out, self.call_external((BOUND, entry.name, atom), [right], {}, record, e))
            elif tag in (CONTAINER, SEQUENCE, TUPLE, LITERAL, MAPPING):
                out = join(out, (atom,))
        if e[1] in ("+", "|"):
            for atom in right:
                if atom[0] in (CONTAINER, SEQUENCE, TUPLE, MAPPING):
                    out = join(out, (atom,))
        if not out:
            reverse = "__r" + method[2:]
            for atom in right:
                if atom[0] in (SELF, INSTANCE):
                    out = join(out, self.call_special(atom, reverse, [left], e[4], e))
                elif atom[0] == OBJECT:
                    entry = self.solver.catalogue.method(self.solver.catalogue.canonical(atom[1]), reverse)
                    if entry is not None:
                        record = self.record(e[4], e)
                        out = join(out, self.call_external((BOUND, entry.name, atom), [left], {}, record, e))
        return out

    def _e_bool(self, e: Any) -> Value:
        parts = e[2]
        out: Value = ()
        before = self.env
        for position, part in enumerate(parts):
            if position:
                # Later operands run only where the earlier ones came out a certain way.
                self.env = self.env.copy()
                self.narrow(parts[position - 1], self.env, truth=e[1] == "and")
            value = self.ev(part)
            if position < len(parts) - 1:
                implicit.truth(self, value)
            if e[1] == "or" and position < len(parts) - 1:
                value = tuple(a for a in value if not (a[0] == CONSTANT and not a[1]))
            elif e[1] == "and" and position < len(parts) - 1:
                value = tuple(a for a in value if a[0] in (CONSTANT, RUNNING) and not a[1])
            out = join(out, value)
        held = before.held
        merged = merge(before, self.env) if self.env is not before else before
        self.env = merged or before
        self.env.held = held
        return out

    def _e_ifexp(self, e: Any) -> Value:
        test = self.ev(e[1])
        implicit.truth(self, test)
        running = self._running(e[1], test)
        base, outer = self.env, self.region
        self.env = base.copy()
        self.narrow(e[1], self.env, truth=True)
        if running is False:
            self.region = Region("off-loop", -1, None, outer)
        left = self.ev(e[2])
        after_left = self.env
        self.env = base
        self.narrow(e[1], self.env, truth=False)
        self.region = outer if running is not True else Region("off-loop", -1, None, outer)
        right = self.ev(e[3])
        self.region = outer
        self.env = merge(after_left, self.env) or base
        if running is not None:
            return left if running else right
        return join(left, right)

    def _e_tuple(self, e: Any) -> Value:
        if any(type(x) is list and x[0] == ir.STAR for x in e[1]):
            out: Value = ()
            for x in e[1]:
                if type(x) is list and x[0] == ir.STAR:
                    for atom in self.ev(x[1]):
                        out = join(out, self.solver.elements(atom, self))
                else:
                    out = join(out, self.ev(x))
            return ((SEQUENCE, "tuple", out),)
        return ((TUPLE, *(shallow(self.ev(x), 6) for x in e[1])),)

    def _e_list(self, e: Any) -> Value:
        return self._literal(e, "list" if e[0] == ir.LIST else "set")

    def _literal(self, e: Any, kind: str) -> Value:
        values: list[Value] = []
        loose: Value = ()  # what comes behind elements whose number is not known
        starred = False
        for x in e[1]:
            if type(x) is not list or x[0] != ir.STAR:
                if starred:
                    loose = join(loose, self.ev(x))
                else:
                    values.append(self.ev(x))
                continue
            inner = self.settled(self.ev(x[1]))
            whole = containers.sequence(self.solver, inner[0], self) if len(inner) == 1 else None
            if whole is not None and not starred:
                values.extend(whole)
                continue
            starred = True
            for atom in inner:
                loose = join(loose, self.solver.elements(atom, self))
        if values and not starred and all(v and not interesting(v) for v in values):
            return ((LITERAL, kind, len(values)),)
        made = containers.new_sequence(self, e[2], kind, values)
        if starred:
            containers.put(self.solver, made[0], "*" if kind == "set" else containers.ADDED, loose)
        return made

    def _e_dict(self, e: Any) -> Value:
        table: dict[Any, Value] = {}
        for key, expression in e[1]:
            if key is None and type(expression) is list and expression[0] == ir.STAR:
                table.update(containers.entries(self.solver, self.settled(self.ev(expression[1])), self))
                continue
            where = containers.key_of(self.settled(self.ev(key)))
            value = self.ev(expression)
            table[where] = join(table.get(where, ()), value) if where == "*" else value
        return containers.new_table(self, e[2], table)

    def _e_lambda(self, e: Any) -> Value:
        code = self.solver.codes[self.code.unit.first + e[1]]
        for name, default in code.facts.params.defaults.items():
            self.solver.write(("d", code.gid, name), self.ev(default))
        return ((FUNCTION, code.gid, ()),)

    def _e_comp(self, e: Any) -> Value:
        _, kind, element, key, clauses, _site = e
        outer = self.region
        # Comprehension variables live in a scope of their own.
        outside = self.env
        self.env = outside.copy()
        for target, iterable, conditions, is_async, clause in clauses:
            if is_async:
                self._awaiting = True
            value = self.ev(iterable)
            self._awaiting = False
            trip = trips.of_iterable(self, iterable, value)
            item = self.iterate(value, clause, iterable, is_async=is_async)
            self.region = Region("comprehension", clause, trip, self.region)
            self._bind_target(target, item)
            for condition in conditions:
                implicit.truth(self, self.ev(condition))
                self.narrow(condition, self.env, truth=True)
        if key is not None:
            self.ev(key)
        made = self.ev(element)
        self.region = outer
        self.env = outside
        if kind == "dict":
            return ((MAPPING, shallow(made)),)
        return ((SEQUENCE, kind, shallow(made)),)

    def _bind_target(self, target: Any, value: Value) -> None:
        """Bind comprehension variables: local to the expression, so nothing is written to cells but captures."""
        if type(target) is str:
            self.env.names[target] = value
            if target in self.captured:
                self.solver.write(("v", self.code.gid, target), shallow(value))
            elif self.code.parent is None:
                self.solver.write(("g", self.code.unit.index, target), ())
        else:
            self.assign(target, value, None)

    def _e_await(self, e: Any) -> Value:
        self._awaiting = True
        value = self.ev(e[1])
        self._awaiting = False
        if self.env.held:
            self.awaits.append((e[2], self.env.held, self.region))
        out: Value = ()
        for atom in value:
            out = join(out, self.awaited(atom))
        return out

    def _e_yield(self, e: Any) -> Value:
        self.yielded = join(self.yielded, self.ev(e[1]))
        held = self.env.held
        if self.yield_held is None:
            self.yield_held = held
        elif self.yield_held:
            there = {h[0] for h in held}
            self.yield_held = tuple(h for h in self.yield_held if h[0] in there)
        return ()

    def _e_yield_from(self, e: Any) -> Value:
        value = self.ev(e[1])
        self.yielded = join(self.yielded, self.iterate(value, e[2], e[1], is_async=False))
        out: Value = ()
        for atom in value:
            if atom[0] == GENERATOR and atom[1] >= 0:
                returned = self.solver.read(("r", atom[1]), self)
                out = join(out, tuple(a for a in returned if a != NONE))
        return out

    def _e_named(self, e: Any) -> Value:
        value = self.ev(e[2])
        self.assign(e[1], value, None)
        return value

    def _e_star(self, e: Any) -> Value:
        return self.ev(e[1])

    def _e_eval(self, e: Any) -> Value:
        for part in e[1]:
            self.ev(part)
        return ()

    def _e_compare(self, e: Any) -> Value:
        left = self.ev(e[1])
        asked, before = left, left
        made: Value = ()
        for operator, operand in e[2]:
            right = self.ev(operand)
            asked = join(asked, right)
            made = implicit.compare(self, operator, before, right)
            before = right
        if (RUNNING, "thread") in asked:
            return ((RUNNING, "thread"),)
        operator, other = e[2][0]
        is_none = len(e[2]) == 1 and operator in ("is", "is not") and other == [ir.CONST, None]
        if self._ever_asked and is_none and self._is_loop(left):
            return ((RUNNING, operator == "is not"),)
        if self._asked and operator in _SAME and (self._is_loop(left) or self._is_loop(before)):
            return ((RUNNING, _SAME[operator]),)  # whether this is the very loop that runs here
        return made

    def _e_not(self, e: Any) -> Value:
        value = self.ev(e[1])
        implicit.truth(self, value)
        return tuple((ASKS, *a[1:3], not a[3]) for a in value if a[0] == ASKS) + tuple(
            (RUNNING, a[1] if a[1] == "thread" else not a[1]) for a in value if a[0] == RUNNING
        )

    def _e_string(self, e: Any) -> Value:
        for part in e[1]:
            implicit.text(self, self.ev(part))
        return ((OBJECT, "builtins.str", None),)


_NONE = [ir.CONST, None]


def _opposite(guard: Any) -> Any:
    """The guard of the other branch."""
    gid, name, truth = guard
    other = {"async": "sync", "sync": "async"}.get(truth) if isinstance(truth, str) else not truth
    return (gid, name, other)


def _catches_no_loop(types: Any) -> bool:
    """Whether an except clause catches what is raised where no event loop runs."""
    return any(n in _NO_LOOP or n.endswith("NotFoundError") for n in _names_of(types))


def _names_of(types: Any) -> frozenset[str]:
    """The last names of the exception classes of an except clause."""
    if types is None:
        return frozenset({"BaseException"})
    if type(types) is list and types[0] == ir.TUPLE:
        return frozenset(n for t in types[1] for n in _names_of(t))
    return frozenset(
        {types if type(types) is str else types[2] if type(types) is list and types[0] == ir.ATTR else ""}
    )


_SAME = {"is": True, "==": True, "is not": False, "!=": False}
_NO_LOOP = frozenset({"RuntimeError", "Exception", "BaseException"})
_NOT_THERE = frozenset({"ImportError", "ModuleNotFoundError"})


def _stores(statement: Any, path: str) -> bool:
    """Whether a statement, or one inside it, assigns a path."""
    tag = statement[0]
    if tag == ir.ASSIGN:
        return any(path_of(t) == path for t in statement[1])
    if tag == ir.ANNOTATED:
        return path_of(statement[1]) == path
    return any(_stores(s, path) for s in _inner(statement))


def _stores_below(statement: Any, path: str) -> bool:
    """Whether a statement assigns an element of a path."""
    if statement[0] == ir.ASSIGN:
        return any(type(t) is list and t[0] == ir.SUBSCRIPT and path_of(t[1]) == path for t in statement[1])
    return any(_stores_below(s, path) for s in _inner(statement))


def _inner(statement: Any) -> list[Any]:
    tag = statement[0]
    if tag == ir.WITH:
        return list(statement[2])
    if tag == ir.IF:
        return [*statement[2], *statement[3]]
    if tag == ir.TRY:
        return [*statement[1], *statement[3], *statement[4]]
    return []


def _grew(before: Env, after: Env) -> bool:
    """Whether a loop's body changed what it found when it began."""
    for name, value in before.names.items():
        new = after.names.get(name)
        if new is not None and new is not value and len(new) != len(value):
            return True
    return len(before.held) != len(after.held)


_OPERATORS = {
    "+": "__add__", "-": "__sub__", "*": "__mul__", "/": "__truediv__", "//": "__floordiv__", "%": "__mod__",
    "**": "__pow__", "|": "__or__", "&": "__and__", "^": "__xor__", "<<": "__lshift__", ">>": "__rshift__",
    "@": "__matmul__", "neg": "__neg__", "pos": "__pos__", "invert": "__invert__",
}  # fmt: skip


def _table(names: dict[int, str]) -> list[Any]:
    return [getattr(Frame, names[i]) if i in names else None for i in range(max(names) + 1)]


_STATEMENTS = _table({
    ir.EXPR: "_s_expr", ir.ASSIGN: "_s_assign", ir.ANNOTATED: "_s_annotated", ir.AUGMENTED: "_s_augmented",
    ir.IF: "_s_if", ir.FOR: "_s_for", ir.WHILE: "_s_while", ir.WITH: "_s_with", ir.TRY: "_s_try",
    ir.RETURN: "_s_return", ir.RAISE: "_s_raise", ir.DEL: "_s_del", ir.BREAK: "_s_break", ir.CONTINUE: "_s_continue",
    ir.DEF: "_s_def", ir.CLASS: "_s_class", ir.IMPORT: "_s_import", ir.FROM: "_s_from", ir.MATCH: "_s_match",
    ir.ASSERT: "_s_assert",
})  # fmt: skip
_EXPRESSIONS = _table({
    ir.CONST: "_e_const", ir.ATTR: "_e_attr", ir.CALL: "_e_call", ir.SUBSCRIPT: "_e_subscript", ir.BINOP: "_e_binop",
    ir.BOOL: "_e_bool", ir.IFEXP: "_e_ifexp", ir.TUPLE: "_e_tuple", ir.LIST: "_e_list", ir.SET: "_e_list",
    ir.DICT: "_e_dict", ir.LAMBDA: "_e_lambda", ir.COMP: "_e_comp", ir.AWAIT: "_e_await", ir.YIELD: "_e_yield",
    ir.YIELD_FROM: "_e_yield_from", ir.NAMED: "_e_named", ir.STAR: "_e_star", ir.EVAL: "_e_eval",
    ir.COMPARE: "_e_compare", ir.NOT: "_e_not", ir.STRING: "_e_string", ir.SLICE: "_e_eval",
})  # fmt: skip
