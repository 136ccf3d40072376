"""BCK303."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from blockcheck.findings import Confidence
from blockcheck.project.locking import last_link
from blockcheck.project.model import call_text
from blockcheck.project.pools import is_the_program, made_often
from blockcheck.rules.base import Draft, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Code, Project
    from blockcheck.project.pools import Pool

_ENDING = frozenset({"shutdown", "close", "terminate"})
_SMALL = 8  # an explicit bound up to this is a choice that somebody made


# A program begins or ends in functions of these names: they are called once.
_RUNS_ONCE = re.compile(
    r"_*(on_)?a?(main|run|serve|start|startup|stop|close|shutdown|setup|teardown|lifespan)"
    r"(_(async|main|app|bot|server|service|worker|receiver|task|loop|all|forever))*"
)


class ExecutorPerCall(Rule):
    """# executor-per-call

    ## What it does
    Reports executors and pools that are created anew for each call, iteration or request, or in the constructor of
    an object that is itself made per call.

    ## Why is this bad?
    Threads are started and thrown away each time, and calls that overlap multiply the bound: ten requests with a pool
    of 32 make 320 threads.

    ## Example
    ```python
    from concurrent.futures import ThreadPoolExecutor

    async def handle(items, work):
        with ThreadPoolExecutor() as pool:
            return list(pool.map(work, items))
    ```

    ## Use instead
    ```python
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(max_workers=16)

    async def handle(items, work):
        loop = asyncio.get_running_loop()
        return await asyncio.gather(*(loop.run_in_executor(pool, work, item) for item in items))
    ```

    ## Known gaps
    A function that is called once in a program looks like any other: plain functions are reported at low confidence.

    ## References
    - [concurrent.futures.ThreadPoolExecutor](https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.ThreadPoolExecutor)
    - [concurrent.futures.Executor.shutdown](https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.Executor.shutdown)
    """

    code = "BCK303"
    name = "executor-per-call"
    summary = "an executor created for each call, iteration or request"
    fix_safety = (
        "A `ThreadPoolExecutor` is made once and shared: behind the imports of the module, or in the object's constructor where it is "
        "made with what that keeps; for one task that a coroutine function waits for, the event loop's own pool is used. There is a fix only where the pool is used in the one function alone, its size does not "
        "depend on the call, all that is handed to it is waited for before its block ends, it is known what its tasks run and "
        "that this does not come back to the function, and the project starts no processes, which may be forked. It is unsafe all "
        "the same: calls that overlap share the workers, tasks that wait for each other among them; after an exception, or when the "
        "call is cancelled, tasks go on that the end of the block would have waited for; the threads stay until "
        "the program ends, and so does what they keep for themselves; an object with a pool can no longer be pickled or copied."
    )

    def check(self, project: Project) -> Iterator[Draft]:
        """Yield pools that live no longer than a call."""
        reached = _reached_on_loop(project)
        for pool in project.pools:
            judged = self._judge(project, pool, reached)
            if judged is None:
                continue
            confidence, why = judged
            yield self.draft(
                pool.code,
                pool.record.site,
                f"{call_text(pool.record)} creates a pool for each {why}",
                kind="executor",
                confidence=confidence,
                primitive=pool.target.external,
                related=[(pool.code.gid, pool.loops[0].site, "the loop")] if pool.loops else [],
                help="create the pool once, at module or application scope, and share it",
                record=pool.record,
            )

    def _judge(
        self, project: Project, pool: Pool, reached: dict[tuple[int, int], str]
    ) -> tuple[int, str] | None:
        code, name = pool.code, pool.code.facts.name
        if not code.is_function or pool.lazy:
            return None
        if name == "__init__" and code.owner is not None:
            return self._constructor(project, pool)
        kept = pool.fate.kept or (pool.fate.name is None and not pool.fate.entered)
        ended = not pool.fate.returned and not _ENDING.isdisjoint(pool.fate.methods)
        if kept and not pool.fate.entered and not ended:
            return None
        data_loops = [r for r in pool.loops if r.info[0] in ("data", "forever", "count")]
        if data_loops:
            return Confidence.HIGH, "turn of a loop"
        root = project.contexts.per_request(code.gid)
        if root is not None:
            return root.confidence, f"call of {name}, {root.reason}"
        if any(r.context == "loop" for r in project.contexts.context(code.gid)):
            if is_the_program(project, code.gid):
                return Confidence.LOW, f"run of {name}"
            sure = Confidence.LOW if _RUNS_ONCE.fullmatch(name) else Confidence.MEDIUM
            return sure, f"call of {name}, which runs on the event loop"
        caller = reached.get((code.gid, pool.record.site))
        if caller is not None:
            return Confidence.MEDIUM, f"call of {name}, which {caller} waits for on the event loop"
        often = pool.bound is None and pool.role != "process-pool" and _is_public_method(code)
        sure = Confidence.MEDIUM if often and not _RUNS_ONCE.fullmatch(name) else Confidence.LOW
        return sure, f"call of {name}"

    def _constructor(self, project: Project, pool: Pool) -> tuple[int, str] | None:
        """A pool in a constructor: as many pools as objects."""
        assert pool.code.owner is not None
        owner = pool.code.owner.facts.name
        often = made_often(project, pool.code.gid)
        if often is not None:
            return often[0], f"object of {owner}, made for each {often[1]}"
        if pool.bound is not None and pool.size is not None and pool.size <= _SMALL:
            return None
        made = project.makers.get(pool.code.gid, set())
        if len(made) < 2:  # one maker may well be the program's only one
            return None
        sure = Confidence.MEDIUM if pool.bound is None else Confidence.LOW
        return sure, f"object of {owner}, made in {len(made)} functions"


def _reached_on_loop(project: Project) -> dict[tuple[int, int], str]:
    """The places of pools that functions on an event loop come to, with the name of one; none that run once."""
    out: dict[tuple[int, int], str] = {}
    for call in project.loop_calls:
        link = call.events.get("executor")
        name = project.codes[call.root.gid].facts.name
        if link is None or link.confidence < Confidence.MEDIUM or _RUNS_ONCE.fullmatch(name):
            continue
        link = last_link(link)
        if (link.gid, link.site) not in out and not is_the_program(project, call.root.gid):
            out[link.gid, link.site] = name
    return out


def _is_public_method(code: Code) -> bool:
    return code.owner is not None and not code.facts.name.startswith("_")
