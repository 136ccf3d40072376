"""What other tools list as blocking, against the catalogue: the data of ``docs/catalogue-peers.md``, and its renderer.

Run as a script to write the page anew; a test holds page, data and catalogue together.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blockcheck.catalogue.loader import build, read, sources
from blockcheck.catalogue.model import Catalogue

DATA = Path(__file__).parent / "peers.toml"
PAGE = Path(__file__).parents[2] / "docs" / "catalogue-peers.md"


@dataclass(frozen=True)
class Answer:
    """One name of a peer: what the catalogue calls it, of which kind, or why it is not blocking there."""

    name: str
    canonical: str
    kind: str | None
    reason: str


def answers(catalogue: Catalogue, peer: dict[str, Any]) -> list[Answer]:
    """The catalogue's answers to a peer's names."""
    reasons = {n: r["why"] for r in peer.get("reason", ()) for n in r["names"]}
    found = []
    for name in [n for group in peer["names"].values() for n in group]:
        canonical = catalogue.canonical(name)
        entry = catalogue.entry(canonical)
        if entry is None and "." in canonical:
            entry = catalogue.method(*canonical.rsplit(".", 1))
        kind = entry.kind if entry is not None and entry.blocks else None
        found.append(Answer(name, canonical, kind, reasons.get(name, "")))
    return found


def render(catalogue: Catalogue, data: dict[str, Any]) -> str:
    """The page."""
    lines = [
        "# The catalogue against those of other tools",
        "",
        "For every name that another tool knows to block: present means that the catalogue has it as blocking, under the",
        "kind given. Each name that is not has a reason. The lists were read from the tools' own sources at the versions",
        "given; a test compares them with the catalogue.",
        "",
        "| tool | version | names | present | not, with a reason |",
        "|---|---|---|---|---|",
    ]
    for peer in data["peer"]:
        found = answers(catalogue, peer)
        present = sum(1 for a in found if a.kind)
        lines.append(
            f"| [{peer['tool']}]({peer['source']}) | {peer['version']} | {len(found)} | {present} | {len(found) - present} |"
        )
    for peer in data["peer"]:
        found = answers(catalogue, peer)
        lines += ["", f"## {peer['tool']} {peer['version']}", ""]
        if "note" in peer:
            lines += [peer["note"], ""]
        lines += ["| their rule | present (kind) |", "|---|---|"]
        by_name = {a.name: a for a in found}
        for rule, names in peer["names"].items():
            listed = [f"`{n}` ({by_name[n].kind})" for n in names if by_name[n].kind]
            lines.append(f"| {rule} | {', '.join(listed) or 'none'} |")
        for reason in peer.get("reason", ()):
            lines += ["", f"Not as blocking: {', '.join(f'`{n}`' for n in reason['names'])}. {reason['why']}"]
    return "\n".join(lines) + "\n"


def main() -> None:
    PAGE.write_text(render(Catalogue(build(sources())), read(DATA)), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")


if __name__ == "__main__":
    main()
