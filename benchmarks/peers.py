"""What other linters report of the event-loop fixtures in ``tests/fixtures``: ``python benchmarks/peers.py``.

Needs ruff and flake8-async in the environment. The fixtures are ours and say what *we* want reported; the figures
show where the tools differ, not which of them is right. The result is kept in ``docs/peers.json``.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY / "tests"))

from blockcheck.engine import run  # noqa: E402
from blockcheck.findings import Confidence  # noqa: E402
from fixture_runner import _config, wants  # noqa: E402

FIXTURES = Path("tests/fixtures")
STORED = Path("docs/peers.json")
FAMILY = "BCK2"
RUFF = [
    "ruff",
    "check",
    "--isolated",
    "--preview",
    "--select",
    "ASYNC2",
    "--ignore-noqa",
    "--no-cache",
    "--exit-zero",
]
FLAKE8 = ["flake8", "--isolated", "--select", "ASYNC2", "--disable-noqa", "--exit-zero"]
MEDIUM = Confidence.MEDIUM


def wanted_lines(folders: list[Path]) -> set[tuple[str, int]]:
    """Every line on which a comment asks for a finding of the family, guesses left out."""
    return {
        (want.path, want.line)
        for folder in folders
        for file in folder.rglob("*.py")
        for want in wants(file, file.as_posix())
        if want.code.startswith(FAMILY) and not want.low
    }


def lines_through_calls(folders: list[Path]) -> set[tuple[str, int]]:
    """Lines that only block through what they call: their chains have more than one step."""
    found = set()
    for folder in folders:
        for fixture in folder.iterdir():
            if fixture.is_dir() or fixture.suffix == ".py":
                report = run([fixture], _config(fixture, [folder.name]), jobs=1)
                found |= {(f.location.path, f.location.line) for f in report.findings if len(f.chain) > 1}
    return found


def blockcheck(folders: list[Path]) -> set[tuple[str, int]]:
    """Lines with a finding of ours."""
    found = set()
    for folder in folders:
        for fixture in folder.iterdir():
            if fixture.is_dir() or fixture.suffix == ".py":
                report = run(
                    [fixture], replace(_config(fixture, [folder.name]), min_confidence=MEDIUM), jobs=1
                )
                found |= {
                    (f.location.path, f.location.line) for f in report.findings if f.code.startswith(FAMILY)
                }
    return found


def ruff(folders: list[Path]) -> set[tuple[str, int]]:
    """Lines with a finding of ruff's rules on blocking calls."""
    output = _output([*RUFF, "--output-format", "json", *map(str, folders)])
    return {
        (Path(item["filename"]).relative_to(REPOSITORY).as_posix(), item["location"]["row"])
        for item in json.loads(output)
    }


def flake8_async(folders: list[Path]) -> set[tuple[str, int]]:
    """Lines with a finding of flake8-async's rules on blocking calls."""
    output = _output([*FLAKE8, "--format", "%(path)s:%(row)d", *map(str, folders)])
    return {(path, int(row)) for path, row in (line.rsplit(":", 1) for line in output.splitlines())}


TOOLS = {
    "blockcheck": (
        blockcheck,
        ["blockcheck", "check", "--isolated", "--no-cache", "--exit-zero"],
        "blockcheck-linter",
    ),
    "ruff": (ruff, RUFF, "ruff"),
    "flake8-async": (flake8_async, FLAKE8, "flake8-async"),
}


def cpu_seconds(command: list[str]) -> float:
    """CPU time of a run over our own source, which other work on the machine changes less than the wall time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _output([*command, "src"])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 2)


def _output(command: list[str]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], check=True, capture_output=True, text=True, cwd=REPOSITORY
    )
    return done.stdout


def main() -> None:
    """Count, print and keep."""
    folders = sorted(FIXTURES.glob(f"{FAMILY}*"))
    wanted = wanted_lines(folders)
    through = wanted & lines_through_calls(folders)
    document: dict[str, object] = {"direct": len(wanted - through), "through calls": len(through)}
    for name, (tool, command, distribution) in TOOLS.items():
        found = tool(folders)
        document[name] = {
            "version": version(distribution),
            "direct": len(found & wanted - through),
            "through calls": len(found & through),
            "unmarked": len(found - wanted),
            "seconds": cpu_seconds(command),
        }
    text = json.dumps(document, indent=1) + "\n"
    (REPOSITORY / STORED).write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
