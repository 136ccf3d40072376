"""Configuration is read, checked and explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from blockcheck.config import ConfigError, load
from blockcheck.findings import Confidence


def test_every_key(project) -> None:
    root = project(
        {
            "blockcheck.toml": """
                select = ["BCK2"]
                extend-select = ["BCK401"]
                ignore = ["BCK204"]
                extend-ignore = ["BCK205"]
                min-confidence = "low"
                exclude = ["one"]
                extend-exclude = ["two"]
                force-exclude = true
                src = ["lib"]
                output-format = "concise"
                non-blocking = ["a.b"]
                blocking = ["c.d"]
                catalogue = ["packs/ours.toml"]
                [per-file-ignores]
                "tests/*" = ["BCK1"]
                [rules]
                max-workers-bound = 32
                """
        }
    )
    config = load([root])
    (layer,) = config.selection
    assert (layer.select, layer.extend_select) == (("BCK2",), ("BCK401",))
    assert (layer.ignore, layer.extend_ignore) == (("BCK204",), ("BCK205",))
    assert config.min_confidence is Confidence.LOW
    assert (config.exclude, config.extend_exclude, config.force_exclude) == (("one",), ("two",), True)
    assert config.src == (root / "lib",)
    assert config.output_format == "concise"
    assert config.declared.tables == {"non-blocking": ["a.b"], "blocking": ["c.d"]}
    assert config.catalogue == (root / "packs/ours.toml",)
    assert config.per_file_ignores == (("tests/*", ("BCK1",)),)
    assert config.settings.rules.max_workers_bound == 32
    assert (config.root, config.base, config.file) == (root, root, root / "blockcheck.toml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("selct = []", "pyproject.toml: tool.blockcheck.selct: unknown key; did you mean 'select'?"),
        ("select = 'BCK2'", "pyproject.toml: tool.blockcheck.select: expected a list of strings, not 'BCK2'"),
        ("ignore = [1]", "pyproject.toml: tool.blockcheck.ignore: expected a list of strings, not [1]"),
        (
            "min-confidence = 'hihg'",
            "pyproject.toml: tool.blockcheck.min-confidence: unknown value 'hihg'; did you mean 'high'?",
        ),
        (
            "min-confidence = 1",
            "pyproject.toml: tool.blockcheck.min-confidence: unknown value 1; valid are low, medium, high",
        ),
        ("force-exclude = 1", "pyproject.toml: tool.blockcheck.force-exclude: expected true or false, not 1"),
        ("rules = 1", "pyproject.toml: tool.blockcheck.rules: expected a table, not 1"),
        (
            "[tool.blockcheck.rules]\nmax-worker-bound = 1",
            "pyproject.toml: tool.blockcheck.rules.max-worker-bound: unknown key; did you mean 'max-workers-bound'?",
        ),
        (
            "[tool.blockcheck.rules]\nmax-workers-bound = true",
            "pyproject.toml: tool.blockcheck.rules.max-workers-bound: expected a whole number, not True",
        ),
        (
            "[tool.blockcheck.rules]\nmax-workers-bound = 0",
            "pyproject.toml: tool.blockcheck.rules.max-workers-bound: expected a number above zero, not 0",
        ),
        (
            "[tool.blockcheck.per-file-ignores]\nx = 'BCK1'",
            "pyproject.toml: tool.blockcheck.per-file-ignores.x: expected a list of strings, not 'BCK1'",
        ),
    ],
)
def test_errors_name_file_key_and_what_is_valid(project, text: str, message: str) -> None:
    root = project({"pyproject.toml": f"[tool.blockcheck]\n{text}\n"})
    with pytest.raises(ConfigError) as caught:
        load([root])
    assert str(caught.value) == message


def test_broken_toml(project) -> None:
    root = project({"blockcheck.toml": "\nselect = ]\n"})
    with pytest.raises(ConfigError, match=r"^blockcheck\.toml: not valid TOML: .*line 2"):
        load([root])


def test_a_broken_pyproject_that_is_not_about_us_is_left_alone(project) -> None:
    root = project({"pyproject.toml": "[tool.other\n"})
    assert load([root]).file is None


def test_missing_file(project) -> None:
    project({})
    with pytest.raises(ConfigError, match=r"^nope\.toml: cannot be read: No such file or directory$"):
        load([Path()], Path("nope.toml"))


def test_explicit_file_and_isolation(project) -> None:
    root = project({"blockcheck.toml": "ignore = ['BCK1']", "other/ci.toml": "src = ['lib']", "a/x.py": ""})
    assert load([root / "a"]).selection[0].ignore == ("BCK1",)
    explicit = load([root / "a"], Path("other/ci.toml"))
    assert explicit.src == (root / "other/lib",)
    assert explicit.root == root
    isolated = load([root / "a"], isolated=True)
    assert (isolated.selection, isolated.file, isolated.root) == ((), None, root / "a")


def test_blockcheck_toml_comes_before_pyproject(project) -> None:
    root = project(
        {"blockcheck.toml": "ignore = ['BCK1']", "pyproject.toml": "[tool.blockcheck]\nselect = ['BCK2']"}
    )
    assert load([root]).file == root / "blockcheck.toml"
