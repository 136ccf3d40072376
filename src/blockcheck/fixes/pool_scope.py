"""Where a pool is made that outlives a call: behind the imports of the module, or in the constructor of the object.

The module's, if what it is made with is the same for every call; the object's, if that is what its constructor keeps
and nothing changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from blockcheck.fixes import blocks
from blockcheck.fixes.atomicity import set_anew
from blockcheck.fixes.refusal import Refused
from blockcheck.source.edits import Change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.fixes.place import Place
    from blockcheck.project import Code

# How objects with state that cannot be copied or pickled tell so, or that they have no room for more.
_SPECIAL = frozenset(
    {"__copy__", "__deepcopy__", "__getstate__", "__reduce__", "__reduce_ex__", "__slots__", "__new__"}
)
_IMPORTS = (cst.Import, cst.ImportFrom)


def hoisted(place: Place, call: cst.Call, pool: str, wish: str) -> tuple[str, list[Change]]:
    """Return the shared pool's name, and the changes that make it.

    Raises:
        Refused: it cannot be made elsewhere.
    """
    names, attributes = _needs(place, call)
    syntax = place.syntax
    if attributes:
        if names:
            raise Refused("what the pool is made with belongs to the call")
        return _of_object(place, call, pool, wish, attributes)
    module = place.project.codes[place.code.unit.first]
    name = syntax.fresh_name(f"_{wish.upper()}")
    text, imports = _made(place, call, pool, module)
    at, gap = _behind(place, names, text)
    newline = syntax.newline
    line = f"{gap}{name} = {text}{newline}"
    same = [change for change in imports if (change.start, change.end) == (at, at)]
    others = [change for change in imports if change not in same]
    before = "".join(change.text for change in same)
    if at == len(syntax.text) and not syntax.text.endswith(("\n", "\r")):
        raise Refused("there is no room behind the imports")
    return name, [*others, Change(at, at, before + line)]


def _needs(place: Place, call: cst.Call) -> tuple[set[str], set[str]]:
    """The names of the module, and the attributes of the object, that the pool is made with."""
    syntax, facts = place.syntax, place.code.facts
    parameters = facts.params.names
    owner = parameters[0] if parameters and place.code.owner is not None else ""
    names: set[str] = set()
    attributes: set[str] = set()
    for argument in call.args:
        if argument.star:
            raise Refused("what the pool is made with is unpacked")
        for node in syntax.walk(argument.value):
            if isinstance(node, (cst.Await, cst.Yield, cst.NamedExpr, cst.Lambda, cst.CompFor)):
                raise Refused("the pool is made in a special way")
            if not isinstance(node, cst.Name):
                continue
            parent = syntax.parent(node)
            if (isinstance(parent, cst.Attribute) and parent.attr is node) or (
                isinstance(parent, cst.Arg) and parent.keyword is node
            ):
                continue
            if node.value == owner and isinstance(parent, cst.Attribute):
                attributes.add(parent.attr.value)
            elif _is_local(place, node.value):
                raise Refused(
                    f"{node.value} is another one for each call: let the pool have a size of its own"
                )
            elif not place.is_builtin(node.value):
                names.add(node.value)
    record = place.record
    runs = [run for t in record.targets if t.entry for run in t.entry.runs] if record is not None else []
    keywords = {argument.keyword.value for argument in call.args if argument.keyword is not None}
    if any(run.name in keywords or (run.at is not None and run.at < len(call.args)) for run in runs):
        raise Refused("its threads are prepared by a function")
    return names, attributes


def _is_local(place: Place, name: str) -> bool:
    code: Code | None = place.code
    while code is not None and code.facts.kind != "module":
        if name in code.bound or name in code.facts.params.names:
            return True
        code = code.parent
    return False


def _made(place: Place, call: cst.Call, pool: str, where: Code) -> tuple[str, list[Change]]:
    """The call, with the name that the pool's class has there."""
    name, imports = place.name(pool, pool, where)
    syntax = place.syntax
    if "#" in syntax.code(call):
        raise Refused("a comment stands in the call")
    arguments = syntax.text[syntax.outer(call.func)[1] : syntax.span(call)[1]].strip()
    return name + arguments, imports


# -- the module


def _behind(place: Place, names: set[str], text: str) -> tuple[int, str]:
    """Where a constant goes that is made with some names, beside others of its kind, and the empty line before it."""
    syntax = place.syntax
    body = syntax.tree.body
    last = -1
    for number, statement in enumerate(body):
        if isinstance(statement, (cst.FunctionDef, cst.ClassDef)):
            break
        if _imports(place, statement):
            last = number
    function = next(n for n, statement in enumerate(body) if syntax.within(place.node, statement))
    gap = syntax.newline
    for name in names:
        defined = [n for n, statement in enumerate(body) if name in _bound(place, statement)]
        if len(defined) != 1 or defined[0] > function or name in _changed(place):
            raise Refused(f"it cannot be told that {name} is always the same")
        if defined[0] > last:
            last, gap = defined[0], ""
    while 0 <= last < len(body) - 1 and _is_like(place, body[last + 1], text):
        last += 1
        gap = syntax.newline if syntax.code(body[last]).startswith("__") else ""
    if last < 0:
        raise Refused("the module imports nothing, so it is not plain where the pool should go")
    return syntax.line_end(syntax.span(body[last])[1]), gap


def _is_like(place: Place, statement: cst.CSTNode, text: str) -> bool:
    """Whether a statement makes another pool, or tells of the module itself (``__all__``)."""
    part = blocks.small(statement)
    if isinstance(part, cst.Assign) and place.syntax.code(part.targets[0].target).startswith("__"):
        return True
    value = part.value if isinstance(part, cst.Assign) else None
    return (
        isinstance(value, cst.Call) and place.syntax.code(value).partition("(")[0] == text.partition("(")[0]
    )


def _imports(place: Place, statement: cst.CSTNode) -> bool:
    if isinstance(statement, cst.SimpleStatementLine):
        return any(isinstance(part, _IMPORTS) for part in statement.body)
    if isinstance(statement, (cst.If, cst.Try)):
        return any(isinstance(node, _IMPORTS) for node in place.syntax.walk(statement))
    return False


def _bound(place: Place, statement: cst.CSTNode) -> Iterator[str]:
    """The names that a statement of the module binds: those of plain assignments and imports, or all that it mentions."""
    part = blocks.small(statement)
    if isinstance(part, cst.Assign):
        yield from (t.target.value for t in part.targets if isinstance(t.target, cst.Name))
    elif isinstance(part, cst.AnnAssign) and isinstance(part.target, cst.Name):
        yield part.target.value
    elif isinstance(part, _IMPORTS):
        for alias in part.names if not isinstance(part.names, cst.ImportStar) else ():
            shown = alias.asname.name if alias.asname is not None else alias.name
            yield place.syntax.code(shown).partition(".")[0]
    elif not isinstance(statement, (cst.FunctionDef, cst.ClassDef)):
        yield from (n.value for n in place.syntax.walk(statement) if isinstance(n, cst.Name))
    else:
        yield statement.name.value


def _changed(place: Place) -> set[str]:
    """The module's names that its functions set."""
    return {name for code in place.code.unit.facts.codes for name in code.outer}


# -- the object


def _of_object(
    place: Place, call: cst.Call, pool: str, wish: str, attributes: set[str]
) -> tuple[str, list[Change]]:
    """A pool that the constructor makes, behind all that it is made with."""
    syntax = place.syntax
    owner = syntax.enclosing(place.node, cst.ClassDef)
    if owner is None or owner.decorators or not isinstance(owner.body, cst.IndentedBlock):
        raise Refused("it cannot be seen how the object is made")
    methods = {n.name.value: n for n in owner.body.body if isinstance(n, cst.FunctionDef)}
    constructor = methods.get("__init__")
    bound = {n.value for n in syntax.walk(owner) if isinstance(n, cst.Name)}
    if constructor is None or not bound.isdisjoint(_SPECIAL):
        raise Refused("it cannot be seen how the object is made")
    if attributes & set_anew(place):
        raise Refused("what the pool is made with changes")
    code = next(
        c
        for c in place.project.codes[place.code.unit.first :]
        if c.owner is place.code.owner and c.facts.name == "__init__"
    )
    this = constructor.params.params[0].name.value if constructor.params.params else ""
    lines = list(constructor.body.body)
    sets = {
        name: [n for n, line in enumerate(lines) if _sets(syntax.code(line), this, name)]
        for name in attributes
    }
    if not this or not all(len(found) == 1 for found in sets.values()):
        raise Refused("what the pool is made with is not set once by the constructor")
    last = lines[max(found[0] for found in sets.values())]
    if not isinstance(last, cst.SimpleStatementLine):
        raise Refused("what the pool is made with is not set once by the constructor")
    attribute = syntax.fresh_name(f"_{wish.lower()}")
    text, imports = _made(place, call, pool, code)
    method = syntax.function(place.node)
    assert isinstance(method, cst.FunctionDef)
    own = method.params.params[0].name.value
    if own != this:
        raise Refused("it cannot be seen how the object is made")
    end = syntax.line_end(syntax.span(last)[1])
    line = f"{syntax.indent(last)}{this}.{attribute} = {text}{syntax.newline}"
    return f"{own}.{attribute}", [*imports, Change(end, end, line)]


def _sets(line: str, this: str, name: str) -> bool:
    head = f"{this}.{name}"
    rest = line.removeprefix(head).lstrip()
    return line.startswith(head) and rest[:1] in ("=", ":") and not rest.startswith("==")
