"""Sleeping, and waiting for signals."""

from __future__ import annotations

import asyncio
import sched
import signal
import time
from functools import partial
from typing import TYPE_CHECKING

from blockcheck.catalogue.verification.cases.shapes import free, parks, pure

if TYPE_CHECKING:
    from blockcheck.catalogue.verification.lab import Lab
    from blockcheck.catalogue.verification.observe import Call, Case

LONG = 0.4
NOW = time.gmtime()


def _scheduler(_: Lab) -> sched.scheduler:
    scheduler = sched.scheduler()
    scheduler.enter(LONG, 1, int)
    return scheduler


def _cancelling(_: Lab) -> Call:
    scheduler = sched.scheduler()
    return partial(scheduler.cancel, scheduler.enter(LONG, 1, int))


CASES: dict[str, Case] = {
    "time.sleep": parks(lambda _: partial(time.sleep, LONG), seconds=lambda _: partial(time.sleep, 0)),
    "asyncio.sleep": pure(asyncio.sleep, LONG, "x"),
    **{
        f"time.{f.__name__}": pure(f)
        for f in (
            time.time, time.time_ns, time.monotonic, time.monotonic_ns, time.perf_counter, time.perf_counter_ns,
            time.process_time, time.process_time_ns, time.thread_time, time.gmtime, time.localtime, time.ctime,
            time.asctime,
        )
    },
    "time.strftime": pure(time.strftime, "%H"),
    "time.strptime": pure(time.strptime, "12", "%H"),
    "time.mktime": free(lambda _: partial(time.mktime, NOW), allow=("newfstatat",)),  # the zone file may have changed
    "sched.scheduler.run": parks(
        lambda lab: _scheduler(lab).run, blocking=lambda lab: partial(_scheduler(lab).run, blocking=False)
    ),
    "sched.scheduler.enter": free(lambda lab: partial(_scheduler(lab).enter, LONG, 1, int)),
    "sched.scheduler.enterabs": free(lambda lab: partial(_scheduler(lab).enterabs, LONG, 1, int)),
    "sched.scheduler.cancel": free(_cancelling),
    "sched.scheduler.empty": free(lambda lab: _scheduler(lab).empty),
    "signal.pause": parks(lambda _: signal.pause, releases=False),
    "signal.sigwait": parks(lambda _: partial(signal.sigwait, {signal.SIGUSR1}), releases=False),
    "signal.sigwaitinfo": parks(lambda _: partial(signal.sigwaitinfo, {signal.SIGUSR1}), releases=False),
    "signal.sigtimedwait": parks(
        lambda _: partial(signal.sigtimedwait, {signal.SIGUSR1}, LONG),
        timeout=lambda _: partial(signal.sigtimedwait, {signal.SIGUSR1}, 0),
    ),
}  # fmt: skip
