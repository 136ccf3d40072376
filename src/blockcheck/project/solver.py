"""The fixpoint over values: cells that codes read and write, and the look-ups that go through them.

A *cell* holds the value of something that more than one code touches: a module's global, a class's or
instance's attribute, a captured variable, a parameter, a return. Interpreting a code reads cells and
writes cells; when a cell grows, its readers are interpreted again. Values only grow, so the result does
not depend on the order.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project import attributes, givens, hierarchy, names, outcomes
from blockcheck.project.model import Code, Record, Unit
from blockcheck.project.modules import ModuleTable
from blockcheck.project.values import (
    CONSTANT,
    OBJECT,
    Atom,
    Value,
    constant_type,
    join,
)

if TYPE_CHECKING:
    from blockcheck.catalogue import Catalogue, Entry
    from blockcheck.project.model import Library, Reader

_NESTING = 40  # codes interpreted inside one another before they are queued instead
_WORK = 150_000
_ROUNDS = 10  # interpretations of one code before its value is taken as it is

_FEW = 8  # names that are looked through faster than a set takes the memory

_CONSTANTS = 6  # a cell with more alternatives keeps its constants by type only


#: Special methods whose presence anywhere is worth knowing.
_SPECIALS = frozenset({"__get__", "__getattr__", "__getattribute__", "__set_name__"})


class Solver:
    """All codes of a project, their cells, and their records once solved."""

    name = names.name
    global_name = names.global_name
    module_attribute = names.module_attribute
    star = names.star
    import_from = names.import_from
    imported = names.imported
    exports = names.exports
    annotated = names.annotated

    mro = hierarchy.mro
    external_bases = hierarchy.external_bases
    subclasses = hierarchy.subclasses
    defines = hierarchy.defines
    overridden = hierarchy.overridden
    storing = hierarchy.storing
    next_definer = hierarchy.next_definer
    cooperates = hierarchy.cooperates
    role = hierarchy.role
    container = hierarchy.container
    metaclass = hierarchy.metaclass
    lock_of = hierarchy.lock_of
    in_memory = hierarchy.in_memory
    receiver = staticmethod(hierarchy.receiver)

    special_method = attributes.special_method
    attribute = attributes.attribute
    instance_attribute = attributes.instance_attribute
    class_attribute = attributes.class_attribute

    returned = outcomes.returned
    result_of = outcomes.result_of
    follow = outcomes.follow
    element = outcomes.element
    elements = outcomes.elements

    default = givens.default
    given = givens.given
    substitute = givens.substitute

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
        self.importing: set[Atom] = set()
        self.postponed = False  # whether any import has been
        self.closed = False  # nothing changes any more
        self.records: dict[int, list[Record]] = {}
        self.awaits: dict[int, list[Any]] = {}
        self.cells: dict[Any, Value] = {}
        #: Whether more may come to be known; the codes that wait for it with a decorator that gives nothing so far.
        self.patient = True
        self.undecided: set[int] = set()
        #: Functions that give the running event loop, and nothing where none runs.
        self.askers: set[int] = set()
        #: Who reads each cell: one code, a few, or many.
        self.readers: dict[Any, int | tuple[int, ...] | set[int]] = {}
        self.star_units: set[int] = set()
        #: The names that modules have, in the order in which they came to be known.
        self.globals: dict[int, list[str]] = {}
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
        self.steps = -1
        self.work = _WORK
        self._keys: dict[tuple[int, int], dict[Any, None]] = {}
        self.stores: dict[int, dict[str, list[int]]] = {}
        #: Attributes that are assigned through anything but a receiver; and by which codes of each module.
        self.other_stores: set[str] = set()
        self.outer_stores: dict[tuple[int, str], list[int]] = {}
        self.children: dict[str, list[int]] = {}
        self.mros: dict[int, tuple[Any, ...]] = {}
        self.overrides: dict[tuple[int, str], bool] = {}
        self.rounds: list[int] = []
        self.running: set[int] = set()
        # Ordered, so that the result is: a dict finds its first entry slowly once many before it are gone.
        self._pending: OrderedDict[int, None] = OrderedDict()
        self._nesting = 0
        self.depth = 0
        #: What functions return, while one such question is answered: the same one comes up again and again.
        self.results: dict[Any, Value] = {}
        #: Answers to such questions, good as long as no cell has changed since.
        self.answers: dict[Any, Value] = {}
        self.answered = 0
        self.changes = 0
        #: Descendants of classes, and what symbols stand for, once that no longer changes.
        self.descendants: dict[int, list[int]] = {}
        self.givens: dict[Atom, Value] = {}
        for unit in units:
            self._add(unit)
        #: How many codes are the project's own; those of installed packages come after them.
        self.own = len(self.codes)

    def _add(self, unit: Unit) -> None:
        unit.first = len(self.codes)
        self.rounds += [0] * len(unit.facts.codes)
        self.overrides.clear()
        self._hooks = None
        for index, facts in enumerate(unit.facts.codes):
            gid = len(self.codes)
            parent = self.codes[unit.first + facts.parent] if facts.parent >= 0 else None
            owner = parent if parent is not None and parent.facts.kind == "class" else None
            bound = facts.bound if len(facts.bound) <= _FEW else frozenset(facts.bound)
            code = Code(gid, unit, index, facts, parent, owner, bound)
            self.codes.append(code)
            if facts.marker:
                code.mark(facts.marker)
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
                    self.children.setdefault(name, []).append(gid)
            elif owner is None:
                self._stores_elsewhere(unit, facts.self_stores, gid)
            elif facts.self_stores:
                stores = self.stores.setdefault(owner.gid, {})
                for attribute in facts.self_stores:
                    stores.setdefault(attribute, []).append(gid)
            self._stores_elsewhere(unit, facts.other_stores, gid)

    def _stores_elsewhere(self, unit: Unit, attributes: list[str], gid: int) -> None:
        for attribute in attributes:
            self.other_stores.add(attribute)
            self.outer_stores.setdefault((unit.index, attribute), []).append(gid)

    def _declare(self, code: Code) -> None:
        """Note what users say of a code: it goes before what the code itself would tell."""
        if code.facts.kind == "class" and code.name in self.catalogue.declared:
            self.declared_classes[code.name] = code.gid
        said = self.catalogue.declaration(code.name)
        if said is None:
            return
        if said.kind == "none" and not (said.runs or self.catalogue.registrar(said.name)):
            code.mark("non-blocking")
        elif said.blocks and code.is_async:
            code.mark("blocking")
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
            self.closed = True
            self.readers.clear()
            self.modules.library = None

    def runs_when_read(self, name: str) -> bool:
        """Whether reading an attribute of that name may run code of some class."""
        if self._hooks is None:
            self._hooks = set()
            for code in self.codes:
                if code.owner is not None and code.facts.decorators:
                    self._hooks.add(code.facts.name)
                elif code.facts.kind == "class" and ("__get__" in code.bound or "__getattr__" in code.bound):
                    self._hooks.add("")
        return name in self._hooks or "" in self._hooks

    def _settle(self) -> None:
        while self._pending:
            gid, _ = self._pending.popitem(last=False)
            if self.rounds[gid] < _ROUNDS:
                self._interpret(gid)

    def ensure(self, gid: int) -> None:
        """See to it that a code has been interpreted at least once, or will be."""
        if self.rounds[gid] or gid in self.running or self.closed:
            return
        if self._nesting >= _NESTING:
            self._pending[gid] = None
            return
        self._interpret(gid)

    def _interpret(self, gid: int) -> None:
        from blockcheck.project.interpreter.frame import Frame  # noqa: PLC0415 - frame and solver need each other

        self.rounds[gid] += 1
        self.running.add(gid)
        self._nesting += 1
        self._pending.pop(gid, None)
        try:
            frame = Frame(self, self.codes[gid])
            frame.run()
        finally:
            self._nesting -= 1
            self.running.discard(gid)
        self.records[gid] = kept = [r for r in frame.records.values() if self._keep_records or _matters(r)]
        for record in kept:
            record.pack()
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
            gid = reader.code.gid
            known = self.readers.get(key)
            if known is None:
                self.readers[key] = gid
            elif isinstance(known, int):
                if known != gid:
                    self.readers[key] = (known, gid)
            elif isinstance(known, set):
                known.add(gid)
            elif gid not in known:
                self.readers[key] = (*known, gid) if len(known) < _FEW else {*known, gid}
        return self.cells.get(key, ())

    def write(self, key: Any, value: Value) -> None:
        """Add alternatives to a cell."""
        old = self.cells.get(key)
        if old is None:
            self.cells[key] = value
            kind = key[0]
            if kind == "e":
                if key[3] is not None:
                    self._keys.setdefault((key[1], key[2]), {})[key[3]] = None
            elif kind == "g":
                self.globals.setdefault(key[1], []).append(key[2])
            if not value:
                return
        else:
            if not value or old is value:
                return
            wide = len(old) > _CONSTANTS
            new = join(old, _collapse(value) if wide else value)
            if new is old:
                return
            if len(new) > _CONSTANTS and not wide:
                new = _collapse(new)
            if len(new) == len(old) and all(a in old for a in new):
                return
            self.cells[key] = new
        self.changes += 1
        readers = self.readers.get(key)
        if readers is None:
            return
        pending = self._pending
        if isinstance(readers, int):
            pending[readers] = None
        else:
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

    # -- substitution of what a caller gives


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
