"""What the per-task rules share: a thread or process created in each turn of a loop."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from blockcheck.findings import Confidence
from blockcheck.project.dialects import likely
from blockcheck.project.fate import fate_of
from blockcheck.project.model import call_text
from blockcheck.project.parallel import functions_of
from blockcheck.project.spawns import is_dispatched, loops_of, runs_long, target_functions, worst_trip
from blockcheck.project.values import INSTANCE
from blockcheck.rules.base import Draft, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Code, Project, Record, Region
    from blockcheck.project.spawns import Spawn

#: A loop of at most this many turns makes a pool, not a thread per task.
POOL = 64


#: Longer chains to a constructor rarely mean that each turn makes a thread: something on the way keeps it.
LONG = 3


_POOLS = re.compile(r"Pool|Workers|Executor|Dispatcher|Crew")
_TAKES_IN = frozenset({"accept", "recv"})
_WAITED = frozenset({"wait", "communicate", "poll"})


class PerTaskRule(Rule):
    """One thread or process per element of a loop whose trip count depends on data."""

    kind: ClassVar[str]
    instead: ClassVar[str]

    def check(self, project: Project) -> Iterator[Draft]:
        """Yield spawning calls in loops that nothing bounds."""
        for spawn in project.spawns:
            if (
                spawn.kind != self.kind
                or joined_in_turn(spawn)
                or accepts(spawn)
                or is_limited(project, spawn)
            ):
                continue
            worst = worst_trip(spawn.loops, POOL)
            if worst is None:
                continue
            loop, word, detail = worst
            confidence = _sureness(
                project, spawn, loop, vague=word in ("count", "forever") or detail == "while"
            )
            if confidence is None or (word == "count" and is_pool(project, spawn)):
                continue
            text = call_text(spawn.record)
            turns = _turns(word, detail)
            yield self.draft(
                spawn.code,
                spawn.record.site,
                f"{text} creates a {self.kind} for {turns}"
                if spawn.direct
                else f"{text} creates a {self.kind}, for {turns}, through {spawn.event.primitive}()",
                kind=self.kind,
                confidence=confidence,
                event=spawn.event,
                related=[(spawn.code.gid, loop.site, "the loop")],
                help=self.instead.format(dialect=likely(project, spawn.code.unit).name),
                record=spawn.record,
            )


def _turns(word: str, detail: Any) -> str:
    """A loop's turns in words, by what is known of their number."""
    if word == "data" and detail != "while":
        return f"each element of {detail}"
    return f"each of {detail} turns" if word == "constant" else "each turn of a loop"


def _sureness(project: Project, spawn: Spawn, loop: Region, *, vague: bool) -> int | None:
    """How sure it is that each turn of a loop leaves something running; None where it does not.

    Args:
        vague: nothing says that the turns are many.
    """
    if runs_program(spawn) and spawn.direct and (spawn.fate.entered or spawn.fate.methods & _WAITED):
        return None
    if not spawn.direct and (
        spawn.event.length > LONG
        or is_service(project, spawn)
        # How often such a message comes, the loop does not tell.
        or is_dispatched(spawn.code, spawn.record.site, loop)
        # Whoever runs a program in a helper mostly waits for it there.
        or runs_program(spawn)
    ):
        return Confidence.LOW
    if not spawn.direct or vague or spawn.code.facts.kind == "module":
        return min(spawn.event.confidence, Confidence.MEDIUM)
    return spawn.event.confidence


def is_pool(project: Project, spawn: Spawn) -> bool:
    """Whether a loop over a number starts the workers of a pool: each of them works until it is told to stop."""
    made = spawn.event.detail
    if made is None:
        return False
    owner = spawn.code.owner
    if owner is not None and _POOLS.search(owner.facts.name):
        return True
    functions, other = target_functions(project, made)
    return bool(functions) and not other and all(runs_long(project, f) for f in functions)


def runs_program(spawn: Spawn) -> bool:
    """Whether what is created is another program, not a worker of this one."""
    made = spawn.event.detail
    return made is not None and any(
        t.entry is not None and t.entry.spawns == spawn.kind and t.entry.kind == "subprocess"
        for t in made.targets
    )


def is_service(project: Project, spawn: Spawn) -> bool:
    """Whether the helper that spawns keeps the thread or waits for its end, or starts one that runs until told to stop."""
    made = spawn.event.detail
    if made is None:
        return False
    functions, _ = target_functions(project, made)
    fate = fate_of(project.codes[made.gid], made.site)
    return fate.stored or fate.joined or any(runs_long(project, f) for f in functions)


def joined_in_turn(spawn: Spawn) -> bool:
    """Whether the object is joined in the same turn of the loop that makes it."""
    if not spawn.loops or not spawn.fate.joined:
        return False
    join = next((r for r in spawn.siblings if r.site == spawn.fate.join_site), None)
    if join is None:
        return False
    around = loops_of(join.regions)
    return bool(around) and around[0].site == spawn.loops[0].site


def is_limited(project: Project, spawn: Spawn) -> bool:
    """Whether something waits for a free slot before the thread is made: a semaphore, or a count of what is alive."""
    sites = {r.site for r in spawn.loops}
    return any(
        (waits_for_slot(project, record) or _does(record, "counts-threads"))
        and (not sites or any(r.site in sites for r in loops_of(record.regions)))
        for record in spawn.siblings
    ) or any(
        waits_for_slot(project, r)
        for start in _start_methods(project, spawn)
        for r in project.records(start.gid)
    )


def _start_methods(project: Project, spawn: Spawn) -> list[Code]:
    """The `start` methods that a project's own thread class puts before the library's."""
    made = [t.receiver for t in spawn.record.targets if t.receiver is not None and t.receiver[0] == INSTANCE]
    atoms = [a for r in made for a in project.solver.instance_attribute(r, r[1], "start", None)]
    return [project.codes[gid] for gid in functions_of(atoms)]


def waits_for_slot(project: Project, record: Record) -> bool:
    """Whether a call takes a semaphore and waits until it can."""
    return any(
        t.entry is not None
        and t.entry.does == "acquire"
        and t.how in ("call", "enter")
        and t.blocks
        and t.receiver is not None
        and project.solver.role(t.receiver) == "semaphore"
        for t in record.targets
    )


def _does(record: Record, what: str) -> bool:
    return any(t.entry is not None and t.entry.does == what and t.how == "call" for t in record.targets)


def accepts(spawn: Spawn) -> bool:
    """Whether the loop takes connections or messages in: then it is a thread per connection."""
    sites = {r.site for r in spawn.loops}
    return any(
        any(t.entry is not None and t.entry.does in _TAKES_IN for t in record.targets)
        and any(around.site in sites for around in loops_of(record.regions))
        for record in spawn.siblings
    )
