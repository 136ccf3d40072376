"""A callback that starts a thread for each event, against one worker fed by a bounded queue."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from blockcheck.bench.probe import Probe

Event = int
Store = Callable[[Event], None]


def bad(events: range, store: Store) -> None:
    def on_event(event: Event) -> None:
        threading.Thread(target=store, args=(event,)).start()

    for event in events:
        on_event(event)


def good(events: range, store: Store) -> None:
    inbox: queue.Queue[Event | None] = queue.Queue(maxsize=1000)

    def work() -> None:
        while (event := inbox.get()) is not None:
            store(event)

    def on_event(event: Event) -> None:
        inbox.put(event)

    worker = threading.Thread(target=work)
    worker.start()
    for event in events:
        on_event(event)
    inbox.put(None)
    worker.join()


def run(variant: Callable[[range, Store], None], size: int, probe: Probe) -> object:
    stored: list[Event] = []
    all_stored = threading.Event()

    def store(event: Event) -> None:
        stored.append(event)
        if len(stored) == size:
            all_stored.set()

    with probe.measuring():
        variant(range(size), store)
        all_stored.wait()
    return sorted(stored)
