"""Fix copies of packages and check what came of it: ``python benchmarks/fixing.py --work FOLDER PACKAGE …``.

Packages are folders. Of each a copy below ``--work`` is fixed as by ``check --select ALL --fix --unsafe-fixes``, then
looked at: every changed file that compiled must do so still, in every round nothing but the edits may have changed, no fixed finding may be
reported again, and a second run must change nothing. What was found is kept in ``--work``, so that
packages can be done one at a time; the tables (Markdown) are of all that are there. ``--sample N`` shows N fixed
places instead, drawn at random by rule and package.
"""

from __future__ import annotations

import argparse
import compileall
import difflib
import json
import os
import random
import re
import shutil
import sys
import time
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blockcheck import autofix
from blockcheck.config import Selection, load
from blockcheck.findings import Confidence
from blockcheck.source.rewriting import rewrite

if TYPE_CHECKING:
    from collections.abc import Iterable

    from blockcheck.config import Config
    from blockcheck.findings import Edit, Finding, Report

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z")


class Watched(autofix.Fixer):
    """A fixer whose rounds are looked at: what changed, and whether edits say so."""

    stray: int = 0

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.places: list[dict[str, Any]] = []

    def _accept(self, plan: Any, texts: Any, report: Any, outcome: Any) -> None:
        for path, planned in plan.items():
            before = self._files[path].after
            edits = {edit for one in planned for edit in one.finding.fix.edits}
            self.stray += spliced(before, edits) != texts[path]
            for one in planned:
                alone = spliced(before, one.finding.fix.edits)
                self.places.append({
                    "code": one.finding.code, "path": path, "line": one.finding.location.line,
                    "message": one.finding.message, "diff": "".join(hunks(before, alone)),
                })  # fmt: skip
        super()._accept(plan, texts, report, outcome)


def spliced(text: str, edits: Iterable[Edit]) -> str:
    """A text with edits applied, by lines and columns."""
    lines = _LINE.findall(text)
    for edit in sorted(edits, key=lambda e: (e.location.line, e.location.column), reverse=True):
        place = edit.location
        lines += [""] * (place.end_line - len(lines))
        first, last = lines[place.line - 1], lines[place.end_line - 1]
        lines[place.line - 1 : place.end_line] = [
            first[: place.column - 1] + edit.text + last[place.end_column - 1 :]
        ] + [""] * (place.end_line - place.line)
    return "".join(lines)


def hunks(before: str, after: str) -> Iterable[str]:
    """The changed lines and some around them."""
    return list(difflib.unified_diff(before.splitlines(True), after.splitlines(True), n=6))[2:]


def compiles(data: bytes) -> bool:
    """Whether this Python knows the syntax."""
    try:
        compile(data, "<before>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


def kinds(findings: Iterable[Finding]) -> Counter[tuple[str, ...]]:
    """Findings by what does not change when other lines do."""
    return Counter((f.code, f.location.path, f.function or "", f.message) for f in findings)


def settings(folder: Path, confidence: str) -> Config:
    """All rules, and nothing of the package's own configuration."""
    config = load([folder], isolated=True)
    level = Confidence[confidence.upper()]
    return replace(config, selection=(Selection(select=("ALL",)),), min_confidence=level)


def fix(package: Path, work: Path, confidence: str) -> dict[str, Any]:
    """Fix a copy of a package, and look at it."""
    copy = work / "copies" / package.name
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(package, copy, symlinks=True)
    os.chdir(copy)
    config = settings(copy, confidence)
    started = time.perf_counter()
    first: list[Report] = []
    cache = work / "cache" / package.name
    fixer = Watched(
        [copy], config, unsafe=True, cache=cache, keep=lambda report: first.append(report) or report
    )
    outcome = fixer.run()
    for file in outcome.files.values():
        rewrite(file.path, file.data, file.result)
    broken = [
        str(file.path)
        for file in outcome.files.values()
        if compiles(file.data) and not compileall.compile_file(file.path, quiet=2, force=True)
    ]
    again = autofix.Fixer([copy], config, unsafe=True, cache=cache).run()
    before, after, fixed = kinds(first[0].findings), kinds(again.report.findings), kinds(outcome.fixed)
    return {
        "package": package.name,
        "confidence": confidence,
        "lines": sum(len(path.read_bytes().splitlines()) for path in package.rglob("*.py")),
        "findings": Counter(f.code for f in first[0].findings),
        "fixable": Counter(f.code for f in first[0].findings if f.fix is not None and f.fix.edits),
        "fixed": Counter(f.code for f in outcome.fixed),
        "dropped": Counter(one.finding.code for one in outcome.dropped),
        "reasons": [f"{o.finding.location.path}:{o.finding.location.line} {o.finding.code}: {o.reason}" for o in outcome.dropped],
        "files": len(outcome.files),
        "broken": broken,
        "stray": fixer.stray,
        "again": [str(key) for key, number in fixed.items() if after[key] > max(0, before[key] - number)],
        "unstable": sorted(again.files),
        "seconds": round(time.perf_counter() - started, 1),
        "places": fixer.places,
    }  # fmt: skip


def tables(results: list[dict[str, Any]]) -> Iterable[str]:
    """Figures by rule and by package."""
    columns = ("findings", "fixable", "fixed", "dropped")
    for title in ("rule", "package"):
        yield f"| {title} | " + " | ".join(columns) + " |"
        yield "|---|" + "---:|" * len(columns)
        if title == "package":
            for result in results:
                numbers = (sum(result[column].values()) for column in columns)
                yield f"| {result['package']} | " + " | ".join(f"{number:,}" for number in numbers) + " |"
            continue
        total: dict[str, Counter[str]] = defaultdict(Counter)
        for result in results:
            for column in columns:
                total[column].update(result[column])
        for code in sorted(set().union(*total.values())):
            yield f"| {code} | " + " | ".join(f"{total[column][code]:,}" for column in columns) + " |"
        yield ""


def sample(results: list[dict[str, Any]], number: int, seed: int) -> Iterable[str]:
    """Fixed places, in turns of each rule and in each of each package."""
    draw = random.Random(seed)
    heaps: dict[str, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
    for result in results:
        for place in result["places"]:
            heaps[place["code"]].append((result["package"], place))
    for heap in heaps.values():
        draw.shuffle(heap)
    chosen: list[tuple[str, dict[str, Any]]] = []
    seen: Counter[str] = Counter()
    while len(chosen) < number and any(heaps.values()):
        for code in sorted(heaps):
            heap = heaps[code]
            if heap and len(chosen) < number:
                best = min(range(len(heap)), key=lambda n: seen[heap[n][0]])
                package, place = heap.pop(best)
                seen[package] += 1
                chosen.append((package, place))
    for count, (package, place) in enumerate(chosen, 1):
        yield f"{count}. {place['code']} {package}/{place['path']}:{place['line']} {place['message']}"
        yield place["diff"]


def main() -> None:
    """Fix what is named, and print the tables of all that was."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", nargs="*", type=Path, metavar="PACKAGE")
    parser.add_argument("--work", required=True, type=Path)
    parser.add_argument("--min-confidence", default="medium")
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    work, packages = arguments.work.resolve(), [package.resolve() for package in arguments.packages]
    kept = work / "results"
    kept.mkdir(parents=True, exist_ok=True)
    for package in packages:
        result = fix(package, work, arguments.min_confidence)
        (kept / f"{package.name}.json").write_text(json.dumps(result))
        bad = {key: result[key] for key in ("broken", "stray", "again", "unstable", "reasons") if result[key]}
        print(f"{package.name}: {result['files']} files, {result['seconds']} s {bad or ''}", file=sys.stderr)
    results = [json.loads(path.read_text()) for path in sorted(kept.glob("*.json"))]
    lines = sample(results, arguments.sample, arguments.seed) if arguments.sample else tables(results)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
