"""What `x.name` may be: along the resolution order, through descriptors and hooks, or by the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.project.values import (
    AWAITABLE,
    BOUND,
    CLASS,
    CLASSMETHOD,
    CONSTANT,
    CONTAINER,
    EXTERNAL,
    FUNCTION,
    GENERATOR,
    GETTER,
    INSTANCE,
    LITERAL,
    LONGEST_PATH,
    MAPPING,
    METHOD,
    MODULE,
    NAMESPACE,
    OBJECT,
    OFFLOADED,
    PARTIAL,
    PROPERTY,
    SELF,
    SEQUENCE,
    STATIC,
    SUPER,
    SYMBOL,
    TUPLE,
    Atom,
    Value,
    constant_type,
    join,
    join_all,
)

if TYPE_CHECKING:
    from blockcheck.project.model import Reader
    from blockcheck.project.solver import Solver

_CONTAINER_TYPES = {
    "list": "builtins.list", "tuple": "builtins.tuple", "set": "builtins.set", "dict": "builtins.dict",
    "generator": "builtins.generator", "frozenset": "builtins.frozenset",
}  # fmt: skip
#: What makes a name in the body of an enumeration a member.
_MEMBERS = frozenset({CONSTANT, OBJECT, TUPLE, CONTAINER, LITERAL, SEQUENCE, MAPPING, PARTIAL, INSTANCE})


def special_method(solver: Solver, atom: Atom, name: str, frame: Reader | None) -> Value:
    """A special method as syntax finds it: on the type of an object, so that of a class on its metaclass."""
    if atom[0] != CLASS:
        return solver.attribute(atom, name, frame)
    return _of_metaclass(solver, atom, name, frame)


def _of_metaclass(solver: Solver, atom: Atom, name: str, frame: Reader | None) -> Value:
    meta = solver.metaclass(atom[1])
    for base in solver.mro(meta, frame) if meta is not None else ():
        if isinstance(base, int) and name in solver.codes[base].bound:
            solver.ensure(base)
            return _bind(solver, solver.read(("c", base, name), frame), atom, frame)
    return ()


def attribute(solver: Solver, atom: Atom, name: str, frame: Reader | None) -> Value:
    """What ``atom.name`` may be; properties are called through the frame, which records them."""
    tag = atom[0]
    if tag in (SELF, INSTANCE):
        return solver.instance_attribute(atom, atom[1], name, frame)
    if tag == MODULE:
        return solver.module_attribute(atom[1], name, frame)
    if tag == EXTERNAL:
        return _external_attribute(solver, atom[1], name, frame)
    if tag == OBJECT:
        kind = solver.catalogue.canonical(atom[1])
        text = solver.catalogue.attribute(kind, name)
        if text is not None:
            from blockcheck.project.results import evaluate_text  # noqa: PLC0415

            return evaluate_text(solver, text, atom)
        entry = solver.catalogue.method(kind, name)
        if entry is not None and entry.is_property:
            return frame.external_property(entry, atom) if frame is not None else ()
        return ((BOUND, entry.name if entry is not None else f"{kind}.{name}", atom),)
    if tag == CLASS:
        return solver.class_attribute(atom, name, frame)
    if tag == SYMBOL:
        path = atom[3]
        return ((SYMBOL, atom[1], atom[2], (*path, name)),) if len(path) < LONGEST_PATH else ()
    if tag == SUPER:
        found = solver.instance_attribute(atom[2], atom[1], name, frame, after=atom[1])
        return found or (((GETTER, "new", ()),) if name == "__new__" else ())
    if tag == CONSTANT:
        if atom[1] is None:
            return ()
        return ((BOUND, f"{constant_type(atom[1])}.{name}", atom),)
    if tag == CONTAINER and atom[3] == "record" and name in solver.keys(atom):
        return solver.read(("e", atom[1], atom[2], name), frame)
    if tag in (CONTAINER, LITERAL, SEQUENCE):
        kind = atom[3] if tag == CONTAINER else atom[1]
        return ((BOUND, f"{_CONTAINER_TYPES.get(kind, 'builtins.list')}.{name}", atom),)
    if tag == MAPPING:
        return ((BOUND, f"builtins.dict.{name}", atom),)
    if tag == TUPLE:
        return ((BOUND, f"builtins.tuple.{name}", atom),)
    if tag == NAMESPACE:
        return ((BOUND, f"builtins.dict.{name}", atom),)
    if tag == AWAITABLE and name == "result":
        return ((GETTER, "value", (atom[1],)),)
    if tag == GENERATOR:
        return ((BOUND, f"builtins.generator.{name}", atom),)
    if tag == PARTIAL and name == "func":
        return (atom[1],)
    if tag == BOUND:
        return _dynamic_attribute(solver, atom, name, frame)
    if tag == FUNCTION and name == "__name__":
        return ((CONSTANT, solver.codes[atom[1]].facts.name),)
    if tag == FUNCTION and name == "register" and "dispatches" in solver.codes[atom[1]].flags:
        return ((GETTER, "register", ((atom,),)),)
    if tag == FUNCTION:
        return _given_attribute(solver, atom[1], name, frame)
    return ()


def _given_attribute(solver: Solver, gid: int, name: str, frame: Reader | None) -> Value:
    """``task.delay``: a decorator made the function an object of a known type as well."""
    for table in solver.registered.get(gid, ()):
        if "gives" in table:
            return solver.attribute((OBJECT, table["gives"], None), name, frame)
    return ()


def _dynamic_attribute(solver: Solver, atom: Atom, name: str, frame: Reader | None) -> Value:
    """``client.chat.completions``: what looked like a method of a dynamic client is a part of it."""
    text = solver.catalogue.any_attribute(atom[1].rpartition(".")[0])
    if not text:
        return ()
    from blockcheck.project.results import evaluate_text  # noqa: PLC0415

    out: Value = ()
    for part in evaluate_text(solver, text, atom):
        out = join(out, solver.attribute(part, name, frame))
    return out


def _external_attribute(solver: Solver, owner: str, name: str, _frame: Reader | None) -> Value:
    canonical = solver.catalogue.canonical(owner)
    text = solver.catalogue.attribute(canonical, name)
    if text is not None:
        from blockcheck.project.results import evaluate_text  # noqa: PLC0415

        return evaluate_text(solver, text, (EXTERNAL, canonical))
    return ((EXTERNAL, f"{canonical}.{name}"),)


def instance_attribute(
    solver: Solver, receiver: Atom, gid: int, name: str, frame: Reader | None, *, after: int | None = None
) -> Value:
    """An attribute of an instance: what methods store, then the class body, along the resolution order."""
    if name == "__class__" and receiver[0] in (SELF, INSTANCE):
        return ((CLASS, receiver[1]),)
    if name == "__dict__":
        return ((NAMESPACE, receiver),)
    if len(receiver) > 2 and name in ("value", "_value_"):  # of a member of an enumeration
        return solver.read(("c", receiver[1], receiver[2]), frame)
    order = solver.mro(
        gid if after is None else receiver[1] if receiver[0] in (SELF, INSTANCE, CLASS) else gid, frame
    )
    if after is not None and after not in order and receiver[0] == CLASS:
        order = solver.mro(solver.metaclass(receiver[1]) or gid, frame)  # a method of the metaclass
    if after is not None:
        order = order[order.index(after) + 1 :] if after in order else order[1:]
    fallback: str | None = None
    if solver.keep_all and frame is not None and "__getattribute__" in solver.specials:
        hooked = _by_hook(solver, receiver, order, name, frame)
        if hooked is not None:
            return hooked
    for base in order:
        if type(base) is str:
            text = solver.catalogue.attribute(base, name)
            if text is not None:
                from blockcheck.project.results import evaluate_text  # noqa: PLC0415

                return evaluate_text(solver, text, receiver)
            entry = solver.catalogue.method(base, name)
            if entry is not None:
                return ((BOUND, entry.name, receiver),)
            if fallback is None and base != "builtins.object":
                fallback = base
            continue
        stores = solver.stores.get(base)
        storing = stores.get(name) if stores is not None else None
        bound = name in solver.codes[base].bound or (base in solver.fields and name in solver.fields[base])
        if storing or bound:
            out: Value = ()
            if storing:
                for method in storing:
                    solver.ensure(method)
                out = _as_declared(solver, solver.read(("a", base, name), frame), base, name, frame)
            elif name in solver.other_stores:
                out = solver.read(("a", base, name), frame)
            if bound:
                solver.ensure(base)
                out = join(out, _bind(solver, solver.read(("c", base, name), frame), receiver, frame))
            return out
        if name in solver.other_stores or solver.keep_all:
            for method in solver.outer_stores.get((solver.codes[base].unit.index, name), ()):
                solver.ensure(method)
            found = solver.read(("a", base, name), frame)
            found = join(found, _bind(solver, solver.read(("c", base, name), frame), receiver, frame))
            if found:
                return found
    if receiver[0] == SELF and after is None:
        children = [c for c in solver.subclasses(gid) if solver.defines(c, name)]
        if len(children) > 1 and not solver.keep_all:
            # Which of them it is, the receiver decides: that is for the callers to say.
            return frame.own_receiver(gid, name) if frame is not None else ()
        out = ()
        for child in children[:8]:
            out = join(out, solver.instance_attribute((SELF, child), child, name, frame))
        if out:
            return out
    if (
        solver.keep_all
        and frame is not None
        and not name.startswith("__")
        and "__getattr__" in solver.specials
    ):
        for hook in solver.instance_attribute(receiver, gid, "__getattr__", None):
            if hook[0] == METHOD:
                return frame.property(hook[1], receiver, [((CONSTANT, name),)])
    if fallback is not None:
        return ((BOUND, f"{fallback}.{name}", receiver),)
    return ()


def _by_hook(
    solver: Solver, receiver: Atom, order: tuple[Any, ...], name: str, frame: Reader
) -> Value | None:
    """What ``__getattribute__`` gives, where a class has one."""
    for base in order:
        if isinstance(base, int) and "__getattribute__" in solver.codes[base].bound and name[:2] != "__":
            solver.ensure(base)
            hooks = solver.read(("c", base, "__getattribute__"), frame)
            if frame.code.gid in [h[1] for h in hooks if h[0] == FUNCTION]:
                return None
            return join_all([frame.property(h, receiver, [((CONSTANT, name),)]) for h in hooks])
    return None


def _as_declared(solver: Solver, value: Value, gid: int, name: str, reader: Reader | None) -> Value:
    """What of an attribute's values its annotation allows; all where it allows none of them."""
    declared = solver.read(("t", gid, name), reader)
    wanted = {a[1] for a in declared if a[0] in (INSTANCE, SELF)}
    if not wanted or len(wanted) != len(declared) or len(value) < 2:
        return value
    kept = tuple(
        a
        for a in value
        if a[0] not in (INSTANCE, SELF)
        or wanted.intersection(b for b in solver.mro(a[1], reader) if isinstance(b, int))
    )
    return kept if any(a[0] in (INSTANCE, SELF) for a in kept) else value


def class_attribute(solver: Solver, atom: Atom, name: str, frame: Reader | None) -> Value:
    """An attribute of a class object."""
    if name == "__dict__":
        return ((NAMESPACE, atom),)
    if name == "__name__":
        return ((CONSTANT, solver.codes[atom[1]].facts.name),)
    fallback: str | None = None
    for base in solver.mro(atom[1], frame):
        if type(base) is str:
            if solver.catalogue.entry(f"{base}.{name}") is not None:
                return ((EXTERNAL, f"{base}.{name}"),)
            text = solver.catalogue.attribute(base, name)
            if text is not None:  # `Model.objects`: what the base gives every class of its
                from blockcheck.project.results import evaluate_text  # noqa: PLC0415

                return evaluate_text(solver, text, atom)
            if fallback is None and base != "builtins.object":
                fallback = base
            continue
        if name in solver.codes[base].bound or name in solver.other_stores:
            solver.ensure(base)
            value = solver.read(("c", base, name), frame)
            if value or name in solver.codes[base].bound:
                out: list[Atom] = []
                for inner in value:
                    if inner[0] == STATIC:
                        out.append(inner[1])
                    elif inner[0] == CLASSMETHOD:
                        out.append((METHOD, inner[1], atom))
                    elif inner[0] in _MEMBERS and _is_enum(solver, atom[1], frame):
                        out.append((INSTANCE, atom[1], name))
                    elif inner[0] == INSTANCE and frame is not None and _has(solver, inner, "__get__"):
                        out.extend(_gotten(solver, inner, atom, frame))
                    elif inner[0] != PROPERTY:
                        out.append(inner)
                return tuple(out)
    found = _of_metaclass(solver, atom, name, frame)
    if found:
        return found
    if fallback is not None:
        return ((EXTERNAL, f"{fallback}.{name}"),)
    return ()


def _is_enum(solver: Solver, gid: int, reader: Reader | None) -> bool:
    """Whether the attributes of a class are instances of it."""
    return any(solver.catalogue.role(b) == "enum" for b in solver.mro(gid, reader) if isinstance(b, str))


def _bind(solver: Solver, value: Value, receiver: Atom, frame: Reader | None) -> Value:
    out: Value = ()
    for atom in value:
        tag = atom[0]
        if tag == FUNCTION:
            out = join(out, ((METHOD, atom, receiver),))
        elif tag == STATIC:
            out = join(out, (atom[1],))
        elif tag == CLASSMETHOD:
            owner = (CLASS, receiver[1]) if receiver[0] in (SELF, INSTANCE) else receiver
            out = join(out, ((METHOD, atom[1], owner),))
        elif tag == GETTER and atom[1] == "factory":
            continue
        elif tag == PROPERTY:
            if atom[1] is None:
                continue
            if frame is not None:
                out = join(out, frame.property(atom[1], receiver))
            else:
                out = join(out, solver.returned(atom[1], receiver))
        elif tag == INSTANCE and frame is not None and _has(solver, atom, "__get__"):
            out = join(out, _gotten(solver, atom, receiver, frame))
        elif tag == OFFLOADED and atom[1][0] == FUNCTION:
            out = join(out, ((OFFLOADED, (METHOD, atom[1], receiver), *atom[2:]),))
        else:
            out = join(out, (atom,))
    return out


def _has(solver: Solver, instance: Atom, special: str) -> bool:
    """Whether a project class gives an instance a special method."""
    return special in solver.specials and any(
        isinstance(b, int) and special in solver.codes[b].bound for b in solver.mro(instance[1], None)
    )


def _gotten(solver: Solver, descriptor: Atom, receiver: Atom, frame: Reader) -> Value:
    """What a descriptor in a class gives for an attribute of an instance, or of the class itself."""
    owner: Value = ((CLASS, receiver[1]),)
    instance: Value = ((CONSTANT, None),) if receiver[0] == CLASS else (receiver,)
    out: Value = ()
    for getter in solver.attribute(descriptor, "__get__", None):
        if getter[0] == METHOD:
            out = join(out, frame.property(getter[1], descriptor, [instance, owner]))
    return out
