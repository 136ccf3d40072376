"""BCK406."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.findings import Severity
from blockcheck.project.leaks import Leak, leaks
from blockcheck.project.model import call_text, called, render
from blockcheck.rules.base import Draft, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Project


class LockLeak(Rule):
    """# lock-leak

    ## What it does
    Reports `acquire` without a `release` on every way out of the function: an early return, a `raise`, or an
    exception of a call in between.

    ## Why is this bad?
    The lock stays taken. Whoever asks for it next waits for ever, often long after the error that caused it.

    ## Example
    ```python
    import threading

    lock = threading.Lock()
    totals = []

    def add(record):
        lock.acquire()
        totals.append(int(record))
        lock.release()
    ```

    ## Use instead
    ```python
    import threading

    lock = threading.Lock()
    totals = []

    def add(record):
        with lock:
            totals.append(int(record))
    ```

    ## Known gaps
    A function that leaves with the lock on purpose, for another one to release, is told by the last way out of it:
    where the lock is held there, nothing is reported.

    ## References
    - [threading: locks in the with statement](https://docs.python.org/3/library/threading.html#with-locks)
    - [CWE-667: improper locking](https://cwe.mitre.org/data/definitions/667.html)
    """

    code = "BCK406"
    name = "lock-leak"
    summary = "a lock that some way out of the function leaves acquired"
    severity = Severity.ERROR
    fix_safety = (
        "Where `acquire` and `release` are statements of one block, what stands between them becomes the body of a `with`. "
        "That is unsafe: the lock is then given back on ways out that kept it so far, which somebody may have counted on. "
        "There is no fix where the lock is given back at several places, set anew in between, or taken with arguments."
    )

    def check(self, project: Project) -> Iterator[Draft]:
        """Yield each acquisition that some way out leaves behind."""
        for leak in leaks(project):
            where, site = _way(leak)
            yield self.draft(
                project.codes[leak.record.gid],
                leak.record.site,
                f"{call_text(leak.record)} is not given back {where}",
                kind="lock",
                confidence=leak.confidence,
                primitive=leak.target.external,
                related=[] if site is None else [(leak.record.gid, site, "raises while the lock is held")],
                help="use `with`, or `try` and `finally`, so that every way out releases the lock",
                record=leak.record,
            )


def _way(leak: Leak) -> tuple[str, Any]:
    if leak.exit is None:
        return "anywhere in the project", None
    if leak.exit.how == "call":
        return f"if {render(called(leak.exit.call))}() raises", leak.exit.call[4]
    return {
        "return": "where the function returns early",
        "raise": "where the function raises",
        "yield": "if the body of the `with` raises",
        "end": "at the end of the function",
    }[leak.exit.how], None
