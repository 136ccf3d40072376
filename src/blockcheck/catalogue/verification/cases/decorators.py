"""functools, contextlib, dataclasses, typing and contextvars, called by name."""

from __future__ import annotations

import collections
import contextlib
import contextvars
import dataclasses
import functools
import io
import typing
from functools import partial
from typing import Any

from blockcheck.catalogue.verification.cases.shapes import free, given, pure, suspends

if typing.TYPE_CHECKING:
    from blockcheck.catalogue.verification.observe import Case


@dataclasses.dataclass
class Thing:
    """A dataclass."""

    a: int = 1


async def _nothing() -> None:
    pass


def _async_stack(name: str, *arguments: Any) -> Case:
    return suspends(lambda _: partial(getattr(contextlib.AsyncExitStack(), name), *arguments))


CONTEXT = contextlib.nullcontext(1)
CASES: dict[str, Case] = {
    "functools.partial": pure(functools.partial, int),
    "functools.partialmethod": pure(functools.partialmethod, int),
    "functools.reduce": pure(functools.reduce, max, [1, 2]),
    "functools.cmp_to_key": pure(functools.cmp_to_key, lambda a, b: 0),
    "functools.update_wrapper": pure(functools.update_wrapper, lambda: 1, lambda: 2),
    "contextlib.ExitStack.enter_context": pure(contextlib.ExitStack().enter_context, io.StringIO()),
    "contextlib.ExitStack.callback": pure(contextlib.ExitStack().callback, _nothing),
    "contextlib.ExitStack.push": pure(contextlib.ExitStack().push, CONTEXT),
    "contextlib.ExitStack.pop_all": pure(contextlib.ExitStack().pop_all),
    "contextlib.ExitStack.close": pure(contextlib.ExitStack().close),
    "contextlib.AsyncExitStack.enter_context": pure(contextlib.AsyncExitStack().enter_context, io.StringIO()),
    "contextlib.AsyncExitStack.enter_async_context": _async_stack("enter_async_context", CONTEXT),
    "contextlib.AsyncExitStack.aclose": _async_stack("aclose"),
    **{
        f"contextlib.AsyncExitStack.{name}": free(given(lambda name, _: partial(getattr(contextlib.AsyncExitStack(), name), CONTEXT), name))
        for name in ("callback", "push", "push_async_exit", "push_async_callback")
    },
    "contextlib.closing": pure(contextlib.closing, io.StringIO()),
    "contextlib.nullcontext": pure(contextlib.nullcontext, io.StringIO()),
    "contextlib.aclosing": pure(contextlib.aclosing, 1),
    "contextlib.suppress": pure(contextlib.suppress, OSError),
    "contextlib.redirect_stdout": pure(contextlib.redirect_stdout, None),
    "contextlib.redirect_stderr": pure(contextlib.redirect_stderr, None),
    "dataclasses.replace": pure(dataclasses.replace, Thing(), a=2),
    "dataclasses.asdict": pure(dataclasses.asdict, Thing()),
    "dataclasses.astuple": pure(dataclasses.astuple, Thing()),
    "dataclasses.fields": pure(dataclasses.fields, Thing),
    "dataclasses.is_dataclass": pure(dataclasses.is_dataclass, Thing),
    "dataclasses.field": pure(dataclasses.field),
    "typing.cast": pure(typing.cast, int, 1),
    "typing.get_type_hints": pure(typing.get_type_hints, Thing),
    "typing.TypeVar": pure(typing.TypeVar, "T"),
    "typing.NewType": pure(typing.NewType, "T", int),
    "collections.namedtuple": pure(collections.namedtuple, "T", "a b"),  # noqa: PYI024
    "typing.get_origin": pure(typing.get_origin, int),
    "typing.get_args": pure(typing.get_args, int),
    "contextvars.copy_context": pure(contextvars.copy_context),
    "contextvars.Context.run": pure(contextvars.copy_context().run, int),
}  # fmt: skip
