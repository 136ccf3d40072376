"""Summaries: what each function may cause before it returns, by the shortest witness chain.

A fixpoint over the call graph. A function's *events* are those of the externals that it calls and of
the project functions that it runs; its *open calls* are those on what a caller gives (a parameter, the
receiver), settled at each call site with the values given there.
"""

from blockcheck.project.summaries.fixpoint import Summaries
from blockcheck.project.summaries.records import is_lazy
from blockcheck.project.summaries.state import Events

__all__ = ["Events", "Summaries", "is_lazy"]
