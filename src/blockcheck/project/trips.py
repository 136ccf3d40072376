"""Trip counts: how often a loop's body runs, as far as its source tells.

A trip is a pair of a word and a text. The words: ``constant`` (with the number), ``workers`` (a count that
is meant as a size of a pool), ``count`` (a number of unknown meaning), ``data`` (as many as the input has),
``forever``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project.fate import blocks, calls, definition, every, expressions, statements, walk
from blockcheck.project.model import path_of, render
from blockcheck.project.values import CONSTANT, CONTAINER, EXTERNAL, LITERAL, TUPLE, Value

if TYPE_CHECKING:
    from blockcheck.project.interpreter.interpreter import Interpreter

Trip = tuple[str, Any]

_DEFINITIONS = 3  # names defined by names that are followed

_WORKERS = re.compile(
    r"(?i)(worker|thread|proc(ess)?(es)?(\b|_)|n_?proc|n_?jobs|\bjobs|concurren|parallel|pool|replica|cpu|core|shard|num_(consumers|producers|listeners))"
)
_HARDWARE = re.compile(r"(?i)(^|[._])(gpu|cpu|cuda_?device)s?(_|$)")
_COUNTS = re.compile(r"(?i)count|num|size|limit|max|^n$")
LENGTHS = frozenset({"len", "qsize"})
_BATCHES = re.compile(r"(?i)batch|chunk|grouper|window|slices|partition|paginat")
_VIEWS = frozenset({"items", "keys", "values", "copy"})
#: Functions of an iterable that stop after so many elements; the argument that says how many.
_LIMITED = {"islice": 2, "repeat": 1}
_PASS_THROUGH = frozenset({"enumerate", "zip", "reversed", "sorted", "list", "tuple", "set", "iter"})


def _is_number(expression: Any) -> bool:
    return type(expression) is list and expression[0] == ir.CONST and type(expression[1]) is int


def is_worker_count(text: str) -> bool:
    """Whether a name is plainly that of a pool's size."""
    return bool(_WORKERS.search(text))


def of_iterable(frame: Interpreter, expression: Any, value: Value) -> Trip:
    """How many elements an iterable has."""
    if type(expression) is list:
        tag = expression[0]
        if tag == ir.CALL:
            name = render(expression[1]).rpartition(".")[2]
            arguments = expression[2]
            if name == "range" and arguments:
                numbers = [a[1] for a in arguments if _is_number(a)]
                if len(numbers) == len(arguments) and 0 not in numbers[2:]:
                    return ("constant", len(range(*numbers)))
                return of_count(frame, arguments[0] if len(arguments) == 1 else arguments[1])
            if name in _LIMITED and len(arguments) > 1:
                limit = of_count(frame, arguments[min(len(arguments) - 1, _LIMITED[name])])
                return limit if limit[0] in ("constant", "workers") else ("data", render(arguments[0]))
            if name in _VIEWS and type(expression[1]) is list and not arguments:
                base = expression[1][1]
                inner = of_iterable(frame, base, frame.peek(base))
                if inner[0] == "constant":
                    return inner
            if arguments and (name in _PASS_THROUGH or _gives_each(frame, expression[1])):
                trips = [of_iterable(frame, a, frame.peek(a)) for a in arguments]
                known = [t for t in trips if t[0] in ("constant", "workers")]
                return known[0] if known else trips[0]
        if tag == ir.SUBSCRIPT and type(expression[2]) is list and expression[2][0] == ir.SLICE:
            first, limit, _step = expression[2][1]
            if _adds_to(limit, first) is not None:
                return _batch(of_count(frame, _adds_to(limit, first)))
            start = first[1] if _is_number(first) else 0
            if limit != [ir.CONST, None]:
                trip = of_count(frame, limit)
                if trip[0] == "workers" or (trip[0] == "constant" and trip[1] > start >= 0):
                    return trip if trip[0] == "workers" else ("constant", trip[1] - start)
            return ("data", render(expression[1]))
        if tag == ir.COMP:
            source = expression[4][0][1]
            return of_iterable(frame, source, frame.peek(source))
        if tag == ir.CONST and isinstance(expression[1], str):
            return ("constant", len(expression[1]))
        if tag in (ir.TUPLE, ir.LIST, ir.SET):
            return ("constant", len(expression[1]))
        if tag == ir.DICT:
            return ("constant", len(expression[1]))
    if type(expression) is str:
        batch = _batch_of(frame, expression)
        if batch is not None:
            return batch
        local = _of_local_list(frame, expression)
        if local is not None:
            return local
    for atom in value:
        if atom[0] == LITERAL:
            return ("constant", atom[2])
        if atom[0] == TUPLE:
            return ("constant", len(atom) - 1)
        if atom[0] == CONTAINER and len(value) == 1:
            count = frame.solver.fixed_length(atom)
            if count is not None:
                return ("constant", count)
    text = render(expression)
    return ("workers" if _HARDWARE.search(text) else "data", text)


def _gives_each(frame: Interpreter, function: Any) -> bool:
    """Whether what is called is known to give each element of its argument."""
    catalogue = frame.solver.catalogue
    entries = (catalogue.entry(catalogue.canonical(a[1])) for a in frame.peek(function) if a[0] == EXTERNAL)
    return any(entry is not None and entry.does == "each" for entry in entries)


def _of_local_list(frame: Interpreter, name: str) -> Trip | None:
    """The trip of a local list that is first written out: what is appended outside of loops is counted as well."""
    if name not in frame.code.bound or name in frame.code.facts.captured:
        return None
    defined = definition(frame.code, name)
    if type(defined) is not list or defined[0] != ir.LIST:
        return None
    count = len(defined[1])
    body = every(frame.code.unit.facts.body(frame.code.index))
    looped = {id(s) for loop in body if loop[0] in (ir.FOR, ir.WHILE) for b in blocks(loop) for s in every(b)}
    for statement in body:
        for call in (c for e in expressions(statement) for c in calls(e)):
            function = call[1]
            if type(function) is list and function[:2] == [ir.ATTR, name]:
                if function[2] in ("extend", "insert") or (
                    function[2] == "append" and id(statement) in looped
                ):
                    return ("data", name)
                count += function[2] == "append"
            elif name in call[2] and not (type(function) is str and function in _PASS_THROUGH | LENGTHS):
                return ("data", name)
    return ("constant", count)


def _adds_to(limit: Any, first: Any) -> Any:
    """What is added to the start of a slice for its end: ``n`` of ``xs[i : i + n]``; None where it is none such."""
    if type(limit) is not list or limit[0] != ir.BINOP or limit[1] != "+" or path_of(first) is None:
        return None
    left, right = limit[2], limit[3]
    return right if left == first else left if right == first else None


def _batch(trip: Trip) -> Trip:
    """The trip of a batch: a size whose number is not known is one that somebody chose."""
    return ("workers", trip[1]) if trip[0] == "count" else trip


def _batch_of(frame: Interpreter, name: str) -> Trip | None:
    """The trip of a name that stands for one batch of many: a slice, or an element of what cuts into batches."""
    defined = definition(frame.code, name)
    if type(defined) is list and defined[0] == ir.SUBSCRIPT:
        return of_iterable(frame, defined, ())
    for statement in statements(frame.code):
        if statement[0] == ir.FOR and statement[1] == name and type(statement[2]) is list:
            iterable = statement[2]
            if iterable[0] == ir.CALL and _BATCHES.search(render(iterable[1]).rpartition(".")[2]):
                return ("workers", render(iterable[1]))
    return None


def of_test(frame: Interpreter, test: Any) -> Trip:
    """How often a loop turns while a test holds: known only where it counts up to the size of a pool."""
    if type(test) is list and test[0] == ir.COMPARE and len(test[2]) == 1:
        operator, right = test[2][0]
        bound = right if operator in ("<", "<=", "!=") else test[1] if operator in (">", ">=") else None
        trip = of_count(frame, bound) if bound is not None else ("data", "while")
        if trip[0] == "workers" or _is_given_as_workers(frame, bound):
            return ("workers", render(bound))
    return ("data", "while")


def _is_given_as_workers(frame: Interpreter, name: Any) -> bool:
    """Whether a parameter is the count that its function's name speaks of: ``set_thread_count(count)``."""
    return (
        type(name) is str
        and name in frame.facts.params.names
        and bool(_COUNTS.search(name) and _COUNTS.search(frame.facts.name))
        and is_worker_count(frame.facts.name)
    )


def of_count(frame: Interpreter, expression: Any, depth: int = _DEFINITIONS) -> Trip:
    """What number an expression stands for; names are followed to their only definition."""
    if type(expression) is list:
        tag = expression[0]
        if tag == ir.CONST and isinstance(expression[1], (int, float)):
            return ("constant", int(expression[1]))
        if tag == ir.CALL:
            name = render(expression[1])
            last = name.rpartition(".")[2]
            if last == "len" and expression[2]:
                inner = of_iterable(frame, expression[2][0], frame.peek(expression[2][0]))
                return inner if inner[0] == "constant" else ("data", render(expression[2][0]))
            if last in ("min", "int", "max", "round") and expression[2]:
                trips = [of_count(frame, a, depth) for a in expression[2]]
                if last == "min" or len(trips) == 1:
                    bounded = [t for t in trips if t[0] in ("constant", "workers")]
                    return bounded[0] if bounded else trips[0]
                worst = [t for t in trips if t[0] == "data"]
                return worst[0] if worst else trips[0]
            if is_worker_count(last):
                return ("workers", name)
        if tag == ir.BINOP:
            trips = [of_count(frame, p, depth) for p in (expression[2], expression[3]) if p is not None]
            for word in ("data", "workers", "count"):
                for trip in trips:
                    if trip[0] == word:
                        return trip
            return trips[0] if trips else ("count", "…")
        if tag in (ir.BOOL, ir.IFEXP):
            parts = expression[2] if tag == ir.BOOL else expression[2:]
            trips = [of_count(frame, p, depth) for p in parts]
            for word in ("data", "workers", "count", "constant"):
                for trip in trips:
                    if trip[0] == word:
                        return trip
    text = render(expression)
    value = frame.peek(expression) if expression is not None else ()
    numbers = [
        a[1]
        for a in value
        if a[0] == CONSTANT and isinstance(a[1], (int, float)) and not isinstance(a[1], bool)
    ]
    if (
        is_worker_count(text)
        or _BATCHES.search(text)
        or (type(expression) is str and _is_typed_as_workers(frame, expression))
    ):
        return ("workers", text)
    if numbers and all(a[0] == CONSTANT for a in value):
        return ("constant", int(max(numbers)))
    if any(a[0] == EXTERNAL and is_worker_count(a[1]) for a in value):
        return ("workers", text)
    if type(expression) is str and depth:
        defined = definition(frame.code, expression)
        if defined is not None:
            return of_count(frame, defined, depth - 1)
    return ("count", text)


def _is_typed_as_workers(frame: Interpreter, name: str) -> bool:
    """Whether a parameter's annotation says that it counts workers."""
    annotation = frame.facts.params.annotations.get(name)
    return annotation is not None and is_worker_count(render(annotation))


def limits(statement: Any) -> bool:
    """Whether a statement compares a length with something: a count that is kept below a limit."""
    for expression in walk(statement):
        if expression[0] == ir.COMPARE and len(expression) > 2 and isinstance(expression[2], list):
            for part in walk(expression):
                if part[0] == ir.CALL and render(part[1]).rpartition(".")[2] in LENGTHS:
                    return True
    return False
