"""Threads and processes that calls create, with what decides whether that is harmless."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project.fate import (
    Fate,
    every,
    expressions,
    fate_of,
    kept_calls,
    leaves_loop,
    statements,
    walk,
)
from blockcheck.project.keeping_below import keeps_below
from blockcheck.project.model import regions_around
from blockcheck.project.replacement import rearms, replaces_element, takes_over
from blockcheck.project.values import FUNCTION, INSTANCE, METHOD, OBJECT, PARTIAL, SELF, Atom

if TYPE_CHECKING:
    from blockcheck.project import Project
    from blockcheck.project.model import Code, Event, Record, Region

_LOOPS = frozenset({"loop", "comprehension"})
_LOOK_DOWN = 1  # calls below a thread's target that are searched for its endless loop
_LOOK_INTO_LOOP = 3  # the same below a coroutine that an event loop of the thread's own runs


@dataclass
class Spawn:
    """One call that creates a thread or process, itself or through a helper.

    Attributes:
        kind: thread or process.
        loops: the loops around the call, innermost first, each with its trip.
        fate: what becomes of the object; only where the call itself makes it.
    """

    code: Code
    record: Record
    kind: str
    event: Event
    loops: list[Region]
    fate: Fate
    #: All call sites of the same function.
    siblings: list[Record]

    @property
    def direct(self) -> bool:
        """Whether this very call is the constructor."""
        return self.event.length == 1


def spawns(project: Project) -> list[Spawn]:
    """All of a project's spawning calls, in order of their places."""
    out = []
    nothing = Fate()
    for gid in project.own:
        code = project.codes[gid]
        if code.facts.kind == "class":
            continue
        siblings = project.records(gid)
        for record in siblings:
            if not record.targets:
                continue
            events = project.summaries.record_events(record)
            for kind in ("thread", "process"):
                event = events.get(kind)
                if event is None or never_started(project, event.detail):
                    continue
                fate = fate_of(code, record.site) if event.length == 1 else nothing
                loops = [
                    r
                    for r in repeating(code, record.site, loops_of(record.regions))
                    if r.kind != "loop"
                    or not (
                        replaces_element(code, record.site, r.site)
                        or keeps_below(project, code, record.site, r.site)
                    )
                ]
                if loops and (
                    takes_over(project.codes.__getitem__, event) or _rearms(project, code, record, event)
                ):
                    loops = []
                joined = next((r for r in siblings if r.site == fate.all_joined_site), None)
                if joined is not None:
                    # What each turn of an outer loop joins again does not add up over its turns.
                    again = {r.site for r in loops_of(joined.regions)}
                    loops = [r for r in loops if r.site not in again]
                out.append(Spawn(code, record, kind, event, loops, fate, siblings))
    return out


def _rearms(project: Project, code: Code, record: Record, event: Event) -> bool:
    """Whether the thread sets the very flag that its making takes down."""
    if event.detail is None:
        return False
    functions, other = target_functions(project, event.detail)
    return not other and rearms(code, record.site, functions)


def never_started(project: Project, made: Record | None) -> bool:
    """Whether a thread object is made, and left without being started or given to anybody who might."""
    if made is None:
        return False
    code = project.codes[made.gid]
    fate = fate_of(code, made.site)
    if fate.name is None or fate.kept or fate.entered or "start" in fate.methods:
        return False
    for target in made.targets:
        if target.receiver is not None and target.receiver[0] == INSTANCE:
            own = project.solver.instance_attribute(target.receiver, target.receiver[1], "__init__", None)
            for atom in own:
                inner = atom[1] if atom[0] == METHOD else atom
                if inner[0] == FUNCTION and _starts_itself(project, inner[1]):
                    return False
    return True


def _starts_itself(project: Project, constructor: int) -> bool:
    return any(
        t.entry is not None and t.entry.does == "start"
        for r in project.solver.records.get(constructor, ())
        for t in r.targets
    )


def loops_of(region: Region | None) -> list[Region]:
    """The loops around a place, innermost first."""
    return [around for around in regions_around(region) if around.kind in _LOOPS]


def repeating(code: Code, site: int, loops: list[Region]) -> list[Region]:
    """The loops without those that are left for good after what stands at a site: it happens once in them."""
    kept = list(loops)
    while kept and kept[0].kind == "loop" and leaves_loop(code, site, kept[0].site):
        del kept[0]
    return kept


def is_dispatched(code: Code, site: int, loop: Region) -> bool:
    """Whether a loop without an end comes to a site only for one kind of message: ``if message == "start":``."""
    if loop.kind != "loop" or (loop.info[0] != "forever" and loop.info != ("data", "while")):
        return False
    return any(
        statement[0] == ir.IF and _asks_kind(statement[1]) and _contains(statement[2], site)
        for statement in statements(code)
    )


def _asks_kind(test: Any) -> bool:
    return (
        isinstance(test, list)
        and test[0] == ir.COMPARE
        and [operator for operator, _ in test[2]] == ["=="]
        and isinstance(test[2][0][1], list)
        and test[2][0][1][0] in (ir.CONST, ir.ATTR)
    )


def _contains(block: list[Any], site: int) -> bool:
    return any(
        e[-1] == site for s in every(block) for x in expressions(s) for e in walk(x) if e[0] == ir.CALL
    )


def worst_trip(loops: list[Region], limit: int) -> tuple[Region, str, Any] | None:
    """The loop, if any, whose trip count makes what happens per turn happen without bound.

    Args:
        limit: a constant number of turns up to which a loop is harmless.
    """
    word, detail = loops[0].info if loops else ("", 0)
    fixed = word == "workers" or (word == "constant" and detail <= limit)
    if fixed and all(r.info[0] in ("workers", "constant", "forever") for r in loops):
        return None  # a fixed pool, even where an outer loop makes it anew
    for region in loops:
        word, detail = region.info
        if word == "constant" and detail > limit:
            return region, word, detail
        if word in ("data", "forever", "count"):
            return region, word, detail
    return None


def target_functions(project: Project, record: Record) -> tuple[list[Code], list[Atom]]:
    """The project functions that a new thread runs, and the targets that are not of the project."""
    found: list[Code] = []
    other: list[Atom] = []

    def add(atom: Atom) -> None:
        tag = atom[0]
        if tag == FUNCTION:
            found.append(project.codes[atom[1]])
        elif tag in (METHOD, PARTIAL):
            add(atom[1])
        elif tag in (SELF, INSTANCE):
            for inner in project.solver.attribute(atom, "__call__", None):
                add(inner)
        else:
            other.append(atom)

    for reference in record.references:
        if reference.context in ("thread", "process"):
            add(reference.atom)
    for target in record.targets:
        # A subclass runs its own method; the catalogue's handlers name it.
        if (
            target.how in ("construct", "instantiate")
            and target.receiver is not None
            and target.receiver[0] == INSTANCE
        ):
            for base in project.solver.external_bases(target.receiver[1]):
                for handler in project.catalogue.handlers(base):
                    for method in handler.methods:
                        for atom in project.solver.instance_attribute(
                            target.receiver, target.receiver[1], method, None
                        ):
                            if atom[0] == METHOD:
                                add(atom)
    return found, other


def makers(project: Project, made: Atom) -> list[Record]:
    """The calls that make an object: a known one, or any of a class of the project's own."""
    records = project.solver.records
    if made[0] == OBJECT and made[2] is not None:
        return [r for r in records.get(made[2][0], ()) if r.site == made[2][1]]
    if made[0] not in (INSTANCE, SELF):
        return []
    return [
        r
        for found in records.values()
        for r in found
        for t in r.targets
        if t.how in ("construct", "instantiate")
        and t.receiver is not None
        and t.receiver[:2] == (INSTANCE, made[1])
    ]


def runs_long(
    project: Project, code: Code, depth: int = _LOOK_DOWN, seen: frozenset[int] = frozenset()
) -> bool:
    """Whether a thread's target is a service: it loops until it is told to stop."""
    for statement in statements(code):
        if statement[0] == ir.WHILE and _endless(statement[1]):
            return True
    if depth == 0 or code.gid in seen:
        return False
    for record in project.solver.records.get(code.gid, ()):
        for target in record.targets:
            if target.entry is not None and target.entry.does == "ends":
                return True  # it watches something, and takes the process with it
            if target.entry is not None and target.entry.duration == "unbounded":
                if target.entry.kind == "socket":
                    return True
                if target.entry.kind == "nested-loop" and _loop_serves(project, code, seen):
                    return True
            if "forever" in target.external.rpartition(".")[2]:
                return True
            if (
                target.gid >= 0
                and target.how == "call"
                and runs_long(project, project.codes[target.gid], depth - 1, seen | {code.gid})
            ):
                return True
    return False


def _loop_serves(project: Project, code: Code, seen: frozenset[int]) -> bool:
    """Whether the event loop that a thread runs goes on: none of its coroutines is known, or one is a service."""
    begun = [
        project.codes[t.gid]
        for r in project.solver.records.get(code.gid, ())
        for t in r.targets
        if t.gid >= 0 and project.codes[t.gid].facts.is_async
    ]
    return not begun or any(runs_long(project, c, _LOOK_INTO_LOOP, seen | {code.gid}) for c in begun)


def is_endless(code: Code, loop: Region) -> bool:
    """Whether a loop goes on until it is told to stop, not until it has counted or looked through something."""
    if loop.info[0] == "forever":
        return True
    if loop.info != ("data", "while"):
        return False
    return any(s[0] == ir.WHILE and s[-1] == loop.site and _endless(s[1]) for s in statements(code))


def _endless(test: Any) -> bool:
    """Whether a loop's test is a constant, a flag or a negated call: it runs until it is told to stop."""
    if isinstance(test, list):
        if test[0] == ir.CONST:
            return bool(test[1])
        if test[0] == ir.NOT:
            return True
        if test[0] == ir.ATTR:
            return True
        if test[0] == ir.BOOL:
            return any(_endless(t) for t in test[2])
    return False


def takes_data(project: Project, code: Code, record: Record) -> bool:
    """Whether the new thread is given something of this very call: arguments, a closure over them, or an object made of them."""
    own = {n for n in code.facts.bound if n not in code.facts.params.names[:1] or code.owner is None}
    captured = own.intersection(code.facts.captured)
    call = record.expression
    if not isinstance(call, list) or call[0] != ir.CALL:
        return False
    for argument in [*call[2], *(v for _, v in call[3])]:
        for expression in walk(argument):
            if expression[0] == ir.LAMBDA and captured:
                return True
            if expression[0] in (ir.TUPLE, ir.LIST, ir.DICT, ir.CALL) and _names(expression) & own:
                return True
            if expression is argument and _is_method_of_made(code, expression, own):
                return True
    for reference in record.references:
        if reference.atom[0] == FUNCTION and project.codes[reference.atom[1]].parent is code and captured:
            return True
    return False


def _is_method_of_made(code: Code, expression: Any, own: set[str]) -> bool:
    """Whether it is a method of an object that this call made of what it was given: `Thread(target=request.run)`."""
    if expression[0] != ir.ATTR or not isinstance(expression[1], str):
        return False
    made = kept_calls(code).get(expression[1])
    given = own.intersection(code.facts.params.names)
    return made is not None and any(_names(a) & given for a in [*made[2], *(v for _, v in made[3])])


def runs_method_of_new(code: Code, record: Record) -> bool:
    """Whether the new thread runs a method of an object that this very call has made: `Thread(target=reply.write)`."""
    made = kept_calls(code)
    call = record.expression
    if not isinstance(call, list) or call[0] != ir.CALL:
        return False
    return any(
        isinstance(e, list) and e[0] == ir.ATTR and isinstance(e[1], str) and e[1] in made
        for e in [*call[2], *(v for _, v in call[3])]
    )


def _names(expression: Any) -> set[str]:
    out: set[str] = set()
    todo = [expression]
    while todo:
        e = todo.pop()
        if isinstance(e, str):
            out.add(e)
        elif isinstance(e, list) and e:
            if e[0] == ir.ATTR:
                todo.append(e[1])
            elif e[0] != ir.CONST:
                todo.extend(e)
    return out
