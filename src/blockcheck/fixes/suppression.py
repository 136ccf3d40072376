"""BCK901: the comment that hides nothing is removed, or the codes in it that do not.

Safe: comments mean nothing to Python, and what is removed has hidden no finding of this run. What stands
behind the instruction in the same comment, its reason included, goes with it unless it is an instruction too.
Unknown codes and instructions are left to their author, who meant something by them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from blockcheck.findings import Applicability
from blockcheck.fixes.refusal import Refused
from blockcheck.source.edits import Change

if TYPE_CHECKING:
    from blockcheck.findings import Fix
    from blockcheck.fixes.place import Place

_UNUSED = re.compile(r"unused suppression(?: of (?P<codes>[^:]+))?:")
_CODES = re.compile(
    r"(?P<head>.*?[\[:]\s*)(?P<codes>[A-Z]+[0-9]*(?:[,\s]+[A-Z]+[0-9]*)*)(?P<tail>\s*\]?)", re.IGNORECASE
)


def fix(place: Place) -> Fix:
    """Remove the unused part of a comment."""
    told = _UNUSED.match(place.finding.message)
    if told is None:
        raise Refused("it is not known what the comment was meant to say")
    syntax, where = place.syntax, place.finding.location
    start = syntax.lines.offset(where.line, where.column)
    end = syntax.lines.offset(where.end_line, where.end_column)
    found = _CODES.fullmatch(syntax.text[start:end])
    if told["codes"] and found:
        unused = {code.strip() for code in told["codes"].split(",")}
        codes = [code.upper() for code in re.split(r"[,\s]+", found["codes"])]
        left = [code for code in codes if code not in unused]
        if left:
            at = start + found.start("codes")
            change = Change(at, start + found.end("codes"), ", ".join(left))
            return place.fix(
                Applicability.SAFE, f"remove {', '.join(sorted(unused))} from the comment", [change]
            )
    return place.fix(Applicability.SAFE, "remove the comment", [_removal(syntax.text, start, end)])


def _removal(text: str, start: int, end: int) -> Change:
    """Remove an instruction with its reason, and the line if nothing else stands on it."""
    rest = re.compile(r"[^\r\n#]*").match(text, end)
    end = rest.end() if rest else end
    if text.startswith("#", end):
        return Change(start, end, "")  # another instruction follows
    before = text[:start]
    line = max(before.rfind("\n"), before.rfind("\r")) + 1
    if before[line:].strip():
        return Change(len(before.rstrip(" \t")), end, "")
    newline = re.compile(r"\r\n|\n|\r|\Z").match(text, end)
    return Change(line, newline.end() if newline else end, "")
