"""What the parts of a summary share: its tables, and the doors through which they reach one another."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blockcheck.project.model import (
    Event,
)

if TYPE_CHECKING:
    from blockcheck.project.solver import Solver
    from blockcheck.project.values import (
        Atom,
    )

LONGEST = 25  # links of a chain; longer ones convince nobody

#: Events of these kinds pass through an await: they are caused whoever waits.
THROUGH_AWAIT = frozenset({"thread", "process", "executor"})


@dataclass(frozen=True, slots=True)
class Open:
    """A call on something that the caller gives, with the links down to it."""

    symbol: Atom
    confidence: int
    length: int
    gid: int
    site: int
    packed: Any
    inner: Open | None = None
    awaited: bool = False
    """Whether what the call itself returns is awaited there."""


Events = dict[str, Event]


class State(ABC):
    """The tables of the fixpoint, and what the parts ask of it."""

    solver: Solver
    events: list[Events]
    opens: list[tuple[Open, ...]]
    _chosen: dict[int, frozenset[int]]
    _abstract: dict[int, bool]
    _beginnings: dict[Atom, bool]

    @abstractmethod
    def _depend(self, node: Any) -> None:
        """Note that what is being summarised depends on another summary."""

    @abstractmethod
    def _specialised(self, atom: Atom) -> Events:
        """Events of a function with a known receiver or closure."""


def step(event: Event, gid: int, site: int, packed: Any, confidence: int) -> Event:
    """An event as seen from one call further up."""
    return Event(
        event.kind, event.primitive, confidence, event.length + 1, gid, site, packed, event, event.detail
    )
