"""BCK105."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from blockcheck.findings import Confidence
from blockcheck.project.fate import is_given_output, is_waited_for
from blockcheck.project.model import call_text
from blockcheck.project.replacement import is_one_for_each_key
from blockcheck.project.spawns import runs_long, runs_method_of_new, takes_data, target_functions
from blockcheck.project.values import FUNCTION, SYMBOL
from blockcheck.rules.base import Draft, Rule
from blockcheck.rules.threads.per_task import is_limited
from blockcheck.rules.threads.thread_per_connection import sureness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Code, Project, Record
    from blockcheck.project.spawns import Spawn

# Functions of these names start a service: once, not per call.
_LIFECYCLE = re.compile(
    r"_*(a?start|run|main|serve|init|setup|set_up|launch|open|connect|listen|begin|enable|boot|startup|lifespan|"
    r"activate|initialize|initialise|configure|register|install|attach|resume|restart|enter|mount|load|prepare|"
    r"spawn|create|new|make|build|get|ensure|watch|monitor|stop|close|shutdown|exit|terminate|kill|test|fork|bootstrap)(_|\d|$)|__\w+__$"
)


class ThreadPerCall(Rule):
    """# thread-per-call

    ## What it does
    Reports threads that are started once per call where calls are many, and that nothing keeps or bounds: in
    callbacks, in the wrapper of a decorator, in async functions, and in functions that hand the thread the data of
    the very call.

    ## Why is this bad?
    No loop is in sight, yet the number of threads follows the number of calls. Nobody waits for them, so errors and
    overload go unseen.

    ## Example
    ```python
    import functools
    import threading

    def in_background(function):
        @functools.wraps(function)
        def wrapper(*args):
            threading.Thread(target=function, args=args).start()
        return wrapper
    ```

    ## Use instead
    ```python
    import functools
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(max_workers=8)

    def in_background(function):
        @functools.wraps(function)
        def wrapper(*args):
            return pool.submit(function, *args)
        return wrapper
    ```

    ## Known gaps
    A thread that loops until it is told to stop is a service, and not reported; neither is one that the object keeps.

    ## References
    - [concurrent.futures.ThreadPoolExecutor](https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.ThreadPoolExecutor)
    - [CWE-770: allocation of resources without limits](https://cwe.mitre.org/data/definitions/770.html)
    """

    code = "BCK105"
    name = "thread-per-call"
    summary = "a thread for each call, kept nowhere and bounded by nothing"

    def check(self, project: Project) -> Iterator[Draft]:
        """Yield direct spawns outside of loops whose number follows the number of calls."""
        elsewhere = _per_connection(project)
        for spawn in project.spawns:
            if not spawn.direct or spawn.kind != "thread" or not spawn.code.is_function:
                continue
            if spawn.loops or is_limited(project, spawn):
                continue
            if project.contexts.per_request(spawn.code.gid) is not None:
                continue
            judged = self._judge(project, spawn)
            if judged is None:
                continue
            confidence, where = judged
            if elsewhere.get((spawn.code.gid, spawn.record.site), 0) >= confidence:
                continue  # it is told of where the requests come in
            yield self.draft(
                spawn.code,
                spawn.record.site,
                f"{call_text(spawn.record)} creates a thread for each {where}; nothing bounds how many",
                kind="thread",
                confidence=min(confidence, spawn.event.confidence),
                event=spawn.event,
                help="submit to an executor with max_workers that lives as long as the program",
                record=spawn.record,
            )

    def _judge(self, project: Project, spawn: Spawn) -> tuple[int, str] | None:
        """How sure it is that calls are many, and what they are; None where the thread is innocent."""
        fate, code = spawn.fate, spawn.code
        if fate.stored or fate.joined or fate.entered or any(_starts_program(r) for r in spawn.siblings):
            return None  # kept, or there for another program's output
        if is_given_output(spawn.record.expression):
            return None
        functions, other = target_functions(project, spawn.record)
        if any(is_waited_for(code, f) for f in functions):
            return None  # the call waits for it, if not by a join
        if any(runs_long(project, f) for f in functions) or code in functions:
            return None  # a service; or a timer that sets the next one of itself
        if not other and is_one_for_each_key(code, functions):
            return None  # of those at work, each is at another thing
        data = takes_data(project, code, spawn.record)
        known = bool(functions)
        name = code.facts.name
        if self._is_wrapper(project, spawn):
            sure = Confidence.MEDIUM if fate.returned else Confidence.HIGH
            return sure, "call of the decorated function"
        if not data and not known:
            return None
        roots = [r for r in project.contexts.context(code.gid) if r.context == "loop"]
        lifecycle = _LIFECYCLE.match(name) is not None
        if roots and not lifecycle:
            often = data or (known and runs_method_of_new(code, spawn.record))
            sure = Confidence.MEDIUM if often else Confidence.LOW
            return sure, f"call of {name}, which runs on the event loop"
        if data and _does_it_itself(spawn, functions):
            return Confidence.MEDIUM, f"call of {name}"
        if not data or lifecycle or other or fate.returned:
            return (Confidence.LOW, f"call of {name}") if data else None
        return Confidence.MEDIUM, f"call of {name}"

    def _is_wrapper(self, project: Project, spawn: Spawn) -> bool:
        """Whether the spawning function is what a decorator returns for the function that it is given."""
        parent = spawn.code.parent
        if parent is None or not parent.is_function:
            return False
        returned = project.solver.cells.get(("r", parent.gid), ())
        if not any(a[0] == FUNCTION and a[1] == spawn.code.gid for a in returned):
            return False
        return any(r.atom[0] == SYMBOL and r.atom[1] == parent.gid for r in spawn.record.references)


def _per_connection(project: Project) -> dict[tuple[int, int], int]:
    """The threads that helpers make for each connection or request, and how sure that is."""
    out: dict[tuple[int, int], int] = {}
    for spawn in project.spawns:
        made = spawn.event.detail
        if made is not None and not spawn.direct:
            key = (made.gid, made.site)
            out[key] = max(out.get(key, 0), sureness(project, spawn) or 0)
    return out


def _does_it_itself(spawn: Spawn, functions: list[Code]) -> bool:
    """Whether the spawning function also calls what the thread runs: then callers choose the thread, call by call."""
    run = {function.gid for function in functions}
    return any(t.gid in run and t.how == "call" for r in spawn.siblings for t in r.targets)


def _starts_program(record: Record) -> bool:
    return any(
        t.entry is not None and t.entry.spawns == "process" and t.how == "call" for t in record.targets
    )
