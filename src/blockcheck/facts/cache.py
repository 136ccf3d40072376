"""Facts as bytes, and what they depend on besides the source: for keeping them between runs.

The first line is JSON of what has no bearing on the analysis, the second of everything else but the statements.
Then comes one line of JSON for the statements of each code, which stay text until somebody asks for them.
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


def dump(facts: ModuleFacts) -> bytes:
    """Facts as bytes."""
    head = [facts.lines, facts.problem]
    meant = [[_row(code) for code in facts.codes], facts.exports, facts.sites]
    return "\n".join([_json(head), _json(meant), *facts.bodies]).encode("ascii")


def load(data: bytes) -> ModuleFacts:
    """Undo `dump`.

    Raises:
        ValueError: for bytes that are not such.
    """
    try:
        first, second, *bodies = data.decode("ascii").split("\n")
        lines, problem = json.loads(first)
        rows, exports, sites = json.loads(second)
        place = tuple(problem) if problem is not None else None
        return ModuleFacts([_code(row) for row in rows], bodies, exports, sites, lines, place)
    except (TypeError, RecursionError) as error:
        raise ValueError(str(error)) from None


def meaning(dumped: bytes) -> str:
    """A digest of what facts say: the same for two texts that differ in nothing that the analysis looks at."""
    return hashlib.blake2b(dumped[dumped.index(b"\n") :], digest_size=16).hexdigest()


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _row(code: CodeFacts) -> list[Any]:
    row = [getattr(code, name) for name in _CODE]
    row[_PLACE] = [getattr(code.params, name) for name in _PARAMETERS]
    return row


def _code(row: list[Any]) -> CodeFacts:
    row[_PLACE] = Parameters(*row[_PLACE])
    made = CodeFacts(*row)
    made.compact()
    return made


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
