"""``blockcheck explain CODE``: the page of a rule."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from typing import TYPE_CHECKING

from blockcheck.config import ConfigError
from blockcheck.wording import nearest_name

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from blockcheck.output import Paint

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001


_WIDEST = 100


def add_parser(subparsers: Subparsers) -> None:
    """Register the verb."""
    parser = subparsers.add_parser("explain", help="explain a rule", description="Print the page of a rule.")
    parser.add_argument("code", metavar="CODE", help="a rule's code, such as BCK201, or its name")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the verb; return the exit code."""
    from blockcheck import pages  # noqa: PLC0415  (help should not wait for these)
    from blockcheck.bench.latest import latest_cost  # noqa: PLC0415
    from blockcheck.output import Paint, colour  # noqa: PLC0415
    from blockcheck.rules import RULES  # noqa: PLC0415

    asked: str = arguments.code
    for rule in RULES:
        if asked.upper() == rule.code or asked.lower() == rule.name:
            paint = Paint(enabled=colour.wanted("auto", sys.stdout))
            default = "on" if rule.default else "off"
            print(paint(f"{rule.code} {rule.name}", "bold") + f" ({rule.severity}, {default} by default)")
            _, _, text = pages.page(rule).partition("\n")
            code = pages.measured_code(rule.code)
            if code is not None:
                text += f"\n\n{code}"
            cost = latest_cost(rule.code)
            if cost is not None:
                text += f"\n\nMeasured on this machine: {cost}"
            for line in _for_terminal(text, paint):
                print(line)
            return 0
    several = [rule.code for rule in RULES if rule.code.startswith(asked.upper())]
    if several:
        raise ConfigError(f"{asked} stands for several rules; name one: {', '.join(several)}")
    known = [name for rule in RULES for name in (rule.code, rule.name)]
    close = nearest_name(asked.upper() if asked[:1].isupper() else asked, known)
    hint = close if close.startswith("did") else "`blockcheck rules` lists them"
    raise ConfigError(f"unknown rule {asked!r}; {hint}")


def _for_terminal(text: str, paint: Paint) -> Iterator[str]:
    """Yield Markdown as lines no wider than the terminal, with its code indented instead of fenced."""
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    parts = re.split(r"^```\w*\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    for number, part in enumerate(parts):
        if number % 2:
            if not parts[number - 1].strip():
                yield ""
            yield textwrap.indent(part.rstrip(), "    ")
            continue
        apart = re.sub(r"^## .+$", r"\n\g<0>\n", part, flags=re.MULTILINE)
        apart = re.sub(r"^- \[(.+)\]\((.+)\)$", r"\n- \1: \2", apart, flags=re.MULTILINE)
        after_heading = False
        for paragraph in filter(None, map(str.strip, re.split(r"\n\s*\n", apart))):
            if not after_heading and not paragraph.startswith("- "):
                yield ""
            after_heading = paragraph.startswith("## ")
            if after_heading:
                yield paint(paragraph.removeprefix("## "), "bold", "cyan")
            else:
                yield from textwrap.wrap(
                    paragraph,
                    width,
                    break_long_words=False,
                    break_on_hyphens=False,
                    subsequent_indent="  " if paragraph.startswith("- ") else "",
                )
