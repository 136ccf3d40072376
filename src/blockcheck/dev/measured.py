"""The figures that rule pages quote, from a stored result of the benchmark."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from blockcheck import pages
from blockcheck.bench import results
from blockcheck.bench.latest import statement

if TYPE_CHECKING:
    from pathlib import Path


def publish(file: Path) -> None:
    """Write what a result says of each rule's pattern to where the rule pages look for it; keep the others."""
    result = results.load(file)
    origin = {"date": result.started[:10], "machine": _machine(result.machine)}
    figures = pages.measured()
    for scenario in result.scenarios:
        text = statement(scenario)
        if text is not None:
            cost = f"{text[:1].upper()}{text[1:]}."
            figure = {"scenario": scenario.name, "title": scenario.title, "cost": cost, **origin}
            figures |= dict.fromkeys(scenario.codes, figure)
    document = {"figures": dict(sorted(figures.items()))}
    pages.MEASURED.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _machine(described: dict[str, Any]) -> str:
    busy = described["load"][0] if described["load"] else 0
    return (
        f"{described['implementation']} {described['python']} on {described['cores']} cores of "
        f"{described['cpu_model']}, {described['system']}"
        + (f", while other work ran there (load {busy:.1f})" if busy > described["cores"] / 2 else "")
    )
