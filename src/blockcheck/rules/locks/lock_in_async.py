"""BCK403."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.findings import Confidence
from blockcheck.project import render
from blockcheck.project.dialects import Dialect, likely
from blockcheck.rules.base import Draft, Rule, primitive_text
from blockcheck.rules.locks.await_under_lock import AwaitUnderLock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Project


_NEAR = 2  # links of a chain up to which the lock is plainly this function's business


class LockInAsync(Rule):
    """# lock-in-async

    ## What it does
    Reports a threading lock that is taken on the event loop, direct or through calls, where another thread holds the
    same lock around blocking work.

    ## Why is this bad?
    The loop waits for the lock as long as the other thread's I/O takes, and serves nobody meanwhile.

    ## Example
    ```python
    import threading
    import time

    lock = threading.Lock()

    def refill():
        with lock:
            time.sleep(1)

    async def take():
        with lock:
            return 1
    ```

    ## Use instead
    ```python
    import threading
    import time

    lock = threading.Lock()

    def refill():
        time.sleep(1)
        with lock:
            pass

    async def take():
        with lock:
            return 1
    ```

    ## Known gaps
    A lock that is only ever held for moments is not reported: taking it costs the loop nothing to speak of.

    ## References
    - [asyncio: synchronization primitives](https://docs.python.org/3/library/asyncio-sync.html)
    - [asyncio: running blocking code](https://docs.python.org/3/library/asyncio-dev.html#running-blocking-code)
    """

    code = "BCK403"
    name = "lock-in-async"
    summary = "a lock, held elsewhere around blocking work, taken on the event loop"
    fix_safety = (
        f"{AwaitUnderLock.fix_safety} Where a plain function takes the lock, its call is handed to a thread: other tasks run meanwhile, and "
        "cancelling the await does not stop it."
    )

    def check(self, project: Project) -> Iterator[Draft]:
        """Yield acquisitions on the loop of locks that are held long elsewhere."""
        slow = self._held_long(project)
        if not slow:
            return
        for call in project.loop_calls:
            code = project.codes[call.root.gid]
            for event in call.events.values():
                if event.kind != "lock":
                    continue
                holder = next((h for h in slow.get(event.detail, ()) if h[0] != code.gid), None)
                if holder is None:
                    continue
                gid, site, text, what = holder
                near = Confidence.MEDIUM if event.length <= _NEAR else Confidence.LOW
                yield self.draft(
                    code,
                    call.record.site,
                    f"the event loop waits for {render(text) if text is not None else 'a lock'}, "
                    f"which {project.codes[gid].facts.name} holds while {what} blocks",
                    kind="lock",
                    confidence=min(event.confidence, call.root.confidence, near),
                    event=event,
                    related=[(gid, site, f"held here while {what} blocks")],
                    help=_instead(likely(project, code.unit)),
                    record=call.record,
                )
                break

    def _held_long(self, project: Project) -> dict[Any, list[tuple[int, int, Any, str]]]:
        """Locks by identity, with the places where they are held around blocking work."""
        out: dict[Any, list[tuple[int, int, Any, str]]] = {}
        for hold in project.holds:
            if hold.worst.confidence < Confidence.MEDIUM:
                continue
            for lock, taken, text in hold.worst.record.held:
                if not project.locking.is_known(lock):
                    continue  # of two locks known by their annotations alone, who can tell that they are one?
                place = (hold.code.gid, taken, text, primitive_text(hold.worst.event))
                out.setdefault(lock, []).append(place)
        return out


def _instead(dialect: Dialect) -> str:
    other = f", or use {dialect.lock} where only the loop needs it" if dialect.lock else ""
    return f"hold the lock only for moments{other}"
