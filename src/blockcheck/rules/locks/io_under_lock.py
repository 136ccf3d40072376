"""BCK401."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.project import Event, Record, render
from blockcheck.project.model import called as callee_of
from blockcheck.project.model import owner_of
from blockcheck.rules.base import Draft, Rule, called, primitive_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Project

_SLOW = ("sleep", "http", "subprocess", "socket", "database", "wait", "stdin", "file")


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
    A lock that evidently serialises the very resource that the I/O is done on is reported at low confidence.
    """

    code = "BCK401"
    name = "io-under-lock"
    summary = "blocking I/O or a sleep while a lock is held"

    def check(self, project: Project) -> Iterator[Draft]:
        """Yield each lock region's first blocking call, the further ones as related places."""
        for gid in project.own:
            first: dict[Any, Draft] = {}
            for record in project.records(gid):
                if not record.held or not record.targets:
                    continue
                found = self._slowest(project, record)
                if found is None:
                    continue
                event, confidence = found
                _lock, taken, text = record.held[-1]
                known = first.get(taken)
                if known is not None:
                    known.related.append(
                        (gid, record.site, f"{called(record)} too, through {primitive_text(event)}")
                    )
                    known.confidence = max(known.confidence, confidence)
                    continue
                what = (
                    f"{called(record)} blocks while {render(text) if text is not None else 'a lock'} is held"
                )
                if event.length > 1:
                    what += f", through {primitive_text(event)}"
                first[taken] = self.draft(
                    project.codes[gid],
                    record.site,
                    what,
                    kind=event.kind,
                    confidence=confidence,
                    event=event,
                    related=[(gid, taken, "the lock is taken here")],
                    help="do the I/O before or after, and hold the lock only to read and write what it guards",
                    record=record,
                )
            yield from first.values()

    def _slowest(self, project: Project, record: Record) -> tuple[Event, int] | None:
        events = project.summaries.record_events(record)
        locks = [h[0] for h in record.held]
        best: tuple[Event, int] | None = None
        for kind in _SLOW:
            event = events.get(kind)
            if event is None or event.detail is None:
                continue
            if any(
                project.lock_of(t.receiver) in locks for t in event.detail.targets if t.receiver is not None
            ):
                continue  # a Condition waits on the very lock that is held
            confidence = int(event.confidence)
            if serialises(record, event):
                confidence = 1
            elif kind == "file" or (kind == "wait" and event.length > 1):
                confidence = min(confidence, 2)
            if best is None or confidence > best[1]:
                best = (event, confidence)
        return best


def serialises(record: Record, event: Event) -> bool:
    """Whether the lock and the resource belong to one object: ``self._lock`` around ``self._file.write``."""
    lock = record.held[-1][2]
    receiver = _owner(event.call) if event.length == 1 else _owner(event.detail.expression)
    holder = owner_of(lock)
    return receiver is not None and holder is not None and receiver == holder


def _owner(call: Any) -> str | None:
    """The object whose attribute a method call's receiver is: ``self`` of ``self._file.write()``."""
    method = callee_of(call)
    return owner_of(method[1]) if owner_of(method) is not None else None
