"""A producer that outruns its consumer: a queue without a bound, against one that makes the producer wait."""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from blockcheck.bench.probe import Probe

Inbox = queue.Queue[bytes | None]


def bad() -> Inbox:
    return queue.Queue()


def good() -> Inbox:
    return queue.Queue(maxsize=100)


def run(variant: Callable[[], Inbox], size: int, probe: Probe) -> object:
    received: list[int] = []

    def consume() -> None:
        while (message := inbox.get()) is not None:
            received.append(len(message))
            if len(received) % 20 == 0:
                time.sleep(0.001)  # a batch is written

    inbox = variant()
    probe.watch_queue(inbox.qsize)
    with probe.measuring():
        consumer = threading.Thread(target=consume)
        consumer.start()
        for _ in range(size):
            inbox.put(bytes(10_240))
        inbox.put(None)
        consumer.join()
    return sum(received)
