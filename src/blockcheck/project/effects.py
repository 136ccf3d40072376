"""What a call leaves behind in its caller: outer names assigned anew, attributes and elements stored.

Cells tell what a name or attribute may be at any time; the graph of all calls also wants to know what it is
right after a call. The cell ``("x", gid)`` lists what a function changes, directly or through what it calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from blockcheck.project.values import EFFECT, Value, join, shallow

if TYPE_CHECKING:
    from blockcheck.project.interpreter.env import Env
    from blockcheck.project.interpreter.interpreter import Interpreter
    from blockcheck.project.model import Code, Record

#: How an effect names a stored element.
ELEMENT = "[]"


def outer_names(code: Code) -> dict[str, tuple[str, int]]:
    """The names that a function assigns in an outer scope, with that scope."""
    out: dict[str, tuple[str, int]] = dict.fromkeys(code.facts.outer, ("g", code.unit.index))
    for name in code.facts.nonlocals:
        scope = code.parent
        while scope is not None and (scope.facts.kind == "class" or name not in scope.bound):
            scope = scope.parent
        if scope is not None:
            out[name] = ("v", scope.gid)
    return out


def enter(frame: Interpreter) -> None:
    """A function begins: what it may assign in an outer scope has the value that it has there."""
    for name, (kind, owner) in outer_names(frame.code).items():
        frame.env.names[name] = frame.solver.read((kind, owner, name), frame)


def leave(frame: Interpreter, env: Env) -> None:
    """A function ends here: its caller finds outer names as they are now."""
    gid = frame.code.gid
    for name, (kind, owner) in outer_names(frame.code).items():
        frame.solver.write(("x", gid, name), shallow(env.names.get(name, ())))
        frame.solver.write(("x", gid), ((EFFECT, f"{kind} {owner} {name}"),))


def stored(frame: Interpreter, what: str) -> None:
    """The function stores an attribute of that name, or an element."""
    frame.solver.write(("x", frame.code.gid), ((EFFECT, f"s {what}"),))


def apply(frame: Interpreter, gid: int, record: Record) -> None:
    """A call of a function has returned: note what it changed."""
    solver, env = frame.solver, frame.env
    changes = solver.read(("x", gid), frame)
    if not changes:
        return
    direct = outer_names(solver.codes[gid])
    for _, change in changes:
        kind, _, rest = change.partition(" ")
        if kind == "s":
            for path in [p for p in env.paths if _ends_in(p, rest)]:
                del env.paths[path]
            continue
        owner, _, name = rest.partition(" ")
        if not _sees(frame.code, kind, int(owner), name):
            continue
        known = env.names.get(name)
        if known is None:
            continue
        now: Value = solver.read(("x", gid, name), frame) if name in direct else ()
        sure = bool(now) and len(record.targets) == 1
        env.forget(name)
        env.names[name] = now if sure else join(known, now or solver.read((kind, int(owner), name), frame))
    solver.write(("x", frame.code.gid), changes)


def _sees(code: Code, kind: str, owner: int, name: str) -> bool:
    """Whether a name in a code is that of the given scope."""
    if kind == "v" and code.gid == owner:
        return True
    if kind == "g" and code.parent is None:
        return code.unit.index == owner
    return outer_names(code).get(name) == (kind, owner)


def _ends_in(path: str, what: str) -> bool:
    return path.endswith("]") if what == ELEMENT else path.endswith(f".{what}")
