"""What is generated is fresh."""

from __future__ import annotations

import json

import jsonschema
import pytest
from conftest import REPOSITORY

from blockcheck.bench.registry import SCENARIOS_BY_CODE
from blockcheck.config import ConfigError, load
from blockcheck.dev import docs
from blockcheck.pages import cost_of


def test_generated_files_are_fresh() -> None:
    """``python -m blockcheck.dev docs`` writes them anew."""
    assert [path.relative_to(REPOSITORY).as_posix() for path in docs.stale(REPOSITORY)] == []


def test_every_measured_pattern_has_its_cost_on_the_page() -> None:
    assert [code for code in SCENARIOS_BY_CODE if cost_of(code) is None] == []


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ("select = ['ALL']\nmin-confidence = 'low'", {"select": ["ALL"], "min-confidence": "low"}),
        ("[per-file-ignores]\na = ['BCK2']", {"per-file-ignores": {"a": ["BCK2"]}}),
        ("[rules]\nmax-workers-bound = 1", {"rules": {"max-workers-bound": 1}}),
        ("selct = []", {"selct": []}),
        ("force-exclude = 'yes'", {"force-exclude": "yes"}),
        ("min-confidence = 'hihg'", {"min-confidence": "hihg"}),
        ("output-format = 'xml'", {"output-format": "xml"}),
        ("[rules]\nmax-workers-bound = 0", {"rules": {"max-workers-bound": 0}}),
    ],
)
def test_the_schema_takes_what_the_tool_takes(project, blockcheck, text: str, table: dict) -> None:
    schema = json.loads(blockcheck("config", "--schema").out)
    root = project({"blockcheck.toml": text})
    try:
        load([root])
    except ConfigError:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(table, schema)
    else:
        jsonschema.validate(table, schema)
