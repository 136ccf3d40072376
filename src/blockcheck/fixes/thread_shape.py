"""A call that makes a thread or a process, taken apart: what it runs, and with which arguments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst
from libcst import helpers

from blockcheck.fixes import blocks
from blockcheck.fixes.refusal import Refused
from blockcheck.project.spawns import runs_long, target_functions
from blockcheck.project.values import INSTANCE

if TYPE_CHECKING:
    from blockcheck.fixes.place import Place

_IDLE = frozenset({"daemon"})  # what makes no difference to one that is waited for


@dataclass(frozen=True)
class Thread:
    """What a thread, or a process, runs, and the arguments as a call has them, both as text."""

    call: cst.Call
    target: str
    arguments: tuple[str, ...]


def read(place: Place, kind: str) -> Thread:
    """Take the reported call apart.

    Args:
        kind: what it makes, thread or process.

    Raises:
        Refused: it does more than to run a function with some arguments in one.
    """
    call, record = place.node, place.record
    if len(place.finding.chain) > 1:
        made = place.finding.chain[-1]
        raise Refused(f"the {kind} is made further down, at {made.path}:{made.line} in {made.function}")
    targets = record.targets if record is not None else []
    if not isinstance(call, cst.Call) or len(targets) != 1 or targets[0].entry is None:
        raise Refused(f"there is no plain call that makes the {kind}")
    entry, receiver = targets[0].entry, targets[0].receiver
    if receiver is not None and receiver[0] == INSTANCE:
        raise Refused(f"it makes a {kind} of a class of the project")
    run = next((run for run in entry.runs if run.hands == "args"), None)
    if entry.spawns != kind or run is None:
        raise Refused(f"it makes something else than a plain {kind}")
    given: dict[str, cst.BaseExpression] = {}
    for argument in call.args:
        if argument.keyword is None:
            raise Refused("its arguments are not given by name")
        given[argument.keyword.value] = argument.value
    if given.keys() - {run.name, "args", "kwargs"} - _IDLE:
        raise Refused(f"the {kind} is made in a special way")
    if place.code.is_async or any(r.context == "loop" for r in place.project.contexts.context(place.gid)):
        raise Refused("the event loop would wait for it")
    target = given.get(run.name or "")
    if target is None or helpers.get_full_name_for_node(target) is None or isinstance(target, cst.Call):
        raise Refused("what it runs is not given by its name")
    functions, other = target_functions(place.project, record) if record is not None else ([], [])
    if functions and not other and all(runs_long(place.project, function) for function in functions):
        raise Refused("what it runs goes on until it is told to stop: others would wait for it to begin")
    arguments = _positional(place, given.get("args")) + _keywords(place, given.get("kwargs"))
    if "#" in place.syntax.code(call):
        raise Refused("a comment stands in the call")
    return Thread(call, place.syntax.code(target), arguments)


def _positional(place: Place, value: cst.BaseExpression | None) -> tuple[str, ...]:
    if value is None:
        return ()
    syntax = place.syntax
    if not isinstance(value, (cst.Tuple, cst.List)):
        return (f"*{syntax.text[slice(*syntax.outer(value))]}",)
    return tuple(syntax.text[slice(*_bare(place, element))] for element in value.elements)


def _bare(place: Place, element: cst.BaseElement) -> tuple[int, int]:
    """Where an element stands without its comma."""
    start = place.syntax.outer(element)[0]
    return start, place.syntax.outer(element.value)[1]


def _keywords(place: Place, value: cst.BaseExpression | None) -> tuple[str, ...]:
    if value is None:
        return ()
    syntax = place.syntax
    pairs = []
    for element in value.elements if isinstance(value, cst.Dict) else ():
        key = element.key if isinstance(element, cst.DictElement) else None
        name = key.evaluated_value if isinstance(key, cst.SimpleString) else None
        if not isinstance(name, str) or not name.isidentifier():
            return (f"**{syntax.text[slice(*syntax.outer(value))]}",)
        pairs.append(f"{name}={syntax.text[slice(*syntax.outer(element.value))]}")
    if not isinstance(value, cst.Dict):
        return (f"**{syntax.text[slice(*syntax.outer(value))]}",)
    return tuple(pairs)


def assigned(statement: cst.CSTNode, call: cst.CSTNode) -> str:
    """The name that a statement gives to what a call makes, if that is all it does; else empty."""
    part = blocks.small(statement)
    if not isinstance(part, cst.Assign) or part.value is not call or len(part.targets) != 1:
        return ""
    target = part.targets[0].target
    return target.value if isinstance(target, cst.Name) else ""


def uses(place: Place, name: str) -> int:
    """How often the function reads or sets a name again, besides setting it once."""
    facts = place.code.facts
    if name in facts.outer or name in facts.nonlocals or name in facts.captured:
        raise Refused(f"{name} is seen elsewhere")
    syntax = place.syntax
    scope = syntax.function(place.node) or syntax.tree
    found = 0
    for node in syntax.walk(scope):
        if isinstance(node, cst.Name) and node.value == name:
            parent = syntax.parent(node)
            if not (isinstance(parent, cst.Attribute) and parent.attr is node):
                found += 1
    return found - 1
