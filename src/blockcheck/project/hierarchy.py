"""Classes: their order of resolution, subclasses, metaclasses, and what the catalogue says of what they derive from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.project.values import (
    ABOVE,
    CLASS,
    CONSTANT,
    CONTAINER,
    EXTERNAL,
    IN_MEMORY,
    INSTANCE,
    OBJECT,
    SELF,
    Atom,
)

if TYPE_CHECKING:
    from blockcheck.project.model import Code, Reader
    from blockcheck.project.solver import Solver


def mro(solver: Solver, gid: int, reader: Reader | None) -> tuple[Any, ...]:
    """A class's resolution order: gids of project classes, qualified names of external ones."""
    known = solver.mros.get(gid)
    if known is not None:
        return known
    order: list[Any] = []
    complete = _linearise(solver, gid, order, [], reader)
    name = solver.codes[gid].name
    if name in solver.declared_classes:
        # What it is said to behave as goes before its own methods; what else is known of it, behind.
        own, *like = solver.catalogue.mro(name)
        order = [*like, *order, own]
    result = tuple(order)
    if complete:
        solver.mros[gid] = result
    return result


def _linearise(solver: Solver, gid: int, order: list[Any], path: list[int], reader: Reader | None) -> bool:
    """Depth first, each base after all that derive from it: C3's order where C3 has one."""
    code = solver.codes[gid]
    if gid in path:
        return True
    if gid in order:
        order.remove(gid)
    order.append(gid)
    parent = code.parent
    complete = True
    if parent is not None:
        solver.ensure(parent.gid)
        complete = bool(solver.rounds[parent.gid]) and parent.gid not in solver.running
    bases = solver.read(("b", gid), None if complete else reader)
    for atom in bases:
        if atom[0] == CLASS:
            complete &= _linearise(solver, atom[1], order, [*path, gid], reader)
        elif atom[0] == EXTERNAL:
            name = solver.catalogue.canonical(atom[1])
            for base in solver.catalogue.mro(name):
                if base in order:
                    order.remove(base)
                order.append(base)
    return complete


def external_bases(solver: Solver, gid: int, reader: Reader | None = None) -> list[str]:
    """The qualified names of the external classes that a project class derives from."""
    return [b for b in solver.mro(gid, reader) if isinstance(b, str)]


def subclasses(solver: Solver, gid: int) -> list[int]:
    """Project classes that derive from a class, at any depth."""
    known = solver.descendants.get(gid)
    if known is not None:
        return known
    out: set[int] = set()
    todo = [gid]
    while todo:
        current = todo.pop()
        for child in solver.children.get(solver.codes[current].facts.name, ()):
            if child not in out and child != gid and current in solver.mro(child, None):
                out.add(child)
                todo.append(child)
    made = sorted(out)
    if solver.closed:
        solver.descendants[gid] = made
    return made


def defines(solver: Solver, gid: int, name: str) -> bool:
    """Whether a class itself binds a name, in its body or on its instances."""
    return name in solver.codes[gid].bound or name in solver.stores.get(gid, ())


def overridden(solver: Solver, gid: int, name: str) -> bool:
    """Whether a subclass binds a name anew."""
    key = (gid, name)
    known = solver.overrides.get(key)
    if known is None:
        known = any(solver.defines(c, name) for c in solver.subclasses(gid))
        solver.overrides[key] = known
    return known


def next_definer(solver: Solver, gid: int, name: str, after: int | None = None) -> int | None:
    """The first class along the order of resolution that binds a name, or the first after one of them."""
    order = solver.mro(gid, None)
    if after is not None:
        order = order[order.index(after) + 1 :] if after in order else ()
    return next((b for b in order if isinstance(b, int) and name in solver.codes[b].bound), None)


def cooperates(solver: Solver, gid: int, name: str) -> bool:
    """Whether ``super()`` in a class's methods means another method for some subclass than for the class itself."""
    key = (gid, f"{ABOVE}{name}")
    known = solver.overrides.get(key)
    if known is None:
        own = next_definer(solver, gid, name, gid)
        known = any(next_definer(solver, c, name, gid) != own for c in solver.subclasses(gid))
        solver.overrides[key] = known
    return known


def storing(solver: Solver, gid: int, name: str) -> list[int]:
    """The methods of a class that set an attribute of their receiver."""
    return solver.stores.get(gid, {}).get(name, [])


def role(solver: Solver, atom: Atom) -> str | None:
    """The catalogue's role of an instance: such as lock, thread-pool or event-loop."""
    if atom[0] == OBJECT:
        return solver.catalogue.role(solver.catalogue.canonical(atom[1]))
    if atom[0] in (INSTANCE, SELF):
        for base in solver.external_bases(atom[1]):
            role = solver.catalogue.role(base)
            if role is not None:
                return role
    return None


def container(solver: Solver, atom: Atom) -> Atom | None:
    """The container whose cells hold an object's elements: itself, or what stands for an object like one."""
    tag = atom[0]
    if tag == CONTAINER:
        return atom
    if tag == OBJECT:
        like = solver.catalogue.like(solver.catalogue.canonical(atom[1])) if atom[2] is not None else ""
        return (CONTAINER, *atom[2], like) if like else None
    if tag in (INSTANCE, SELF):
        owner = -1
        for base in solver.mro(atom[1], None):
            if type(base) is int:
                owner = base
            else:
                like = solver.catalogue.like(base)
                return (CONTAINER, owner, -1, like) if like else None
    return None


def metaclass(solver: Solver, gid: int) -> int | None:
    """The project class whose instance a class is, where it has one."""
    if not solver.metaclasses:
        return None
    for base in solver.mro(gid, None):
        if isinstance(base, int) and base in solver.metaclasses:
            return solver.metaclasses[base]
    return None


def lock_of(solver: Solver, atom: Atom, reader: Reader | None) -> Atom:
    """The identity of a lock: a condition that was given a lock is that lock."""
    if atom[0] == OBJECT and atom[2] is not None:
        shared = solver.read(("lock", atom[2]), reader)
        if len(shared) == 1 and shared[0] != atom:
            return shared[0]
    return atom


def in_memory(solver: Solver, atom: Atom, reader: Reader | None) -> bool:
    """Whether something is known to be a file in memory, or to work on one."""
    if atom[0] == OBJECT:
        info = solver.catalogue.type(solver.catalogue.canonical(atom[1]))
        if info is not None and info.memory:
            return True
    if atom[0] == INSTANCE or (atom[0] == OBJECT and atom[2] is not None):
        return (CONSTANT, IN_MEMORY) in solver.read(("s", atom), reader)
    return False


def receiver(code: Code) -> Atom | None:
    """What a method's first parameter is: an instance, or the class; None where it is like any other."""
    if code.owner is None:
        return None
    owner = code.owner.gid
    for decorator, _site in code.facts.decorators:
        if decorator == "staticmethod":
            return None
        if decorator == "classmethod":
            return (CLASS, owner)
    if code.facts.name in ("__new__", "__init_subclass__", "__class_getitem__"):
        return (CLASS, owner)
    return (SELF, owner)
