"""BCK305."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blockcheck.findings import Confidence
from blockcheck.project.computing import computes
from blockcheck.project.model import call_text
from blockcheck.project.submissions import is_known
from blockcheck.rules.base import Draft, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Code, Project


class CpuBoundInThreads(Rule):
    """# cpu-bound-in-threads

    ## What it does
    Reports functions that only compute, in loops of Python, and that are handed to a thread pool many times.

    ## Why is this bad?
    One thread at a time runs Python code: the pool takes as long as a plain loop does, and switching comes on top.

    ## Example
    ```python
    from concurrent.futures import ThreadPoolExecutor

    def count_primes(limit):
        return sum(all(n % d for d in range(2, int(n**0.5) + 1)) for n in range(2, limit))

    def count_all(limits):
        with ThreadPoolExecutor(max_workers=8) as pool:
            return list(pool.map(count_primes, limits))
    ```

    ## Use instead
    ```python
    from concurrent.futures import ProcessPoolExecutor

    def count_primes(limit):
        return sum(all(n % d for d in range(2, int(n**0.5) + 1)) for n in range(2, limit))

    def count_all(limits):
        with ProcessPoolExecutor() as pool:
            return list(pool.map(count_primes, limits))
    ```

    ## Known gaps
    On a build of Python without the global interpreter lock, threads are right. A function that calls anything that is
    not known to compute is not reported, and neither is a single task, which may be there to keep a window alive.

    ## References
    - [Global interpreter lock](https://docs.python.org/3/glossary.html#term-global-interpreter-lock)
    - [concurrent.futures.ProcessPoolExecutor](https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.ProcessPoolExecutor)
    """

    code = "BCK305"
    name = "cpu-bound-in-threads"
    summary = "computing in Python handed to a pool of threads, which take turns"

    def check(self, project: Project) -> Iterator[Draft]:
        """Yield calls that hand several computing tasks to a thread pool."""
        sizes = {(p.record.gid, p.record.site): p.size for p in project.pools}
        for submission in project.submissions:
            record = submission.record
            if submission.role != "thread-pool" or not submission.many or submission.other:
                continue
            if is_known(submission.pool) and sizes.get(submission.pool[2]) == 1:
                continue  # one worker is there for order, not for speed
            functions = [project.codes[gid] for gid in submission.functions]
            if not functions or not all(computes(project, function) for function in functions):
                continue
            yield self.draft(
                project.codes[record.gid],
                record.site,
                f"{call_text(record)} hands {_name(functions[0])}, which only computes, to threads: they take turns",
                kind="cpu",
                confidence=Confidence.MEDIUM,
                primitive=submission.target.external,
                related=[(functions[0].gid, functions[0].facts.site, "computes in Python")]
                if functions[0].facts.kind == "function"
                else [],
                help="use a ProcessPoolExecutor, or a plain loop where the work is small",
                record=record,
            )


def _name(code: Code) -> str:
    return "a lambda" if code.facts.kind == "lambda" else code.facts.name
