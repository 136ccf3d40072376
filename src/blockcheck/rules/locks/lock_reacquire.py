"""BCK405."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.findings import Confidence, Severity
from blockcheck.project.locking import lock_expression
from blockcheck.project.made_already import is_made_already
from blockcheck.project.model import call_text
from blockcheck.rules.base import FAR, Draft, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Project


class LockReacquire(Rule):
    """# lock-reacquire

    ## What it does
    Reports a lock that is not reentrant and that is taken again by the thread that holds it, direct or through calls.

    ## Why is this bad?
    The thread waits for itself, for ever, and everybody else who needs the lock waits with it.

    ## Example
    ```python
    import threading

    class Ledger:
        def __init__(self):
            self.lock = threading.Lock()
            self.entries = []

        def add(self, entry):
            with self.lock:
                self.entries.append(entry)

        def add_all(self, entries):
            with self.lock:
                for entry in entries:
                    self.add(entry)
    ```

    ## Use instead
    ```python
    import threading

    class Ledger:
        def __init__(self):
            self.lock = threading.Lock()
            self.entries = []

        def _add_locked(self, entry):
            self.entries.append(entry)

        def add(self, entry):
            with self.lock:
                self._add_locked(entry)

        def add_all(self, entries):
            with self.lock:
                for entry in entries:
                    self._add_locked(entry)
    ```

    ## Known gaps
    Two objects of one class have a lock each: a call on another object is not reported, even where it may be the same.

    ## References
    - [threading: RLock objects](https://docs.python.org/3/library/threading.html#rlock-objects)
    - [CWE-833: deadlock](https://cwe.mitre.org/data/definitions/833.html)
    """

    code = "BCK405"
    name = "lock-reacquire"
    summary = "a lock that is not reentrant taken again while it is held"
    severity = Severity.ERROR

    def check(self, project: Project) -> Iterator[Draft]:
        """Yield calls that take a held lock again."""
        seen: set[tuple[int, int, Any]] = set()
        for taking in project.locking.takings:
            record, lock = taking.record, taking.lock
            key = (record.gid, record.site, lock)
            if lock != taking.outer[0] or project.solver.role(lock) != "lock" or key in seen:
                continue
            if not project.locking.is_known(lock) and taking.event.length > 1:
                continue
            if not project.locking.is_same_object(taking) or project.locking.is_signal(taking):
                continue
            if project.locking.is_tried(taking) or is_made_already(project, taking):
                continue
            seen.add(key)
            again = project.locking.name(lock_expression(taking.last.call), taking.outer[2])
            name = project.locking.name(taking.outer[2])
            code = project.codes[record.gid]
            direct = taking.event.length == 1
            known = Confidence.HIGH if direct or project.locking.is_one(lock) else Confidence.MEDIUM
            yield self.draft(
                code,
                record.site,
                f"{again} is taken again while it is held: a deadlock"
                if direct
                else f"{call_text(record)} takes {again} again, which is held here: a deadlock",
                kind="lock",
                confidence=min(
                    taking.event.confidence, Confidence.LOW if taking.event.length > FAR else known
                ),
                event=taking.event,
                related=[(record.gid, taking.outer[1], f"{name} is taken here")],
                help="call a variant that expects the lock to be held, or make it an RLock",
                record=record,
            )
