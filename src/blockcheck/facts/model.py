"""ModuleFacts: what one file says, as plain data that knows no other file."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from sys import intern
from typing import Any

#: Increased whenever the extraction changes what it says, so that cached facts are not mixed.
FACTS_VERSION = 4


class SyntaxProblem(Exception):  # noqa: N818 - a statement on the source, not on us
    """The text is not Python, or not one that the parser can take.

    Attributes:
        line: 1-based line.
        column: 1-based column.
        message: what is wrong.
    """

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.message = message

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.line, self.column, self.message))


@dataclass(slots=True)
class Parameters:
    """A function's parameters: names in order, and what kind each is.

    Attributes:
        names: positional ones (the first ``positional_only`` of them by position only), then keyword-only ones.
        positional: how many of ``names`` can be given by position.
        star: name of ``*args``; None without.
        double_star: name of ``**kwargs``; None without.
        annotations: by name, as expressions; those of ``*args`` and ``**kwargs`` under their stars.
        defaults: by name, as expressions.
    """

    names: list[str] = field(default_factory=list)
    positional_only: int = 0
    positional: int = 0
    star: str | None = None
    double_star: str | None = None
    annotations: dict[str, Any] = field(default_factory=dict)
    defaults: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class CodeFacts:
    """A module, class, function or lambda body.

    Attributes:
        kind: ``module``, ``class``, ``function`` or ``lambda``.
        name: its own name; ``qualname`` is dotted from the module (empty for the module).
        parent: index of the enclosing code, -1 for the module.
        site: of the definition.
        decorators: expressions, outermost first, each with its site.
        bases: of a class, as expressions; ``keywords`` likewise (``metaclass=``…).
        returns: return annotation.
        bound: names bound in this scope.
        rebound: parameters that the body assigns.
        outer: names declared ``global`` here; ``nonlocals`` those declared ``nonlocal``.
        captured: own names that nested scopes read.
        self_stores: attributes assigned through the first parameter; ``other_stores`` through anything else.
        marker: ``blocking`` or ``non-blocking`` where a comment on the definition says so.
        awaits: an ``await``, ``async for`` or ``async with`` stands in the body.
    """

    kind: str
    name: str
    qualname: str
    parent: int
    site: int = -1
    is_async: bool = False
    is_generator: bool = False
    params: Parameters = field(default_factory=Parameters)
    decorators: list[Any] = field(default_factory=list)
    bases: list[Any] = field(default_factory=list)
    keywords: list[Any] = field(default_factory=list)
    returns: Any = None
    bound: list[str] = field(default_factory=list)
    rebound: list[str] = field(default_factory=list)
    outer: list[str] = field(default_factory=list)
    nonlocals: list[str] = field(default_factory=list)
    captured: list[str] = field(default_factory=list)
    self_stores: list[str] = field(default_factory=list)
    other_stores: list[str] = field(default_factory=list)
    marker: str = ""
    awaits: bool = False

    def compact(self) -> None:
        """Take less memory: nothing is added any more."""
        for name in _NAMES:
            kept = getattr(self, name)
            setattr(self, name, list(map(intern, kept)) if kept else _NONE)
        for name in ("decorators", "bases", "keywords"):
            setattr(self, name, getattr(self, name) or _NONE)
        self.name = intern(self.name)
        params = self.params
        if params.names or params.star or params.double_star:
            params.names = list(map(intern, params.names))
            params.annotations = params.annotations or _NOTHING
            params.defaults = params.defaults or _NOTHING
        else:
            self.params = _NO_PARAMETERS


#: What compact facts have in common; never changed.
_NONE: list[Any] = []
_NOTHING: dict[str, Any] = {}
_NO_PARAMETERS = Parameters(_NONE, annotations=_NOTHING, defaults=_NOTHING)
_NAMES = ("bound", "rebound", "outer", "nonlocals", "captured", "self_stores", "other_stores")


@dataclass(slots=True)
class ModuleFacts:
    """One file's facts. ``bodies`` holds each code's statements as JSON text, decoded when they are asked for.

    Attributes:
        codes: index 0 is the module, then every class, function and lambda in source order.
        bodies: statements of each code.
        exports: the literal value of ``__all__``, if there is one.
        sites: how many sites the file has.
        lines: how many lines.
        problem: line, column and message of a syntax error, where lines had to be left out.
    """

    codes: list[CodeFacts]
    bodies: list[str]
    exports: list[str] | None
    sites: int
    lines: int
    problem: tuple[int, int, str] | None = None

    def body(self, index: int) -> list[Any]:
        """The statements of a code."""
        statements: list[Any] = json.loads(self.bodies[index])
        return statements
