"""Everything under ``docs`` and in the README that is generated, as text by file."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from blockcheck import pages
from blockcheck.dev import contents, picture, reference, schema
from blockcheck.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from blockcheck.rules import Rule

FAMILIES = {
    "BCK1": "Threads and processes",
    "BCK2": "The event loop",
    "BCK3": "Executors",
    "BCK4": "Locks",
    "BCK9": "The source itself",
}


def stale(root: Path) -> dict[Path, str]:
    """Return the generated files of a clone that are not what they should be, with what they should hold."""
    wanted = dict(generated(root))
    found = {path: text for path, text in wanted.items() if _read(path) != text}
    for path in (root / "docs/rules").glob("BCK*.md"):
        if path not in wanted:
            raise SystemExit(f"{path}: no rule has this code; delete the file")
    return found


def generated(root: Path) -> Iterator[tuple[Path, str]]:
    """Yield every generated file and its text."""
    for rule in RULES:
        yield root / f"docs/rules/{rule.code}.md", rule_page(rule)
    yield root / "docs/rules/index.md", rules_index()
    yield root / "src/blockcheck/config.schema.json", schema.text()
    yield root / "docs/reference/configuration.md", reference.configuration()
    yield root / "docs/reference/command-line.md", reference.command_line()
    yield root / "docs/catalogue-contents.md", contents.page()
    yield root / "docs/images/finding.svg", picture.finding()
    readme = root / "README.md"
    text = between(_read(readme), "rules", table("docs/rules/"))
    text = between(text, "cost", pages.cost_of("BCK101") or "")
    yield readme, between(text, "peers", peers(root))


def rule_page(rule: Rule) -> str:
    """Return a rule's page of the documentation."""
    _, _, text = pages.page(rule).partition("\n")
    default = "on" if rule.default else "off"
    parts = [f"# {rule.code}: {rule.name}", f"A {rule.severity}, {default} by default.", text.strip()]
    code = pages.measured_code(rule.code)
    return "\n\n".join([*parts, code] if code else parts) + "\n"


def rules_index() -> str:
    """Return the page that lists the rules."""
    return f"# Rules\n\n{table('')}\n"


def table(folder: str) -> str:
    """Return the rules by family, each with a link to its page in ``folder``."""
    lines: list[str] = []
    for prefix, title in FAMILIES.items():
        lines += [f"| {title} | | | fix |", "|---|---|---|---|"] if not lines else [f"| **{title}** | | | |"]
        for rule in RULES:
            if rule.code.startswith(prefix):
                fix = "yes" if rule.fix_safety else ""
                off = "" if rule.default else " (off by default)"
                lines.append(
                    f"| [{rule.code}]({folder}{rule.code}.md) | {rule.name} | {rule.summary}{off} | {fix} |"
                )
    return "\n".join(lines)


def peers(root: Path) -> str:
    """Return what was counted by ``benchmarks/peers.py``, as a table."""
    counted = json.loads(_read(root / "docs/peers.json"))
    lines = [
        "| | direct calls | through calls | other lines | CPU seconds for `src` |",
        "|---|---|---|---|---|",
        f"| marked in the fixtures | {counted['direct']} | {counted['through calls']} | | |",
    ]
    for name in ("blockcheck", "ruff", "flake8-async"):
        tool = counted[name]
        lines.append(
            f"| {name} {tool['version']} | {tool['direct']} | {tool['through calls']} | {tool['unmarked']} | {tool['seconds']} |"
        )
    return "\n".join(lines)


def between(text: str, name: str, content: str) -> str:
    """Replace what stands between the marks of this name."""
    marked, count = re.subn(
        rf"(<!-- {name}: generated -->\n).*?(\n<!-- /{name} -->)",
        lambda match: f"{match[1]}{content}{match[2]}",
        text,
        flags=re.DOTALL,
    )
    if count != 1:
        raise SystemExit(f"one mark `<!-- {name}: generated -->` expected, {count} found")
    return marked


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""
