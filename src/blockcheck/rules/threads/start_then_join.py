"""BCK104."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blockcheck.project.model import call_text
from blockcheck.rules.base import Draft, Rule
from blockcheck.rules.threads.per_task import joined_in_turn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Project

PLURALS = {"thread": "threads", "process": "processes"}


class StartThenJoin(Rule):
    """# start-then-join

    ## What it does
    Reports threads and processes that are started and joined in the same turn of a loop.

    ## Why is this bad?
    The loop waits for each before it starts the next: the work runs one after the other, with the cost of a thread
    on top.

    ## Example
    ```python
    import threading

    def fetch_all(urls, fetch):
        for url in urls:
            thread = threading.Thread(target=fetch, args=(url,))
            thread.start()
            thread.join()
    ```

    ## Use instead
    ```python
    from concurrent.futures import ThreadPoolExecutor

    def fetch_all(urls, fetch):
        with ThreadPoolExecutor(max_workers=16) as pool:
            return list(pool.map(fetch, urls))
    ```

    ## Known gaps
    A join with a timeout is taken for a time limit on the work and not reported.

    ## References
    - [threading.Thread.join](https://docs.python.org/3/library/threading.html#threading.Thread.join)
    """

    code = "BCK104"
    name = "start-then-join"
    summary = "a thread started and joined in the same turn of a loop"
    fix_safety = (
        "Where a plain thread is made, started and joined by three statements in a row, the function is called in their place. "
        "That is unsafe: an exception of the function leaves the loop, where a thread would have printed it and the loop gone on; "
        "and what the function keeps for its thread stays with the calling one."
    )

    def check(self, project: Project) -> Iterator[Draft]:
        """Yield spawning calls whose object the same turn joins."""
        for spawn in project.spawns:
            if not spawn.direct or not joined_in_turn(spawn) or spawn.fate.join_arguments:
                continue
            if spawn.fate.stored:
                continue  # somebody else may end it meanwhile
            if spawn.kind == "process" and spawn.loops[0].info[0] == "forever":
                continue  # it is watched, and started again when it has ended
            if spawn.fate.join_site < spawn.record.site:
                continue  # the join is of the one before: it is replaced when it has ended
            yield self.draft(
                spawn.code,
                spawn.record.site,
                f"{call_text(spawn.record)} is started and joined in the same turn: the {PLURALS[spawn.kind]} run one after the other",
                kind=spawn.kind,
                confidence=spawn.event.confidence,
                event=spawn.event,
                related=[
                    (spawn.code.gid, spawn.fate.join_site, "joined here"),
                    (spawn.code.gid, spawn.loops[0].site, "the loop"),
                ],
                help="call the function directly, or start all and then join all in a bounded pool",
                record=spawn.record,
            )
