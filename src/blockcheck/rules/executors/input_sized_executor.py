"""BCK302."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blockcheck.project.model import call_text
from blockcheck.project.pools import input_of
from blockcheck.rules.base import Draft, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Project


class InputSizedExecutor(Rule):
    """# input-sized-executor

    ## What it does
    Reports executors and pools whose number of workers is the size of the input: `max_workers=len(items)`.

    ## Why is this bad?
    It is a thread per task in other words: a large input makes as many threads.

    ## Example
    ```python
    from concurrent.futures import ThreadPoolExecutor

    def fetch_all(urls, fetch):
        with ThreadPoolExecutor(max_workers=len(urls)) as pool:
            return list(pool.map(fetch, urls))
    ```

    ## Use instead
    ```python
    from concurrent.futures import ThreadPoolExecutor

    def fetch_all(urls, fetch):
        with ThreadPoolExecutor(max_workers=min(32, len(urls) or 1)) as pool:
            return list(pool.map(fetch, urls))
    ```

    ## Known gaps
    A size computed in another function is not followed.

    ## References
    - [concurrent.futures.ThreadPoolExecutor](https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.ThreadPoolExecutor)
    - [CWE-770: allocation of resources without limits](https://cwe.mitre.org/data/definitions/770.html)
    """

    code = "BCK302"
    name = "input-sized-executor"
    summary = "an executor with as many workers as the input has elements"
    fix_safety = (
        "The argument is put into `min(32, …)`. That is unsafe: tasks that wait for each other may need as many workers as there are "
        "of them. There is no fix where the number may be None, or `min` means something else."
    )

    def check(self, project: Project) -> Iterator[Draft]:
        """Yield pools whose bound is the length of something that is not a small literal."""
        for pool in project.pools:
            source = input_of(pool.bound, pool.code)
            if source is None or pool.size is not None:
                continue
            yield self.draft(
                pool.code,
                pool.record.site,
                f"{call_text(pool.record)} has as many workers as {source} has elements",
                kind="executor",
                primitive=pool.target.external,
                help=f"bound it: max_workers=min(32, len({source}))",
                record=pool.record,
            )
