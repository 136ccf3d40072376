"""BCK401."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blockcheck.findings import Confidence
from blockcheck.project import render
from blockcheck.project.model import call_text
from blockcheck.project.under_lock import Hold, statement_of
from blockcheck.rules.base import Draft, Rule, primitive_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Project

_SHOWN = 3  # statements that a message names


class IoUnderLock(Rule):
    """# io-under-lock

    ## What it does
    Reports blocking I/O and sleeps while a threading lock or semaphore is held, direct or through calls.

    ## Why is this bad?
    Every thread that needs the lock waits for the I/O as well: the threads run one after the other, and a slow peer
    stops them all.

    ## Example
    ```python
    import threading
    import requests

    lock = threading.Lock()
    cache = {}

    def price(symbol):
        with lock:
            if symbol not in cache:
                cache[symbol] = requests.get(f"https://example.com/{symbol}").json()
            return cache[symbol]
    ```

    ## Use instead
    ```python
    import threading
    import requests

    lock = threading.Lock()
    cache = {}

    def price(symbol):
        with lock:
            if symbol in cache:
                return cache[symbol]
        fresh = requests.get(f"https://example.com/{symbol}").json()
        with lock:
            return cache.setdefault(symbol, fresh)
    ```

    ## Known gaps
    Reported at low confidence only: a lock that evidently serialises the very resource that the I/O is done on, what
    happens once to initialise something, a logged line, and a semaphore that lets several in.

    ## References
    - [threading: lock objects](https://docs.python.org/3/library/threading.html#lock-objects)
    """

    code = "BCK401"
    name = "io-under-lock"
    summary = "blocking I/O or a sleep while a lock is held"
    fix_safety = (
        "A request to another machine that is the first or last statement of the `with`, reads only variables of the function that "
        "are not set there, and gives only such a variable or the function's result, is moved in front of the `with` or behind it. "
        "That is unsafe: what the lock kept one after the other is now done at once. Anything else has no fix: the "
        "lock may be there for it; the message names the statement to move."
    )

    def check(self, project: Project) -> Iterator[Draft]:
        """Yield each region in which a lock is held around something that blocks, once."""
        for hold in project.holds:
            worst = hold.worst
            lock = render(hold.lock[2]) if hold.lock[2] is not None else "a lock"
            through = f", through {primitive_text(worst.event)}" if worst.event.length > 1 else ""
            again = " in a loop" if worst.repeated else ""
            needs = ", and what it waits for takes that lock too" if worst.circular else ""
            related = [(hold.code.gid, hold.lock[1], "the lock is taken here")]
            related += [
                (
                    hold.code.gid,
                    hit.record.site,
                    f"{call_text(hit.record)} too{' in a loop' if hit.repeated else ''}, through {primitive_text(hit.event)}",
                )
                for hit in hold.hits
                if hit is not worst
            ]
            yield self.draft(
                hold.code,
                worst.record.site,
                f"{call_text(worst.record)} blocks{again} while {lock} is held{through}{needs}{_moves(hold)}",
                kind=worst.event.kind,
                confidence=worst.confidence,
                event=worst.event,
                related=related,
                help="do the I/O before or after, and hold the lock only to read and write what it guards",
                record=worst.record,
            )


def _moves(hold: Hold) -> str:
    """The statements that have to leave the region, and no others."""
    moving = [h for h in hold.hits if h.confidence > Confidence.LOW] or hold.hits
    texts = list(dict.fromkeys(t for h in moving if (t := statement_of(hold.code, h.record.site))))
    if not texts:
        return ""
    shown = ", ".join(f"`{text}`" for text in texts[:_SHOWN])
    more = f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    return f"; to be moved out: {shown}{more}"
