"""What becomes of an object after the call that makes it: kept, returned, joined, or left to itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project.model import render

if TYPE_CHECKING:
    from blockcheck.project.model import Code

_TELLS = frozenset({"set", "put", "put_nowait", "release", "set_result"})
_WAITS = frozenset({"wait", "get", "acquire", "result"})
_MUTED = frozenset({"start", "daemon", "name", "setDaemon", "setName", "deamon"})


@dataclass
class Fate:
    """How the rest of the function uses an object that a call of it makes.

    Attributes:
        name: the local name it is bound to, if any.
        stored: on an attribute, in a container, or handed to another callable.
        returned: given to the caller (or yielded).
        joined: its ``join`` is called; ``join_site`` is where, ``join_arguments`` whether with a timeout.
        entered: it is the context of a ``with``.
        all_joined_site: where the elements of the container that it is put into are joined; -1 where they are not.
        methods: the methods called on it.
    """

    name: str | None = None
    stored: bool = False
    returned: bool = False
    joined: bool = False
    join_site: int = -1
    join_arguments: bool = False
    entered: bool = False
    all_joined_site: int = -1
    methods: frozenset[str] = frozenset()

    @property
    def kept(self) -> bool:
        """Whether somebody still has it after the function is left."""
        return self.stored or self.returned


def fate_of(code: Code, site: int) -> Fate:
    """The fate of what the call at a site makes."""
    body = code.unit.facts.body(code.index)
    fate = Fate()
    names: set[str] = set()
    methods: set[str] = set()
    parts = every(body)
    for statement in parts:
        _made(statement, site, fate, names)
    if names:
        fate.name = min(names)
        for statement in parts:
            _used(statement, names, fate, methods)
    fate.methods = frozenset(methods)
    if fate.stored:
        fate.all_joined_site = _all_joined(parts, site, names)
    return fate


def _all_joined(parts: list[Any], site: int, names: set[str]) -> int:
    """Where what the made object is put into is looped over to join each element."""
    containers = set(names)
    for statement in parts:
        for expression in expressions(statement):
            for call in calls(expression):
                function = call[1]
                if isinstance(function, list) and function[0] == ir.ATTR and function[2] in ("append", "add"):
                    for argument in call[2]:
                        if _holds(argument, site) is not None or _mentions_bare(argument, names):
                            containers.add(render(function[1]))
    for statement in parts:
        if statement[0] == ir.FOR and isinstance(statement[1], str) and render(statement[2]) in containers:
            for inner in every(statement[3]):
                for expression in expressions(inner):
                    for call in calls(expression):
                        function = call[1]
                        if isinstance(function, list) and function[:3] == [ir.ATTR, statement[1], "join"]:
                            return int(call[4])
    return -1


def every(body: list[Any]) -> list[Any]:
    """The statements of a block, nested ones included."""
    out = []
    for statement in body:
        out.append(statement)
        for block in blocks(statement):
            out.extend(every(block))
    return out


def blocks(statement: Any) -> list[list[Any]]:
    """The blocks of a compound statement."""
    tag = statement[0]
    if tag in (ir.IF, ir.WHILE):
        return [statement[2], statement[3]]
    if tag == ir.FOR:
        return [statement[3], statement[4]]
    if tag == ir.WITH:
        return [statement[2]]
    if tag == ir.TRY:
        return [statement[1], *(h[2] for h in statement[2]), statement[3], statement[4]]
    if tag == ir.MATCH:
        return [c[2] for c in statement[2]]
    return []


def _made(statement: Any, site: int, fate: Fate, names: set[str]) -> None:
    """Where the made object goes at once."""
    tag = statement[0]
    if tag == ir.ASSIGN:
        position = _holds(statement[2], site)
        if position is not None:
            for target in statement[1]:
                _bound(target, position, fate, names)
    elif tag == ir.ANNOTATED and statement[4]:
        position = _holds(statement[3], site)
        if position is not None:
            _bound(statement[1], position, fate, names)
    elif tag == ir.RETURN and _holds(statement[1], site) is not None:
        fate.returned = True
    elif tag == ir.WITH:
        for context, target, _ in statement[1]:
            if _holds(context, site) is not None:
                fate.entered = True
                if isinstance(target, str):
                    names.add(target)
    for expression in expressions(statement):
        for call in calls(expression):
            for argument in [*call[2], *(v for _, v in call[3])]:
                if _holds(argument, site) is not None:
                    fate.stored = True
        for inner in walk(expression):
            if inner[0] == ir.NAMED and _holds(inner[2], site) is not None:
                names.add(inner[1])
            if inner[0] in (ir.YIELD, ir.YIELD_FROM) and _holds(inner[1], site) is not None:
                fate.returned = True


def _bound(target: Any, position: str, fate: Fate, names: set[str]) -> None:
    if isinstance(target, str):
        names.add(target)
        fate.stored = fate.stored or position == "element"
    elif isinstance(target, list):
        fate.stored = True


def _holds(expression: Any, site: int) -> str | None:
    """How an expression's value holds the made object: itself, as an element, or not at all (None)."""
    if not isinstance(expression, list):
        return None
    tag = expression[0]
    if tag == ir.CALL:
        return "itself" if expression[4] == site else None
    if tag == ir.BOOL:
        return next((h for p in expression[2] if (h := _holds(p, site))), None)
    if tag == ir.IFEXP:
        return _holds(expression[2], site) or _holds(expression[3], site)
    if tag in (ir.TUPLE, ir.LIST, ir.SET):
        return "element" if any(_holds(p, site) for p in expression[1]) else None
    if tag == ir.DICT:
        return "element" if any(_holds(v, site) for _, v in expression[1]) else None
    if tag == ir.COMP:
        return "element" if _holds(expression[2], site) else None
    if tag == ir.AWAIT:
        return _holds(expression[1], site)
    return None


def _used(statement: Any, names: set[str], fate: Fate, methods: set[str]) -> None:
    """What is done with the names afterwards."""
    tag = statement[0]
    if tag == ir.RETURN and _mentions_bare(statement[1], names):
        fate.returned = True
    elif tag == ir.ASSIGN and _mentions_bare(statement[2], names):
        for target in statement[1]:
            if isinstance(target, list):
                fate.stored = True
    elif tag == ir.WITH and any(isinstance(c, str) and c in names for c, _, _ in statement[1]):
        fate.entered = True
    for expression in expressions(statement):
        for call in calls(expression):
            function = call[1]
            if (
                isinstance(function, list)
                and function[0] == ir.ATTR
                and isinstance(function[1], str)
                and function[1] in names
            ):
                methods.add(function[2])
                if function[2] == "join":
                    fate.joined = True
                    fate.join_site = call[4]
                    fate.join_arguments = bool(call[2] or call[3])
            for argument in [*call[2], *(v for _, v in call[3])]:
                if _mentions_bare(argument, names):
                    fate.stored = True
        for inner in walk(expression):
            if inner[0] in (ir.YIELD, ir.YIELD_FROM) and _mentions_bare(inner[1], names):
                fate.returned = True


def _mentions_bare(expression: Any, names: set[str]) -> bool:
    """Whether a name's own value (not an attribute of it) is part of an expression's value."""
    if isinstance(expression, str):
        return expression in names
    if not isinstance(expression, list):
        return False
    tag = expression[0]
    if tag in (ir.TUPLE, ir.LIST, ir.SET):
        return any(_mentions_bare(p, names) for p in expression[1])
    if tag == ir.DICT:
        return any(_mentions_bare(v, names) for _, v in expression[1])
    if tag == ir.BOOL:
        return any(_mentions_bare(p, names) for p in expression[2])
    if tag == ir.IFEXP:
        return _mentions_bare(expression[2], names) or _mentions_bare(expression[3], names)
    if tag == ir.STAR:
        return _mentions_bare(expression[1], names)
    return False


def expressions(statement: Any) -> list[Any]:
    """The expressions that stand directly in a statement (not in its blocks)."""
    tag = statement[0]
    if tag in (ir.EXPR, ir.RETURN, ir.RAISE, ir.ASSERT):
        return [statement[1]]
    if tag == ir.ASSIGN:
        return [statement[2], *statement[1]]
    if tag == ir.ANNOTATED:
        return [statement[3], statement[1]]
    if tag == ir.AUGMENTED:
        return [statement[1], statement[3]]
    if tag in (ir.IF, ir.WHILE, ir.MATCH):
        return [statement[1]]
    if tag == ir.FOR:
        return [statement[2]]
    if tag == ir.WITH:
        return [c for c, _, _ in statement[1]]
    return []


def walk(expression: Any) -> list[Any]:
    """Every tagged expression inside one, itself included."""
    out: list[Any] = []
    todo = [expression]
    while todo:
        e = todo.pop()
        if type(e) is not list or not e:
            continue
        if type(e[0]) is int:
            out.append(e)
            if e[0] == ir.CONST or e[0] == ir.LAMBDA:
                continue
        for part in e:
            if type(part) is list and part:
                todo.append(part)  # noqa: PERF401 - met very often
    return out


def calls(expression: Any) -> list[Any]:
    """The calls in an expression, itself included."""
    return [e for e in walk(expression) if e[0] == ir.CALL and len(e) == 5]


def calls_below(body: list[Any]) -> list[Any]:
    """The calls in the statements of a block, nested ones included."""
    return [c for statement in every(body) for e in expressions(statement) for c in calls(e)]


def leaves_loop(code: Code, site: int, loop: int) -> bool:
    """Whether every way on from a site leaves the loop around it: by ``break``, ``return`` or ``raise``."""
    for statement in statements(code):
        if statement[0] in (ir.FOR, ir.WHILE) and statement[-1] == loop:
            return bool(_leaves(_body(statement), site))
    return False


def _leaves(body: list[Any], site: int) -> bool | None:
    """Whether a block is left for good after a site in it; None where the site is not in it."""
    for position, statement in enumerate(body):
        here = any(e[0] == ir.CALL and e[4] == site for x in expressions(statement) for e in walk(x))
        inside = None
        if not here:
            loop = statement[0] in (ir.FOR, ir.WHILE)
            for block in blocks(statement):
                inside = _leaves(block, site)
                if inside is not None:
                    inside = inside and not loop
                    break
        if here or inside is not None:
            after = [statement, *body[position + 1 :]] if here else body[position + 1 :]
            return bool(inside) or any(s[0] in (ir.BREAK, ir.RETURN, ir.RAISE) for s in after)
    return None


def _body(statement: Any) -> list[Any]:
    body: list[Any] = statement[3] if statement[0] == ir.FOR else statement[2]
    return body


def definition(code: Code, name: str) -> Any:
    """The one expression that a name of a function, or of what it stands in, is bound to; None where that is open."""
    scope: Code | None = code
    while scope is not None and name not in scope.bound:
        scope = scope.parent
    if scope is None or name in scope.facts.params.names:
        return None
    found: list[Any] = []
    for statement in statements(scope):
        tag = statement[0]
        if tag == ir.ASSIGN and name in statement[1]:
            found.append(statement[2])
        elif tag == ir.ANNOTATED and statement[1] == name and statement[4]:
            found.append(statement[3])
        elif tag == ir.AUGMENTED and statement[1] == name:
            return None
    return found[0] if len(found) == 1 else None


@lru_cache(maxsize=16)
def statements(code: Code) -> list[Any]:
    """Every statement of a code's body, nested ones included; not to be changed."""
    return every(code.unit.facts.body(code.index))


@lru_cache(maxsize=16)
def kept_calls(code: Code) -> dict[str, Any]:
    """The calls whose results a function's names are bound to, each by its only assignment."""
    calls_: dict[str, Any] = {}
    for statement in statements(code):
        if statement[0] == ir.ASSIGN:
            for target in statement[1]:
                if isinstance(target, str):
                    calls_[target] = None if target in calls_ else statement[2]
    return {n: e for n, e in calls_.items() if isinstance(e, list) and e and e[0] == ir.CALL}


def has_site(statement: Any, site: int) -> bool:
    """Whether a call, or the entering of a context manager, stands directly in a statement."""
    if statement[0] == ir.WITH and any(item[2] == site for item in statement[1]):
        return True
    if statement[0] in (ir.FOR, ir.WHILE) and statement[-1] == site:
        return True
    return any(e[0] != ir.CONST and e[-1] == site for x in expressions(statement) for e in walk(x))


def is_waited_for(code: Code, target: Code) -> bool:
    """Whether a thread's target, defined here, tells what the function waits for: an event, or an item of a queue."""
    if target.parent is not code:
        return False
    told = _receivers(target, _TELLS)
    return not told.isdisjoint(_receivers(code, _WAITS))


def is_given_output(call: Any) -> bool:
    """Whether a thread is handed another program's output: there are as many of them as programs."""
    return any(e[0] == ir.ATTR and e[2] in ("stdout", "stderr") for e in walk(call))


def is_told(code: Code, signal: str) -> bool:
    """Whether a function tells whoever waits for a signal."""
    return signal in _receivers(code, _TELLS)


def _receivers(code: Code, methods: frozenset[str]) -> set[str]:
    """What a function calls one of some methods on."""
    functions = [c[1] for c in calls_below(code.unit.facts.body(code.index))]
    return {render(f[1]) for f in functions if isinstance(f, list) and f[0] == ir.ATTR and f[2] in methods}
