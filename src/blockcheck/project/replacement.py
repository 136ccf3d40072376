"""Threads and processes that take another's place: a supervisor's restarts do not add up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project.fate import calls_below, every, statements, walk
from blockcheck.project.model import path_of, render

if TYPE_CHECKING:
    from blockcheck.project.model import Code, Event

#: What ends, or waits for the end of, a thread or process.
_ENDINGS = frozenset({"join", "terminate", "kill", "cancel", "stop"})
_NOTES = frozenset({"add", "append"})
_FORGETS = frozenset({"discard", "remove"})
#: What tells whether a thread or process still runs.
_ALIVE = re.compile(r"(?i)(^|[._])((is_?)?(alive|running|dead)|poll|exit_?code|return_?code)$")


def replaces_element(code: Code, site: int, loop: int) -> bool:
    """Whether what a call in a loop makes takes the place of the very element that the loop is at.

    ``for index, process in enumerate(self.processes): … self.processes[index] = Process(…)``, or
    ``for old in self.processes: old.kill(); new = Process(…)``.
    """
    for statement in statements(code):
        if statement[0] != ir.FOR or statement[-1] != loop:
            continue
        over = {path for e in walk(statement[2]) if (path := path_of(e)) is not None} | _names(statement[2])
        elements = _names(statement[1])
        return (
            any(
                type(target) is list and target[0] == ir.SUBSCRIPT and path_of(target[1]) in over
                for target in _targets(statement[3], site)
            )
            or any(_ends(e, elements) for e in calls_below(statement[3]))
            or _has_died(statement[3], site, elements)
        )
    return False


def _has_died(body: list[Any], site: int, elements: set[str]) -> bool:
    """Whether a call stands where an element was asked whether it still lives: ``if not is_alive(process):``."""
    return any(
        s[0] == ir.IF
        and any(e[-1] == site for e in calls_below([*s[2], *s[3]]))
        and any(
            _ALIVE.search(render(e[1] if e[0] == ir.CALL else e)) and elements & _mentioned(e)
            for e in walk(s[1])
            if e[0] in (ir.CALL, ir.ATTR)
        )
        for s in every(body)
    )


def _mentioned(expression: Any) -> set[str]:
    """The names that a call is made on, or given."""
    parts = [expression, *(expression[2] if expression[0] == ir.CALL else ())]
    return {
        path.partition(".")[0]
        for e in parts
        for inner in (e, *walk(e))
        if (path := path_of(inner)) is not None
    }


def rearms(code: Code, site: int, targets: list[Code]) -> bool:
    """Whether a thread is made where a flag is taken down that only such a thread sets: there is one at a time.

    ``if self.due: self.due = False; Thread(target=self.wait_until_due).start()``
    """
    for statement in statements(code):
        if statement[0] != ir.IF or not any(e[-1] == site for e in calls_below(statement[2])):
            continue
        asked = {path for e in (statement[1], *walk(statement[1])) if (path := path_of(e)) is not None}
        down = asked & _assigned(every(statement[2]), False)
        if down and targets and all(down & _assigned(statements(t), True) for t in targets):
            return True
    return False


def is_one_for_each_key(code: Code, targets: list[Code]) -> bool:
    """Whether no second thread is made for a key that one is at work on, which takes the key out when it is done.

    ``if key in self.at_work: return; self.at_work.add(key); Thread(target=self.fetch, args=(key,)).start()``
    """
    asked = {
        path
        for s in statements(code)
        if s[0] == ir.IF
        for e in walk(s[1])
        if e[0] == ir.COMPARE
        for operator, right in e[2]
        if operator in ir.CONTAINMENT and (path := path_of(right)) is not None
    }
    noted = asked & _called_on(code, _NOTES)
    return bool(noted and targets) and all(noted & _called_on(t, _FORGETS) for t in targets)


def _called_on(code: Code, methods: frozenset[str]) -> set[str]:
    """The paths on which a function calls one of some methods."""
    functions = [c[1] for c in calls_below(code.unit.facts.body(code.index))]
    return {
        path_of(f[1]) or "" for f in functions if isinstance(f, list) and f[0] == ir.ATTR and f[2] in methods
    }


def _assigned(body: list[Any], value: bool) -> set[str]:
    """The paths that statements set to a truth."""
    return {
        path
        for s in body
        if s[0] == ir.ASSIGN and s[2] == [ir.CONST, value]
        for target in s[1]
        if (path := path_of(target)) is not None
    }


def takes_over(code_of: Any, event: Event) -> bool:
    """Whether a function on the way to an event stores what is made on a path whose last occupant it ends itself."""
    for link in event.links():
        code: Code = code_of(link.gid)
        body = code.unit.facts.body(code.index)
        stored = {path for t in _targets(body, link.site) if (path := path_of(t)) is not None and "." in path}
        if stored and any(_ends(e, stored) for e in calls_below(body)):
            return True
    return False


def _ends(call: Any, paths: set[str]) -> bool:
    """Whether a call ends what is on one of some paths, or waits for its end."""
    function = call[1]
    return (
        type(function) is list
        and function[0] == ir.ATTR
        and function[2] in _ENDINGS
        and path_of(function[1]) in paths
    )


def _targets(body: list[Any], site: int) -> list[Any]:
    """Where the result of the call at a site is stored, at once or by way of one name."""
    out: list[Any] = []
    names: set[str] = set()
    for statement in every(body):
        if statement[0] != ir.ASSIGN:
            continue
        value = statement[2]
        if value in names if type(value) is str else _is_call(value, site):
            out.extend(statement[1])
            names.update(t for t in statement[1] if type(t) is str)
    return out


def _is_call(value: Any, site: int) -> bool:
    return type(value) is list and value[0] == ir.CALL and value[4] == site


def _names(expression: Any) -> set[str]:
    """The plain names in a loop's target or iterable: of a call, its arguments."""
    if type(expression) is str:
        return {expression}
    if type(expression) is list and expression[0] in (ir.TUPLE, ir.LIST):
        return {name for part in expression[1] for name in _names(part)}
    if type(expression) is list and expression[0] == ir.CALL:
        return {name for argument in expression[2] for name in _names(argument)}
    return set()
