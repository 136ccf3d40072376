"""Runs blockcheck over fixtures and compares what it reports with what their comments want.

A fixture is a file, or a folder with a small project. On the line where a finding is expected stands
``# want BCK201 "part of the message"``, several behind each other if need be; ``# want low BCK201 "…"`` is a
finding of low confidence, which is not reported by default. Every other finding of medium or high confidence
is a failure.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from blockcheck import engine
from blockcheck.config import Config, Selection, load
from blockcheck.findings import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from blockcheck.findings import Finding

_WANT = re.compile(r"#\s*want\b(?P<items>.*)")
_ITEM = re.compile(r'\s*(?P<low>low\s+)?(?P<code>BCK\d{3})\s+"(?P<part>[^"]*)"')


@dataclass(frozen=True)
class Want:
    """A finding that a comment asks for."""

    path: str
    line: int
    code: str
    part: str
    low: bool

    def __str__(self) -> str:
        return f'{self.path}:{self.line}: {"low " if self.low else ""}{self.code} "{self.part}"'

    def meets(self, finding: Finding, path: str) -> bool:
        """Tell whether a finding is the wanted one."""
        return (
            (path, finding.location.line, finding.code) == (self.path, self.line, self.code)
            and self.part in finding.message
            and (finding.confidence is Confidence.LOW) == self.low
        )


def mismatches(fixture: Path, codes: Sequence[str] = ()) -> list[str]:
    """Return one line for every wanted finding that is missing and every finding that is not wanted.

    Args:
        fixture: a file, or a folder; one with an ``__init__.py`` is a package, any other a project.
        codes: rules to run besides those that are on by default.
    """
    # A copy of its own keeps every fixture a project by itself.
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place).resolve() / fixture.name
        if fixture.is_dir():
            shutil.copytree(fixture, copy, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(fixture, copy)
        files = sorted(copy.rglob("*.py")) if fixture.is_dir() else [copy]
        wanted = [want for file in files for want in wants(file, file.relative_to(place).as_posix())]
        findings = engine.run([copy], _config(copy, codes), jobs=1).findings
        return list(_compare(wanted, findings, Path(place)))


def wants(file: Path, name: str) -> Iterator[Want]:
    """Yield what the comments of a file want."""
    # As the analyser counts lines; `str.splitlines` knows more line ends than Python does.
    lines = re.split(r"\r\n|\n|\r", file.read_bytes().decode("utf-8", "replace"))
    for number, line in enumerate(lines, 1):
        if found := _WANT.search(line):
            items = list(_ITEM.finditer(found["items"]))
            if not items:
                raise ValueError(f'{name}:{number}: expected # want CODE "part of the message"')
            for item in items:
                yield Want(name, number, item["code"], item["part"], bool(item["low"]))


def _config(copy: Path, codes: Sequence[str]) -> Config:
    root = copy if copy.is_dir() and not (copy / "__init__.py").exists() else copy.parent
    own = copy / "blockcheck.toml"
    config = load([copy], own if own.exists() else None, isolated=not own.exists())
    selection = Selection(extend_select=tuple(codes))
    return replace(
        config, root=root, base=root, selection=(*config.selection, selection), min_confidence=Confidence.LOW
    )


def _compare(wanted: list[Want], findings: list[Finding], place: Path) -> Iterator[str]:
    left = list(wanted)
    for finding in findings:
        path = os.path.relpath(os.path.abspath(finding.location.path), place).replace(os.sep, "/")
        want = next((want for want in left if want.meets(finding, path)), None)
        if want:
            left.remove(want)
        elif finding.confidence > Confidence.LOW:
            yield (
                f"unexpected: {path}:{finding.location.line}:{finding.location.column}: "
                f"{finding.code} {finding.message} ({finding.confidence})"
            )
    for want in left:
        yield f"missing: {want}"
