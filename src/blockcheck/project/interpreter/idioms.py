"""Python's idioms for lazy initialisation, cached results and imports that may fail, told by their syntax."""

from __future__ import annotations

from typing import Any

from blockcheck.facts import ir
from blockcheck.project.fate import every, expressions, statements, walk
from blockcheck.project.model import Code, owner_of, path_of

_NONE = [ir.CONST, None]
_NO_LOOP = frozenset({"RuntimeError", "Exception", "BaseException"})


def is_lazy(test: Any, body: list[Any]) -> bool:
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


def yields(body: list[Any]) -> bool:
    """Whether something is yielded in a block."""
    return any(part[0] == ir.YIELD for s in every(body) for e in expressions(s) for part in walk(e))


def may_return_true(code: Code) -> bool:
    """Whether a function returns true, or the answer to a question."""
    for statement in statements(code):
        if statement[0] == ir.RETURN and type(statement[1]) is list:
            told = statement[1]
            asked = told[0] == ir.CALL and told[1] in ("isinstance", "issubclass", "bool")
            if asked or told[0] in (ir.COMPARE, ir.NOT) or told == [ir.CONST, True]:
                return True
            if told[0] == ir.BOOL and any(part and part[0] in (ir.COMPARE, ir.NOT) for part in told[2]):
                return True
    return False


def asks_for_missing(test: Any) -> bool:
    """Whether an attribute is asked to be there: `if self.text is None`, possibly with further conditions."""
    if type(test) is not list:
        return False
    if test[0] == ir.BOOL and test[1] == "and":
        return any(asks_for_missing(part) for part in test[2])
    missing = test[0] == ir.NOT or (test[0] == ir.COMPARE and test[2] == [["is", _NONE]])
    return missing and "." in (path_of(test[1]) or "")


def returns_known(code: Code, test: Any, body: list[Any]) -> bool:
    """`if x is not None: return x`, with x from a place that the function fills: the rest runs once for it."""
    known = (
        test[1] if type(test) is list and test[0] == ir.COMPARE and test[2] == [["is not", _NONE]] else test
    )
    path = path_of(known)
    if path is None or len(body) != 1 or body[0][0] != ir.RETURN or path_of(body[0][1]) != path:
        return False
    body_of_code = statements(code)
    if type(known) is list:
        return any(_stores(s, path) for s in body_of_code) or _is_filled_elsewhere(code, known)
    if known in code.facts.outer:
        return any(_stores(s, path) for s in body_of_code)
    for statement in body_of_code:
        if statement[0] == ir.ASSIGN and statement[1] == [known]:
            made = statement[2]
            if type(made) is list and made[0] == ir.CALL and type(made[1]) is list and made[1][0] == ir.ATTR:
                place = path_of(made[1][1])  # cache.get(key)
                return place is not None and any(_stores_below(s, place) for s in body_of_code)
            place = path_of(made)
            return place is not None and place != path and any(_stores(s, place) for s in body_of_code)
    return False


def _is_filled_elsewhere(code: Code, known: Any) -> bool:
    """Whether another method than the constructor assigns an attribute of the object."""
    names = code.facts.params.names
    if code.owner is None or known[0] != ir.ATTR or names[:1] != [known[1]]:
        return False
    owner = code.owner.index
    return any(
        c.parent == owner and c.name != "__init__" and known[2] in c.self_stores
        for c in code.unit.facts.codes
    )


def is_once(code: Code, test: Any) -> bool:
    """Whether a test for what is there already looks at one place of its object, class or module, not at one of many."""
    while type(test) is list and test[0] in (ir.NOT, ir.COMPARE):
        if test[0] == ir.COMPARE and test[2][0][0] == "not in":
            return False
        test = test[1]
    root = owner_of(test)
    if root is None:
        return type(test) is str and (test in code.facts.outer or test in code.facts.nonlocals)
    names = code.facts.params.names
    return path_of(test) is not None and (
        root not in code.bound or (code.owner is not None and names[:1] == [root])
    )


def catches_no_loop(types: Any) -> bool:
    """Whether an except clause catches what is raised where no event loop runs."""
    return any(n in _NO_LOOP or n.endswith("NotFoundError") for n in names_of(types))


def names_of(types: Any) -> frozenset[str]:
    """The last names of the exception classes of an except clause."""
    if types is None:
        return frozenset({"BaseException"})
    if type(types) is list and types[0] == ir.TUPLE:
        return frozenset(n for t in types[1] for n in names_of(t))
    return frozenset(
        {types if type(types) is str else types[2] if type(types) is list and types[0] == ir.ATTR else ""}
    )


def only_called(body: list[Any]) -> str | None:
    """The name of the function that a block calls, where it does nothing else: ``return func(*args, **kwargs)``."""
    if len(body) != 1 or body[0][0] not in (ir.EXPR, ir.ASSIGN, ir.RETURN):
        return None
    call = body[0][-1]
    if type(call) is not list or call[0] != ir.CALL or type(call[1]) is not str:
        return None
    given = [*call[2], *(value for _, value in call[3])]
    plain = all(path_of(e[1] if type(e) is list and e[0] == ir.STAR else e) is not None for e in given)
    return call[1] if plain else None


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
