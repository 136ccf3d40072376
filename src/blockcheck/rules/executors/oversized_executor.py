"""BCK301."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blockcheck.project.dialects import likely
from blockcheck.project.model import call_text
from blockcheck.rules.base import Draft, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Project


class OversizedExecutor(Rule):
    """# oversized-executor

    ## What it does
    Reports executors and pools with far more workers than threads (or processes) can serve.

    ## Why is this bad?
    Beyond some dozens, more threads add stacks and switches, not throughput; code under the GIL gets slower.

    ## Example
    ```python
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(max_workers=1000)
    ```

    ## Use instead
    ```python
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(max_workers=32)
    ```

    ## Known gaps
    Sizes that are only known at run time are not judged.

    ## References
    - [concurrent.futures.ThreadPoolExecutor](https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.ThreadPoolExecutor)
    """

    code = "BCK301"
    name = "oversized-executor"
    summary = "an executor with far more workers than threads serve"
    fix_safety = (
        "A number that is written in the call becomes the configured bound, `max-workers-bound`. That is unsafe: tasks that wait for "
        "each other may need all of the workers. A number from elsewhere has no fix."
    )
    options = ("max_workers_bound",)

    def check(self, project: Project) -> Iterator[Draft]:
        """Yield pools whose size the source tells and is beyond the bound."""
        for pool in project.pools:
            if pool.size is None or pool.size <= project.options.max_workers_bound:
                continue
            yield self.draft(
                pool.code,
                pool.record.site,
                f"{call_text(pool.record)} has {pool.size} workers, more than {project.options.max_workers_bound}",
                kind="executor",
                primitive=pool.target.external,
                help=f"bound max_workers to some dozens, or wait with {likely(project, pool.code.unit).name}",
                record=pool.record,
            )
