"""Rules are selected by codes, prefixes and layers."""

from __future__ import annotations

import pytest

from blockcheck.config import ConfigError, Selection
from blockcheck.selection import enabled, ignored_by_name

KNOWN = ("BCK101", "BCK201", "BCK202", "BCK205", "BCK902")
DEFAULT = ("BCK101", "BCK201", "BCK202", "BCK902")


def chosen(*layers: Selection) -> list[str]:
    return sorted(enabled(layers, KNOWN, DEFAULT))


def test_default() -> None:
    assert chosen() == list(DEFAULT)
    assert chosen(Selection()) == list(DEFAULT)


def test_select_replaces_and_extend_select_adds() -> None:
    assert chosen(Selection(select=("BCK205",))) == ["BCK205"]
    assert chosen(Selection(extend_select=("BCK205",))) == sorted([*DEFAULT, "BCK205"])
    assert chosen(Selection(select=("ALL",))) == list(KNOWN)
    assert chosen(Selection(select=())) == []


def test_the_longer_prefix_wins_and_ignoring_wins_a_draw() -> None:
    assert chosen(Selection(select=("BCK2",), ignore=("BCK202",))) == ["BCK201", "BCK205"]
    assert chosen(Selection(select=("BCK202",), ignore=("BCK2",))) == ["BCK202"]
    assert chosen(Selection(select=("BCK2",), ignore=("BCK2",))) == []
    assert chosen(Selection(ignore=("ALL",), extend_select=("BCK201",))) == ["BCK201"]
    assert chosen(Selection(ignore=("BCK20",), extend_ignore=("BCK1",))) == ["BCK902"]


def test_layers() -> None:
    below = Selection(select=("BCK2",), ignore=("BCK202",))
    assert chosen(below, Selection(extend_select=("BCK101",))) == ["BCK101", "BCK201", "BCK205"]
    assert chosen(below, Selection(ignore=("BCK205",))) == ["BCK201"]
    assert chosen(below, Selection(select=("BCK202",))) == ["BCK202"]


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (Selection(select=("BCK206",), origin="--"), "--select: unknown code 'BCK206'; did you mean 'BCK20"),
        (
            Selection(extend_ignore=("E501",), origin="x.toml: "),
            "x.toml: extend-ignore: unknown code 'E501'; ",
        ),
        (Selection(select=("",), origin="--"), "--select: unknown code ''; "),
    ],
)
def test_unknown_codes(layer: Selection, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        chosen(layer)
    assert str(caught.value).startswith(message)


def test_ignored_by_name() -> None:
    assert not ignored_by_name([Selection(select=("BCK2",))], "BCK902")
    assert ignored_by_name([Selection(ignore=("BCK902",))], "BCK902")
    assert not ignored_by_name([Selection(ignore=("BCK902",)), Selection(extend_select=("BCK9",))], "BCK902")
