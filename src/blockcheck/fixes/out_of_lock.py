"""BCK401: a request that needs nothing of what a lock guards is made before the lock is taken, or behind it.

Only where the request is the first or the last statement of a `with` that has others, it reads nothing but variables
of the function and what never changes, and gives a variable of the function, or the function's result. Unsafe: requests
that were made one after the other are now made at once. Refused for all that stays in this machine, files,
programs and pauses: that may be the very thing that the lock is there for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from blockcheck.findings import Applicability
from blockcheck.fixes import atomicity, blocks
from blockcheck.fixes.refusal import Refused
from blockcheck.project.names import BUILTINS
from blockcheck.source.edits import Change

if TYPE_CHECKING:
    from blockcheck.findings import Fix
    from blockcheck.fixes.place import Place

_ELSEWHERE = frozenset({"http"})  # kinds of work that touches nothing of this machine
_FIXED = (cst.SimpleString, cst.Integer, cst.Float)


def fix(place: Place) -> Fix:
    """Move the statement."""
    syntax, call = place.syntax, place.node
    statement = syntax.statement(call)
    body, index = blocks.beside(syntax, statement)
    block = syntax.enclosing(statement, cst.With)
    part = blocks.small(statement)
    if not isinstance(call, cst.Call) or part is None or block is None or block.body.body is not body:
        raise Refused("what blocks is no statement of its own in the `with`")
    _check_lock(place, block)
    _check_request(place)
    if len(body) < 2 or 0 < index < len(body) - 1:
        raise Refused("what blocks is neither the first nor the last statement of the `with`")
    _check_result(place, part, last=index > 0)
    _check_inputs(place, call, part, block)
    text, moved = _taken_out(place, statement, block)
    at = syntax.outer(block)[0] if index == 0 else moved.end
    message = f"do it {'before the lock is taken' if index == 0 else 'when the lock is given back'}"
    changes = [moved, Change(at, at, text)] if index == 0 else [Change(moved.start, moved.end, text)]
    return place.fix(Applicability.UNSAFE, message, changes)


def _check_lock(place: Place, block: cst.With) -> None:
    record = place.record
    if block.asynchronous is not None or len(block.items) != 1 or block.items[0].asname is not None:
        raise Refused("the lock is not all that the `with` enters")
    if record is None or len(record.held) != 1:
        raise Refused("several locks are held")
    lock, taken, _ = record.held[0]
    if place.project.solver.role(lock) not in ("lock", "rlock"):
        raise Refused("it is more than a plain lock")
    if not place.syntax.within(place.syntax.nodes[taken], block):
        raise Refused("the lock is taken elsewhere")
    if len(place.finding.related) > 1:
        raise Refused("something else blocks under the lock as well")


def _check_request(place: Place) -> None:
    """Only a function that talks to another machine touches nothing that a lock may guard here."""
    record = place.record
    targets = record.targets if record is not None else []
    if len(targets) != 1 or targets[0].entry is None or targets[0].receiver is not None:
        raise Refused("it cannot be told that nothing guarded is used in it")
    if targets[0].entry.kind not in _ELSEWHERE:
        raise Refused("the lock may be there for that very thing")


def _check_result(place: Place, part: cst.BaseSmallStatement, *, last: bool) -> None:
    """What the statement gives must be the function's own."""
    if isinstance(part, cst.Return) and last:
        return
    target = part.targets[0].target if isinstance(part, cst.Assign) and len(part.targets) == 1 else None
    if not isinstance(target, cst.Name) or not _is_own(place, target.value):
        raise Refused("what it gives is not kept in a variable of the function")


def _is_own(place: Place, name: str) -> bool:
    facts = place.code.facts
    shared = {*facts.outer, *facts.nonlocals, *facts.captured}
    return place.code.is_function and name in place.code.bound and name not in shared


def _check_inputs(place: Place, call: cst.Call, part: cst.BaseSmallStatement, block: cst.With) -> None:
    """Nothing that is read may change under the lock."""
    syntax = place.syntax
    changing = atomicity.set_anew(place)
    values = part.value if isinstance(part, (cst.Assign, cst.Return)) else part
    for node in syntax.walk(values) if values is not None else ():
        if isinstance(node, (cst.Await, cst.Yield, cst.NamedExpr, cst.Lambda, cst.Subscript, cst.CompFor)):
            raise Refused("it does more than to make a request")
        if isinstance(node, cst.Call) and node is not call:
            result = isinstance(node.func, cst.Attribute) and syntax.within(call, node.func)
            if not result:
                raise Refused(f"it calls {syntax.code(node.func)} as well")
        elif isinstance(node, cst.Attribute) and _is_state(place, node, changing, block):
            raise Refused(f"{syntax.code(node)} may change under the lock")
        elif isinstance(node, cst.Name) and _is_variable(place, node):
            _check_variable(place, node.value, block)


def _object(place: Place) -> str:
    """The name of a method's own object; empty in a function."""
    parameters = place.code.facts.params.names
    return parameters[0] if parameters and place.code.owner is not None else ""


def _is_state(place: Place, node: cst.Attribute, changing: set[str], block: cst.With) -> bool:
    """Whether an attribute of the function's object is set after that was made, or is used under the lock as well."""
    syntax, path = place.syntax, place.syntax.code(node)
    if not isinstance(node.value, cst.Name) or node.value.value != _object(place):
        return False
    under = [n for n in syntax.walk(block) if isinstance(n, cst.Attribute) and syntax.code(n) == path]
    return node.attr.value in changing or len(under) > 1


def _is_variable(place: Place, node: cst.Name) -> bool:
    parent = place.syntax.parent(node)
    if isinstance(parent, cst.Attribute):
        return parent.value is node
    return not (isinstance(parent, cst.Arg) and parent.keyword is node)


def _check_variable(place: Place, name: str, block: cst.With) -> None:
    """Refuse a variable that may be changed by others, is set in the block, or is another name of something shared."""
    syntax, module = place.syntax, place.project.codes[place.code.unit.first]
    own = _is_own(place, name)
    if name in place.code.bound and not own:
        raise Refused(f"{name} is seen by other functions")
    if not own and name not in module.bound and name in BUILTINS:
        return
    scope = syntax.function(place.node) if own else syntax.tree
    if any(name in code.outer for code in place.code.unit.facts.codes):
        raise Refused(f"{name} is set by other functions")
    for node in syntax.walk(scope or syntax.tree):
        if (
            own
            and name != _object(place)
            and isinstance(node, (cst.Attribute, cst.Subscript))
            and syntax.code(node.value) == name
            and syntax.within(node, block)
        ):
            raise Refused(f"{name} may be something that the lock guards")
        if not isinstance(node, cst.Name) or node.value != name:
            continue
        parent = syntax.parent(node)
        assign = syntax.parent(parent) if isinstance(parent, cst.AssignTarget) else None
        if isinstance(assign, cst.Assign):
            if own and syntax.within(node, block):
                raise Refused(f"{name} is set under the lock")
            if not isinstance(assign.value, (*_FIXED, cst.FormattedString, cst.Call) if own else _FIXED):
                raise Refused(f"{name} may be something that the lock guards")
        elif _is_set(place, node):
            raise Refused(f"{name} is set in another way than by one assignment")


def _is_set(place: Place, node: cst.Name) -> bool:
    """Whether a name is set where it stands: as one of several, by a loop, a context manager or an operator."""
    inner: cst.CSTNode = node
    for outer in place.syntax.ancestors(node):
        if isinstance(outer, (cst.AssignTarget, cst.Del, cst.MatchAs)):
            return True
        if isinstance(outer, (cst.AugAssign, cst.AnnAssign, cst.For, cst.CompFor, cst.NamedExpr)):
            return inner is outer.target
        if isinstance(outer, cst.AsName):
            return not isinstance(place.syntax.parent(outer), cst.ImportAlias)
        if not isinstance(outer, (cst.Tuple, cst.List, cst.Element, cst.StarredElement)):
            return False
        inner = outer
    return False


def _taken_out(place: Place, statement: cst.CSTNode, block: cst.With) -> tuple[str, Change]:
    """The statement with its comments, moved one step outwards, and what takes it away."""
    syntax = place.syntax
    start, end = syntax.outer(statement)[0], syntax.line_end(syntax.span(statement)[1])
    inner, outer = syntax.indent(statement), syntax.indent(block)
    text = syntax.text[start:end]
    if not text.endswith(("\n", "\r")):
        text += syntax.newline
    strings = [n for n in syntax.walk(statement) if isinstance(n, (cst.SimpleString, cst.FormattedString))]
    if any("\n" in syntax.code(node) for node in strings):
        raise Refused("it has strings of several lines")
    lines = text.splitlines(keepends=True)
    moved = [outer + line[len(inner) :] if line.startswith(inner) else line for line in lines]
    return "".join(moved), Change(start, end, "")
