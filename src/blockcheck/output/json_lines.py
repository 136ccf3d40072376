"""``jsonl``: one finding a line, with the fields of the ``json`` document."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TextIO

from blockcheck.output.json_document import finding_object

if TYPE_CHECKING:
    from blockcheck.findings import Report
    from blockcheck.output.colour import Paint


def write(report: Report, stream: TextIO, _paint: Paint) -> None:
    """Write the findings, one a line."""
    stream.writelines(json.dumps(finding_object(finding)) + "\n" for finding in report.findings)
