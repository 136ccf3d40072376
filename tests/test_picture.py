"""``blockcheck graph --output-format html|svg``: the blocking paths as a picture."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest

from blockcheck.cli import main
from blockcheck.findings import Confidence, Finding, Link, Location, Severity
from blockcheck.output import picture
from blockcheck.output.picture.layout import Lane, arrange

if TYPE_CHECKING:
    from pathlib import Path

SVG = "{http://www.w3.org/2000/svg}"


def finding(*calls: str, kind: str = "sleep", code: str = "BCK201") -> Finding:
    """A finding whose chain leads through functions of modules, ``module.function`` each, to a primitive."""
    *functions, primitive = calls
    chain = tuple(
        Link(f"{name.partition('.')[0]}.py", line, 5, name, call)
        for line, (name, call) in enumerate(zip(functions, calls[1:], strict=True), 1)
    )
    return Finding(
        code, "blocking", f"{calls[1]}() blocks <the> loop", kind, Confidence.HIGH, Severity.WARNING,
        Location("a.py", 1, 1, 1, 2), functions[0], primitive, chain,
    )  # fmt: skip


FINDINGS = [
    finding("app.handle", "store.Store.load", "disk.read", "builtins.open", kind="file", code="BCK204"),
    finding("app.handle", "disk.read", "builtins.open", kind="file", code="BCK204"),
    finding("app.tick", "time.sleep"),
    finding("app.worker", "time.sleep", code="BCK401"),  # not on the event loop
]


def test_everything_stands_right_of_what_leads_to_it() -> None:
    made = picture.build(FINDINGS)
    columns = {node.name: node.column for node in made.nodes}
    assert columns == {
        "app.handle": 0, "app.tick": 0, "store.Store.load": 1, "disk.read": 2, "builtins.open": 3, "time.sleep": 3,
    }  # fmt: skip
    assert {(g.title, g.column): [n.label for n in g.nodes] for g in made.groups} == {
        ("app", 0): ["handle", "tick"],
        ("store", 1): ["Store.load"],
        ("disk", 2): ["read"],
        ("file", 3): ["builtins.open"],
        ("sleep", 3): ["time.sleep"],
    }


def test_long_lines_share_lanes() -> None:
    made = picture.build(FINDINGS)
    titles = {group.index: group.title for group in made.groups}
    lanes = [{titles[item.target] for item in column if isinstance(item, Lane)} for column in arrange(made)]
    assert lanes == [set(), {"disk", "sleep"}, {"sleep"}, set()]


def test_functions_that_call_each_other_end_somewhere() -> None:
    made = picture.build([finding("a.f", "a.g", "x.y"), finding("a.g", "a.f", "x.y")])
    assert max(node.column for node in made.nodes) < made.columns


def test_page_needs_nothing_else_and_holds_every_path() -> None:
    page = picture.render_html(picture.build(FINDINGS))
    assert not re.search(r'(src|href)=|url\(|@import|https?://(?!www\.w3\.org/2000/svg")', page)
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page)[1])
    assert [path["steps"] for path in data["paths"]] == [
        [["app.py:1", "store.Store.load"], ["store.py:2", "disk.read"], ["disk.py:3", "builtins.open"]],
        [["app.py:1", "disk.read"], ["disk.py:2", "builtins.open"]],
        [["app.py:1", "time.sleep"]],
    ]
    assert "<the>" not in page
    assert page.count("prefers-color-scheme: dark") == 1


@pytest.mark.parametrize("count", [1, 200])
def test_svg_is_one_box_a_module_where_there_is_much(count: int) -> None:
    found = [finding(f"app.handle{number}", "time.sleep") for number in range(count)]
    drawing = ET.fromstring(picture.render_svg(picture.build(found)))  # noqa: S314 - our own output
    texts = [text.text for text in drawing.iter(f"{SVG}text")]
    assert ("handle0" in texts) == (count == 1)
    assert ("app (200)" in texts) == (count == 200)
    assert len(list(drawing.iter(f"{SVG}path"))) == 1


def test_nothing_to_draw() -> None:
    made = picture.build([])
    assert "No blocking path" in picture.render_html(made)
    assert "No blocking path" in ET.fromstring(picture.render_svg(made))[0].text  # noqa: S314


def test_verb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "app.py").write_text(
        "import time\ndef pause():\n    time.sleep(1)\nasync def main():\n    pause()\n"
    )
    monkeypatch.chdir(tmp_path)
    assert main(["graph", "--output-format", "svg"]) == 0
    assert "1 blocking path from 1 function on the event loop to 1 primitive" in capsys.readouterr().out
    assert main(["graph", "--output-format", "html"]) == 0
    assert capsys.readouterr().out.startswith("<!DOCTYPE html>")
