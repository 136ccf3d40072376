"""BCK212: a call in the place of a callable is taken apart into the function and its arguments.

How they are handed on is the offloader's business, which the catalogue knows: behind the callable, as ``args`` and
``kwargs``, or else bound to it. Unsafe: the work moves to where it was meant to be, and what it touches must bear
that. Refused where the offloader is given further arguments already, for whom they are cannot be told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from blockcheck.findings import Applicability
from blockcheck.fixes.refusal import Refused
from blockcheck.source.edits import Change

if TYPE_CHECKING:
    from blockcheck.catalogue.model import Run
    from blockcheck.findings import Fix
    from blockcheck.fixes.place import Place


def fix(place: Place) -> Fix:
    """Hand over the function instead of its result."""
    syntax, call = place.syntax, place.node
    argument = syntax.parent(call)
    outer = syntax.parent(argument) if isinstance(argument, cst.Arg) else None
    if not isinstance(call, cst.Call) or not isinstance(argument, cst.Arg) or not isinstance(outer, cst.Call):
        raise Refused("the call is not an argument of what hands it over")
    if any(isinstance(given.value, cst.GeneratorExp) for given in call.args):
        raise Refused("its argument is evaluated while it runs")
    run = _run(place, outer, argument)
    function = syntax.text[slice(*syntax.outer(call.func))]
    message = f"hand over {function} itself"
    if not call.args:
        end = syntax.span(call)[1]
        return place.fix(Applicability.UNSAFE, message, [Change(syntax.outer(call.func)[1], end, "")])
    named = any(given.keyword is not None or given.star == "**" for given in call.args)
    if run.hands == "args":
        changes = _as_tuple(place, call, argument, outer)
    elif run.hands == "all" or (run.hands == "positional" and not named):
        changes = _behind(place, call, argument, outer)
    else:
        changes = _bound(place, call)
    return place.fix(Applicability.UNSAFE, message, changes)


def _run(place: Place, outer: cst.Call, argument: cst.Arg) -> Run:
    """How the offloader takes its callable."""
    syntax = place.syntax
    position = next(number for number, given in enumerate(outer.args) if given is argument)
    for record in place.project.all_records(place.gid):
        if syntax.nodes[record.site] is not outer:
            continue
        for target in record.targets:
            for run in target.entry.runs if target.entry is not None else ():
                if argument.keyword is not None and run.name == argument.keyword.value:
                    return run
                if argument.keyword is None and run.at == position:
                    return run
    raise Refused("it is not known how its arguments are to be handed on")


def _behind(place: Place, call: cst.Call, argument: cst.Arg, outer: cst.Call) -> list[Change]:
    """``f(x)`` becomes ``f, x``."""
    index = next(number for number, given in enumerate(outer.args) if given is argument)
    if argument.keyword is not None or len(outer.args) > index + 1:
        return _bound(place, call)
    syntax = place.syntax
    first, (_, end) = syntax.span(call.args[0])[0], syntax.span(call)
    opening = syntax.text.index("(", syntax.outer(call.func)[1])
    gap = syntax.text[opening + 1 : first]
    changes = [
        Change(
            syntax.outer(call.func)[1], first, ", " if not gap.strip(" \t") and "\n" not in gap else f",{gap}"
        )
    ]
    last = syntax.span(call.args[-1])[1]
    changes.append(Change(last, end, ""))
    return changes


def _as_tuple(place: Place, call: cst.Call, argument: cst.Arg, outer: cst.Call) -> list[Change]:
    """``target=f(x, k=v)`` becomes ``target=f, args=(x,), kwargs={"k": v}``."""
    syntax = place.syntax
    taken = {given.keyword.value for given in outer.args if given.keyword is not None}
    if taken & {"args", "kwargs"} or argument.keyword is None or any(given.star for given in call.args):
        raise Refused("it is given other arguments already")
    positional = [syntax.code(given.value) for given in call.args if given.keyword is None]
    keywords = [
        f'"{given.keyword.value}": {syntax.code(given.value)}'
        for given in call.args
        if given.keyword is not None
    ]
    text = ""
    if positional:
        text += f", args=({', '.join(positional)}{',' if len(positional) == 1 else ''})"
    if keywords:
        text += f", kwargs={{{', '.join(keywords)}}}"
    return [Change(syntax.outer(call.func)[1], syntax.span(call)[1], text)]


def _bound(place: Place, call: cst.Call) -> list[Change]:
    """``f(x)`` becomes ``partial(f, x)``."""
    syntax = place.syntax
    bind = place.dialect.bind
    name, changes = place.name(bind, bind.rpartition(".")[0])
    start, function_end = syntax.outer(call.func)
    opening = syntax.text.index("(", function_end) + 1
    return [*changes, Change(start, start, f"{name}("), Change(function_end, opening, ", ")]
