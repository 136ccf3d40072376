"""Output that is kept instead of shown."""

from __future__ import annotations

import contextlib
import io
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType
    from typing import TextIO

    from typing_extensions import Self


class Tape(io.StringIO):
    """Takes the place of a standard stream, and is a terminal if that is one."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._is_terminal = stream.isatty()
        self._place = contextlib.redirect_stdout if stream is sys.stdout else contextlib.redirect_stderr

    def isatty(self) -> bool:
        """Whether the stream in whose place it stands is a terminal."""
        return self._is_terminal

    def __enter__(self) -> Self:
        self._redirection = self._place(self)
        self._redirection.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._redirection.__exit__(kind, error, trace)
