"""Fixes: for each rule the one that writes the change, all on one view of a file's syntax.

A fixer is a function in a file of its own; the table below says which rule has which. It is given a `Place`
and returns a `Fix`, None where nothing can be said, or raises `Refused` with the reason why there is none.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from typing import TYPE_CHECKING

from blockcheck.fixes import (
    async_lock,
    direct_call,
    lock_block,
    nested_loop,
    offload,
    out_of_lock,
    pool_size,
    process_pool,
    shared_pool,
    sleep,
    suppression,
    thread_pool,
    unpack_offload,
)
from blockcheck.fixes.imports import Imports
from blockcheck.fixes.place import Place
from blockcheck.fixes.refusal import Refused
from blockcheck.fixes.syntax import Syntax, Unfixable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from blockcheck.findings import Finding, Fix
    from blockcheck.project import Project, Unit

__all__ = ["FIXERS", "Place", "Refused", "propose"]

FIXERS: Mapping[str, Callable[[Place], Fix | None]] = {
    "BCK101": thread_pool.fix,
    "BCK103": process_pool.fix,
    "BCK104": direct_call.fix,
    "BCK201": sleep.fix,
    "BCK202": offload.fix,
    "BCK203": offload.fix,
    "BCK204": offload.fix,
    "BCK205": offload.fix,
    "BCK206": offload.fix,
    "BCK207": offload.fix,
    "BCK208": offload.fix,
    "BCK209": offload.fix,
    "BCK210": offload.fix,
    "BCK211": nested_loop.fix,
    "BCK212": unpack_offload.fix,
    "BCK213": offload.fix,
    "BCK301": pool_size.cap,
    "BCK302": pool_size.limit,
    "BCK303": shared_pool.fix,
    "BCK401": out_of_lock.fix,
    "BCK402": async_lock.fix,
    "BCK403": async_lock.fix,
    "BCK406": lock_block.fix,
    "BCK901": suppression.fix,
}


def propose(project: Project, findings: Iterable[Finding], texts: Mapping[str, str]) -> list[Finding]:
    """Return findings with the fixes that there are, in their order.

    Args:
        texts: of the files, by the path that findings carry.
    """
    findings = list(findings)
    by_path: dict[str, list[int]] = defaultdict(list)
    for number, finding in enumerate(findings):
        if finding.code in FIXERS:
            by_path[finding.location.path].append(number)
    units = {unit.file.display: unit for unit in project.units}
    for path, numbers in by_path.items():
        try:
            syntax = Syntax(texts[path])
        except Unfixable:
            continue
        if not syntax.text:
            continue  # the file has changed since it was analysed
        imports = _imports(syntax, units.get(path))
        for number in numbers:
            fix = _fix(Place(findings[number], syntax, project, imports))
            findings[number] = dataclasses.replace(findings[number], fix=fix)
    return findings


def _fix(place: Place) -> Fix | None:
    try:
        return FIXERS[place.finding.code](place)
    except Refused as refusal:
        return place.advice(f"no automatic fix: {refusal}")


def _imports(syntax: Syntax, unit: Unit | None) -> Imports | None:
    return None if unit is None else Imports(syntax, unit.facts, unit.module.partition(".")[0])
