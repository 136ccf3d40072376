"""A rule's page, from the rule's own docstring, its options and the measured cost of its pattern.

The same page is shown by ``explain``, in ``docs/rules`` and to the readers of SARIF.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from blockcheck.config import RuleOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.rules import Rule

#: Written by ``python -m blockcheck.dev measured``.
MEASURED = Path(__file__).with_name("measured.json")


def page(rule: Rule) -> str:
    """Return the page of a rule, in Markdown."""
    return "\n\n".join(_parts(rule))


def _parts(rule: Rule) -> Iterator[str]:
    text = inspect.cleandoc(rule.__doc__ or rule.summary)
    if rule.fix_safety:
        before, heading, gaps = text.partition("\n## Known gaps\n")
        text = f"{before}\n## Fix safety\n{rule.fix_safety}\n{heading}{gaps}"
    text, _, references = text.partition("\n\n## References\n")
    yield text
    if rule.options:
        yield "## Options"
        about = attributes(RuleOptions)
        for field in dataclasses.fields(RuleOptions):
            if field.name in rule.options:
                key = field.name.replace("_", "-")
                yield f"`{key}` in `[tool.blockcheck.rules]`, {field.default} by default: {about[field.name]}"
    cost = cost_of(rule.code)
    if cost:
        yield "## What it costs"
        yield cost
    if references:
        yield f"## References\n{references}"


def cost_of(code: str) -> str | None:
    """Return what the pattern behind a rule was measured to cost; None for a rule that claims no cost."""
    figure = measured().get(code)
    if figure is None:
        return None
    return (
        f"Scenario `{figure['scenario']}`: {figure['title']}.\n\n"
        f"{figure['cost']}\n\n"
        f"Measured on {figure['date']} with {figure['machine']}; in brackets the 95 % interval of the ratio. "
        f"`blockcheck bench {code}` measures it on your machine."
    )


def measured_code(code: str) -> str | None:
    """Return the code that was measured, in Markdown: what the variants share, and each of them."""
    from blockcheck.bench.examples import example  # noqa: PLC0415  (costs start-up, and most readers do without)

    shown = example(code)
    if shown is None:
        return None
    sources = filter(None, (shown.shared, *shown.variants.values()))
    return "\n\n".join(["The measured code:", *(f"```python\n{source}\n```" for source in sources)])


@functools.cache
def measured() -> dict[str, dict[str, str]]:
    """Return the published figures by code."""
    figures: dict[str, dict[str, str]] = json.loads(MEASURED.read_text(encoding="utf-8"))["figures"]
    return figures


def attributes(kind: type) -> dict[str, str]:
    """Return what the docstring of a class says of its attributes, each in one line."""
    _, _, listed = inspect.cleandoc(kind.__doc__ or "").partition("Attributes:\n")
    found = re.findall(r"^    (\w+): (.+(?:\n        .+)*)", listed, flags=re.MULTILINE)
    return {name: " ".join(text.split()).replace("``", "`") for name, text in found}
