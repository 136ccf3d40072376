"""The schema of catalogue files, packs and what a configuration declares: every key and what it may hold.

`check` raises on the first thing that is wrong, naming the file, the table and the key.
"""

from __future__ import annotations

import builtins
import re
from typing import TYPE_CHECKING, Any

from blockcheck.catalogue.model import parse_result
from blockcheck.wording import ConfigError, nearest_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Check = Callable[[Any, str], None]

KINDS = (
    "sleep", "http", "subprocess", "file", "fs-metadata", "socket", "database", "wait", "stdin", "import", "cpu",
    "nested-loop",
)  # fmt: skip
_ROLES = (
    "lock", "rlock", "condition", "semaphore", "file-lock", "event", "barrier", "queue", "thread", "process", "thread-pool",
    "process-pool", "future", "task", "event-loop", "async-lock", "task-group", "socket", "file", "limiter",
    "thread-server", "local", "enum", "platform",
)  # fmt: skip
_MEANINGS = (
    "acquire", "release", "start", "join", "submit", "map", "shutdown", "result", "put", "get", "wait", "notify",
    "accept", "recv", "suppress", "counts-threads", "running-loop", "asks-running", "asks-coroutine", "thread-identity", "process-identity",
    "enters", "exits", "moves", "send", "ends", "reset", "each",
)  # fmt: skip
_CONTEXTS = (
    "here",
    "thread",
    "process",
    "loop",
    "greenlet",
    "loop-now",
    "exit",
    "missing",
    "field",
    "left",
    "never",
)
_EFFECTS = (
    "transparent", "cached", "property", "cached-property", "contextmanager", "asynccontextmanager", "staticmethod",
    "classmethod", "offloads", "schedules", "overload", "asynchronous", "synchronous", "registers",
    "memoised-method", "abstract", "deferred", "dataclass", "dispatches",
)  # fmt: skip


class CatalogueError(ConfigError):
    """A catalogue file, pack or declaration that cannot be used; the message names file, table and key."""


def check(document: Mapping[str, Any], origin: str) -> None:
    """Check a parsed file, or the part of a configuration that is of this schema.

    Args:
        document: keys and values.
        origin: the file, and what stands before its keys: the start of every message.

    Raises:
        CatalogueError: something is not of the schema.
    """
    for key, value in document.items():
        if key in _HEADER:
            _HEADER[key](value, f"{origin}{key}")
        elif key == "returns":
            _check_returns(value, f"{origin}{key}")
        elif key in _TABLES:
            keys, required, short = _TABLES[key]
            _check_tables(value, f"{origin}{key}", keys, required, short=short)
        else:
            raise CatalogueError(f"{origin}{key}: unknown key; {nearest_name(key, KEYS)}")
    _check_duplicates(document, origin)


def full_names(table: Mapping[str, Any]) -> list[str]:
    """The qualified names that a table speaks of."""
    prefix = f"{table['of']}." if "of" in table else ""
    return [
        prefix + name for name in (*table.get("names", ()), *([table["name"]] if "name" in table else ()))
    ]


def table_keys(key: str) -> tuple[list[str], bool]:
    """What may stand in the tables of a key, and whether a name may stand there instead of a table."""
    keys, _required, short = _TABLES[key]
    return list(keys), short


def with_equivalents(entry: dict[str, Any], name: str) -> dict[str, Any]:
    """An entry in whose equivalents a star stands for its own name."""
    if "equivalent" not in entry:
        return entry
    own = name.rpartition(".")[2]
    return {**entry, "equivalent": {k: v.replace("*", own) for k, v in entry["equivalent"].items()}}


# -- values


def _expected(what: str, value: Any, where: str) -> CatalogueError:
    return CatalogueError(f"{where}: expected {what}, not {value!r}")


def _text(value: Any, where: str) -> None:
    if not isinstance(value, str):
        raise _expected("a string", value, where)


def _flag(value: Any, where: str) -> None:
    if not isinstance(value, bool):
        raise _expected("true or false", value, where)


def _position(value: Any, where: str) -> None:
    if type(value) is not int or value < 0:
        raise _expected("a position: a whole number from 0", value, where)


def _constant(value: Any, where: str) -> None:
    if not isinstance(value, (str, int, float)):
        raise _expected("a string, a number, true or false", value, where)


def _default(value: Any, where: str) -> None:
    if value not in ("cpu", "none") and type(value) is not int:
        raise _expected("a number, 'cpu' or 'none'", value, where)


def _name(value: Any, where: str) -> None:
    _text(value, where)
    parts = value.removesuffix(".*").split(".")
    if not all(part.isidentifier() or part == "<builtin>" for part in parts):
        raise CatalogueError(f"{where}: not a qualified name: {value!r}")


def _pattern(value: Any, where: str) -> None:
    _text(value, where)
    if "*" not in value:
        _name(value, where)


def _result(value: Any, where: str) -> None:
    _text(value, where)
    try:
        parse_result(value)
    except ValueError as error:
        raise CatalogueError(f"{where}: {error}") from None


def _iterated(value: Any, where: str) -> None:
    _result(value, where)
    if "element" in re.findall(r"\w+", value):
        raise CatalogueError(
            f"{where}: 'element' asks the object for what it iterates, which is to be told here"
        )


def _choice(*valid: str) -> Check:
    def check_choice(value: Any, where: str) -> None:
        _text(value, where)
        if value not in valid:
            raise CatalogueError(f"{where}: unknown value {value!r}; {nearest_name(value, valid)}")

    return check_choice


def _list(each: Check) -> Check:
    def check_list(value: Any, where: str) -> None:
        if not isinstance(value, list):
            raise _expected("a list", value, where)
        for position, item in enumerate(value):
            each(item, f"{where}[{position}]")

    return check_list


def _table(keys: Mapping[str, Check], *required: str, tests: Sequence[str] = ()) -> Check:
    """A table with some keys; of ``tests``, one at least."""

    def check_table(value: Any, where: str) -> None:
        if not isinstance(value, dict):
            raise _expected("a table", value, where)
        _check_keys(value, where, ".", keys, required)
        if tests and not any(key in value for key in tests):
            raise CatalogueError(f"{where}: says nothing; valid are {', '.join(tests)}")

    return check_table


def _mapping(each: Check) -> Check:
    def check_mapping(value: Any, where: str) -> None:
        if not isinstance(value, dict):
            raise _expected("a table", value, where)
        for key, item in value.items():
            each(item, f"{where}.{key}")

    return check_mapping


def _check_keys(
    table: Mapping[str, Any], where: str, separator: str, keys: Mapping[str, Check], required: Sequence[str]
) -> None:
    for key, value in table.items():
        if key not in keys:
            raise CatalogueError(f"{where}{separator}{key}: unknown key; {nearest_name(key, keys)}")
        keys[key](value, f"{where}{separator}{key}")
    for key in required:
        if not any(one in table for one in key.split("|")):
            raise CatalogueError(f"{where}: needs {' or '.join(map(repr, key.split('|')))}")


# -- tables

_CONDITION = {"is": _constant, "given": _flag, "contains": _text, "type": _name, "state": _text}
_CONDITIONS = _list(
    _table({"name": _text, "at": _position, **_CONDITION}, tests=tuple(_CONDITION))
)  # fmt: skip
_ARGUMENT: dict[str, Check] = {"name": _text, "at": _position}
_CONFIDENCE = _choice("low", "medium", "high")
_EVIDENCE = _choice("measured", "documented", "declared")
_ORIGIN: dict[str, Check] = {
    "source": _text, "evidence": _EVIDENCE, "note": _text, "since": _text, "until": _text,
    "platform": _choice("linux", "bsd", "windows"), "optional": _flag, "runtime": _flag, "synthetic": _text,
}  # fmt: skip
_RUN: dict[str, Check] = {
    **_ARGUMENT, "context": _choice(*_CONTEXTS), "async_context": _choice(*_CONTEXTS), "result": _flag,
    "partial": _flag, "decorates": _flag, "lazy": _flag, "per_request": _flag, "ready": _flag, "rest": _flag, "executor": _position,
    "hands": _choice("all", "positional", "args"),
}  # fmt: skip
# What a call does, whoever's it is.
_BEHAVIOUR: dict[str, Check] = {
    "kind": _choice(*KINDS, "none"),
    "confidence": _CONFIDENCE,
    "returns": _result,
    "returns_by": _list(_table({**_ARGUMENT, "is": _constant, "returns": _result}, "is", "returns")),
    "unless": _CONDITIONS,
    "only_if": _CONDITIONS,
    "runs": _list(_table(_RUN, "context|partial", "name|at")),
    "uses": _list(_table({**_ARGUMENT, "method": _text}, "method", "name|at")),
    "spawns": _choice("thread", "process", "task"),
    "does": _choice(*_MEANINGS),
    "bound": _table({**_ARGUMENT, "default": _default}),
    "shares": _table(_ARGUMENT, "name"),
    "handle": _table({**_ARGUMENT, "is": _constant, "begins": _text}, "name"),
    "sets": _text,
    "exits": _text,
    "tells": _text,
    "tells_otherwise": _text,
    "lazy": _flag,
    "property": _flag,
    "awaitable": _flag,
    "duration": _choice("instant", "micro", "milli", "network", "unbounded", "cpu"),
    "equivalent": _table({"asyncio": _text, "anyio": _text, "trio": _text}),
    "arguments": _choice("same"),
    "thread": _choice("any", "own"),
    **_ORIGIN,
}
_NAMES: dict[str, Check] = {"of": _name, "names": _list(_name)}
_OFF_LOOP = _choice("loop", "thread", "process", "here")
_ROLE: dict[str, Check] = {"context": _OFF_LOOP, "async_context": _OFF_LOOP, "per_request": _flag, **_ORIGIN}
_SHORT_NAMES: dict[str, Check] = {**_NAMES, "name": _name, "source": _text, "note": _text}
_HANDED: dict[str, Check] = {"argument": _text, "at": _position, "decorates": _flag, "rest": _flag}

# Key → keys of its tables, which of them must be there, and whether a name alone will do.
_TABLES: dict[str, tuple[Mapping[str, Check], Sequence[str], bool]] = {
    "type": (
        {
            "name": _name, "aliases": _list(_name), "bases": _list(_name), "role": _choice(*_ROLES),
            "attributes": _mapping(_result), "any_method": _table({**_BEHAVIOUR, "except": _list(_text)}),
            "any_attribute": _result, "instance": _flag, "enter": _result, "aenter": _result, "iterates": _iterated,
            "awaits": _result, "asynchronous": _flag, "memory": _flag, "proxy": _flag, "counterpart": _name, "exemplar": _flag,
            "like": _choice("list", "set", "dict", "queue"),
            "thread": _choice("own", "one", "each"), "adapter": _name, **_ORIGIN,
        }, ("name",), False,
    ),
    "callable": ({**_NAMES, "aliases": _list(_name), **_BEHAVIOUR}, ("names",), False),
    "decorator": (
        {
            **_NAMES, "aliases": _list(_name), "effect": _choice(*_EFFECTS), "factory": _flag, "gives": _name,
            "post_init": _list(_text), "kind": _choice(*KINDS, "none"), "confidence": _CONFIDENCE,
            "unless": _CONDITIONS, "only_if": _CONDITIONS, **_ROLE, "context": _choice(*_CONTEXTS),
        }, ("names", "effect"), False,
    ),
    "handler": ({"base": _pattern, "methods": _list(_text), **_ROLE}, ("base", "methods", "context"), False),
    "registrar": (
        {**_NAMES, **_ARGUMENT, "unless": _CONDITIONS, "only_if": _CONDITIONS, **_ROLE},
        ("names", "context", "name|at"), False,
    ),
    "dialect": (
        {
            "name": _text, "imports": _list(_name), "offload": _name, "offload_import": _name, "keywords": _flag, "lock": _name,
            "bind": _name, "on": _list(_text), "scopes": _flag,
        }, ("name", "imports", "offload", "offload_import", "keywords", "bind"), False,
    ),
    "opening": (
        {
            "names": _list(_name), "path": _table(_ARGUMENT), "mode": _table({**_ARGUMENT, "default": _text}),
            "keeps": _list(_text), "wrapper": _name, "reads": _text, "writes": _text, "read": _mapping(_text),
            "write": _mapping(_text),
        }, ("names", "mode", "keeps", "wrapper", "reads", "writes", "read", "write"), False,
    ),
    "distribution": (
        {
            "name": _text, "imports": _list(_name), "tested": _text, "source": _text, "requires": _list(_text),
            "python": _text, "offered": _text, "system": _text, "setup": _text,
        }, ("name", "imports"), False,
    ),
    "blocking": (
        {**_SHORT_NAMES, **{k: _BEHAVIOUR[k] for k in (
            "confidence", "returns", "unless", "only_if", "duration", "equivalent", "arguments", "lazy", "property",
        )}, "kind": _choice(*KINDS)}, ("name|names",), True,
    ),
    "non-blocking": (_SHORT_NAMES, ("name|names",), True),
    "offloaders": (
        {**_SHORT_NAMES, **_HANDED, "context": _choice("thread", "process"), "awaitable": _flag},
        ("name|names",), True,
    ),
    "schedulers": (
        {**_SHORT_NAMES, **_HANDED, "context": _choice("loop", "loop-now", "thread", "here", "never"),
         "async_context": _choice("loop", "thread"), "per_request": _flag}, ("name|names",), True,
    ),
    "locks": (
        {**_SHORT_NAMES, "role": _choice("lock", "rlock", "condition", "semaphore", "async-lock"),
         "acquire": _text, "release": _text}, ("name|names",), True,
    ),
    "executors": (
        {**_SHORT_NAMES, "role": _choice("thread-pool", "process-pool"), "bound": _BEHAVIOUR["bound"]},
        ("name|names",), True,
    ),
}  # fmt: skip

_HEADER: dict[str, Check] = {"domain": _text, "source": _text, "evidence": _EVIDENCE}
KEYS = (*_HEADER, "returns", *_TABLES)


def _check_tables(
    value: Any, where: str, keys: Mapping[str, Check], required: Sequence[str], *, short: bool
) -> None:
    if not isinstance(value, list):
        raise _expected("a list of names and tables" if short else "a list of tables", value, where)
    for position, table in enumerate(value):
        if short and isinstance(table, str):
            _qualified(table, f"{where}[{position}]")
        elif not isinstance(table, dict):
            raise _expected("a name or a table" if short else "a table", table, f"{where}[{position}]")
        else:
            called = table.get("name") or table.get("base") or table.get("names")
            called = called[0] if isinstance(called, list) and called else called
            here = f"{where} {called!r}" if isinstance(called, str) else f"{where}[{position}]"
            _check_keys(table, here, ": ", keys, required)
            if "aliases" in table and len(table.get("names", "1")) != 1:
                raise CatalogueError(f"{here}: aliases: need exactly one name")
            if "of" not in table and short:
                for name in full_names(table):
                    _qualified(name, here)


def _check_returns(value: Any, where: str) -> None:
    if not isinstance(value, dict):
        raise _expected("a table of names and what they return", value, where)
    for name, text in value.items():
        _qualified(name, where)
        _result(text, f"{where} {name!r}")


def _qualified(name: str, where: str) -> None:
    _name(name, where)
    if "." not in name:
        hint = f"; did you mean 'builtins.{name}'?" if hasattr(builtins, name) else ""
        raise CatalogueError(f"{where}: {name!r} names no module{hint}")


def _check_duplicates(document: Mapping[str, Any], origin: str) -> None:
    """What a file says twice, it may say differently."""
    apart = {key: key for key in _TABLES if key not in ("handler", "registrar", "distribution")}
    apart["non-blocking"] = "blocking"  # one or the other
    seen: dict[tuple[str, str], str] = {}
    for key, group in apart.items():
        for name in _names_in(document.get(key, ())):
            other = seen.get((group, name))
            if other is not None:
                also = "stands here twice" if other == key else f"is said to be {other} as well"
                raise CatalogueError(f"{origin}{key} {name!r}: {also}")
            seen[group, name] = key


def _names_in(tables: Sequence[Any]) -> Iterator[str]:
    for table in tables:
        if isinstance(table, str):
            yield table
        else:
            yield from full_names(table)
