"""Threads."""

from __future__ import annotations

import _thread
import threading
from functools import partial
from typing import TYPE_CHECKING

from blockcheck.catalogue.verification.cases.shapes import free, parks, pure

if TYPE_CHECKING:
    from blockcheck.catalogue.verification.lab import Lab
    from blockcheck.catalogue.verification.observe import Case


def _running(lab: Lab) -> threading.Thread:
    thread = threading.Thread(target=lab.released.wait, daemon=True)
    thread.start()
    return thread


CASES: dict[str, Case] = {
    "threading.Thread": pure(threading.Thread),
    "threading.Timer": pure(threading.Timer, 1, print),
    "threading.Thread.start": free(lambda lab: threading.Thread(target=lab.released.wait, daemon=True).start),
    "threading.Thread.join": parks(
        lambda lab: _running(lab).join, timeout=lambda lab: partial(_running(lab).join, 0)
    ),
    "threading.Thread.is_alive": free(lambda lab: _running(lab).is_alive),
    "threading.Thread.getName": free(lambda lab: _running(lab).getName),
    "threading.Thread.setName": free(lambda lab: partial(threading.Thread().setName, "a")),
    "threading.Thread.isDaemon": free(lambda lab: _running(lab).isDaemon),
    "threading.Thread.setDaemon": free(lambda _: partial(threading.Thread().setDaemon, True)),
    "threading.Timer.cancel": free(lambda _: threading.Timer(1, print).cancel),
    "_thread.start_new_thread": pure(_thread.start_new_thread, int, ()),
    **{
        f"threading.{f.__name__}": pure(f)
        for f in (
            threading.current_thread, threading.main_thread, threading.enumerate, threading.active_count,
            threading.get_ident, threading.get_native_id, threading.stack_size,
        )
    },
    "threading.settrace": pure(threading.settrace, None),
    "threading.setprofile": pure(threading.setprofile, None),
}  # fmt: skip
