"""Short ways to write cases."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from blockcheck.catalogue.verification.observe import Call, Case, Make

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def given(make: Callable[..., Call], /, *arguments: Any) -> Make:
    """A `make` that takes things of a comprehension first and the lab last."""
    return partial(make, *arguments)


def free(make: Make, *, allow: tuple[str, ...] = ()) -> Case:
    """A call that holds nothing up."""
    return Case("free", make, allow=allow)


def pure(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Case:
    """A call that holds nothing up and needs no world."""
    return Case("free", lambda _: partial(function, *args, **kwargs))


def method(make: Callable[[], Any], name: str, /, *args: Any, **kwargs: Any) -> Case:
    """A method that holds nothing up, of an object made for it."""
    return Case("free", lambda _: partial(getattr(make(), name), *args, **kwargs))


def parks(
    make: Make, conditions: Mapping[str, Make] | None = None, *, releases: bool = True, **named: Make
) -> Case:
    """A call that waits for the world, except under the named conditions."""
    return Case("parks", make, {**(conditions or {}), **named}, releases=releases)


def touches(make: Make, *watch: str, cold: bool = False, **conditions: Make) -> Case:
    """A call that makes system calls of the groups (of reading and writing if none is named)."""
    return Case("touches", make, conditions, cold=cold, watch=watch or ("data",))


def looks(make: Make, *, cold: bool = False) -> Case:
    """A call that asks for or changes names and attributes of files."""
    return Case("touches", make, cold=cold, watch=("meta",))


def suspends(make: Make) -> Case:
    """A call whose result is awaited, while other tasks go on."""
    return Case("suspends", make)


def burns(make: Make) -> Case:
    """A call that computes for long."""
    return Case("burns", make)
