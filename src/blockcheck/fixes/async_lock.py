"""BCK402 and BCK403: a threading lock that only coroutine functions hold becomes one of the asynchronous library.

Only where the lock is made once, for a module or for the instances of a class, and every mention of it is a `with` of its
own in a coroutine function of the same file. Unsafe: that these all run on one event loop cannot be proven, and
each `async with` lets other tasks run at a point where none could. Where the coroutine function calls a plain one that
takes the lock, that call goes to a thread.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from blockcheck.findings import Applicability, Confidence
from blockcheck.fixes import offload
from blockcheck.fixes.refusal import Refused
from blockcheck.project.values import OBJECT
from blockcheck.source.edits import Change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.findings import Fix
    from blockcheck.fixes.place import Place
    from blockcheck.project.values import Atom


_IMPORT = re.compile(r"^\s*(?:from|import)\s.*$", re.MULTILINE)


def fix(place: Place) -> Fix:
    """Make it an asynchronous lock."""
    syntax, project = place.syntax, place.project
    if len(place.finding.chain) > 1:
        return _in_a_thread(place)
    lock = _lock(place)
    if lock is None or lock[0] != OBJECT or lock[2] is None or project.solver.role(lock) != "lock":
        raise Refused("it is no plain lock of which it is known where it is made")
    maker = project.codes[lock[2][0]]
    if maker.unit is not place.code.unit:
        raise Refused("the lock is made in another file")
    made = syntax.nodes[lock[2][1]]
    target = _target(place, made)
    owner = syntax.enclosing(target, cst.ClassDef)
    if owner is None and maker.facts.kind != "module":
        raise Refused("the lock is made in a function")
    name = target.attr.value if isinstance(target, cst.Attribute) else target.value
    _check_elsewhere(place, name, owner)
    changes = [_entered(place, mention) for mention in _mentions(place, name, target, owner)]
    dialect = place.dialect
    if not dialect.lock:
        raise Refused("the asynchronous library has no lock of its own")
    text, imports = place.name(dialect.lock, dialect.lock.rpartition(".")[0], maker)
    changes += [*imports, Change(*syntax.span(made), f"{text}()")]
    return place.fix(Applicability.UNSAFE, f"use {dialect.lock} with async with", changes)


def _in_a_thread(place: Place) -> Fix:
    """A plain function takes the lock further down: the call goes to a thread, where it is sure to wait."""
    taken = place.finding.chain[-1]
    reason = "that it waits long is not sure enough to run the call in a thread"
    if place.finding.confidence >= Confidence.MEDIUM:
        try:
            return offload.fix(place)
        except Refused as refusal:
            reason = str(refusal)
    where = f"{taken.path}:{taken.line}"
    raise Refused(f"{taken.function} takes the lock, at {where}, and is no coroutine function; {reason}")


def _lock(place: Place) -> Atom | None:
    """The lock that a finding is about."""
    held = [one for _, locks, _ in place.project.solver.awaits.get(place.gid, ()) for one in locks]
    found: list[Atom] = [lock for lock, taken, _ in held if taken == place.site]
    for record in place.project.all_records(place.gid):
        if record.site == place.site and not found:
            events = place.project.summaries.record_events(record).values()
            found += [event.detail for event in events if event.kind == "lock"]
    return found[0] if len(set(found)) == 1 else None


def _target(place: Place, made: cst.CSTNode) -> cst.Name | cst.Attribute:
    """The one name or attribute that the lock is kept in."""
    assign = place.syntax.parent(made)
    if not isinstance(made, cst.Call) or made.args or not isinstance(assign, cst.Assign):
        raise Refused("the lock is made in a special way")
    target = assign.targets[0].target
    if len(assign.targets) != 1 or not isinstance(target, (cst.Name, cst.Attribute)):
        raise Refused("the lock is kept in several places")
    return target


def _check_elsewhere(place: Place, name: str, owner: cst.ClassDef | None) -> None:
    """Refuse where another file may use the lock, and where a string may name it."""
    unit = place.code.unit
    # What is public in a class may be reached from an instance, whoever gave that; all else has to be named.
    anywhere = (owner is not None and not name.startswith("_")) or unit.file.display.endswith("__init__.py")
    near = owner.name.value if owner is not None else unit.module.rpartition(".")[2]
    mention = re.compile(rf"\.{name}\b" if owner is not None else rf"\b{name}\b")
    for other in place.project.units:
        text = _IMPORT.sub("", other.text) if other is not unit else ""
        if mention.search(text) and (anywhere or re.search(rf"\b{near}\b", text)):
            raise Refused(f"{other.file.display} may use the lock as well")
    if re.search(rf"""["']{name}["']""", place.syntax.text):
        raise Refused("a string names the lock")


def _mentions(
    place: Place, name: str, target: cst.CSTNode, owner: cst.ClassDef | None
) -> Iterator[cst.CSTNode]:
    """Every place where the lock is used, other than that where it is made."""
    syntax = place.syntax
    for node in syntax.walk(syntax.tree):
        if not isinstance(node, cst.Name) or node.value != name or node is target:
            continue
        parent = syntax.parent(node)
        if isinstance(parent, cst.Attribute) and parent.attr is node:
            if owner is None or parent is target:
                continue
            inside = syntax.enclosing(node, cst.ClassDef)
            if inside is not owner and inside is not None and _has_own(place, inside, name, owner):
                continue
            if not isinstance(parent.value, cst.Name) or inside is not owner:
                raise Refused("the lock is used outside of its class")
            yield parent
        elif isinstance(parent, cst.Arg) and parent.keyword is node:
            continue
        elif owner is None:
            yield node
        else:
            raise Refused(f"something else is called {name} too")


def _has_own(place: Place, other: cst.ClassDef, name: str, owner: cst.ClassDef) -> bool:
    """Whether another class of the file, which is no relative, keeps something of its own under that name."""
    names = (other.name.value, owner.name.value)
    for one in (other, owner):
        if any(re.search(rf"\b{n}\b", place.syntax.code(base)) for base in one.bases for n in names):
            return False
    return any(
        isinstance(node, cst.AssignTarget)
        and isinstance(node.target, cst.Attribute)
        and node.target.attr.value == name
        for node in place.syntax.walk(other)
    )


def _entered(place: Place, mention: cst.CSTNode) -> Change:
    """What makes the ``with`` of a mention asynchronous."""
    syntax = place.syntax
    item = syntax.parent(mention)
    block = syntax.parent(item) if isinstance(item, cst.WithItem) else None
    if not isinstance(block, cst.With) or not isinstance(item, cst.WithItem) or item.item is not mention:
        raise Refused("the lock is used otherwise than by `with`")
    if block.asynchronous is not None or len(block.items) != 1 or item.asname is not None:
        raise Refused("the lock is not all that a `with` enters")
    function = syntax.function(block)
    if not isinstance(function, cst.FunctionDef) or function.asynchronous is None:
        where = function.name.value if isinstance(function, cst.FunctionDef) else "the module"
        raise Refused(f"{where} takes the lock too, and is no coroutine function")
    for outer in syntax.ancestors(block):
        if outer is function:
            break
        if isinstance(outer, cst.With) and outer.asynchronous is None:
            raise Refused("it stands in another `with`, which may hold a lock while others run")
    start = syntax.span(block)[0]
    return Change(start, start, "async ")
