"""A loop that makes one of something for each element, and waits for all: what BCK101 and BCK103 put a pool in place of.

Only the plain shape: an empty list, a loop that makes, starts and keeps each (or a loop of its own starts them), and a loop
that joins them; or a list of
them that is looped over to start, and again to join.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import libcst as cst

from blockcheck.findings import Applicability
from blockcheck.fixes import blocks, thread_shape
from blockcheck.fixes.refusal import Refused
from blockcheck.source.edits import Change

if TYPE_CHECKING:
    from collections.abc import Sequence

    from blockcheck.findings import Fix
    from blockcheck.fixes.place import Place
    from blockcheck.fixes.thread_shape import Thread

_TIGHT = (cst.Name, cst.Attribute, cst.Call, cst.Subscript, cst.List, cst.Dict, cst.Set, cst.ListComp)


def pooled(place: Place, made: Thread, role: str, workers: int | None, message: str) -> Fix:
    """Write a pool of a role to which each element is submitted, and ask for all results.

    Args:
        workers: how many there are; None leaves that to the pool.

    Raises:
        Refused: it is another shape.
    """
    syntax = place.syntax
    comprehension = syntax.enclosing(place.node, cst.ListComp)
    if comprehension is not None and comprehension.elt is place.node:
        statements, tasks, removed = _of_list(place, comprehension)
    else:
        statements, tasks, removed = _of_loop(place)
    _check(place, statements, tasks)
    pool = place.project.catalogue.exemplar(role)
    entry = place.project.catalogue.entry(pool)
    bound = (entry.bound or {}).get("name", "") if entry is not None else ""
    name, changes = place.name(pool, pool)
    size = "" if workers is None else f"{bound}={workers}"
    variable, futures, future = (_variable(place, wish) for wish in ("pool", "futures", "future"))
    submit = f"{variable}.submit({', '.join((made.target, *made.arguments))})"
    newline = syntax.newline + syntax.indent(statements[0])
    step = syntax.tree.default_indent
    start, end = syntax.span(statements[0])[0], syntax.line_end(syntax.span(statements[-1])[1])
    text = newline.join(
        (
            f"with {name}({size}) as {variable}:",
            f"{step}{futures} = [{submit}{tasks}]",
            f"for {future} in {futures}:",
            f"{step}{future}.result()",
        )
    )
    changes += [*removed, Change(start, end, text + syntax.newline)]
    return place.fix(Applicability.UNSAFE, message, changes)


def _variable(place: Place, wish: str) -> str:
    """A name that the function does not know; two pools of one function may share theirs."""
    scope = place.syntax.function(place.node)
    if scope is not None and not re.search(rf"\b{wish}\b", place.syntax.code(scope)):
        return wish
    return place.syntax.fresh_name(wish)


def _of_loop(place: Place) -> tuple[Sequence[cst.CSTNode], str, list[Change]]:
    """An empty list, the loop that fills it, perhaps one that starts what is in it, and the loop that joins."""
    syntax, call = place.syntax, place.node
    making = syntax.statement(call)
    lines, index = blocks.beside(syntax, making)
    name = thread_shape.assigned(making, call)
    loop = syntax.enclosing(making, cst.For, cst.While, cst.FunctionDef)
    if index or not isinstance(loop, cst.For) or loop.body.body is not lines or loop.orelse:
        raise Refused(_shape(place))
    body, at = blocks.beside(syntax, loop)
    container = (
        _appended_to(making, call)
        if not name
        else next((c for n in lines[1:] if (c := _kept_in(n, name))), "")
    )
    first = _emptied(place, body, at, container)
    plain = [line for line in lines[1:] if not _is_daemon(line, name) and not _kept_in(line, name)]
    started = [line for line in plain if blocks.calls_method(line, name, "start")]
    joining = at + (1 if started else 2)
    if len(plain) != len(started) or len(started) > 1 or joining >= len(body):
        raise Refused(_shape(place))
    occurrences = Counter({container: 3, name: len(lines)} if name else {container: 3})
    if not started:
        occurrences[container] += 1
        occurrences[_each(place, body[at + 1], container, "start")] += 2
    occurrences[_each(place, body[joining], container, "join")] += 2
    _check_uses(place, occurrences)
    for node in syntax.walk(loop.target):
        if isinstance(node, cst.Name) and _is_used_outside(place, node.value, loop):
            raise Refused(f"{node.value} is used behind the loop")
    iterable = syntax.text[slice(*syntax.outer(loop.iter))]
    if not isinstance(loop.iter, _TIGHT) and not loop.iter.lpar:
        iterable = f"({iterable})"
    tasks = f" for {syntax.text[slice(*syntax.outer(loop.target))]} in {iterable}"
    if first == at - 1:
        return body[first : joining + 1], tasks, []
    emptied = body[first]
    assert isinstance(emptied, cst.SimpleStatementLine)
    return body[at : joining + 1], tasks, [blocks.without_line(syntax, emptied)]


def _emptied(place: Place, body: Sequence[cst.CSTNode], at: int, container: str) -> int:
    """Which statement before the loop makes the list; none in between knows it."""
    for number in range(at - 1, -1, -1):
        if container and _empty_list(body[number]) == container:
            return number
        names = (n.value for n in place.syntax.walk(body[number]) if isinstance(n, cst.Name))
        if container in names:
            break
    raise Refused(_shape(place))


def _of_list(place: Place, comprehension: cst.ListComp) -> tuple[Sequence[cst.CSTNode], str, list[Change]]:
    """A list of threads, the loop that starts them, and the loop that joins."""
    syntax = place.syntax
    making = syntax.statement(place.node)
    container = thread_shape.assigned(making, comprehension)
    body, at = blocks.beside(syntax, making)
    if not container or at < 0 or at + 2 >= len(body):
        raise Refused(_shape(place))
    started, joined = (
        _each(place, body[at + 1], container, "start"),
        _each(place, body[at + 2], container, "join"),
    )
    _check_uses(place, Counter({container: 3}) + Counter({started: 2}) + Counter({joined: 2}))
    end = syntax.span(comprehension)[1]
    tasks = syntax.text[syntax.outer(comprehension.elt)[1] : end].rstrip()
    return body[at : at + 3], tasks[:-1].rstrip(), []


def _shape(place: Place) -> str:
    what = "processes" if "process" in place.finding.name else "threads"
    return f"it is not a loop that starts {what}, with one behind it that joins them"


def _each(place: Place, statement: cst.CSTNode, container: str, method: str) -> str:
    """The variable of a loop over a list that calls a method of each element, and does nothing else."""
    if not isinstance(statement, cst.For) or statement.orelse or statement.asynchronous is not None:
        raise Refused(_shape(place))
    target, lines = statement.target, statement.body.body
    if (
        not isinstance(target, cst.Name)
        or not isinstance(statement.iter, cst.Name)
        or statement.iter.value != container
        or not isinstance(statement.body, cst.IndentedBlock)
        or len(lines) != 1
        or not blocks.calls_method(lines[0], target.value, method)
    ):
        raise Refused(_shape(place))
    return target.value


def _kept_in(line: cst.CSTNode, name: str) -> str:
    """The list that a line appends a variable to."""
    call = blocks.call_alone(line)
    argument = call.args[0].value if call is not None and len(call.args) == 1 else None
    return _appended_to(line, argument) if isinstance(argument, cst.Name) and argument.value == name else ""


def _appended_to(line: cst.CSTNode, value: cst.CSTNode) -> str:
    """The list that a line appends something to."""
    call = blocks.call_alone(line)
    function = call.func if call is not None and len(call.args) == 1 and call.args[0].value is value else None
    if not isinstance(function, cst.Attribute) or function.attr.value != "append":
        return ""
    return function.value.value if isinstance(function.value, cst.Name) else ""


def _is_daemon(line: cst.CSTNode, name: str) -> bool:
    """``t.daemon = True``: it makes no difference to a thread that is joined."""
    part = blocks.small(line)
    target = part.targets[0].target if isinstance(part, cst.Assign) and len(part.targets) == 1 else None
    return (
        isinstance(target, cst.Attribute)
        and isinstance(target.value, cst.Name)
        and (target.value.value, target.attr.value) == (name, "daemon")
        and isinstance(part, cst.Assign)
        and isinstance(part.value, cst.Name)
    )


def _empty_list(statement: cst.CSTNode) -> str:
    part = blocks.small(statement)
    value = part.value if isinstance(part, (cst.Assign, cst.AnnAssign)) else None
    target = None
    if isinstance(part, cst.Assign) and len(part.targets) == 1:
        target = part.targets[0].target
    elif isinstance(part, cst.AnnAssign):
        target = part.target
    empty = isinstance(value, cst.List) and not value.elements
    return target.value if empty and isinstance(target, cst.Name) else ""


def _check_uses(place: Place, wanted: Counter[str]) -> None:
    """Refuse names that occur more often than the shape tells."""
    for name, number in wanted.items():
        if thread_shape.uses(place, name) + 1 != number:
            raise Refused(f"{name} is used for other things as well")


def _is_used_outside(place: Place, name: str, loop: cst.For) -> bool:
    syntax = place.syntax
    facts = place.code.facts
    if name in facts.outer or name in facts.nonlocals or name in facts.captured:
        return True
    scope = syntax.function(loop) or syntax.tree
    return any(
        isinstance(node, cst.Name) and node.value == name and syntax.span(node)[0] > syntax.span(loop)[1]
        for node in syntax.walk(scope)
    )


def _check(place: Place, statements: Sequence[cst.CSTNode], tasks: str) -> None:
    syntax = place.syntax
    start, end = syntax.span(statements[0])[0], syntax.line_end(syntax.span(statements[-1])[1])
    if "#" in syntax.text[start:end]:
        raise Refused("a comment stands in between")
    if place.code.facts.kind == "class":
        raise Refused("it stands in a class body")
    if "\n" in tasks:
        raise Refused("the loop is written over several lines")
    for statement in statements:
        if any(isinstance(n, (cst.Await, cst.Yield, cst.NamedExpr)) for n in syntax.walk(statement)):
            raise Refused("something else happens in between")
