"""What is generated is fresh."""

from __future__ import annotations

from conftest import REPOSITORY

from blockcheck.bench.registry import SCENARIOS_BY_CODE
from blockcheck.dev import docs
from blockcheck.pages import cost_of


def test_generated_files_are_fresh() -> None:
    """``python -m blockcheck.dev docs`` writes them anew."""
    assert [path.relative_to(REPOSITORY).as_posix() for path in docs.stale(REPOSITORY)] == []


def test_every_measured_pattern_has_its_cost_on_the_page() -> None:
    assert [code for code in SCENARIOS_BY_CODE if cost_of(code) is None] == []
