"""BCK103: a process for each element, all joined, becomes a task of a pool of processes for each.

A pool is given its tasks by pickling, and its processes live on: so what they run must be a function of a module, which
other processes find by its name, it must give nothing that might not be sent back, and what is handed over besides the
elements must be plain. Unsafe: an exception of a task is raised once all are done, where a process printed it, and
what a task leaves behind in its process is seen by the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from blockcheck.fixes import task_loop, thread_shape
from blockcheck.fixes.reach import reached
from blockcheck.fixes.refusal import Refused
from blockcheck.project.spawns import target_functions
from blockcheck.project.values import CONSTANT, LITERAL, MAPPING, OBJECT, SEQUENCE, TUPLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.findings import Fix
    from blockcheck.fixes.place import Place
    from blockcheck.project import Record
    from blockcheck.project.values import Atom, Value

_ENDS = "ends"  # what the catalogue says of calls that end the process
_PLAIN = ("bool", "bytes", "float", "int", "str")  # as annotations have them


def fix(place: Place) -> Fix:
    """Write the pool, with as many processes as there are processors."""
    process = thread_shape.read(place, "process")
    record = place.record
    assert record is not None
    if record.targets[0].receiver is not None:
        raise Refused("the processes are started in a special way")
    _check_function(place, record)
    _check_arguments(place, record, process.call)
    return task_loop.pooled(place, process, "process-pool", None, "use a pool of processes")


def _check_function(place: Place, record: Record) -> None:
    """Other processes must find it by its name, and can send back what it gives."""
    project = place.project
    functions, other = target_functions(project, record)
    if len(functions) != 1 or other:
        raise Refused("it is not known what the processes run")
    code = functions[0]
    if code.parent is None or code.parent.facts.kind != "module" or code.facts.name == "<lambda>":
        raise Refused("other processes find only functions of modules")
    if code.facts.decorators or code.is_async or code.facts.is_generator:
        raise Refused(f"{code.facts.name} is no plain function")
    atoms = [reference.atom for reference in record.references if reference.context == "process"]
    if not all(_is_plain(place, project.solver.result_of(atom)) for atom in atoms):
        raise Refused(f"what {code.facts.name} returns would have to be sent back")
    for inner in project.all_records(code.gid):
        for name, gid, _ in reached(project, inner):
            entry = project.catalogue.entry(name) if gid < 0 else None
            if entry is not None and entry.does == _ENDS:
                raise Refused(f"{code.facts.name} ends its process")


def _check_arguments(place: Place, record: Record, call: cst.Call) -> None:
    """What all tasks share must be plain: queues and locks, say, are only handed to processes that are being made."""
    facts, own = place.code.facts, _variables(place)
    annotated = {n for n, text in facts.params.annotations.items() if text in _PLAIN} - set(facts.rebound)
    for argument in call.args:
        key = argument.keyword.value if argument.keyword is not None else ""
        value = record.keywords.get(key, ())
        if key not in ("args", "kwargs"):
            continue
        for expression, part in _parts(argument.value, value):
            if isinstance(expression, (cst.SimpleString, cst.FormattedString, cst.Integer, cst.Float)):
                continue
            names = {n.value for n in place.syntax.walk(expression) if isinstance(n, cst.Name)}
            plain = isinstance(expression, cst.Name) and expression.value in annotated
            if plain or (names and names <= own) or _is_plain(place, part):
                continue
            shown = place.syntax.code(expression)
            raise Refused(f"{shown} may be something that a pool cannot hand to its processes")


def _parts(expression: cst.BaseExpression, value: Value) -> Iterator[tuple[cst.BaseExpression, Value]]:
    """The elements of a display, and what is known of each; or the expression as it is."""
    if isinstance(expression, (cst.Tuple, cst.List)) and len(value) == 1 and value[0][0] == TUPLE:
        known = value[0][1]
        if len(known) == len(expression.elements):
            yield from ((e.value, v) for e, v in zip(expression.elements, known, strict=True))
            return
    if isinstance(expression, (cst.Tuple, cst.List, cst.Dict)):
        yield from ((element.value, ()) for element in expression.elements)
    else:
        yield expression, value


def _variables(place: Place) -> set[str]:
    """The variables of the loop or comprehension."""
    syntax = place.syntax
    inner = syntax.enclosing(place.node, cst.ListComp)
    outer = syntax.enclosing(place.node, cst.For)
    target = inner.for_in.target if inner is not None else outer.target if outer is not None else None
    return {n.value for n in syntax.walk(target) if isinstance(n, cst.Name)} if target is not None else set()


def _is_plain(place: Place, value: Value) -> bool:
    """Whether it is known to be made of numbers, text and the like."""
    return bool(value) and all(_is_plain_atom(place, atom) for atom in value)


def _is_plain_atom(place: Place, atom: Atom) -> bool:
    if atom[0] in (CONSTANT, LITERAL):
        return True
    if atom[0] == OBJECT:
        return str(atom[1]).startswith("builtins.") and place.project.catalogue.role(atom[1]) is None
    if atom[0] == TUPLE:
        return all(_is_plain(place, part) for part in atom[1])
    if atom[0] == SEQUENCE:
        return atom[1] != "iterator" and _is_plain(place, atom[2])
    return bool(atom[0] == MAPPING and _is_plain(place, atom[1]))
