"""BCK303: a pool of threads that each call makes becomes one that all calls share, of the module or of the object.

Only where nobody can tell, apart from the time that it takes: the pool's size is the same for every call, the pool is
used in the one function alone, and what is handed to it is waited for before its block ends; what the tasks run
is known and does not come back here, where it would wait for a worker that never gets free; and the process is
not forked, which leaves a pool without its threads. Unsafe: calls that overlap share the workers, and after an
exception tasks go on that the end of the block would have waited for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from blockcheck.findings import Applicability
from blockcheck.fixes import pool_scope
from blockcheck.fixes.blocks import dedented, small, without_line
from blockcheck.fixes.reach import reached
from blockcheck.fixes.refusal import Refused
from blockcheck.fixes.syntax import COMPREHENSIONS
from blockcheck.project.values import BOUND, EXTERNAL, FUNCTION, METHOD, PARTIAL
from blockcheck.source.edits import Change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.findings import Fix
    from blockcheck.fixes.place import Place
    from blockcheck.project import Record
    from blockcheck.project.pools import Pool
    from blockcheck.project.values import Atom

_UNKNOWN = "it is not known what the tasks run: one that came back here would wait for ever"


def fix(place: Place) -> Fix:
    """Make the pool once."""
    syntax, call = place.syntax, place.node
    pool = _pool(place)
    assert isinstance(call, cst.Call)
    parent = syntax.parent(call)
    changes: list[Change]
    if isinstance(parent, cst.WithItem):
        uses, changes = _of_block(place, parent)
        waits = True
    elif isinstance(parent, cst.Assign):
        uses, changes, waits = _of_variable(place, call)
    elif isinstance(parent, cst.Arg) and _is_used_here(place, call, parent):
        uses, changes, waits = [call], [], False
    else:
        raise Refused("the pool is given to somebody else")
    if _is_for_one(place, call, uses, waits=waits):
        changes.append(Change(*syntax.span(uses[0]), "None"))
        return place.fix(Applicability.UNSAFE, "use the pool that the event loop has already", changes)
    known = _known(place)
    if known is not None and known.size == 1:
        raise Refused("all calls would wait for the one thread of a pool that they share")
    for use in uses:
        _check_use(place, use, waits=waits)
    _check_forks(place)
    name, made = pool_scope.hoisted(place, call, pool, _wish(parent))
    changes += [*made, *(Change(*syntax.span(use), name) for use in uses)]
    return place.fix(Applicability.UNSAFE, f"make the pool once, and share it: {name}", changes)


def _known(place: Place) -> Pool | None:
    """What the project knows of the pool."""
    return next(
        (p for p in place.project.pools if (p.code.gid, p.record.site) == (place.gid, place.site)), None
    )


def _is_for_one(place: Place, call: cst.Call, uses: list[cst.CSTNode], *, waits: bool) -> bool:
    """Whether all that the pool is for is one task, which the event loop waits for: its own pool does that."""
    syntax = place.syntax
    found = _submission(place, uses[0]) if len(uses) == 1 else None
    if found is None or not isinstance(syntax.parent(uses[0]), cst.Arg):
        return False
    task = found[0]
    turns = (cst.For, cst.While, cst.CompFor, *COMPREHENSIONS)
    if syntax.enclosing(task, *turns) is not syntax.enclosing(call, *turns):
        return False
    if len(call.args) > 1 or not all(_is_size(place, argument) for argument in call.args):
        return False
    return not waits or place.collected.waited_for(task)


def _is_size(place: Place, argument: cst.Arg) -> bool:
    """Whether an argument is the number of workers, which is plain to read."""
    entry = place.project.catalogue.entry(place.project.catalogue.exemplar("thread-pool"))
    name = (entry.bound or {}).get("name") if entry is not None else None
    named = argument.keyword is None or argument.keyword.value == name
    return named and not argument.star and isinstance(argument.value, (cst.Integer, cst.Name, cst.Attribute))


def _pool(place: Place) -> str:
    """The class of the pool."""
    record, catalogue = place.record, place.project.catalogue
    pool = catalogue.exemplar("thread-pool")
    names = [catalogue.canonical(t.external) for t in record.targets] if record is not None else []
    if not isinstance(place.node, cst.Call) or names != [pool]:
        known = _known(place)
        if known is not None and known.role == "process-pool":
            raise Refused(
                "processes that live on would not see what has changed in this one since they were started"
            )
        raise Refused("there is no plain call that makes a pool of threads")
    function = place.syntax.function(place.node)
    if not isinstance(function, cst.FunctionDef) or place.code.facts.is_generator:
        raise Refused("it stands in no plain function")
    if place.code.owner is not None and place.code.facts.name == "__init__":
        raise Refused("each object has a pool of its own; let those who make the objects give them one")
    return pool


def _wish(parent: cst.CSTNode) -> str:
    name: cst.CSTNode | None = None
    if isinstance(parent, cst.WithItem) and parent.asname is not None:
        name = parent.asname.name
    elif isinstance(parent, cst.Assign):
        name = parent.targets[0].target
    wish = name.value.strip("_") if isinstance(name, cst.Name) else ""
    return wish if len(wish) > 2 else "executor"


# -- the shapes


def _of_block(place: Place, item: cst.WithItem) -> tuple[list[cst.CSTNode], list[Change]]:
    """``with Pool() as pool:``: where the pool is used, and what takes the block away."""
    syntax = place.syntax
    block = syntax.parent(item)
    if not isinstance(block, cst.With) or block.asynchronous is not None or len(block.items) != 1:
        raise Refused("the pool is not all that the `with` enters")
    if not isinstance(block.body, cst.IndentedBlock):
        raise Refused("the block is written in one line")
    if item.asname is None or not isinstance(item.asname.name, cst.Name):
        raise Refused("the pool has no name")
    uses = _uses(place, item.asname.name)
    first = syntax.outer(block.body.body[0])[0]
    start, end = syntax.line_start(syntax.span(block)[0]), syntax.line_end(syntax.span(block)[1])
    if "#" in syntax.text[start : syntax.line_start(first)]:
        raise Refused("a comment stands beside the pool")
    body = syntax.line_start(first)
    inner, outer = syntax.indent(block.body.body[0]), syntax.indent(block)
    return uses, [Change(start, body, ""), *dedented(syntax, body, end, inner, outer)]


def _of_variable(place: Place, call: cst.Call) -> tuple[list[cst.CSTNode], list[Change], bool]:
    """``pool = Pool()``, shut down in the same function or not at all; and whether that waits."""
    syntax = place.syntax
    made = syntax.statement(call)
    assign = small(made)
    if not isinstance(assign, cst.Assign) or assign.value is not call or len(assign.targets) != 1:
        raise Refused("the pool is kept in several places")
    target = assign.targets[0].target
    if not isinstance(target, cst.Name):
        raise Refused("the pool is kept for others")
    collected = place.collected
    uses: list[cst.CSTNode] = []
    changes = [_removed(place, made)]
    waits = False
    for use in _uses(place, target):
        attribute = syntax.parent(use)
        ending = syntax.parent(attribute) if isinstance(attribute, cst.Attribute) else None
        if collected.does(ending) != "shutdown":
            uses.append(use)
            continue
        assert isinstance(ending, cst.Call)
        record = collected.record(ending)
        waits = waits or record is None or any(target.blocks for target in record.targets)
        if len(ending.args) > 1 or small(syntax.statement(ending)) is not syntax.parent(ending):
            raise Refused("the pool is shut down in a special way")
        changes += _without_end(place, syntax.statement(ending))
    return uses, changes, waits


def _removed(place: Place, statement: cst.CSTNode) -> Change:
    parent = place.syntax.parent(statement)
    if not isinstance(statement, cst.SimpleStatementLine) or len(getattr(parent, "body", ())) < 2:
        raise Refused("making or ending the pool is all that a block does")
    return without_line(place.syntax, statement)


def _without_end(place: Place, statement: cst.CSTNode) -> list[Change]:
    """Take the shutdown away, and the ``try`` with it that has no other purpose."""
    syntax = place.syntax
    block = syntax.parent(statement)
    final = syntax.parent(block) if block is not None else None
    if not isinstance(final, cst.Finally) or len(final.body.body) > 1:
        return [_removed(place, statement)]
    outer = syntax.parent(final)
    start, end = syntax.line_start(syntax.span(final)[0]), syntax.line_end(syntax.span(final)[1])
    if (
        not isinstance(outer, cst.Try)
        or not isinstance(outer.body, cst.IndentedBlock)
        or "#" in syntax.text[start:end]
    ):
        raise Refused("the pool is shut down in a special way")
    if outer.handlers:
        return [Change(start, end, "")]
    first = syntax.line_start(syntax.outer(outer.body.body[0])[0])
    inner = syntax.indent(outer.body.body[0])
    return [
        Change(syntax.line_start(syntax.span(outer)[0]), first, ""),
        *dedented(syntax, first, start, inner, syntax.indent(outer)),
        Change(start, end, ""),
    ]


def _uses(place: Place, target: cst.Name) -> list[cst.CSTNode]:
    """Where the function reads the variable."""
    syntax, facts, name = place.syntax, place.code.facts, target.value
    if name in (*facts.outer, *facts.nonlocals, *facts.captured):
        raise Refused(f"{name} is used by other functions as well")
    found: list[cst.CSTNode] = []
    for node in syntax.walk(syntax.function(place.node) or syntax.tree):
        if not isinstance(node, cst.Name) or node.value != name or node is target:
            continue
        parent = syntax.parent(node)
        if (isinstance(parent, cst.Attribute) and parent.attr is node) or (
            isinstance(parent, cst.Arg) and parent.keyword is node
        ):
            continue
        if _is_of_other_block(place, node, target):
            continue
        if isinstance(
            parent, (cst.AssignTarget, cst.AnnAssign, cst.AugAssign, cst.AsName, cst.Param, cst.Del)
        ) or (isinstance(parent, (cst.For, cst.CompFor, cst.NamedExpr)) and parent.target is node):
            raise Refused(f"{name} is set in several places")
        found.append(node)
    return found


def _is_of_other_block(place: Place, node: cst.Name, target: cst.Name) -> bool:
    """Whether a name is what another `with` calls its own pool, or is read in that."""
    syntax = place.syntax
    for outer in syntax.ancestors(node):
        items = outer.items if isinstance(outer, cst.With) else ()
        names = [item.asname.name for item in items if item.asname is not None]
        if any(isinstance(name, cst.Name) and name.value == node.value for name in names):
            return not any(name is target for name in names)
    return False


# -- what is done with it


def _submission(place: Place, use: cst.CSTNode) -> tuple[cst.CSTNode, Record] | None:
    """The call that hands a task to the pool."""
    syntax = place.syntax
    collected = place.collected
    parent = syntax.parent(use)
    call = syntax.parent(parent) if parent is not None else None
    record = collected.record(call)
    if call is None or record is None:
        return None
    if (
        isinstance(parent, cst.Attribute)
        and parent.value is use
        and collected.does(call) in ("submit", "map")
    ):
        return call, record
    if isinstance(parent, cst.Arg) and isinstance(call, cst.Call):
        position = next(n for n, argument in enumerate(call.args) if argument is parent)
        runs = [run for target in record.targets if target.entry for run in target.entry.runs]
        if any(run.executor == position for run in runs):
            return call, record
    return None


def _is_used_here(place: Place, call: cst.Call, parent: cst.Arg) -> bool:
    return _submission(place, call) is not None and parent.star == ""


def _check_use(place: Place, use: cst.CSTNode, *, waits: bool) -> None:
    """Refuse other uses than submitting known tasks; and, where the end of the pool waits, tasks that nothing else waits for."""
    found = _submission(place, use)
    if found is None:
        raise Refused("the pool is used for more than to hand it tasks")
    call, record = found
    collected = place.collected
    if waits:
        done = collected.exhausted(call) if collected.does(call) == "map" else collected.waited_for(call)
        if not done:
            raise Refused("the end of the pool waits for tasks that nothing else is seen to wait for")
    atoms = [reference.atom for reference in record.references if reference.context == "thread"]
    if not atoms:
        raise Refused(_UNKNOWN)
    for atom in atoms:
        _check_task(place, atom)


def _check_task(place: Place, atom: Atom) -> None:
    """Refuse tasks that come back to the function, where they would wait for tasks of the same pool."""
    project = place.project
    for gid in _functions(place, atom):
        again = gid == place.gid or any(
            inner == place.gid
            for record in project.all_records(gid)
            for _, inner, _ in reached(project, record)
        )
        if again:
            raise Refused("its tasks come back here, and would wait for a worker that never gets free")


def _functions(place: Place, atom: Atom) -> Iterator[int]:
    """The functions of the project that a task runs.

    Raises:
        Refused: it is not known.
    """
    if atom[0] == FUNCTION:
        yield atom[1]
    elif atom[0] in (METHOD, PARTIAL):
        yield from _functions(place, atom[1])
    else:
        entry = place.project.catalogue.entry(atom[1]) if atom[0] in (EXTERNAL, BOUND) else None
        if atom[0] not in (EXTERNAL, BOUND) or (entry is not None and entry.runs):
            raise Refused(_UNKNOWN)


def _check_forks(place: Place) -> None:
    """A process that is forked has the pool without its threads, and would wait for them for ever."""
    project = place.project
    if any(root.context == "process" for root in project.contexts.roots.values()):
        raise Refused(
            "the project starts processes: one that is forked would have the pool without its threads"
        )
    unit = place.code.unit
    for gid in range(unit.first, unit.first + len(unit.facts.codes)):
        for record in project.all_records(gid):
            if any(t.entry is not None and t.entry.does == "process-identity" for t in record.targets):
                raise Refused("the module reckons with being forked, which leaves a pool without its threads")
