"""What a report looks like: one module a format, each with ``write(report, stream, paint)``."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, TextIO

from blockcheck.output.colour import PLAIN, Paint

if TYPE_CHECKING:
    from blockcheck.findings import Report

__all__ = ["PLAIN", "Paint", "write"]

# Formats whose module is named otherwise, for the standard library has modules of their names.
_MODULES = {"json": "json_document", "jsonl": "json_lines"}


def write(report: Report, output_format: str, stream: TextIO, paint: Paint = PLAIN) -> None:
    """Write a report in one of the formats of `blockcheck.config.FORMATS`."""
    import_module(f"blockcheck.output.{_MODULES.get(output_format, output_format)}").write(
        report, stream, paint
    )
