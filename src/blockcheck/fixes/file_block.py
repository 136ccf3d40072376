"""BCK204 where a file is opened: all that is done with it becomes one trip to a thread, never three.

A block that only reads the whole file, or only writes it, becomes the method of a path that does just that, with
encoding and mode carried over; so does ``open(p).read()``. Any other small ``with`` block that waits for nothing
becomes a function of its own in front of the place, and that is handed to a thread. Refused where the block
awaits, yields or jumps out, where it may or may not set a name that is used behind it, and where it is long.
"""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Any

import libcst as cst

from blockcheck.findings import Applicability
from blockcheck.fixes import awaiting, threading_limits
from blockcheck.fixes.names import Usage
from blockcheck.fixes.refusal import Refused
from blockcheck.project.values import CONSTANT, OBJECT
from blockcheck.source.edits import Change

if TYPE_CHECKING:
    from blockcheck.findings import Fix
    from blockcheck.fixes.place import Place
    from blockcheck.project import Record

_LONGEST = 20  # lines of a block that becomes a function


def fix(place: Place) -> Fix | None:
    """Mend the whole use of a file that is opened here; None where this is no such place."""
    call = place.node
    opening = _opening(place)
    if opening is None or not isinstance(call, cst.Call):
        return None
    item = place.syntax.parent(call)
    if isinstance(item, cst.WithItem):
        block = place.syntax.parent(item)
        assert isinstance(block, cst.With)
        return _of_block(place, call, item, block, opening)
    attribute = place.syntax.parent(call)
    if isinstance(attribute, cst.Attribute) and attribute.attr.value == opening["reads"]:
        outer = place.syntax.parent(attribute)
        if isinstance(outer, cst.Call) and outer.func is attribute and not outer.args:
            awaiting.check(place, outer)
            text, changes = _whole(place, call, opening, "read", "")
            return _replaced(place, outer, text, changes)
    return None


def _opening(place: Place) -> dict[str, Any] | None:
    """What the catalogue says of a call that opens a file; None where it is none."""
    record = place.record
    targets = record.targets if record is not None else []
    if len(targets) != 1 or not targets[0].external:
        return None
    name = place.project.catalogue.canonical(targets[0].external)
    return place.project.catalogue.openings.get(name)


def _of_block(
    place: Place, call: cst.Call, item: cst.WithItem, block: cst.With, opening: dict[str, Any]
) -> Fix:
    awaiting.check(place, block)
    simple = _single(place, call, item, block, opening)
    return simple if simple is not None else _helper(place, block, opening)


def _single(
    place: Place, call: cst.Call, item: cst.WithItem, block: cst.With, opening: dict[str, Any]
) -> Fix | None:
    """A block of one statement that reads the whole file, or writes it: a path's own method does that."""
    syntax = place.syntax
    body = block.body.body
    if len(block.items) != 1 or len(body) != 1 or "#" in syntax.code(block) or item.asname is None:
        return None
    statement = body[0]
    if isinstance(statement, cst.SimpleStatementLine):
        if len(statement.body) != 1:
            return None
        statement = statement.body[0]
    name = item.asname.name
    if not isinstance(name, cst.Name) or not isinstance(
        statement, (cst.Assign, cst.AnnAssign, cst.Return, cst.Expr)
    ):
        return None
    operation = _only_operation(place, block, name.value)
    if operation is None:
        return None
    assert isinstance(operation.func, cst.Attribute)
    method, arguments = operation.func.attr.value, operation.args
    if method == opening["reads"] and not arguments:
        what, given = "read", ""
    elif (
        method == opening["writes"]
        and len(arguments) == 1
        and arguments[0].keyword is None
        and not arguments[0].star
        and isinstance(statement, cst.Expr)
    ):
        what, given = "write", syntax.code(arguments[0])
    else:
        return None
    try:
        text, changes = _whole(place, call, opening, what, given)
    except Refused:
        return None
    start, end = syntax.span(operation)
    first, last = syntax.span(statement)
    if awaiting.needs_parentheses(syntax, operation):
        text = f"({text})"
    whole = syntax.text[first:start] + text + syntax.text[end:last]
    changes.append(Change(*syntax.span(block), whole))
    return place.fix(Applicability.UNSAFE, f"{what} the file in a thread, in one go", changes)


def _only_operation(place: Place, block: cst.With, name: str) -> cst.Call | None:
    """The call of a file's method that is the only use of the file, by its name."""
    syntax = place.syntax
    usage = Usage(syntax, block)
    if len(usage.loads.get(name, ())) != 1 or usage.used_outside(name, place):
        return None
    attribute = syntax.parent(usage.loads[name][0])
    operation = syntax.parent(attribute) if isinstance(attribute, cst.Attribute) else None
    if not isinstance(operation, cst.Call) or operation.func is not attribute:
        return None
    return operation if syntax.function(operation) is syntax.function(block) else None


def _replaced(place: Place, node: cst.BaseExpression, text: str, changes: list[Change]) -> Fix:
    if awaiting.needs_parentheses(place.syntax, node):
        text = f"({text})"
    changes.append(Change(*place.syntax.span(node), text))
    return place.fix(Applicability.UNSAFE, "read the file in a thread, in one go", changes)


def _whole(
    place: Place, call: cst.Call, opening: dict[str, Any], what: str, given: str
) -> tuple[str, list[Change]]:
    """The awaited method of a path in place of opening it, and the imports that this takes."""
    syntax, offloader = place.syntax, place.offloader
    mode, path, kept = _arguments(place, call, opening)
    method = opening[what].get(mode)
    if method is None:
        raise Refused(f"nothing does what mode {mode!r} does")
    changes = list(offloader.changes)
    if path is None:
        assert isinstance(call.func, cst.Attribute)
        owner = syntax.text[slice(*syntax.outer(call.func.value))]
    elif _is_path(place.record, opening):
        owner = (
            syntax.code(path)
            if isinstance(path, (cst.Name, cst.Attribute, cst.Call))
            else f"({syntax.code(path)})"
        )
    else:
        wrapper, imports = place.name(opening["wrapper"], opening["wrapper"])
        changes = [*changes, *imports]
        owner = f"{wrapper}({syntax.code(path)})"
    arguments = ", ".join(part for part in (given, *kept) if part)
    function = f"{owner}.{method}"
    if kept and not offloader.keywords:
        bind, imports = place.name(offloader.bind, offloader.bind.rpartition(".")[0])
        changes = [*changes, *imports]
        return offloader.call(f"{bind}({function}, {arguments})", ""), changes
    return offloader.call(function, arguments), changes


def _arguments(
    place: Place, call: cst.Call, opening: dict[str, Any]
) -> tuple[str, cst.BaseExpression | None, list[str]]:
    """The mode of a call that opens, its path (None where it is the receiver), and what else is to be handed on."""
    mode = opening["mode"]["default"]
    path: cst.BaseExpression | None = None
    kept = []
    if any(argument.star for argument in call.args):
        raise Refused("its arguments are not written out")
    for number, argument in enumerate(call.args):
        key = argument.keyword.value if argument.keyword is not None else None
        at = number if key is None else -1
        if "path" in opening and (at == opening["path"]["at"] or key == opening["path"]["name"]):
            path = argument.value
        elif at == opening["mode"]["at"] or key == opening["mode"]["name"]:
            if not isinstance(argument.value, cst.SimpleString):
                raise Refused("its mode is not written out")
            mode = str(argument.value.evaluated_value)
        elif key in opening["keeps"]:
            kept.append(f"{key}={place.syntax.code(argument.value)}")
        else:
            raise Refused("it is opened in a special way")
    if "path" in opening and path is None:
        raise Refused("its path is not written out")
    record = place.record
    if record is not None and path is not None and record.arguments:
        for atom in record.arguments[0]:
            if (atom[0] == CONSTANT and not isinstance(atom[1], str)) or (
                atom[0] == OBJECT and atom[1] in ("builtins.bytes", "builtins.int")
            ):
                raise Refused("it is not opened by the name of a path")
    return mode, path, kept


def _is_path(record: Record | None, opening: dict[str, Any]) -> bool:
    """Whether the argument is known to be a path object already."""
    value = record.arguments[0] if record is not None and record.arguments else ()
    return bool(value) and all(atom[0] == OBJECT and atom[1] == opening["wrapper"] for atom in value)


# -- a function of its own


def _helper(place: Place, block: cst.With, opening: dict[str, Any]) -> Fix:
    syntax = place.syntax
    start, end = syntax.span(block)
    text = syntax.text[start:end]
    usage = Usage(syntax, block)
    if text.count("\n") + text.count("\r") > _LONGEST:
        raise Refused("move all that is done with the file into a function, and hand that to a thread")
    if syntax.text[syntax.line_start(start) : start].strip() or isinstance(
        block.body, cst.SimpleStatementSuite
    ):
        raise Refused("the block is not on lines of its own")
    reason = usage.obstacle(place)
    if reason:
        raise Refused(f"{reason}, so the use of the file cannot be moved into a function as it stands")
    for record in place.project.all_records(place.gid):
        if syntax.within(syntax.nodes[record.site], block):
            threading_limits.check_loop(place, record)
            threading_limits.check_owner(place, record)
    indent = syntax.indent(block)
    unit = syntax.tree.default_indent
    newline = syntax.newline
    result, body = _with_result(place, block, usage, text)
    name = syntax.fresh_name(_verb(place, opening))
    waiting = place.offloader.call(name, "")
    moved = textwrap.indent(indent + body, unit, lambda line: bool(line.strip()))
    begin = syntax.line_start(start)
    above = syntax.text[:begin].rstrip(" \t").splitlines(keepends=True)[-1:]
    gap = newline if above and above[0].strip() and not above[0].rstrip().endswith(":") else ""
    lines = f"{gap}{indent}def {name}():{newline}{moved}{newline}{newline}{indent}{result}{waiting}"
    return place.fix(
        Applicability.UNSAFE,
        f"use the file in a thread: {waiting}",
        [*place.offloader.changes, Change(begin, end, lines)],
    )


def _with_result(place: Place, block: cst.With, usage: Usage, text: str) -> tuple[str, str]:
    """What takes the function's result, and the block with a ``return`` if there is one."""
    syntax = place.syntax
    start, _ = syntax.span(block)
    last = block.body.body[-1]
    statement = last.body[-1] if isinstance(last, cst.SimpleStatementLine) else None
    needed = sorted(usage.needed_outside(place))
    if isinstance(statement, cst.Return):
        if needed:
            raise Refused("it both returns and sets names that are used behind it")
        return "return ", text
    if not needed:
        return "", text
    if len(needed) == 1 and (
        isinstance(statement, cst.Assign)
        and len(statement.targets) == 1
        and isinstance(statement.targets[0].target, cst.Name)
        and statement.targets[0].target.value == needed[0]
    ):
        at, value = syntax.span(statement)[0] - start, syntax.outer(statement.value)[0] - start
        return f"{needed[0]} = ", f"{text[:at]}return {text[value:]}"
    unsure = [name for name in needed if name not in usage.always_set()]
    if unsure:
        raise Refused(f"{', '.join(unsure)} may or may not be set in it, and is used behind it")
    names = ", ".join(needed)
    return f"{names} = ", f"{text}{syntax.newline}{syntax.indent(last)}return {names}"


def _verb(place: Place, opening: dict[str, Any]) -> str:
    assert isinstance(place.node, cst.Call)
    try:
        mode, _, _ = _arguments(place, place.node, opening)
    except Refused:
        return "use_file"
    if re.fullmatch(r"[rbtU]*", mode):
        return "read_file"
    return "use_file" if "+" in mode else "write_file"
