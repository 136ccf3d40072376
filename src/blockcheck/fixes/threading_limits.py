"""What must not be moved to another thread, as far as the project and the catalogue know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.fixes import offloader
from blockcheck.fixes.reach import (
    MAKING,
    changed_attribute,
    is_called_on_loop,
    lives_on_loop,
    loop_state,
    reached,
    registered,
)
from blockcheck.fixes.refusal import Refused
from blockcheck.project.fate import definition, statements
from blockcheck.project.locking import last_link
from blockcheck.project.values import (
    AWAITABLE,
    BOUND,
    CLASS,
    CONTEXT,
    FUNCTION,
    GENERATOR,
    INSTANCE,
    OBJECT,
    SELF,
    SEQUENCE,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.fixes.place import Place
    from blockcheck.project import Code, Event, Project, Record, Target
    from blockcheck.project.values import Atom

# What a thread holds for itself.
_OWNED = frozenset({"lock", "rlock", "condition"})
# Calls that a statement or operator makes: there is nothing to hand over.
_IMPLICIT = frozenset({"iterate", "enter", "exit", "property", "operator"})


def check(place: Place, record: Record) -> None:
    """Refuse to move a call to a thread where that would change what it does.

    Raises:
        Refused: with the reason.
    """
    blocking = [target for target in record.targets if target.blocks or target.gid >= 0]
    if blocking and all(target.how == "here" for target in blocking):
        raise Refused("what blocks is a callable that it is given, and may be run later")
    if record.awaited or any(target.how in _IMPLICIT for target in record.targets):
        raise Refused("there is no plain call to hand to a thread")
    _check_result(place, record)
    project = place.project
    for target in record.targets:
        if target.gid >= 0 and _awaitable_elsewhere(project, target.gid):
            raise Refused("a subclass makes it a coroutine function")
        owner = _owner(target)
        if owner and project.catalogue.role(owner) in _OWNED:
            raise Refused("a lock belongs to the thread that takes it")
    check_owner(place, record)
    check_loop(place, record)


def _awaitable_elsewhere(project: Project, gid: int) -> bool:
    """Whether a method is overridden by a coroutine function: who calls it seems to be ready for both."""
    code = project.codes[gid]
    if code.owner is None:
        return False
    return any(
        other.owner is not None and code.owner.gid in project.solver.mro(other.owner.gid, None)
        for other in project.coroutine_methods.get(code.facts.name, ())
    )


def check_owner(place: Place, record: Record) -> None:
    """Refuse to move a call that works on what belongs to a thread, unless the call makes and keeps that itself.

    Raises:
        Refused: naming the type.
    """
    project = place.project
    for event in project.summaries.record_events(record).values():
        name = project.catalogue.canonical(event.primitive)
        entry = project.catalogue.entry(name)
        made = entry.returns if entry is not None else ""
        owner = made if made and _serves(project, made) in ("own", "each") else name.rpartition(".")[0]
        serves = _serves(project, owner)
        if serves == "each" and not (place.offloader.wraps and offloader.adapter(project, owner)):
            raise Refused(
                f"behind a {owner} is another connection in each thread, with transactions of its own"
            )
        if not serves or serves == "each" or _is_private(project, event):
            continue
        if serves == "own":
            raise Refused(f"a {owner} serves only the thread that made it")
        if not _is_made_here(place, record):
            raise Refused(f"a {owner} serves one task at a time, and others may use it")


def _is_made_here(place: Place, record: Record) -> bool:
    """Whether what a call works on, or is given first, is a variable for which the function has a library make an object."""
    expression = record.expression
    root = expression[1] if isinstance(expression, list) and expression[0] == ir.CALL else None
    while isinstance(root, list) and root and root[0] == ir.ATTR:
        root = root[1]
    if root not in place.code.bound and isinstance(expression, list) and expression[2]:
        root = expression[2][0]
    if not isinstance(root, str) or root in place.code.facts.captured:
        return False
    made = definition(place.code, root) or _entered(place.code, root)
    for other in place.project.all_records(place.gid):
        if made is not None and other.expression == made:
            owners = [target.external.rpartition(".")[0] for target in other.targets]
            return bool(owners) and all(owner and _serves(place.project, owner) != "each" for owner in owners)
    return False


def _entered(code: Code, name: str) -> Any:
    """What the only ``with`` enters that binds a name."""
    items = [item for part in statements(code) if part[0] == ir.WITH for item in part[1] if item[1] == name]
    return items[0][0] if len(items) == 1 else None


def _is_private(project: Project, event: Event) -> bool:
    """Whether a chain ends in a function that makes such an object for a variable of its own, and uses it there."""
    if event.next is None:
        return False
    event = last_link(event)
    code = project.codes[event.gid]
    records = {record.site: record for record in project.all_records(event.gid)}
    last = records.get(event.site)
    if last is None or any(_keeps(statement) for statement in code.unit.facts.body(code.index)):
        return False
    given = project.solver.result_of((FUNCTION, event.gid, ()))
    if any(atom[0] == OBJECT and _serves(project, atom[1]) for atom in given):
        return False
    if any(target.how in _IMPLICIT for target in last.targets):
        return not _mentions(last.expression, set(code.facts.params.names))  # `for row in self.rows()`
    callee = last.expression[1] if isinstance(last.expression, list) and last.expression else None
    return _is_local(callee, code)


def _mentions(expression: Any, names: set[str]) -> bool:
    """Whether one of some names stands in an expression."""
    if isinstance(expression, list):
        return any(_mentions(part, names) for part in expression)
    return isinstance(expression, str) and expression in names


def _is_local(callee: Any, code: Code) -> bool:
    """Whether what is called hangs from a variable of the function's own, or from what it makes there."""
    while isinstance(callee, list) and callee and callee[0] == ir.ATTR:
        callee = callee[1]
    if isinstance(callee, list):
        return bool(callee) and callee[0] == ir.CALL and _is_local(callee[1], code)
    own = {*code.bound} - {*code.facts.params.names, *code.facts.outer, *code.facts.nonlocals}
    return isinstance(callee, str) and (callee in own or callee not in code.bound)


def _keeps(part: Any) -> bool:
    """Whether statements put something into an attribute or an element, where others see it."""
    if not isinstance(part, list) or not part:
        return False
    if part[0] == ir.ASSIGN and len(part) == 3 and isinstance(part[1], list):  # an attribute has four parts
        targets = [target for target in part[1] if isinstance(target, list) and target]
        if any(target[0] in (ir.ATTR, ir.SUBSCRIPT) for target in targets):
            return True
    return any(_keeps(inner) for inner in part)


def check_loop(place: Place, record: Record) -> None:
    """Refuse to move a call to a thread that leads to what only the event loop's own thread may do.

    Raises:
        Refused: naming it.
    """
    project = place.project
    heads = {head for table in project.catalogue.dialects for head in table["imports"]}
    serving = {gid for target in record.targets for gid in _classes(project, target)}
    for value in (*record.arguments, *record.keywords.values()):
        for atom in value:
            if atom[0] == CLASS and lives_on_loop(project, atom[1]):
                name = project.codes[atom[1]].facts.name
                raise Refused(f"it is given {name}, whose objects must be made on the event loop")
    inherited = {base for gid in serving for base in project.solver.mro(gid, None) if isinstance(base, str)}
    for name, gid, how in reached(project, record):
        if name and _is_bound(project, name, heads):
            raise Refused(f"it leads to {name}, which must not be done in another thread")
        if name.rpartition(".")[0] in inherited and project.catalogue.entry(name) is None:
            raise Refused(
                f"it leads to {name}, which nothing is known of, while other tasks may use the object"
            )
        state = loop_state(project, gid, how) if gid >= 0 else ""
        if state:
            raise Refused(f"it leads to {state}, while other tasks may use it")
        listeners = registered(project, gid) if gid >= 0 else ""
        if listeners:
            where = project.codes[gid].facts.qualname
            raise Refused(
                f"{where} calls what is registered in {listeners}, which may count on the event loop"
            )
        if gid >= 0 and serving and how not in MAKING:
            code = project.codes[gid]
            changed = changed_attribute(code)
            if changed and code.facts.name != "__init__":
                raise Refused(f"{code.facts.qualname} changes {changed}, while other tasks may use it")


def _classes(project: Project, target: Target) -> Iterator[int]:
    """The classes with coroutine methods of whose object a call runs a method: as it is known there, and where that stands."""
    receiver = target.receiver
    if receiver is not None and receiver[0] in (INSTANCE, SELF) and lives_on_loop(project, receiver[1]):
        yield receiver[1]
    owner = project.codes[target.gid].owner if target.gid >= 0 else None
    if owner is not None and lives_on_loop(project, owner.gid):
        yield owner.gid


def _check_result(place: Place, record: Record) -> None:
    """A result that does its work when it is used would do it here."""
    for atom in record.result:
        if atom[0] in (AWAITABLE, CONTEXT):
            raise Refused("it returns what is to be awaited or entered, and does its work then")
        if atom[0] == GENERATOR or (atom[0] == SEQUENCE and atom[1] == "iterator"):
            raise Refused("it returns an iterator, and does its work while that is consumed")
        if atom[0] == OBJECT:
            if place.project.catalogue.role(atom[1]) == "file":
                raise Refused(
                    "the file would still be read or written here; move all that is done with it into a function"
                )
            if _serves(place.project, atom[1]) == "own":
                raise Refused(f"a {atom[1]} serves only the thread that made it")
            iterating = place.project.catalogue.method(atom[1], "__iter__")
            if (
                _serves(place.project, atom[1]) == "each"
                and iterating is not None
                and iterating.kind != "none"
            ):
                raise Refused(f"a {atom[1]} does its work when it is used")


def opened_here(place: Place, record: Record) -> int | None:
    """The site in the same function where a file is opened that a call works on."""
    given = [_receiver(target) for target in record.targets]
    for value in (*record.arguments, *record.keywords.values()):
        given += [atom for atom in value if atom[0] == OBJECT]
    for atom in given:
        if atom is None or len(atom) < 3 or atom[2] is None:
            continue
        gid, site = atom[2]
        if gid == place.gid and site != record.site and place.project.catalogue.role(atom[1]) == "file":
            return int(site)
    return None


def _receiver(target: Target) -> Atom | None:
    """The external object whose method is called."""
    receiver = target.receiver
    if receiver is not None and receiver[0] == BOUND:
        receiver = receiver[2]
    return receiver if receiver is not None and receiver[0] == OBJECT else None


def _owner(target: Target) -> str:
    receiver = _receiver(target)
    return str(receiver[1]) if receiver is not None else ""


def _serves(project: Project, name: str) -> str:
    """Whom instances of a type serve: as its ``thread`` in the catalogue; empty for anyone."""
    catalogue = project.catalogue
    infos = [catalogue.type(base) for base in catalogue.mro(catalogue.canonical(name))]
    return next((info.thread for info in infos if info is not None and info.thread), "")


def _is_bound(project: Project, name: str, heads: set[str]) -> bool:
    entry = project.catalogue.entry(name)
    owner, _, method = name.rpartition(".")
    if entry is None and project.catalogue.type(owner) is not None:
        entry = project.catalogue.method(owner, method)
    if entry is not None:
        if entry.thread:
            return entry.thread == "own"
        if entry.kind == "nested-loop":
            return False
        if any(run.context == "loop" for run in entry.runs):
            return True
    if name.partition(".")[0] in heads:
        return True
    return is_called_on_loop(project, owner)
