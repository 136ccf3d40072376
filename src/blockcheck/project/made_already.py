"""Locks that are taken only to make what is there already: ``if Agent.one: return Agent.one``, and only then the lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.project.fate import calls_below, has_site, statements
from blockcheck.project.hierarchy import receiver
from blockcheck.project.model import path_of
from blockcheck.project.values import INSTANCE, SELF

if TYPE_CHECKING:
    from blockcheck.project import Project
    from blockcheck.project.locking import Taking


def is_made_already(project: Project, taking: Taking) -> bool:
    """Whether the way to a lock is left before it where something is there, which it is at the chain's head."""
    code = project.codes[taking.last.gid]
    every = statements(code)
    at = next((i for i, s in enumerate(every) if has_site(s, taking.last.site)), 0)
    there = {
        path
        for s in every[:at]
        if s[0] == ir.IF and s[2][-1][0] == ir.RETURN and (path := _true_of(s[1])) is not None
    }
    if not there:
        return False
    here = project.codes[taking.record.gid]
    site = taking.record.site
    if any(
        s[0] == ir.IF and _true_of(s[1]) in there and any(c[4] == site for c in calls_below(s[2]))
        for s in statements(here)
    ):
        return True
    # A method of the one object is running: there is one.
    own = receiver(here)
    given = project.solver.cells.get(("r", code.gid), ())
    return (
        own is not None and own[0] == SELF and any(a[0] in (INSTANCE, SELF) and a[1] == own[1] for a in given)
    )


def _true_of(test: Any) -> str | None:
    """What is there where a test is true: ``if Agent.one:``, ``if Agent.one is not None:``."""
    if isinstance(test, list) and test[0] == ir.COMPARE and test[2] == [["is not", [ir.CONST, None]]]:
        return path_of(test[1])
    return path_of(test)
