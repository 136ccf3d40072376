"""How time and memory grow with a project: ``python benchmarks/growth.py PACKAGE_FOLDER --lines 250000 500000 …``.

The package is copied under distinct names, each importing only itself, until there are as many lines. The figures of a
run without a cache go to ``docs/growth.json``, a picture of them to ``docs/images/growth.svg``.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import tempfile
from pathlib import Path

from speed import REPOSITORY, timed

WIDTH, HEIGHT, MARGIN = 640, 320, 50


def grow(source: Path, target: Path, lines: int) -> int:
    """Copy a package until the copies have that many lines."""
    name = source.name
    own = re.compile(rf"(?m)^(\s*(?:from|import)\s+){name}\b")
    files = [(f.relative_to(source), f.read_text("utf-8", "replace")) for f in sorted(source.rglob("*.py"))]
    done = number = 0
    while done < lines:
        number += 1
        for place, text in files:
            if done >= lines:
                break
            file = target / f"{name}{number}" / place
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(own.sub(rf"\g<1>{name}{number}", text), "utf-8")
            done += text.count("\n")
    return done


def picture(points: list[dict[str, float]]) -> str:
    """Wall seconds and peak memory against lines."""
    most = max(p["lines"] for p in points)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">'
    ]
    for key, colour, unit in (("cpu", "#c2410c", "s CPU"), ("memory", "#1d4ed8", "MB")):
        top = max(p[key] for p in points)
        spots = [
            (
                MARGIN + p["lines"] / most * (WIDTH - 2 * MARGIN),
                HEIGHT - MARGIN - p[key] / top * (HEIGHT - 2 * MARGIN),
            )
            for p in points
        ]
        way = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
        parts.append(f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="2"/>')
        x, y = spots[-1]
        parts.append(
            f'<text x="{x - 60:.0f}" y="{y - 8 - 16 * (key == "cpu"):.0f}" fill="{colour}">{top:.0f} {unit}</text>'
        )
    parts.append(
        f'<path d="M{MARGIN} {MARGIN}V{HEIGHT - MARGIN}H{WIDTH - MARGIN}" fill="none" stroke="#888"/>'
    )
    for p in points:
        x = MARGIN + p["lines"] / most * (WIDTH - 2 * MARGIN)
        parts.append(
            f'<text x="{x:.0f}" y="{HEIGHT - MARGIN + 18}" text-anchor="middle">{p["lines"] / 1e6:.2g}M</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


def main() -> None:
    """Measure, and keep the result and its picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("package", type=Path)
    parser.add_argument(
        "--lines", type=int, nargs="+", default=[250_000, 500_000, 1_000_000, 2_000_000, 4_000_000]
    )
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    command = [sys.executable, "-m", "blockcheck", "check", "--isolated", "--no-progress", "--quiet", "--no-cache",
               "--jobs", str(options.jobs)]  # fmt: skip
    points = []
    for lines in options.lines:
        with tempfile.TemporaryDirectory() as place:
            made = grow(options.package.resolve(), Path(place), lines)
            points.append({"lines": made, **timed([*command, place], Path(place))})
            print(points[-1], flush=True)
            shutil.rmtree(place, ignore_errors=True)
            Path(place).mkdir()
    document = {"package": options.package.name, "jobs": options.jobs, "points": points}
    (REPOSITORY / "docs" / "growth.json").write_text(json.dumps(document, indent=1) + "\n")
    (REPOSITORY / "docs" / "images" / "growth.svg").write_text(picture(points))


if __name__ == "__main__":
    main()
