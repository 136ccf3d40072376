"""What outputs and selections need to know of the rules; importing the rules themselves takes longer."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from blockcheck import storage, tool
from blockcheck.findings import RuleInfo, Severity

if TYPE_CHECKING:
    from blockcheck.rules import Rule

_FILE = "rules"


def table(folder: storage.Folder | None = None) -> tuple[RuleInfo, ...]:
    """Every rule there is, in the order of the codes.

    Args:
        folder: where the table is kept between runs.
    """
    if folder is None:
        return _made()
    wanted = hashlib.blake2b(tool.identity().encode(), digest_size=16).hexdigest()
    data = storage.unseal(folder.read(_FILE))
    if data is not None:
        made_by, rows = json.loads(data)
        if made_by == wanted:
            return tuple(_restored(*row) for row in rows)
    infos = _made()
    rows = [[i.code, i.name, i.summary, i.page, i.default, str(i.severity)] for i in infos]
    folder.write(_FILE, storage.seal(json.dumps([wanted, rows]).encode()))
    return infos


def _restored(code: str, name: str, summary: str, page: str, default: bool, severity: str) -> RuleInfo:
    return RuleInfo(code, name, summary, page, default, Severity(severity))


def _made() -> tuple[RuleInfo, ...]:
    from blockcheck.rules import RULES  # noqa: PLC0415  (costs start-up)

    return tuple(map(_info, RULES))


def _info(rule: Rule) -> RuleInfo:
    from blockcheck import pages  # noqa: PLC0415

    return RuleInfo(rule.code, rule.name, rule.summary, pages.page(rule), rule.default, rule.severity)
