"""Every rule's page says what it has to, and its examples are true."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from blockcheck import engine
from blockcheck.config import Selection, load
from blockcheck.rules import RULES

if TYPE_CHECKING:
    from pathlib import Path

    from blockcheck.rules import Rule

SECTIONS = ("What it does", "Why is this bad?", "Example", "Use instead", "Known gaps", "References")
RULE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)


def page(rule: Rule) -> str:
    return inspect.cleandoc(type(rule).__doc__ or "")


def sections(rule: Rule) -> dict[str, str]:
    """The text of each section, by its heading."""
    _title, *parts = re.split(r"^## (.+)$", page(rule), flags=re.MULTILINE)
    return dict(zip(parts[::2], (text.strip() for text in parts[1::2]), strict=True))


def code(rule: Rule, section: str) -> str:
    blocks: list[str] = re.findall(
        r"^```\w+\n(.*?)^```$", sections(rule)[section], flags=re.MULTILINE | re.DOTALL
    )
    assert len(blocks) == 1, f"{section}: one block of code"
    return blocks[0]


def codes_found(rule: Rule, text: str, folder: Path) -> set[str]:
    file = folder / "example.py"
    file.write_text(text)
    config = load([file], isolated=True)
    selected = replace(config, root=folder, base=folder, selection=(Selection(extend_select=(rule.code,)),))
    return {finding.code for finding in engine.run([file], selected, jobs=1).findings}


@RULE
def test_page_has_all_sections(rule: Rule) -> None:
    assert page(rule).startswith(f"# {rule.name}\n")
    found = sections(rule)
    assert tuple(found) == SECTIONS
    assert all(found.values())


@RULE
def test_example_is_reported(rule: Rule, tmp_path: Path) -> None:
    assert rule.code in codes_found(rule, code(rule, "Example"), tmp_path)


@RULE
def test_what_to_use_instead_is_not_reported(rule: Rule, tmp_path: Path) -> None:
    text = code(rule, "Use instead")
    compile(text, "example.py", "exec")
    assert codes_found(rule, text, tmp_path) == set()


@RULE
def test_name_and_summary(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name)
    assert re.fullmatch(r"BCK\d{3}", rule.code)
    assert rule.summary
    assert not rule.summary.endswith(".")


def test_codes_and_names_are_unique() -> None:
    assert len({rule.code for rule in RULES}) == len(RULES)
    assert len({rule.name for rule in RULES}) == len(RULES)
