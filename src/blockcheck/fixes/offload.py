"""BCK201 to BCK210 and BCK213: the call in the coroutine function is handed to a thread, and awaited.

What is called stays as it is written, in front of its arguments; so a chain that blocks in a function of the
project is mended where the event loop enters it. Unsafe: other tasks run while the thread works, cancelling the
await does not stop it, and what the call touches must bear another thread. Refused where that is known to go
wrong: results that do their work when they are used, locks and objects that belong to a thread, calls that lead
to what only the event loop's thread may do, and places where nothing can be awaited. Where the catalogue knows
an asynchronous counterpart, the message names it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from blockcheck.findings import Applicability
from blockcheck.fixes import awaiting, blocks, file_block, threading_limits, unpack_offload
from blockcheck.fixes.refusal import Refused
from blockcheck.project.results import is_instance
from blockcheck.project.values import INSTANCE, SELF
from blockcheck.source.edits import Change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.findings import Fix
    from blockcheck.fixes.place import Place


def fix(place: Place) -> Fix:
    """Hand the call to a thread."""
    try:
        return _fix(place)
    except Refused as refusal:
        raise Refused(f"{refusal}{alternative(place)}") from None


def _fix(place: Place) -> Fix:
    call, record = place.node, place.record
    if not isinstance(call, cst.Call) or record is None:
        raise Refused("there is no plain call to hand to a thread")
    block = file_block.fix(place)
    if block is not None:
        return block
    if _was_meant_to_be_handed_over(place):
        return unpack_offload.fix(place)
    awaiting.check(place, call)
    _check_use(place, call)
    threading_limits.check(place, record)
    changes = handed_over(place, call)
    function = place.syntax.code(call.func)
    shown = function if len(function) <= 40 and "\n" not in function else "…"
    message = f"run it in a thread: {place.offloader.call(shown, '…')}{alternative(place)}"
    return place.fix(Applicability.UNSAFE, message, changes)


def _was_meant_to_be_handed_over(place: Place) -> bool:
    """Whether the call stands where a callable should, and surely gives none."""
    result = place.record.result if place.record is not None else ()
    if not result or not all(is_instance(atom) and atom[0] not in (INSTANCE, SELF) for atom in result):
        return False
    return any(
        reference.context == "eager" and reference.atom[1] == place.site
        for record in place.project.all_records(place.gid)
        for reference in record.references
    )


def alternative(place: Place) -> str:
    """What the catalogue offers in place of the primitive, as the end of a sentence."""
    primitive = place.finding.primitive
    if primitive is None:
        return ""
    catalogue = place.project.catalogue
    name = catalogue.canonical(primitive)
    owner, _, method = name.rpartition(".")
    entry = catalogue.entry(name) or (catalogue.method(owner, method) if catalogue.type(owner) else None)
    equivalents = (entry.equivalent if entry is not None else None) or {}
    try:
        usual = place.dialect.name
    except Refused:
        usual = ""
    other = equivalents.get(usual) or next(iter(equivalents.values()), "")
    return f"; or use {other}" if other else ""


def _check_use(place: Place, call: cst.Call) -> None:
    """Where a call's value goes can tell that it is no plain value; and a variable may hold what nobody knows of."""
    syntax = place.syntax
    variable = isinstance(call.func, cst.Name) and _is_variable(place, call.func.value)
    if variable or _is_kept(place, call.func) or _is_field(place, call.func):
        shown = syntax.code(call.func)
        raise Refused(f"{shown} may be something else at other times, which must stay on the event loop")
    if _is_handed_over_elsewhere(place, call):
        raise Refused("another branch hands it to a thread already, so it is here on purpose")
    parent = syntax.parent(call)
    if isinstance(parent, cst.Arg):
        outer = syntax.parent(parent)
        if isinstance(outer, cst.Call):
            heads = {head for table in place.project.catalogue.dialects for head in table["imports"]}
            for record in place.project.all_records(place.gid):
                if syntax.nodes[record.site] is outer and any(
                    target.external.partition(".")[0] in heads for target in record.targets
                ):
                    raise Refused("what it gives is awaited, as it seems")
            if isinstance(syntax.parent(outer), cst.Await) and not _is_known(place, outer):
                raise Refused(
                    f"{syntax.code(outer.func)}, which nothing is known of, may wait for what it gives"
                )
    if place.record is not None:
        opened = threading_limits.opened_here(place, place.record)
        if opened is not None:
            line, _ = syntax.lines.place(syntax.span(syntax.nodes[opened])[0])
            raise Refused(
                f"all that is done with the file that line {line} opens should go to a thread as one"
            )
    for argument in call.args:
        if isinstance(argument.value, cst.GeneratorExp):
            raise Refused("its argument is evaluated while it runs, and so would be in the thread")


def _is_known(place: Place, call: cst.Call) -> bool:
    """Whether it is known what a call of the function does."""
    return any(
        target.gid >= 0 or target.entry is not None
        for record in place.project.all_records(place.gid)
        if place.syntax.nodes[record.site] is call
        for target in record.targets
    )


def _is_handed_over_elsewhere(place: Place, call: cst.Call) -> bool:
    """Whether a condition decides between the call, and what is called being given to somebody else."""
    syntax, function = place.syntax, place.syntax.code(call.func)
    inner: cst.CSTNode = call
    for outer in syntax.ancestors(call):
        others: list[cst.CSTNode] = []
        if isinstance(outer, cst.If) and outer.orelse is not None:
            others.append(outer.body if inner is outer.orelse else outer.orelse)
        elif isinstance(outer, cst.IndentedBlock):
            before = outer.body[: next(n for n, statement in enumerate(outer.body) if statement is inner)]
            others += [one.body for one in before if isinstance(one, cst.If) and _leaves(one.body)]
        for node in (node for other in others for node in syntax.walk(other)):
            if isinstance(node, cst.Arg) and syntax.code(node.value) == function:
                return True
        if isinstance(outer, cst.FunctionDef):
            break
        inner = outer
    return False


def _leaves(block: cst.BaseSuite) -> bool:
    """Whether what stands behind a block is not reached from it."""
    last = blocks.small(block.body[-1])
    return isinstance(last, (cst.Return, cst.Raise, cst.Continue, cst.Break))


def _is_kept(place: Place, function: cst.BaseExpression) -> bool:
    """Whether an attribute of the function's own object is called that a method of its class sets."""
    owner, parameters = place.code.owner, place.code.facts.params.names
    if owner is None or not isinstance(function, cst.Attribute) or not isinstance(function.value, cst.Name):
        return False
    unit = place.code.unit
    codes = place.project.codes[unit.first : unit.first + len(unit.facts.codes)]
    stores = (code.facts.self_stores for code in codes if code.owner is owner)
    return function.value.value in parameters[:1] and any(function.attr.value in names for names in stores)


def _is_field(place: Place, function: cst.BaseExpression) -> bool:
    """Whether an attribute of some other object is called that holds a function or class of another name."""
    root = function
    while isinstance(root, cst.Attribute):
        root = root.value
    targets = place.record.targets if place.record is not None else []
    if (
        not isinstance(function, cst.Attribute)
        or not isinstance(root, cst.Name)
        or place.is_import(root.value)
    ):
        return False
    for target in targets:
        if target.gid < 0 or (target.receiver is not None and target.how != "construct"):
            continue
        code = place.project.codes[target.gid]
        made = code.owner if target.how == "construct" and code.facts.kind != "class" else code
        own = made is not None and made.parent is not None and made.parent.facts.kind == "function"
        if made is not None and not own and made.facts.name != function.attr.value:
            return True  # a decorator's wrapper, which is a function's own, has another name too
    return False


def _is_variable(place: Place, name: str) -> bool:
    """Whether a function's name is a parameter, or set like a variable, in a function around the place."""
    syntax = place.syntax
    function = syntax.function(place.node)
    while function is not None:
        for node in syntax.walk(function):
            target = node.name if isinstance(node, cst.Param) else getattr(node, "target", None)
            binds = isinstance(node, (cst.Param, cst.AssignTarget, cst.AnnAssign, cst.For, cst.NamedExpr))
            if binds and any(isinstance(n, cst.Name) and n.value == name for n in _names(target)):
                return True
        function = syntax.function(function)
    return False


def _names(target: cst.CSTNode | None) -> Iterator[cst.CSTNode]:
    """A target, and the elements of one that has several."""
    if isinstance(target, (cst.Tuple, cst.List)):
        for element in target.elements:
            yield from _names(element.value)
    elif target is not None:
        yield target


def handed_over(place: Place, call: cst.Call) -> list[Change]:
    """Return the changes that hand a call to the offloading function.

    Raises:
        Refused: it cannot be named here.
    """
    syntax, offloader = place.syntax, place.offloader
    changes = list(offloader.changes)
    head, tail = offloader.head, ""
    named = any(argument.keyword is not None or argument.star == "**" for argument in call.args)
    if named and not offloader.keywords:
        bind, imports = place.name(offloader.bind, offloader.bind.rpartition(".")[0])
        changes += imports
        head += f"{bind}("
        tail = ")"
    if awaiting.needs_parentheses(syntax, call):
        head = "(" + head
        tail += ")"
    start, end = syntax.span(call)
    function_end = syntax.outer(call.func)[1]
    opening = syntax.text.index("(", function_end) + 1
    if offloader.wraps:
        changes += [Change(start, start, head), Change(function_end, function_end, ")")]
    elif not call.args:
        changes.append(Change(start, start, head))
        changes.append(Change(function_end, opening, ""))
    elif syntax.text[opening : syntax.span(call.args[0])[0]].strip(" \t"):
        # The arguments begin on a line of their own: so does the function then.
        first = syntax.line_start(syntax.span(call.args[0])[0])
        indent = syntax.text[first : syntax.span(call.args[0])[0]]
        function = syntax.text[start:function_end]
        line = f"{head}{syntax.newline}{indent}{function}," if not indent.strip() else f"{head}{function},"
        changes.append(Change(start, opening, line))
    else:
        changes.append(Change(start, start, head))
        changes.append(Change(function_end, opening, ", "))
    if tail:
        changes.append(Change(end, end, tail))
    return changes
