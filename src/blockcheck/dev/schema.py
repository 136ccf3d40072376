"""The JSON schema of the configuration, from the types that hold it."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from enum import IntEnum
from pathlib import Path
from typing import Any

from blockcheck.catalogue.schema import table_keys
from blockcheck.config import DECLARABLE, FORMATS, KEYS, Config, RuleOptions, Selection, Settings
from blockcheck.pages import attributes
from blockcheck.rules import RULES

_CODES = frozenset({"select", "extend-select", "ignore", "extend-ignore", "per-file-ignores"})


@dataclasses.dataclass(frozen=True)
class Key:
    """One key of the configuration.

    Attributes:
        form: the schema of its values.
    """

    name: str
    about: str
    form: dict[str, Any]


def text() -> str:
    """Return the schema as it is stored."""
    document = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "blockcheck.toml, and [tool.blockcheck] in pyproject.toml",
        "type": "object",
        "additionalProperties": False,
        "properties": {key.name: _described(key) for key in top_keys()},
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def top_keys() -> list[Key]:
    """Return every key, in the order of the documentation."""
    known = {key.name: key for kind in (Config, Selection, Settings) for key in _keys_of(kind)}
    known |= {name: Key(name, about, _declared(name)) for name, about in DECLARABLE.items()}
    return [known[name] for name in KEYS]


def rule_keys() -> list[Key]:
    """Return the keys of the table ``rules``."""
    return list(_keys_of(RuleOptions))


def _keys_of(kind: Any) -> typing.Iterator[Key]:
    about = attributes(kind)
    hints = typing.get_type_hints(kind)
    for field in dataclasses.fields(kind):
        name = field.name.replace("_", "-")
        if kind is not RuleOptions and name not in KEYS:
            continue
        form = _form(hints[field.name], _item(name))
        if name == "output-format":
            form = {"enum": list(FORMATS)}
        if field.default is not dataclasses.MISSING and isinstance(field.default, (bool, int, str)):
            form["default"] = str(field.default) if isinstance(field.default, IntEnum) else field.default
        yield Key(name, about[field.name], form)


def _declared(name: str) -> dict[str, Any]:
    """Return the schema of what is said of functions and libraries; its values are for the catalogue to judge."""
    if name == "returns":
        return {"type": "object", "additionalProperties": {"type": "string"}}
    inner, alone = table_keys(name)
    table = {"type": "object", "additionalProperties": False, "properties": {key: {} for key in inner}}
    return {"type": "array", "items": {"anyOf": [{"type": "string"}, table]} if alone else table}


def _item(name: str) -> dict[str, Any]:
    """Return the schema of one string in a list."""
    if name not in _CODES:
        return {"type": "string"}
    codes = [rule.code for rule in RULES]
    families = sorted({code[:4] for code in codes})
    return {
        "anyOf": [{"enum": ["ALL", "BCK", *families, *codes]}, {"type": "string", "pattern": r"^BCK\d{0,3}$"}]
    }


def _form(hint: Any, item: dict[str, Any]) -> dict[str, Any]:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return _form(next(a for a in arguments if a is not type(None)), item)
    if origin is tuple and typing.get_origin(arguments[0]) is tuple:
        return {"type": "object", "additionalProperties": {"type": "array", "items": item}}
    if origin in (tuple, frozenset) and arguments[0] in (str, Path):
        return {"type": "array", "items": item}
    if hint is RuleOptions:
        properties = {key.name: _described(key) for key in rule_keys()}
        return {"type": "object", "additionalProperties": False, "properties": properties}
    if isinstance(hint, type) and issubclass(hint, IntEnum):
        return {"enum": [str(member) for member in hint]}
    forms: dict[Any, dict[str, Any]] = {
        bool: {"type": "boolean"},
        int: {"type": "integer", "minimum": 1},
        str: {"type": "string"},
        Path: {"type": "string"},
    }
    return dict(forms[hint])


def _described(key: Key) -> dict[str, Any]:
    return {"description": key.about, **key.form}
