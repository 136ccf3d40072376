"""The code of a scenario, as the rule pages and the report show it: the very lines that are measured."""

from __future__ import annotations

import ast
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from blockcheck.bench.registry import SCENARIOS_BY_CODE

if TYPE_CHECKING:
    from blockcheck.bench.model import Scenario

_FRAME = ("run", "warm_up")


@dataclass(frozen=True)
class Example:
    """What a scenario compares, as source.

    Attributes:
        summary: the first lines of the file, in words.
        shared: what all variants use.
        variants: the source of each, by name.
    """

    scenario: str
    summary: str
    shared: str
    variants: dict[str, str]


def example(code: str) -> Example | None:
    """The measured code behind rule ``code``; None for a rule that claims no cost."""
    scenario = SCENARIOS_BY_CODE.get(code)
    return None if scenario is None else example_of(scenario)


def example_of(scenario: Scenario) -> Example:
    """Cut the variants, and what they share, out of the scenario's file. Nothing of it is run."""
    specification = importlib.util.find_spec(scenario.module_name)
    if specification is None or specification.origin is None:
        raise ValueError(f"scenario {scenario.name} has no file")
    text = Path(specification.origin).read_text(encoding="utf-8")
    lines = text.splitlines()
    tree = ast.parse(text)
    shared = []
    variants = {}
    for node in tree.body[1:]:
        source = "\n".join(lines[node.lineno - 1 : node.end_lineno])
        name = getattr(node, "name", None)
        if name in scenario.variants:
            variants[str(name)] = source
        # An `if` at the top only imports names for annotations.
        elif name not in _FRAME and not isinstance(node, (ast.Import, ast.ImportFrom, ast.If)):
            shared.append(source)
    return Example(scenario.name, ast.get_docstring(tree) or "", "\n\n\n".join(shared), variants)
