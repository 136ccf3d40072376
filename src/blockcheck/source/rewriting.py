"""Writing changed sources back."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path


def rewrite(path: Path, before: bytes, after: bytes) -> None:
    """Replace a file's content in one step, keeping its mode; a link's target is what is replaced.

    Args:
        before: what it is known to hold.

    Raises:
        OSError: it cannot be written, or no longer holds what it did.
    """
    target = Path(os.path.realpath(path))
    mode = stat.S_IMODE(target.stat().st_mode)
    if not mode & 0o222:
        raise PermissionError("it is read-only")
    if target.read_bytes() != before:
        raise OSError("it has changed in the meantime")
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(after)
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
