"""What a lock is there for, as far as the source tells: then who waits for it waits on purpose."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project.fate import definition, expressions, has_site, statements, walk
from blockcheck.project.happening_once import happens_once, is_start_up
from blockcheck.project.locking import last_link, lock_expression
from blockcheck.project.model import called, owner_of, path_of, render
from blockcheck.project.pools import bound_of
from blockcheck.project.values import OBJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Code, Event, Project, Record
    from blockcheck.project.locking import Held

_REPORTS = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical", "log"})
_LOG = re.compile(r"(?i)(^|[._])_?log(ger|ging)?s?$")
_WORD = re.compile(r"[a-z]+")
_SAME = frozenset({"socket", "file", "stdin"})  # kinds of which an object has one: its connection, its file
_OWN = _SAME | {"database"}
_CONNECTIONS = frozenset({"socket", "database"})
#: Words by which a lock says that it is there for one kind of thing.
_KINDS = {
    "database": frozenset(
        {"db", "database", "sql", "engine", "conn", "connection", "session", "transaction"}
    ),
    "file": frozenset({"file", "files", "disk", "write", "read", "io"}),
    "socket": frozenset({"sock", "socket", "conn", "connection", "send", "recv", "write", "read", "io"}),
    "stdin": frozenset({"input", "stdin", "prompt", "console", "terminal", "tty"}),
    "subprocess": frozenset({"process", "subprocess", "command", "cmd", "shell"}),
}
_LOOKUPS = frozenset({"get", "setdefault", "pop"})
_STEM = 5  # letters that two forms of a word share: remove and removal
_LOCK_WORDS = frozenset(
    {
        "lock",
        "locks",
        "rlock",
        "mutex",
        "guard",
        "sem",
        "semaphore",
        "cond",
        "condition",
        "self",
        "cls",
        "acquire",
        "the",
        "my",
    }
)


def is_deliberate(project: Project, record: Record, lock: Held, event: Event) -> bool:
    """Whether the lock is there for what is done under it, or what is done happens once, or hardly takes time."""
    return (
        serialises(project, lock, event)
        or _comes_with(project.codes[record.gid], record, lock)
        or _is_named_for(project, record, lock, event)
        or _is_of_one_operation(project, record, lock, event)
        or _takes_turns(project.codes[record.gid], record, lock, event)
        or _is_of_a_key(project, record, lock)
        or _is_of_a_function(project, record, lock, event)
        or happens_once(project, record, lock, event)
        or is_start_up(project, event)
        or reports(event)
        or _admits_many(project, lock)
    )


# -- the resource that a lock serialises


def serialises(project: Project, lock: Held, event: Event) -> bool:
    """Whether one object has both the lock and what is used under it, or the lock's name says so."""
    last = last_link(event)
    holder = owner_of(lock[2])
    function = called(last.call)
    resource = function[1] if isinstance(function, list) and function[0] == ir.ATTR else None
    if holder is not None and resource is not None:
        owner = owner_of(resource) if event.length == 1 else _owner_here(project, event, path_of(resource))
        if owner == holder and (event.kind in _OWN or (event.length == 1 and event.kind == "http")):
            return True
    if holder is not None and event.kind in _CONNECTIONS and _connects(project, event, holder):
        return True
    if _is_file_lock(project, event):
        path = path_of(lock[2])
        other = project.locking.path_here(event, path_of(lock_expression(last.call)))
        return path is not None and other is not None and _before(path) == _before(other) != ""
    return event.kind in _SAME and bool(_words(lock[2]) & _words(function))


def _comes_with(code: Code, record: Record, lock: Held) -> bool:
    """Whether the lock is that of the thing used: ``with self.connection() as connection: connection.execute()``."""
    if called(lock[2]) is None:
        return False
    names = {
        name
        for s in statements(code)
        if s[0] == ir.WITH
        for item, name, site in s[1]
        if site == lock[1] and item == lock[2] and isinstance(name, str)
    }
    call = record.expression
    if not names or called(call) is None:
        return False
    return owner_of(call[1]) in names or any(isinstance(a, str) and a in names for a in call[2])


def is_on_files(project: Project, record: Record) -> bool:
    """Whether a call works on files, or looks for them, or takes the lock that keeps other processes from them."""
    events = project.summaries.record_events(record)
    if "file" in events or "fs-metadata" in events:
        return True
    wait = events.get("wait")
    return wait is not None and wait.detail is not None and _is_file_lock(project, wait)


def _is_file_lock(project: Project, event: Event) -> bool:
    return event.kind == "wait" and any(
        t.receiver is not None and project.solver.role(t.receiver) == "file-lock"
        for t in event.detail.targets
    )


def _connects(project: Project, event: Event, holder: str) -> bool:
    """Whether a connection is made that the holder of the lock keeps: ``self._connection = connect(…)``."""
    last = last_link(event)
    if any(t.receiver is not None for t in event.detail.targets):
        return False
    made: list[Any] = []
    for statement in statements(project.codes[last.gid]):
        if statement[0] == ir.ASSIGN:
            is_made = called(statement[2]) is not None and statement[2][4] == last.site
            if is_made or (isinstance(statement[2], str) and statement[2] in made):
                made.extend(statement[1])
    return any(_owner_here(project, event, path_of(target)) == holder for target in made)


def _owner_here(project: Project, event: Event, path: str | None) -> str | None:
    """The object that has the resource, as the function at the chain's head names it."""
    here = project.locking.path_here(event, path)
    return here.partition(".")[0] if here is not None and "." in here else None


def _before(path: str) -> str:
    return path.rpartition(".")[0]


# -- what a lock is named for


def _is_named_for(project: Project, record: Record, lock: Held, event: Event) -> bool:
    """Whether a lock is named for the object that is used, for the operation, or for the file, under it."""
    words = _words(lock[2])
    if not words:
        return False
    events = project.summaries.record_events(record)
    if any(not words.isdisjoint(named) for kind, named in _KINDS.items() if kind in events):
        return True
    function = called(event.call)
    if isinstance(function, list) and function[0] == ir.ATTR and words & _own_words(function[1]):
        return True
    code = project.codes[record.gid]
    names = [code.facts.name] if "property" not in code.flags else []
    names.append(render(function).rpartition(".")[2])
    if event.next is not None:
        names.append(project.codes[event.next.gid].facts.name)
    if any(_alike(word, verb) for name in names if (verb := _verb(name)) for word in words):
        return True
    if event.kind != "file":
        return False
    return any(words & _words_in(text) for link in event.links() for text in _told(project, link)) or bool(
        words & _words_in(code.facts.name)
    )


def _told(project: Project, link: Event) -> Iterator[str]:
    """The names that a link of a chain is about: of the function that it runs, and of what this is given."""
    if link.next is not None:
        yield project.codes[link.next.gid].facts.name
    if called(link.call) is not None:
        for argument in link.call[2]:
            yield from (render(e) for e in walk(argument) if path_of(e) is not None)
            if isinstance(argument, str):
                yield argument


def _words(expression: Any) -> set[str]:
    """The words of a lock's or a method's own name, and of what has it, that mean a resource, not a lock."""
    if expression is None:
        return set()
    before, _, name = render(expression).rpartition(".")
    return _words_in(name) | _words_in(before.rpartition(".")[2])


def _own_words(expression: Any) -> set[str]:
    return _words_in(render(expression).rpartition(".")[2])


def _words_in(text: str) -> set[str]:
    return {w for w in _WORD.findall(text.lower()) if len(w) > 1} - _LOCK_WORDS


def _verb(name: str) -> str:
    """The first word of a function's name: what it does."""
    words = _WORD.findall(name.lower())
    return words[0] if words else ""


def _alike(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) >= _STEM and one[:_STEM] == other[:_STEM])


# -- what a lock keeps to one at a time


def _is_of_one_operation(project: Project, record: Record, lock: Held, event: Event) -> bool:
    """Whether a function only calls its own unlocked variant, under a lock that nobody else takes."""
    code = project.codes[record.gid]
    if event.next is None or len(project.locking.places.get(lock[0], ())) != 1:
        return False
    body = [s for s in code.unit.facts.body(code.index) if s[0] != ir.EXPR or called(s[1]) is not None]
    if len(body) != 1 or body[0][0] != ir.WITH or len(body[0][2]) != 1:
        return False
    callee = project.codes[event.next.gid].facts.name
    return has_site(body[0][2][0], record.site) and _verb(callee) == _verb(code.facts.name)


def _takes_turns(code: Code, record: Record, lock: Held, event: Event) -> bool:
    """Whether a condition is held that was waited for before and is told after: who waits for it waits for their turn."""
    path = path_of(lock[2])
    if event.kind != "wait" or event.length > 1 or path is None:
        return False
    at = {
        (call[1][2], call[4] > record.site)
        for statement in statements(code)
        for e in expressions(statement)
        for call in walk(e)
        if call[0] == ir.CALL
        and isinstance(call[1], list)
        and call[1][0] == ir.ATTR
        and path_of(call[1][1]) == path
    }
    waited = not at.isdisjoint({("wait", False), ("wait_for", False)})
    return waited and not at.isdisjoint({("notify", True), ("notify_all", True)})


# -- locks of one thing among many


def _is_of_a_key(project: Project, record: Record, lock: Held) -> bool:
    """Whether a lock is the one of a key among many: who waits for it asks for the very same thing."""
    code, expression = project.codes[record.gid], lock[2]
    if isinstance(expression, str):
        expression = definition(code, expression)
    if _looks_up(expression, None):
        return True
    if called(expression) is None or not expression[2] or expression[2][0][0] == ir.CONST:
        return False
    makers = [
        project.codes[t.gid]
        for r in project.solver.records.get(record.gid, ())
        if r.expression == expression
        for t in r.targets
        if t.gid >= 0
    ]
    return any(
        _looks_up(e, set(maker.facts.params.names))
        for maker in makers
        for statement in statements(maker)
        for outer in expressions(statement)
        for e in walk(outer)
    )


def _looks_up(expression: Any, keys: set[str] | None) -> bool:
    """Whether an expression looks something up by a key that is not written out; by one of some names, if given."""
    if not isinstance(expression, list) or not expression:
        return False
    key: Any = None
    if expression[0] == ir.SUBSCRIPT:
        key = expression[2]
    elif called(expression) is not None and expression[2]:
        function = expression[1]
        if isinstance(function, list) and function[0] == ir.ATTR and function[2] in _LOOKUPS:
            key = expression[2][0]
    if key is None or (isinstance(key, list) and key[0] in (ir.CONST, ir.SLICE)):
        return False
    return keys is None or (isinstance(key, str) and key in keys)


def _is_of_a_function(project: Project, record: Record, lock: Held, event: Event) -> bool:
    """Whether a decorator makes a lock for the one function that it wraps, or a wrapper locks one file's own method."""
    code = project.codes[record.gid]
    function = called(record.expression)
    if not isinstance(function, str) or code.parent is None or not code.parent.is_function:
        return False
    if function not in code.parent.facts.params.names:
        return False
    atom = lock[0]
    if atom[0] == OBJECT and atom[2] is not None and atom[2][0] == code.parent.gid:
        return True
    given = isinstance(lock[2], str) and lock[2] in code.parent.facts.params.names
    return given and event.length == 1 and event.kind in _SAME


def _admits_many(project: Project, lock: Held) -> bool:
    """Whether what is held is a semaphore that lets several in: it is there to bound the work done under it."""
    atom = lock[0]
    if project.solver.role(atom) != "semaphore" or atom[2] is None:
        return False
    gid, site = atom[2]
    made = next((r for r in project.solver.records.get(gid, ()) if r.site == site), None)
    if made is None or not made.targets:
        return False
    expression, size = bound_of(project.codes[gid], made, made.targets[0])
    return expression is not None and size != 1


# -- what is done in passing


def reports(event: Event) -> bool:
    """Whether the chain goes through a logger: writing a line is what everybody does under a lock."""
    for link in event.links():
        function = called(link.call)
        is_method = isinstance(function, list) and function[0] == ir.ATTR
        if is_method and function[2] in _REPORTS and _LOG.search(render(function[1])):
            return True
    return False
