"""blockcheck holds to its own rules; what is done on purpose is said in the configuration or in place."""

from __future__ import annotations

from conftest import REPOSITORY


def test_own_source_is_clean(blockcheck, monkeypatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    outcome = blockcheck("check", "src", "--output-format", "concise")
    assert (outcome.code, outcome.out) == (0, "")
