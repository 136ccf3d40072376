"""The fixpoint over values: cells that codes read and write, and the look-ups that go through them.

A *cell* holds the value of something that more than one code touches: a module's global, a class's or
instance's attribute, a captured variable, a parameter, a return. Interpreting a code reads cells and
writes cells; when a cell grows, its readers are interpreted again. Values only grow, so the result does
not depend on the order.
"""

from __future__ import annotations

import ast
import builtins
import sys
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project import containers, typehints
from blockcheck.project.model import Code, Record, Unit
from blockcheck.project.modules import ModuleTable
from blockcheck.project.values import (
    AWAITABLE,
    BOUND,
    CLASS,
    CLASSMETHOD,
    CONSTANT,
    CONTAINER,
    CONTEXT,
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
    POSTPONED,
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
    from blockcheck.catalogue import Catalogue, Entry
    from blockcheck.project.model import Library, Reader

BUILTINS = frozenset(dir(builtins))
_NESTING = 40  # codes interpreted inside one another before they are queued instead
_HANDED_ON = 12  # parameters that the graph follows from one to the other
_STEPS = 200  # parameters that are replaced to learn what one is given
_FEW_STEPS = 4  # the same once a large project has taken _WORK of them
_WORK = 150_000
_DEEPEST = 6  # results of results that are followed without a call site
_ROUNDS = 10  # interpretations of one code before its value is taken as it is

_CONSTANTS = 6  # a cell with more alternatives keeps its constants by type only

_CONTAINER_TYPES = {
    "list": "builtins.list", "tuple": "builtins.tuple", "set": "builtins.set", "dict": "builtins.dict",
    "generator": "builtins.generator", "frozenset": "builtins.frozenset",
}  # fmt: skip

#: What makes a name in the body of an enumeration a member.
_MEMBERS = frozenset({CONSTANT, OBJECT, TUPLE, CONTAINER, LITERAL, SEQUENCE, MAPPING, PARTIAL, INSTANCE})

#: Special methods whose presence anywhere is worth knowing.
_SPECIALS = frozenset({"__get__", "__getattr__", "__getattribute__", "__set_name__"})


class Solver:
    """All codes of a project, their cells, and their records once solved."""

    def __init__(
        self,
        units: list[Unit],
        catalogue: Catalogue,
        *,
        keep_all: bool = False,
        keep_records: bool = False,
        library: Library | None = None,
    ) -> None:
        self.units = units
        self.catalogue = catalogue
        self.keep_all = keep_all
        self._keep_records = keep_all or keep_records
        self.codes: list[Code] = []
        self.modules = ModuleTable(units, library, self._add)
        self._importing: set[Atom] = set()
        self._closed = False
        self.records: dict[int, list[Record]] = {}
        self.awaits: dict[int, list[Any]] = {}
        self.cells: dict[Any, Value] = {}
        #: Whether more may come to be known; the codes that wait for it with a decorator that gives nothing so far.
        self.patient = True
        self.undecided: set[int] = set()
        #: Functions that give the running event loop, and nothing where none runs.
        self.askers: set[int] = set()
        self.readers: dict[Any, set[int]] = {}
        self.star_units: set[int] = set()
        #: Decorated functions that a framework calls, with the decorators' catalogue tables.
        self.registered: dict[int, list[dict[str, Any]]] = {}
        #: Conditions on parameters under which a function returns some of its values.
        self.return_guards: dict[int, dict[tuple[Any, ...], None]] = {}
        #: What decorators do around each call of a function: kind, decorator, confidence.
        self.decorator_events: dict[int, dict[tuple[str, str, str], None]] = {}
        #: Special methods that some class of the project has.
        self.specials: set[str] = set()
        #: The metaclasses of classes that name one.
        self.metaclasses: dict[int, int] = {}
        #: Fields that classes have from a base that is a class of tuples with named elements.
        self.fields: dict[int, set[str]] = {}
        #: Containers that are added to after they are made.
        self.grown: set[tuple[int, int]] = set()
        #: How many elements lists are made with.
        self.lengths: dict[tuple[int, int], int] = {}
        #: What users declare of functions of the project: what they do, and what they return.
        self.declared: dict[int, Entry] = {}
        self.declared_results: dict[int, Entry] = {}
        #: Classes of the project that users speak of, by qualified name.
        self.declared_classes: dict[str, int] = {}
        self._hooks: set[str] | None = None
        self._steps = -1
        self._work = _WORK
        self._keys: dict[tuple[int, int], dict[Any, None]] = {}
        self._stores: dict[int, dict[str, list[int]]] = {}
        self._other_stores: dict[str, list[int]] = {}
        self._children: dict[str, list[int]] = {}
        self._mros: dict[int, tuple[Any, ...]] = {}
        self._overrides: dict[tuple[int, str], bool] = {}
        self._rounds: list[int] = []
        self._running: set[int] = set()
        self._pending: dict[int, None] = {}
        self._nesting = 0
        self._depth = 0
        #: What functions return, while one such question is answered: the same one comes up again and again.
        self._results: dict[Any, Value] = {}
        for unit in units:
            self._add(unit)
        #: How many codes are the project's own; those of installed packages come after them.
        self.own = len(self.codes)

    def _add(self, unit: Unit) -> None:
        unit.first = len(self.codes)
        self._rounds += [0] * len(unit.facts.codes)
        self._overrides.clear()
        self._hooks = None
        for index, facts in enumerate(unit.facts.codes):
            gid = len(self.codes)
            parent = self.codes[unit.first + facts.parent] if facts.parent >= 0 else None
            owner = parent if parent is not None and parent.facts.kind == "class" else None
            code = Code(gid, unit, index, facts, parent, owner, frozenset(facts.bound))
            self.codes.append(code)
            if facts.marker:
                code.flags.add(facts.marker)
            if self.catalogue.declared:
                self._declare(code)
            if facts.kind == "class":
                self.specials.update(n for n in facts.bound if n in _SPECIALS)
                for base in facts.bases:
                    if type(base) is list and base[0] == ir.SUBSCRIPT:
                        base = base[1]  # noqa: PLW2901
                    name = (
                        base
                        if type(base) is str
                        else base[2]
                        if type(base) is list and base[0] == ir.ATTR
                        else ""
                    )
                    self._children.setdefault(name, []).append(gid)
            elif owner is None:
                for attribute in facts.self_stores:
                    self._other_stores.setdefault(attribute, []).append(gid)
            elif facts.self_stores:
                stores = self._stores.setdefault(owner.gid, {})
                for attribute in facts.self_stores:
                    stores.setdefault(attribute, []).append(gid)
            for attribute in facts.other_stores:
                self._other_stores.setdefault(attribute, []).append(gid)

    def _declare(self, code: Code) -> None:
        """Note what users say of a code: it goes before what the code itself would tell."""
        if code.facts.kind == "class" and code.name in self.catalogue.declared:
            self.declared_classes[code.name] = code.gid
        said = self.catalogue.declaration(code.name)
        if said is None:
            return
        if said.kind == "none" and not (said.runs or self.catalogue.registrar(said.name)):
            code.flags.add("non-blocking")
        elif said.blocks and code.is_async:
            code.flags.add("blocking")
        elif said.acts:
            self.declared[code.gid] = said
        if said.returns:
            self.declared_results[code.gid] = said

    # -- the fixpoint

    def solve(self) -> None:
        """Interpret every code of the project, and again what depends on values that grew, until nothing changes.

        Of installed packages, what the project leads to is interpreted, and nothing else.
        """
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, 20_000))
        try:
            if self.keep_all:
                # What is called comes first, so that receivers and arguments are those that callers give.
                for unit in self.units[:]:
                    self.ensure(unit.first)
                self._settle()
            for gid in range(self.own):
                self.ensure(gid)
            self._settle()
            # What is not known by now stays unknown: decide without it.
            self.patient = False
            self._pending.update(dict.fromkeys(sorted(self.undecided)))
            self._settle()
        finally:
            sys.setrecursionlimit(limit)
            self._closed = True
            self.modules.library = None

    def runs_when_read(self, name: str) -> bool:
        """Whether reading an attribute of that name may run code of some class."""
        if self._hooks is None:
            self._hooks = set()
            for code in self.codes:
                if code.owner is not None and code.facts.decorators:
                    self._hooks.add(code.facts.name)
                elif code.facts.kind == "class" and not code.bound.isdisjoint({"__get__", "__getattr__"}):
                    self._hooks.add("")
        return name in self._hooks or "" in self._hooks

    def _settle(self) -> None:
        while self._pending:
            gid = next(iter(self._pending))
            del self._pending[gid]
            if self._rounds[gid] < _ROUNDS:
                self._interpret(gid)

    def ensure(self, gid: int) -> None:
        """See to it that a code has been interpreted at least once, or will be."""
        if self._rounds[gid] or gid in self._running or self._closed:
            return
        if self._nesting >= _NESTING:
            self._pending[gid] = None
            return
        self._interpret(gid)

    def _interpret(self, gid: int) -> None:
        from blockcheck.project.interpreter.frame import Frame  # noqa: PLC0415 - frame and solver need each other

        self._rounds[gid] += 1
        self._running.add(gid)
        self._nesting += 1
        self._pending.pop(gid, None)
        try:
            frame = Frame(self, self.codes[gid])
            frame.run()
        finally:
            self._nesting -= 1
            self._running.discard(gid)
        self.records[gid] = [r for r in frame.records.values() if self._keep_records or _matters(r)]
        if frame.awaits:
            self.awaits[gid] = frame.awaits

    def all_records(self, gid: int) -> list[Record]:
        """Every call site of a code, also those that nothing follows from: it is interpreted once more."""
        from blockcheck.project.interpreter.frame import Frame  # noqa: PLC0415 - frame and solver need each other

        frame = Frame(self, self.codes[gid])
        frame.run()
        return list(frame.records.values())

    def read(self, key: Any, reader: Reader | None) -> Value:
        """A cell's value; the reader is interpreted again when it grows."""
        if reader is not None:
            readers = self.readers.get(key)
            if readers is None:
                self.readers[key] = {reader.code.gid}
            else:
                readers.add(reader.code.gid)
        return self.cells.get(key, ())

    def write(self, key: Any, value: Value) -> None:
        """Add alternatives to a cell."""
        old = self.cells.get(key)
        if old is None:
            self.cells[key] = value
            if key[0] == "e" and key[3] is not None:
                self._keys.setdefault((key[1], key[2]), {})[key[3]] = None
            if not value:
                return
        else:
            if not value or old is value:
                return
            new = join(old, value)
            if len(new) > _CONSTANTS:
                new = _collapse(new)
            if len(new) == len(old) and all(a in old for a in new):
                return
            self.cells[key] = new
        readers = self.readers.get(key)
        if readers:
            pending = self._pending
            for gid in sorted(readers):
                pending[gid] = None

    def keys(self, container: Atom) -> list[Any]:
        """The keys under which a container's elements are known; "*" among them for unknown ones."""
        return list(self._keys.get((container[1], container[2]), ()))

    def fixed_length(self, container: Atom) -> int | None:
        """The length of a container literal that nothing is added to."""
        keys = self.keys(container)
        if (container[1], container[2]) in self.grown or "*" in keys or not keys:
            return None
        return len(keys)

    # -- names

    def name(self, code: Code, name: str, reader: Reader | None) -> Value:
        """A name that is not local to ``code``, by Python's scoping rules."""
        scope = code.parent
        if name not in code.facts.outer:
            while scope is not None and scope.parent is not None:
                if scope.facts.kind != "class" and name in scope.bound:
                    self.ensure(scope.gid)
                    return self.read(("v", scope.gid, name), reader)
                scope = scope.parent
        return self.global_name(code.unit, name, reader)

    def global_name(self, unit: Unit, name: str, reader: Reader | None) -> Value:
        """A module's global, or a builtin."""
        if name in self.codes[unit.first].bound:
            self.ensure(unit.first)
            return self.imported(self.read(("g", unit.index, name), reader), reader)
        key = ("g", unit.index, name)
        if unit.index in self.star_units or key in self.cells:
            found = self.imported(self.read(key, reader), reader)
            if found:
                return found
        if name in BUILTINS:
            return ((EXTERNAL, f"builtins.{name}"),)
        return ()

    def module_attribute(self, index: int, name: str, reader: Reader | None) -> Value:
        """A module's attribute: a global, else a submodule."""
        return self.imported(self._module_attribute(index, name, reader), reader)

    def star(self, index: int, name: str, reader: Reader | None) -> Value:
        """The same for a star import: what the module has postponed stays so."""
        return self._module_attribute(index, name, reader)

    def _module_attribute(self, index: int, name: str, reader: Reader | None) -> Value:
        unit = self.units[index]
        out: Value = ()
        if name in self.codes[unit.first].bound or unit.index in self.star_units:
            self.ensure(unit.first)
            out = self.read(("g", index, name), reader)
        else:
            self.ensure(unit.first)
            key = ("g", index, name)
            if unit.index in self.star_units or name in self._other_stores or key in self.cells:
                out = self.read(key, reader)
        if not out and unit.file.is_package:
            sub = self.modules.find(f"{unit.module}.{name}", unit)
            if sub is not None:
                out = ((MODULE, sub),)
        if not out and "__getattr__" in self.codes[unit.first].bound and name[:2] != "__":
            out = self._by_module(index, name, reader)
        return out

    def import_from(
        self, dotted: str, name: str, unit: Unit, reader: Reader | None, *, at_top: bool = True
    ) -> Value:
        """What ``from dotted import name`` gives in a module, at its top or in a function."""
        index = self.modules.find(dotted, unit)
        if index is not None and not (at_top and index == unit.index):
            return self.module_attribute(index, name, reader)
        sub = self.modules.find(f"{dotted}.{name}", unit)
        if sub is not None:
            return ((MODULE, sub),)
        if index is not None or self.modules.is_package(dotted):
            return ()
        canonical = self.catalogue.canonical(dotted)
        if self.catalogue.attribute(canonical, name) is not None:
            return self.attribute((EXTERNAL, dotted), name, reader)
        return ((EXTERNAL, f"{dotted}.{name}"),)

    def imported(self, value: Value, reader: Reader | None) -> Value:
        """A value in which postponed imports are done: somebody needs them now."""
        if not any(atom[0] == POSTPONED for atom in value):
            return value
        out: Value = ()
        for atom in value:
            if atom[0] != POSTPONED:
                out = join(out, (atom,))
            elif atom not in self._importing:
                self._importing.add(atom)
                _, dotted, name, index = atom
                unit = self.units[index]
                made: Value = (
                    (self.modules.atom(dotted, unit),)
                    if name is None
                    else self.import_from(dotted, name, unit, reader)
                )
                out = join(out, made)
                self._importing.discard(atom)
        return out

    def _by_module(self, index: int, name: str, reader: Reader | None) -> Value:
        """What a module's own ``__getattr__`` gives for a name that it lacks; by custom it keeps what it gave once."""
        out: Value = ()
        for hook in self.read(("g", index, "__getattr__"), reader):
            if hook[0] != FUNCTION or reader is None or reader.code.gid == hook[1]:
                continue
            if self.keep_all:
                out = join(out, reader.property(hook, None, [((CONSTANT, name),)]))
            else:
                out = join(out, self.returned(hook, None, reader))
        return out

    def exports(self, index: int) -> list[str]:
        """The names that a star import of a module brings."""
        facts = self.units[index].facts
        if facts.exports is not None:
            return facts.exports
        names = [n for n in facts.codes[0].bound if not n.startswith("_")]
        names += (
            [k[2] for k in self.cells if k[0] == "g" and k[1] == index and k[2] not in names]
            if index in self.star_units
            else []
        )
        return names

    # -- classes

    def mro(self, gid: int, reader: Reader | None) -> tuple[Any, ...]:
        """A class's resolution order: gids of project classes, qualified names of external ones."""
        known = self._mros.get(gid)
        if known is not None:
            return known
        order: list[Any] = []
        complete = self._linearise(gid, order, [], reader)
        name = self.codes[gid].name
        if name in self.declared_classes:
            # What it is said to behave as goes before its own methods; what else is known of it, behind.
            own, *like = self.catalogue.mro(name)
            order = [*like, *order, own]
        result = tuple(order)
        if complete:
            self._mros[gid] = result
        return result

    def _linearise(self, gid: int, order: list[Any], path: list[int], reader: Reader | None) -> bool:
        """Depth first, each base after all that derive from it: C3's order where C3 has one."""
        code = self.codes[gid]
        if gid in path:
            return True
        if gid in order:
            order.remove(gid)
        order.append(gid)
        parent = code.parent
        complete = True
        if parent is not None:
            self.ensure(parent.gid)
            complete = bool(self._rounds[parent.gid]) and parent.gid not in self._running
        bases = self.read(("b", gid), None if complete else reader)
        for atom in bases:
            if atom[0] == CLASS:
                complete &= self._linearise(atom[1], order, [*path, gid], reader)
            elif atom[0] == EXTERNAL:
                name = self.catalogue.canonical(atom[1])
                for base in self.catalogue.mro(name):
                    if base in order:
                        order.remove(base)
                    order.append(base)
        return complete

    def external_bases(self, gid: int, reader: Reader | None = None) -> list[str]:
        """The qualified names of the external classes that a project class derives from."""
        return [b for b in self.mro(gid, reader) if isinstance(b, str)]

    def subclasses(self, gid: int) -> list[int]:
        """Project classes that derive from a class, at any depth."""
        out: list[int] = []
        todo = [gid]
        while todo:
            current = todo.pop()
            for child in self._children.get(self.codes[current].facts.name, ()):
                if child not in out and child != gid and current in self.mro(child, None):
                    out.append(child)
                    todo.append(child)
        return sorted(out)

    def defines(self, gid: int, name: str) -> bool:
        """Whether a class itself binds a name, in its body or on its instances."""
        return name in self.codes[gid].bound or name in self._stores.get(gid, ())

    def overridden(self, gid: int, name: str) -> bool:
        """Whether a subclass binds a name anew."""
        key = (gid, name)
        known = self._overrides.get(key)
        if known is None:
            known = any(self.defines(c, name) for c in self.subclasses(gid))
            self._overrides[key] = known
        return known

    def storing(self, gid: int, name: str) -> list[int]:
        """The methods of a class that set an attribute of their receiver."""
        return self._stores.get(gid, {}).get(name, [])

    def role(self, atom: Atom) -> str | None:
        """The catalogue's role of an instance: such as lock, thread-pool or event-loop."""
        if atom[0] == OBJECT:
            return self.catalogue.role(self.catalogue.canonical(atom[1]))
        if atom[0] in (INSTANCE, SELF):
            for base in self.external_bases(atom[1]):
                role = self.catalogue.role(base)
                if role is not None:
                    return role
        return None

    def container(self, atom: Atom) -> Atom | None:
        """The container whose cells hold an object's elements: itself, or what stands for an object like one."""
        tag = atom[0]
        if tag == CONTAINER:
            return atom
        if tag == OBJECT:
            like = self.catalogue.like(self.catalogue.canonical(atom[1])) if atom[2] is not None else ""
            return (CONTAINER, *atom[2], like) if like else None
        if tag in (INSTANCE, SELF):
            owner = -1
            for base in self.mro(atom[1], None):
                if type(base) is int:
                    owner = base
                else:
                    like = self.catalogue.like(base)
                    return (CONTAINER, owner, -1, like) if like else None
        return None

    def metaclass(self, gid: int) -> int | None:
        """The project class whose instance a class is, where it has one."""
        if not self.metaclasses:
            return None
        for base in self.mro(gid, None):
            if isinstance(base, int) and base in self.metaclasses:
                return self.metaclasses[base]
        return None

    def special_method(self, atom: Atom, name: str, frame: Reader | None) -> Value:
        """A special method as syntax finds it: on the type of an object, so that of a class on its metaclass."""
        if atom[0] != CLASS:
            return self.attribute(atom, name, frame)
        return self._of_metaclass(atom, name, frame)

    def _of_metaclass(self, atom: Atom, name: str, frame: Reader | None) -> Value:
        meta = self.metaclass(atom[1])
        for base in self.mro(meta, frame) if meta is not None else ():
            if isinstance(base, int) and name in self.codes[base].bound:
                self.ensure(base)
                return self._bind(self.read(("c", base, name), frame), atom, frame)
        return ()

    def lock_of(self, atom: Atom, reader: Reader | None) -> Atom:
        """The identity of a lock: a condition that was given a lock is that lock."""
        if atom[0] == OBJECT and atom[2] is not None:
            shared = self.read(("lock", atom[2]), reader)
            if len(shared) == 1 and shared[0] != atom:
                return shared[0]
        return atom

    # -- attributes

    def attribute(self, atom: Atom, name: str, frame: Reader | None) -> Value:
        """What ``atom.name`` may be; properties are called through the frame, which records them."""
        tag = atom[0]
        if tag in (SELF, INSTANCE):
            return self.instance_attribute(atom, atom[1], name, frame)
        if tag == MODULE:
            return self.module_attribute(atom[1], name, frame)
        if tag == EXTERNAL:
            return self._external_attribute(atom[1], name, frame)
        if tag == OBJECT:
            kind = self.catalogue.canonical(atom[1])
            text = self.catalogue.attribute(kind, name)
            if text is not None:
                from blockcheck.project.results import evaluate_text  # noqa: PLC0415

                return evaluate_text(self, text, atom)
            entry = self.catalogue.method(kind, name)
            if entry is not None and entry.is_property:
                return frame.external_property(entry, atom) if frame is not None else ()
            return ((BOUND, entry.name if entry is not None else f"{kind}.{name}", atom),)
        if tag == CLASS:
            return self.class_attribute(atom, name, frame)
        if tag == SYMBOL:
            path = atom[3]
            return ((SYMBOL, atom[1], atom[2], (*path, name)),) if len(path) < LONGEST_PATH else ()
        if tag == SUPER:
            found = self.instance_attribute(atom[2], atom[1], name, frame, after=atom[1])
            return found or (((GETTER, "new", ()),) if name == "__new__" else ())
        if tag == CONSTANT:
            if atom[1] is None:
                return ()
            return ((BOUND, f"{constant_type(atom[1])}.{name}", atom),)
        if tag == CONTAINER and atom[3] == "record" and name in self.keys(atom):
            return self.read(("e", atom[1], atom[2], name), frame)
        if tag in (CONTAINER, LITERAL, SEQUENCE):
            kind = atom[3] if tag == CONTAINER else atom[1]
            return ((BOUND, f"{_CONTAINER_TYPES.get(kind, 'builtins.list')}.{name}", atom),)
        if tag == MAPPING:
            return ((BOUND, f"builtins.dict.{name}", atom),)
        if tag == TUPLE:
            return ((BOUND, f"builtins.tuple.{name}", atom),)
        if tag == GENERATOR:
            return ((BOUND, f"builtins.generator.{name}", atom),)
        if tag == PARTIAL and name == "func":
            return (atom[1],)
        if tag == BOUND:
            return self._dynamic_attribute(atom, name, frame)
        if tag == FUNCTION and name == "__name__":
            return ((CONSTANT, self.codes[atom[1]].facts.name),)
        if tag == FUNCTION and name == "register" and "dispatches" in self.codes[atom[1]].flags:
            return ((GETTER, "register", ((atom,),)),)
        if tag == FUNCTION:
            return self._given_attribute(atom[1], name, frame)
        return ()

    def _given_attribute(self, gid: int, name: str, frame: Reader | None) -> Value:
        """``task.delay``: a decorator made the function an object of a known type as well."""
        for table in self.registered.get(gid, ()):
            if "gives" in table:
                return self.attribute((OBJECT, table["gives"], None), name, frame)
        return ()

    def _dynamic_attribute(self, atom: Atom, name: str, frame: Reader | None) -> Value:
        """``client.chat.completions``: what looked like a method of a dynamic client is a part of it."""
        text = self.catalogue.any_attribute(atom[1].rpartition(".")[0])
        if not text:
            return ()
        from blockcheck.project.results import evaluate_text  # noqa: PLC0415

        out: Value = ()
        for part in evaluate_text(self, text, atom):
            out = join(out, self.attribute(part, name, frame))
        return out

    def _external_attribute(self, owner: str, name: str, _frame: Reader | None) -> Value:
        canonical = self.catalogue.canonical(owner)
        text = self.catalogue.attribute(canonical, name)
        if text is not None:
            from blockcheck.project.results import evaluate_text  # noqa: PLC0415

            return evaluate_text(self, text, (EXTERNAL, canonical))
        return ((EXTERNAL, f"{canonical}.{name}"),)

    def instance_attribute(
        self, receiver: Atom, gid: int, name: str, frame: Reader | None, *, after: int | None = None
    ) -> Value:
        """An attribute of an instance: what methods store, then the class body, along the resolution order."""
        if name == "__class__" and receiver[0] in (SELF, INSTANCE):
            return ((CLASS, receiver[1]),)
        if name == "__dict__":
            return ((NAMESPACE, receiver),)
        if len(receiver) > 2 and name in ("value", "_value_"):  # of a member of an enumeration
            return self.read(("c", receiver[1], receiver[2]), frame)
        order = self.mro(
            gid if after is None else receiver[1] if receiver[0] in (SELF, INSTANCE, CLASS) else gid, frame
        )
        if after is not None and after not in order and receiver[0] == CLASS:
            order = self.mro(self.metaclass(receiver[1]) or gid, frame)  # a method of the metaclass
        if after is not None:
            order = order[order.index(after) + 1 :] if after in order else order[1:]
        fallback: str | None = None
        if self.keep_all and frame is not None and "__getattribute__" in self.specials:
            hooked = self._by_hook(receiver, order, name, frame)
            if hooked is not None:
                return hooked
        for base in order:
            if type(base) is str:
                text = self.catalogue.attribute(base, name)
                if text is not None:
                    from blockcheck.project.results import evaluate_text  # noqa: PLC0415

                    return evaluate_text(self, text, receiver)
                entry = self.catalogue.method(base, name)
                if entry is not None:
                    return ((BOUND, entry.name, receiver),)
                if fallback is None and base != "builtins.object":
                    fallback = base
                continue
            stores = self._stores.get(base)
            storing = stores.get(name) if stores is not None else None
            bound = name in self.codes[base].bound or (base in self.fields and name in self.fields[base])
            if storing or bound:
                out: Value = ()
                if storing:
                    for method in storing:
                        self.ensure(method)
                    out = self._as_declared(self.read(("a", base, name), frame), base, name, frame)
                elif name in self._other_stores:
                    out = self.read(("a", base, name), frame)
                if bound:
                    self.ensure(base)
                    out = join(out, self._bind(self.read(("c", base, name), frame), receiver, frame))
                return out
            if name in self._other_stores:
                for method in self._other_stores[name]:
                    if self.codes[method].unit is self.codes[base].unit:
                        self.ensure(method)
                found = self.read(("a", base, name), frame)
                found = join(found, self._bind(self.read(("c", base, name), frame), receiver, frame))
                if found:
                    return found
        if receiver[0] == SELF and after is None:
            children = [c for c in self.subclasses(gid) if self.defines(c, name)]
            if len(children) > 1 and not self.keep_all:
                # Which of them it is, the receiver decides: that is for the callers to say.
                return frame.own_receiver(gid, name) if frame is not None else ()
            out = ()
            for child in children[:8]:
                out = join(out, self.instance_attribute((SELF, child), child, name, frame))
            if out:
                return out
        if (
            self.keep_all
            and frame is not None
            and not name.startswith("__")
            and "__getattr__" in self.specials
        ):
            for hook in self.instance_attribute(receiver, gid, "__getattr__", None):
                if hook[0] == METHOD:
                    return frame.property(hook[1], receiver)
        if fallback is not None:
            return ((BOUND, f"{fallback}.{name}", receiver),)
        return ()

    def _by_hook(self, receiver: Atom, order: tuple[Any, ...], name: str, frame: Reader) -> Value | None:
        """What ``__getattribute__`` gives, where a class has one."""
        for base in order:
            if isinstance(base, int) and "__getattribute__" in self.codes[base].bound and name[:2] != "__":
                self.ensure(base)
                hooks = self.read(("c", base, "__getattribute__"), frame)
                if frame.code.gid in [h[1] for h in hooks if h[0] == FUNCTION]:
                    return None
                return join_all([frame.property(h, receiver, [((CONSTANT, name),)]) for h in hooks])
        return None

    def _as_declared(self, value: Value, gid: int, name: str, reader: Reader | None) -> Value:
        """What of an attribute's values its annotation allows; all where it allows none of them."""
        declared = self.read(("t", gid, name), reader)
        wanted = {a[1] for a in declared if a[0] in (INSTANCE, SELF)}
        if not wanted or len(wanted) != len(declared) or len(value) < 2:
            return value
        kept = tuple(
            a
            for a in value
            if a[0] not in (INSTANCE, SELF)
            or wanted.intersection(b for b in self.mro(a[1], reader) if isinstance(b, int))
        )
        return kept if any(a[0] in (INSTANCE, SELF) for a in kept) else value

    def class_attribute(self, atom: Atom, name: str, frame: Reader | None) -> Value:
        """An attribute of a class object."""
        if name == "__dict__":
            return ((NAMESPACE, atom),)
        if name == "__name__":
            return ((CONSTANT, self.codes[atom[1]].facts.name),)
        fallback: str | None = None
        for base in self.mro(atom[1], frame):
            if type(base) is str:
                if self.catalogue.entry(f"{base}.{name}") is not None:
                    return ((EXTERNAL, f"{base}.{name}"),)
                text = self.catalogue.attribute(base, name)
                if text is not None:  # `Model.objects`: what the base gives every class of its
                    from blockcheck.project.results import evaluate_text  # noqa: PLC0415

                    return evaluate_text(self, text, atom)
                if fallback is None and base != "builtins.object":
                    fallback = base
                continue
            if name in self.codes[base].bound or name in self._other_stores:
                self.ensure(base)
                value = self.read(("c", base, name), frame)
                if value or name in self.codes[base].bound:
                    out: list[Atom] = []
                    for inner in value:
                        if inner[0] == STATIC:
                            out.append(inner[1])
                        elif inner[0] == CLASSMETHOD:
                            out.append((METHOD, inner[1], atom))
                        elif inner[0] in _MEMBERS and self._is_enum(atom[1], frame):
                            out.append((INSTANCE, atom[1], name))
                        elif inner[0] == INSTANCE and frame is not None and self._has(inner, "__get__"):
                            out.extend(self._gotten(inner, atom, frame))
                        elif inner[0] != PROPERTY:
                            out.append(inner)
                    return tuple(out)
        found = self._of_metaclass(atom, name, frame)
        if found:
            return found
        if fallback is not None:
            return ((EXTERNAL, f"{fallback}.{name}"),)
        return ()

    def _is_enum(self, gid: int, reader: Reader | None) -> bool:
        """Whether the attributes of a class are instances of it."""
        return any(self.catalogue.role(b) == "enum" for b in self.mro(gid, reader) if isinstance(b, str))

    def _bind(self, value: Value, receiver: Atom, frame: Reader | None) -> Value:
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
                    out = join(out, self.returned(atom[1], receiver))
            elif tag == INSTANCE and frame is not None and self._has(atom, "__get__"):
                out = join(out, self._gotten(atom, receiver, frame))
            elif tag == OFFLOADED and atom[1][0] == FUNCTION:
                out = join(out, ((OFFLOADED, (METHOD, atom[1], receiver), *atom[2:]),))
            else:
                out = join(out, (atom,))
        return out

    def _has(self, instance: Atom, special: str) -> bool:
        """Whether a project class gives an instance a special method."""
        return special in self.specials and any(
            isinstance(b, int) and special in self.codes[b].bound for b in self.mro(instance[1], None)
        )

    def _gotten(self, descriptor: Atom, receiver: Atom, frame: Reader) -> Value:
        """What a descriptor in a class gives for an attribute of an instance, or of the class itself."""
        owner: Value = ((CLASS, receiver[1]),)
        instance: Value = ((CONSTANT, None),) if receiver[0] == CLASS else (receiver,)
        out: Value = ()
        for getter in self.attribute(descriptor, "__get__", None):
            if getter[0] == METHOD:
                out = join(out, frame.property(getter[1], descriptor, [instance, owner]))
        return out

    # -- results without a call site

    def returned(self, function: Atom, receiver: Atom | None, reader: Reader | None = None) -> Value:
        """What a project function returns, arguments unknown."""
        if self._depth >= _DEEPEST:
            return ()  # properties that lead to one another
        key = (function, receiver, reader.code.gid if reader is not None else -1)
        known = self._results.get(key)
        if known is not None:
            return known
        self._results[key] = ()  # a result that is made of itself adds nothing
        self._depth += 1
        try:
            value = self._returned(function, receiver, reader)
            self._results[key] = value
        finally:
            self._depth -= 1
            if not self._depth:
                self._results.clear()
        return value

    def _returned(self, function: Atom, receiver: Atom | None, reader: Reader | None) -> Value:
        gid = function[1]
        code = self.codes[gid]
        self.ensure(gid)
        value = self.read(("r", gid), reader)
        bindings: dict[Any, Value] = dict(function[2])
        if receiver is not None and code.facts.params.names:
            bindings[gid, code.facts.params.names[0]] = (receiver,)
        value = self.substitute(value, gid, bindings, receiver, reader)
        return tuple(a for a in value if not (a[0] == SYMBOL and a[1] == gid))

    def result_of(self, atom: Atom, reader: Reader | None = None) -> Value:
        """What calling an atom gives, arguments unknown and nothing recorded."""
        tag = atom[0]
        if tag == FUNCTION:
            return self._wrap(atom, self.returned(atom, None, reader))
        if tag == METHOD:
            if atom[1][0] != FUNCTION:
                return ()
            return self._wrap(atom[1], self.returned(atom[1], atom[2], reader))
        if tag == CLASS:
            return ((INSTANCE, atom[1]),)
        if tag == SYMBOL:
            return ((SYMBOL, atom[1], atom[2], (*atom[3], "()")),) if len(atom[3]) < LONGEST_PATH else ()
        if tag in (EXTERNAL, BOUND):
            from blockcheck.project.results import external_result  # noqa: PLC0415

            return external_result(self, atom)
        if tag == PARTIAL:
            return self.result_of(atom[1], reader)
        if tag == GETTER and atom[1] == "value":
            return join((), *atom[2])
        if tag == OFFLOADED:
            return ((AWAITABLE, self.result_of(atom[1], reader)),)
        return ()

    def _wrap(self, function: Atom, value: Value) -> Value:
        code = self.codes[function[1]]
        if "contextmanager" in code.flags or "asynccontextmanager" in code.flags:
            element = self.cells.get(("y", code.gid), ())
            return ((CONTEXT, code.gid, element, "asynccontextmanager" in code.flags),)
        if code.facts.is_generator:
            return ((GENERATOR, code.gid, self.cells.get(("y", code.gid), ()), code.is_async),)
        if code.is_async:
            return ((AWAITABLE, value),)
        return value

    def follow(self, value: Value, path: tuple[str, ...], reader: Reader | None) -> Value:
        """Attributes, calls ("()") and elements ("[]", "['key']") of a value, one after the other."""
        for step in path:
            out: Value = ()
            for atom in value:
                if step == "()":
                    out = join(out, self.result_of(atom, reader))
                elif step == "[]":
                    out = join(out, self.elements(atom, reader))
                elif step[0] == "[":
                    out = join(out, self.element(atom, ((CONSTANT, _key_of(step)),), reader))
                else:
                    out = join(out, self.attribute(atom, step, None))
            value = out
            if not value:
                break
        return value

    def element(self, atom: Atom, index: Value, reader: Reader | None) -> Value:
        """The elements of a builtin container under an index or key; all where that is not known."""
        if atom[0] != SYMBOL:
            return containers.element(self, atom, index, reader)
        wanted = containers.keys_of(index)
        key = wanted[0] if wanted is not None and len(wanted) == 1 else None
        step = f"[{key!r}]" if type(key) in (str, int) else "[]"
        return ((SYMBOL, atom[1], atom[2], (*atom[3], step)),) if len(atom[3]) < LONGEST_PATH else ()

    def elements(self, atom: Atom, reader: Reader | None) -> Value:
        """The elements of a builtin container or generator; nothing recorded."""
        tag = atom[0]
        if tag in (CONTAINER, OBJECT):
            view = self.container(atom)
            if view is not None:
                if view[3] == "dict":
                    return containers.keys(self, view, reader)
                return self.read(("e", view[1], view[2], None), reader)
        if tag == SEQUENCE:
            value: Value = atom[2]
            return value
        if tag == TUPLE:
            out: Value = ()
            for part in atom[1:]:
                out = join(out, part)
            return out
        if tag == GENERATOR:
            element: Value = atom[2]
            return element
        if tag == SYMBOL:
            return ((SYMBOL, atom[1], atom[2], (*atom[3], "[]")),) if len(atom[3]) < LONGEST_PATH else ()
        if tag == OBJECT:
            for base in self.catalogue.mro(self.catalogue.canonical(atom[1])):
                info = self.catalogue.type(base)
                if info is not None and info.iterates:
                    from blockcheck.project.results import evaluate_text  # noqa: PLC0415

                    return evaluate_text(self, info.iterates, atom)
        return ()

    def receiver(self, code: Code) -> Atom | None:
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

    def default(self, gid: int, name: str, reader: Reader | None) -> Value:
        """The value of a parameter's default."""
        if name in self.codes[gid].facts.params.defaults:
            return self.read(("d", gid, name), reader)
        return ()

    def given(self, symbol: Atom, reader: Reader | None) -> Value:
        """What a symbol stands for over all calls that are known: used where no call decides."""
        if self.keep_all:
            self._steps = _STEPS if self._work > 0 else _FEW_STEPS
            found = self._given_anywhere(symbol, reader)
            self._steps = -1
            return found
        gid, name, path = symbol[1], symbol[2], symbol[3]
        value = join(self.read(("p", gid, name), reader), self.default(gid, name, reader))
        out: Value = ()
        for atom in value:
            if atom[0] == SYMBOL:
                # One step further only: a parameter handed on from another parameter.
                inner = self.read(("p", atom[1], atom[2]), reader)
                inner = tuple(a for a in inner if a[0] != SYMBOL)
                out = join(out, self.follow(inner, (*atom[3], *path), reader))
            else:
                out = join(out, self.follow((atom,), path, reader))
        return tuple(a for a in out if a[0] != SYMBOL)

    def _given_anywhere(self, symbol: Atom, reader: Reader | None) -> Value:
        """What a symbol stands for, however far it was handed on; a default where a call leaves it out, or none is known."""
        out: Value = ()
        todo, seen = [symbol], {symbol}
        while todo:
            handed_on = todo.pop(0)
            gid, name, path = handed_on[1:]
            value = self.read(("p", gid, name), reader) or self.default(gid, name, reader)
            code = self.codes[gid]
            if not value and code.facts.kind == "function" and name in code.facts.params.names[:1]:
                receiver = self.receiver(code)
                value = (receiver,) if receiver is not None else ()
            for atom in self.follow(value, path, reader) if path else value:
                if atom[0] != SYMBOL:
                    out = join(out, (atom,))
                elif atom not in seen and len(seen) < _HANDED_ON:
                    seen.add(atom)
                    todo.append(atom)
        return out

    # -- substitution of what a caller gives

    def substitute(
        self, value: Value, gid: int, bindings: dict[Any, Value], receiver: Atom | None, reader: Reader | None
    ) -> Value:
        """A callee's value as a caller sees it: parameters replaced, closures bound, the receiver made exact."""
        for atom in value:
            if atom[0] not in (CONSTANT, INSTANCE, OBJECT, EXTERNAL, CLASS, MODULE, LITERAL):
                break
        else:
            return value
        out: Value = ()
        for atom in value:
            out = join(out, self._substitute(atom, gid, bindings, receiver, reader))
        return out

    def _substitute(
        self, atom: Atom, gid: int, bindings: dict[Any, Value], receiver: Atom | None, reader: Reader | None
    ) -> Value:
        tag = atom[0]
        if tag == SYMBOL:
            if self._steps >= 0:
                if self._steps == 0:
                    return ()  # what is given leads too far
                self._steps -= 1
                self._work -= 1
            found = bindings.get((atom[1], atom[2]))
            if found is None:
                if atom[1] == gid:
                    return self.follow(self.default(gid, atom[2], reader), atom[3], reader)
                return (atom,)
            return self.follow(found, atom[3], reader) if atom[3] else found
        if tag == SELF:
            if (
                receiver is not None
                and receiver[0] in (INSTANCE, SELF)
                and receiver[1] != atom[1]
                and atom[1] in self.mro(receiver[1], reader)
            ):
                return (receiver,)
            return (atom,)
        if tag == FUNCTION:
            code = self.codes[atom[1]]
            scope = code.parent
            inside = False
            while scope is not None:
                if scope.gid == gid:
                    inside = True
                    break
                scope = scope.parent
            closure = {key: self.substitute(bound, gid, bindings, receiver, reader) for key, bound in atom[2]}
            if not inside:
                return ((FUNCTION, atom[1], tuple(closure.items())),)
            for key, bound in bindings.items():
                if key not in closure and bound and key[1] in self.codes[key[0]].facts.captured:
                    closure[key] = tuple(a for a in bound if _size(a) < 40)  # keeps recursion finite
            return ((FUNCTION, atom[1], tuple(sorted(closure.items(), key=lambda i: (i[0][0], i[0][1])))),)

        def again(inner: Value) -> Value:
            return self.substitute(inner, gid, bindings, receiver, reader)

        if tag == METHOD:
            made: list[Atom] = []
            for function in self._substitute(atom[1], gid, bindings, receiver, reader):
                made.extend(
                    (METHOD, function, r) for r in self._substitute(atom[2], gid, bindings, receiver, reader)
                )
            return tuple(made)
        if tag == BOUND:
            return tuple(
                (BOUND, atom[1], r) for r in self._substitute(atom[2], gid, bindings, receiver, reader)
            )
        if tag == TUPLE:
            return ((TUPLE, *(again(v) for v in atom[1:])),)
        if tag == AWAITABLE:
            return ((AWAITABLE, again(atom[1])),)
        if tag == SEQUENCE:
            return ((SEQUENCE, atom[1], again(atom[2])),)
        if tag == MAPPING:
            return ((MAPPING, again(atom[1])),)
        if tag == PARTIAL:
            return tuple(
                (PARTIAL, f, tuple(again(v) for v in atom[2]), tuple((k, again(v)) for k, v in atom[3]))
                for f in self._substitute(atom[1], gid, bindings, receiver, reader)
            )
        if tag == OFFLOADED:
            return tuple(
                (OFFLOADED, f, *atom[2:]) for f in self._substitute(atom[1], gid, bindings, receiver, reader)
            )
        if tag in (STATIC, CLASSMETHOD, PROPERTY):
            return tuple(
                (tag, f, *atom[2:]) for f in self._substitute(atom[1], gid, bindings, receiver, reader)
            )
        if tag == GETTER:
            return ((GETTER, atom[1], tuple(again(v) for v in atom[2])),)
        if tag == CONTEXT:
            return ((CONTEXT, atom[1], again(atom[2]), *atom[3:]),)
        return (atom,)

    def annotated(self, code: Code, annotation: Any, reader: Reader | None) -> Value:
        """The instances that an annotation in a code's scope allows."""
        owner = code.owner or (code if code.facts.kind == "class" else None)
        # A closure would have to hold itself, and with it keep the reader alive for the collector to find.
        evaluate = partial(self._in_annotation, code, reader)
        return typehints.instances(annotation, evaluate, owner.gid if owner is not None else None)

    def _in_annotation(self, scope: Code, reader: Reader | None, expression: Any) -> Value:
        """What a name or attribute stands for in an annotation."""
        if type(expression) is str:
            if scope.facts.kind == "class" and expression in scope.bound and reader is not None:
                found = self.read(("c", scope.gid, expression), reader)
                if found:
                    return found
            return (
                self.name(scope, expression, reader)
                if scope.parent is not None
                else self.global_name(scope.unit, expression, reader)
            )
        if type(expression) is list and expression[0] == ir.ATTR:
            out: Value = ()
            for atom in self._in_annotation(scope, reader, expression[1]):
                out = join(out, self.attribute(atom, expression[2], None))
            return out
        if type(expression) is list and expression[0] == ir.SUBSCRIPT:
            return self._in_annotation(scope, reader, expression[1])
        return ()


@lru_cache(maxsize=4096)
def _key_of(step: str) -> Any:
    """The key of a path's step such as ``['key']``."""
    return ast.literal_eval(step[1:-1])


def _size(atom: Any) -> int:
    if type(atom) is not tuple:
        return 1
    return 1 + sum(_size(part) for part in atom)


def _matters(record: Record) -> bool:
    """Whether anything above the values asks for a call site; what it no longer needs is dropped."""
    keep = bool(record.references)
    arguments = keep
    for target in record.targets:
        entry = target.entry
        if target.gid >= 0 or target.symbol is not None:
            keep = True
        elif entry is not None and (entry.blocks or entry.spawns or entry.does or entry.bound):
            keep = True
            arguments = arguments or entry.bound is not None or entry.does == "wait"
        elif target.external and any(a[0] == OBJECT and a[2] is not None for a in record.result):
            keep = arguments = True  # it makes something with a role
    if keep and not arguments:
        record.arguments, record.keywords = [], {}
    return keep


def _collapse(value: Value) -> Value:
    """The value with its constants told by type only."""
    out: list[Atom] = []
    for atom in value:
        made = (OBJECT, constant_type(atom[1]), None) if atom[0] == CONSTANT and atom[1] is not None else atom
        if made not in out:
            out.append(made)
    return tuple(out)
