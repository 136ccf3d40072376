"""BCK306."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blockcheck.findings import Confidence, Severity
from blockcheck.project import render
from blockcheck.project.model import call_text
from blockcheck.project.submissions import names_pool, self_waits
from blockcheck.rules.base import FAR, Draft, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Project


class ExecutorSelfDeadlock(Rule):
    """# executor-self-deadlock

    ## What it does
    Reports tasks of a thread pool that submit to the same pool and wait for the result, direct or through calls.

    ## Why is this bad?
    Each task that waits keeps a worker. Once all workers wait, nobody is left to run what they wait for: a deadlock,
    which comes as soon as there are as many tasks as workers.

    ## Example
    ```python
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(max_workers=4)

    def size_of(folder):
        parts = [pool.submit(size_of, inner) for inner in folder.folders]
        return folder.size + sum(part.result() for part in parts)

    def total(root):
        return pool.submit(size_of, root).result()
    ```

    ## Use instead
    ```python
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(max_workers=4)

    def size_of(folder):
        return folder.size

    def total(root):
        folders, todo = [], [root]
        while todo:
            folder = todo.pop()
            folders.append(folder)
            todo.extend(folder.folders)
        return sum(pool.map(size_of, folders))
    ```

    ## Known gaps
    A pool that is an attribute counts as the same for all objects of the class. A task that waits with a timeout is
    not reported.

    ## References
    - [concurrent.futures: ThreadPoolExecutor](https://docs.python.org/3/library/concurrent.futures.html#threadpoolexecutor)
    - [CWE-833: deadlock](https://cwe.mitre.org/data/definitions/833.html)
    """

    code = "BCK306"
    name = "executor-self-deadlock"
    summary = "a task that waits for another task of its own thread pool"
    severity = Severity.ERROR

    def check(self, project: Project) -> Iterator[Draft]:
        """Yield the waiting calls of tasks, once each."""
        seen: set[tuple[int, int]] = set()
        for wait in self_waits(project):
            key = (wait.record.gid, wait.record.site)
            if key in seen:
                continue
            seen.add(key)
            pool = render(names_pool(wait.inner))
            maker = project.codes[wait.inner.pool[2][0]].facts
            own = maker.kind == "module" or maker.name != "__init__"
            near = Confidence.HIGH if own and wait.event.length == 1 else Confidence.MEDIUM
            yield self.draft(
                project.codes[wait.record.gid],
                wait.record.site,
                f"{call_text(wait.record)} waits for a task of {pool} in a task of {pool}: "
                "once all its workers wait, none is left to do the work",
                kind="executor",
                confidence=Confidence.LOW if wait.event.length > FAR else near,
                event=wait.event,
                related=[
                    (wait.inner.record.gid, wait.inner.record.site, "what is waited for is submitted here"),
                    (
                        wait.submission.record.gid,
                        wait.submission.record.site,
                        f"{project.codes[wait.task].facts.name} runs in the same pool by this call",
                    ),
                ],
                help="let the tasks return, and wait for all of them outside of the pool; or use a second pool",
                record=wait.record,
            )
