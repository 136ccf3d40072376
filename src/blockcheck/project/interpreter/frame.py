"""Abstract interpretation of one code: its statements in order, branches joined, calls recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project import containers, effects, implicit
from blockcheck.project.interpreter.definitions import Definitions
from blockcheck.project.interpreter.displays import Displays
from blockcheck.project.interpreter.env import Env
from blockcheck.project.interpreter.expressions import Expressions
from blockcheck.project.interpreter.flow import Flow
from blockcheck.project.interpreter.statements import Statements
from blockcheck.project.model import Code, Record, Region, path_of
from blockcheck.project.typehints import allows_callable
from blockcheck.project.values import (
    CALLABLES,
    CONSTANT,
    GETTER,
    MAPPING,
    NONE,
    SEQUENCE,
    SYMBOL,
    Atom,
    Value,
    join,
    shallow,
)

if TYPE_CHECKING:
    from blockcheck.project.solver import Solver


class Frame(Flow, Definitions, Statements, Expressions, Displays):
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
        self.begun = {}
        self.beginning = None
        self._blocks = 0
        self.returned: Value = ()
        #: The same by the conditions on parameters under which each return is reached.
        self.guarded: dict[tuple[Any, ...], Value] = {}
        self.exit_held: tuple[Any, ...] | None = None
        self.yield_held: tuple[Any, ...] | None = None
        #: Locks given back that were not taken here: a caller's.
        self.released: dict[Atom, None] = {}
        #: Stacks of context managers by path, with the sites at which they enter what takes locks.
        self.stacks: dict[str, set[int]] = {}
        self.at_end: dict[str, list[Value]] = {}  # what stacks of context managers call when they are left
        self.yielded: Value = ()
        self._breaks: list[list[Env]] = []
        self._continues: list[list[Env]] = []
        self._implied: list[Region] = []
        self._asked = False  # inside this try: whether a loop runs
        self._ever_asked = False
        #: Parameters that the body never assigns: their truth is the caller's.
        self._unassigned = frozenset(code.facts.params.names) - frozenset(code.facts.rebound)
        self._awaiting = False
        self._initial = {}
        self._property_site: tuple[int, Any] = (-1, None)

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
                # Apart, so that who makes an instance does not depend on all that its fields hold.
                factories = tuple(a for a in value if a[0] == GETTER and a[1] == "factory")
                if factories:
                    self.solver.write(("f", code.gid), factories)
        if not code.is_function:
            return
        gid = code.gid
        if end is not None:
            self.leave(end)
            if self.facts.kind == "function" and not self.returned:
                self.returned = (NONE,)
        self._declared_result()
        if self._ever_asked and any(self.solver.role(a) == "event-loop" for a in self.returned):
            self.solver.askers.add(gid)
        self.solver.write(("r", gid), self.returned)
        if any(self.guarded):
            self.solver.return_guards.setdefault(gid, {}).update(dict.fromkeys(self.guarded))
            for guards, value in self.guarded.items():
                self.solver.write(("rg", gid, guards), value)
        if self.yielded:
            self.solver.write(("y", gid), shallow(self.yielded))
        if self.exit_held:
            self.solver.write(("h", gid), tuple(h[0] for h in self.exit_held))
        if self.released:
            self.solver.write(("gives-back", gid), tuple(self.released))
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

    def leave(self, env: Env) -> None:
        """Note what is still held where the function is left: a `with` gives back what it took."""
        if self.solver.keep_all:
            effects.leave(self, env)
        held = env.held
        region = self.region
        while held and region is not None:
            if region.kind == "lock":
                given_back = {h[1] for h in region.info}
            elif region.kind == "with":
                given_back = self.stacks.get(path_of(region.info[2]) or "", set())
            else:
                given_back = set()
            if given_back:
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
                if value and allows_callable(annotation):
                    value = join(value, ((SYMBOL, gid, name, ()),))
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
        self._initial = dict(names)

    def _rest(self, stars: str) -> Value:
        """What each of the arguments is that a starred parameter collects."""
        annotation, scope = self.facts.params.annotations.get(stars), self.code.parent
        value = (
            self.solver.annotated(scope, annotation, self)
            if annotation is not None and scope is not None
            else ()
        )
        return value or ((SYMBOL, self.code.gid, stars, ()),)

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

    def changed_by(self, gid: int, record: Record) -> None:
        """A call of a function has returned: note what it changed."""
        effects.apply(self, gid, record)

    def builtin(self, name: str, arguments: list[Value], record: Record) -> Value | None:
        """What a builtin function does with its arguments, if that decides what it gives."""
        made = implicit.builtin(self, name, arguments, record)
        return made if made is not None else containers.function(self, name, arguments, record)

    def ev(self, e: Any) -> Value:
        """The value of an expression; calls in it are recorded."""
        if e is None:
            return ()
        if type(e) is str:
            if e in self.begun:
                self.use(e)
            return self.load(e)
        value: Value = _EXPRESSIONS[e[0]](self, e)
        return value


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
