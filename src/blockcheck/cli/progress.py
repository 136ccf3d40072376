"""A line on the terminal that tells how far a run is, once it has taken a second."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE = 1.0  # seconds before the line appears
_EVERY = 0.2  # seconds between two looks of it
_CLEAR = "\r\033[K"


class Line:
    """Files done, their rate, and the phase; written to standard error."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._drawn = 0.0
        self._done = self._total = 0
        self._busy = False

    def __call__(self, done: int, total: int) -> None:
        """So many of so many files are read."""
        self._done, self._total = done, total
        self.draw()

    def draw(self) -> None:
        """Write the line, if it is time."""
        now = time.monotonic()
        if self._busy or now - self._started < PATIENCE or now - self._drawn < _EVERY:
            return
        self._busy = True  # a signal may come while we write
        seconds = now - self._started
        if not self._total:
            text = "looking for files"
        elif self._done < self._total:
            text = f"reading {self._done}/{self._total} files, {self._done / seconds:.0f} a second"
        else:
            text = f"analysing {self._total} files, {seconds:.0f} s"
        sys.stderr.write(_CLEAR + text)
        sys.stderr.flush()
        self._drawn = now
        self._busy = False

    def clear(self) -> None:
        """Leave the terminal as it was."""
        if self._drawn:
            sys.stderr.write(_CLEAR)
            sys.stderr.flush()


@contextlib.contextmanager
def shown(*, wanted: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Give whom to tell of the progress; None where nobody would see it."""
    if not wanted or not sys.stderr.isatty():
        yield None
        return
    line = Line()
    try:
        with _ticking(line.draw):
            yield line
    finally:
        line.clear()


@contextlib.contextmanager
def _ticking(act: Callable[[], None]) -> Iterator[None]:
    """Act again and again, in this very thread: with a second one, processes could not be forked."""
    usable = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if not usable or signal.getsignal(signal.SIGALRM) is not signal.SIG_DFL:
        yield
        return

    def tick(_number: int, _frame: Any) -> None:
        act()

    signal.signal(signal.SIGALRM, tick)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE, _EVERY)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
