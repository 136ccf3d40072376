"""Facts as bytes, and what they depend on besides the source: for keeping them between runs.

The first line is JSON: everything but the statements. Then comes one line of JSON for the statements of each
code, which stay text until somebody asks for them.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import fields
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from blockcheck.facts.model import CodeFacts, ModuleFacts, Parameters

_CODE = [f.name for f in fields(CodeFacts)]
_PARAMETERS = [f.name for f in fields(Parameters)]
_PLACE = _CODE.index("params")


def dump(facts: ModuleFacts | None, more: Any = None) -> bytes:
    """Facts, and some other plain value, as bytes."""
    head: list[Any] = [more]
    bodies: list[str] = []
    if facts is not None:
        codes = [_row(code) for code in facts.codes]
        head += [codes, facts.exports, facts.sites, facts.lines, facts.problem]
        bodies = facts.bodies
    return "\n".join([json.dumps(head, separators=(",", ":")), *bodies]).encode("ascii")


def load(data: bytes) -> tuple[ModuleFacts | None, Any]:
    """Undo `dump`.

    Raises:
        ValueError: for bytes that are not such.
    """
    first, *bodies = data.decode("ascii").split("\n")
    try:
        more, *head = json.loads(first)
        if not head:
            return None, more
        rows, exports, sites, lines, problem = head
        place = tuple(problem) if problem is not None else None
        return ModuleFacts([_code(row) for row in rows], bodies, exports, sites, lines, place), more
    except (TypeError, RecursionError) as error:
        raise ValueError(str(error)) from None


def _row(code: CodeFacts) -> list[Any]:
    row = [getattr(code, name) for name in _CODE]
    row[_PLACE] = [getattr(code.params, name) for name in _PARAMETERS]
    return row


def _code(row: list[Any]) -> CodeFacts:
    row[_PLACE] = Parameters(*row[_PLACE])
    return CodeFacts(*row)


@lru_cache(maxsize=1)
def logic() -> str:
    """A digest of all that facts depend on besides the source: our code, the parser and Python."""
    digest = hashlib.blake2b(repr(sys.version_info[:3]).encode(), digest_size=16)
    package = Path(__file__).parent
    files = [*package.glob("*.py"), *(package.parent / "source").glob("*.py"), package.parent / "reading.py"]
    parser = find_spec("libcst")
    if parser is not None and parser.origin is not None:
        # Its version, told by its files: to ask the metadata of distributions would take longer than reading facts.
        files += [Path(parser.origin).with_name("_version.py"), Path(parser.origin)]
    for file in sorted(files):
        if file.is_file():
            digest.update(file.read_bytes())
    return digest.hexdigest()
