"""Why there is no fix."""

from __future__ import annotations


class Refused(Exception):  # noqa: N818  (says what was done, not what went wrong)
    """A finding cannot be mended by a machine; the message tells its reader why, without a full stop."""
