"""Facts: what one file says, exactly, and where its sites stand."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from blockcheck import engine
from blockcheck.config import load
from blockcheck.facts import SyntaxProblem, cache, extract, ir, positions

if TYPE_CHECKING:
    from collections.abc import Iterator


def tagged(part: Any) -> Iterator[list[Any]]:
    """Every list of a body, outermost first, in source order."""
    if isinstance(part, list):
        yield part
        for inner in part:
            yield from tagged(inner)


def site_of(text: str, name: str) -> int:
    """The site of the only call of a function or method of this name."""
    facts = extract(text)
    found: set[int] = {
        part[4]
        for index in range(len(facts.codes))
        for part in tagged([facts.codes[index].decorators, facts.body(index)])
        if len(part) == 5
        and part[0] == ir.CALL
        and (
            part[1] == name or (isinstance(part[1], list) and part[1][:1] == [ir.ATTR] and part[1][2] == name)
        )
    }
    assert len(found) == 1
    return found.pop()


def span(text: str, site: int) -> str:
    """The text at a site's position, by counting lines as Python does."""
    line, column, end_line, end_column = positions(text, {site})[site]
    lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", text)
    wanted = lines[line - 1 : end_line]
    wanted[-1] = wanted[-1][: end_column - 1]
    wanted[0] = wanted[0][column - 1 :]
    return "".join(wanted)


def test_module_of_every_kind_of_code() -> None:
    text = """\
import time
from os import path as p


class Service(Base, metaclass=Meta):
    limit: int = 3

    @decorated(1)
    async def run(self, seconds, /, *rest, key: "Client | None" = None, **options) -> Result:
        self.started = True
        options["x"].other = 1
        await time.sleep(seconds)
        return lambda: seconds


def generate():
    global counter
    counter = 1
    yield counter
"""
    facts = extract(text)
    assert facts.lines == 19
    assert facts.exports is None
    assert [(c.kind, c.qualname, c.parent) for c in facts.codes] == [
        ("module", "", -1),
        ("class", "Service", 0),
        ("function", "Service.run", 1),
        ("lambda", "Service.run.<lambda1>", 2),
        ("function", "generate", 0),
    ]
    module, service, run, inner, generate = facts.codes
    assert module.bound == ["time", "p", "Service", "generate"]
    assert service.bases == ["Base"]
    assert service.keywords == [["metaclass", "Meta"]]
    assert service.bound == ["limit", "run"]
    assert run.is_async
    assert run.awaits
    assert not run.is_generator
    assert run.returns == "Result"
    assert run.params.names == ["self", "seconds", "key"]
    assert (run.params.positional_only, run.params.positional) == (2, 2)
    assert (run.params.star, run.params.double_star) == ("rest", "options")
    assert set(run.params.annotations) == {"key"}
    assert run.params.defaults == {"key": [ir.CONST, None]}
    assert run.self_stores == ["started"]
    assert run.other_stores == ["other"]
    assert run.captured == ["seconds"]
    assert inner.params.names == []
    assert generate.is_generator
    assert not generate.is_async
    assert generate.outer == ["counter"]
    assert generate.bound == []


@pytest.mark.parametrize(
    ("source", "statement"),
    [
        (
            "f(1, *a, k=2, **d)",
            [
                ir.EXPR,
                [ir.CALL, "f", [[ir.CONST, 1], [ir.STAR, "a"]], [["k", [ir.CONST, 2]], [None, "d"]], 0],
            ],
        ),
        ("x = a.b[0]", [ir.ASSIGN, ["x"], [ir.SUBSCRIPT, [ir.ATTR, "a", "b", 0], [ir.CONST, 0], 1]]),
        ("x: int", [ir.ANNOTATED, "x", "int", None, False]),
        ("x = y = 1", [ir.ASSIGN, ["x", "y"], [ir.CONST, 1]]),
        ("del x", [ir.DEL, ["x"]]),
        ("assert not x", [ir.ASSERT, [ir.NOT, "x"], None]),
        ("import a.b, c as d", [ir.IMPORT, [["a.b", None], ["c", "d"]]]),
        ("from ..a import b as c, d", [ir.FROM, 2, "a", [["b", "c"], ["d", None]]]),
        ("from a import *", [ir.FROM, 0, "a", [["*", None]]]),
        ("x = 'text'", [ir.ASSIGN, ["x"], [ir.CONST, "text"]]),
        ("x = -1", [ir.ASSIGN, ["x"], [ir.CONST, -1]]),
        ("x = a if t else b", [ir.ASSIGN, ["x"], [ir.IFEXP, "t", "a", "b"]]),
        ("x = a or b or c", [ir.ASSIGN, ["x"], [ir.BOOL, "or", [[ir.BOOL, "or", ["a", "b"]], "c"]]]),
        ("if (n := 1): pass", [ir.IF, [ir.NAMED, "n", [ir.CONST, 1]], [], []]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_statement(source: str, statement: list[Any]) -> None:
    assert extract(source + "\n").body(0) == [statement]


@pytest.mark.parametrize(
    ("source", "exports"),
    [
        ("a = 1\n", None),
        ('__all__ = ["a", "b"]\n', ["a", "b"]),
        ('__all__ = ("a",)\n', ["a"]),
        ('__all__ = ["a"]\n__all__ += ["b"]\n', ["a", "b"]),
        ('__all__ = ["a"]\n__all__ += other.__all__\n', None),
        ("__all__ = first.__all__ + second.__all__\n", None),
    ],
)
def test_exports(source: str, exports: list[str] | None) -> None:
    assert extract(source).exports == exports


@pytest.mark.parametrize(
    ("source", "marker"),
    [
        ("def f():  # blockcheck: non-blocking\n    pass\n", "non-blocking"),
        ("# blockcheck: blocking\ndef f():\n    pass\n", "blocking"),
        ("# license\n\n# blockcheck: blocking\ndef f():\n    pass\n", "blocking"),
        ("@a\n# blockcheck: blocking\ndef f():\n    pass\n", "blocking"),
        ("def f(): pass  # blockcheck: blocking\n", "blocking"),
        ("def f():\n    pass  # blockcheck: blocking\n", ""),
        ('def f():\n    """# blockcheck: blocking"""\n', ""),
    ],
)
def test_marker_of_a_definition(source: str, marker: str) -> None:
    assert extract(source).codes[1].marker == marker


def test_marker_above_the_first_statement_is_not_of_a_later_definition() -> None:
    assert extract("# blockcheck: blocking\nx = 1\ndef f():\n    pass\n").codes[1].marker == ""


def test_facts_are_plain_data() -> None:
    facts = extract("def f(x=1):\n    return [g(y) for y in x]\n")
    assert json.loads(facts.bodies[1]) == facts.body(1)
    assert extract("def f(x=1):\n    return [g(y) for y in x]\n") == facts


def test_sites_are_in_source_order() -> None:
    text = "a(b(c(), d()), e())\n"
    sites = [site_of(text, name) for name in "cdbea"]
    assert sites == sorted(sites)
    assert [span(text, site) for site in sites] == ["c()", "d()", "b(c(), d())", "e()", "a(b(c(), d()), e())"]


POSITIONS = [
    pytest.param("sleep(1)\n", (1, 1, 1, 9), "sleep(1)", id="first-line"),
    pytest.param("x = 1\r\nsleep(1)\r\n", (2, 1, 2, 9), "sleep(1)", id="crlf"),
    pytest.param("x = 1\rsleep(1)\r", (2, 1, 2, 9), "sleep(1)", id="carriage-returns"),
    pytest.param("x = 1\r\ny = 2\nsleep(1)", (3, 1, 3, 9), "sleep(1)", id="mixed-line-ends-and-no-last-one"),
    pytest.param("if x:\n\tsleep(1)\n", (2, 2, 2, 10), "sleep(1)", id="tab"),
    pytest.param("if x:\n\tif y:\n\t    sleep(1)\n", (3, 6, 3, 14), "sleep(1)", id="tab-and-spaces"),
    pytest.param("@a\n@b(1)\ndef f():\n    sleep(1)\n", (4, 5, 4, 13), "sleep(1)", id="decorators"),
    pytest.param("@sleep(1)\nclass A: pass\n", (1, 2, 1, 10), "sleep(1)", id="in-a-decorator"),
    pytest.param("x = f'{a}{sleep(1)!r:>{w}}'\n", (1, 11, 1, 19), "sleep(1)", id="f-string"),
    pytest.param("x = f\"{f'{sleep(1)}'}\"\n", (1, 11, 1, 19), "sleep(1)", id="nested-f-string"),
    pytest.param('x = f"""\n{\n  sleep(1)}"""\n', (3, 3, 3, 11), "sleep(1)", id="f-string-of-several-lines"),
    pytest.param(
        "sleep(\n    1,\n    2,\n)\n", (1, 1, 4, 2), "sleep(\n    1,\n    2,\n)", id="several-lines"
    ),
    pytest.param(
        "x = (\n    a\n    .sleep(1)\n)\n", (2, 5, 3, 14), "a\n    .sleep(1)", id="chain-of-several-lines"
    ),
    pytest.param("x = '日本語'; sleep('é')\n", (1, 12, 1, 22), "sleep('é')", id="wide-characters"),
    pytest.param("x = '😀'; sleep(1)\n", (1, 10, 1, 18), "sleep(1)", id="outside-the-basic-plane"),
    pytest.param("x = 'e\u0301'; sleep(1)\n", (1, 11, 1, 19), "sleep(1)", id="combining-character"),
    pytest.param("a; sleep(1); b\n", (1, 4, 1, 12), "sleep(1)", id="semicolons"),
    pytest.param("x = a + \\\n    sleep(1)\n", (2, 5, 2, 13), "sleep(1)", id="continued-line"),
    pytest.param("(sleep(1))\n", (1, 2, 1, 10), "sleep(1)", id="parentheses"),
    pytest.param(
        "x = '''\n\n''' + sleep(1)\n", (3, 7, 3, 15), "sleep(1)", id="after-a-string-of-several-lines"
    ),
    pytest.param("\x0c\nsleep(1)\n", (2, 1, 2, 9), "sleep(1)", id="form-feed"),
    pytest.param(
        "x = 'a\x0bb\x1c\u2028'\nsleep(1)\n", (2, 1, 2, 9), "sleep(1)", id="line-ends-of-other-tools"
    ),
    pytest.param("# comment\n\n\nsleep(1)  # more\n", (4, 1, 4, 9), "sleep(1)", id="comments"),
    pytest.param("async def f():\n    await sleep(1)\n", (2, 11, 2, 19), "sleep(1)", id="await"),
    pytest.param("sleep (1)\n", (1, 1, 1, 10), "sleep (1)", id="space-before-the-arguments"),
]


@pytest.mark.parametrize(("text", "place", "piece"), POSITIONS)
def test_position_of_a_call(text: str, place: tuple[int, int, int, int], piece: str) -> None:
    site = site_of(text, "sleep")
    assert positions(text, {site}) == {site: place}
    assert span(text, site) == piece


def test_positions_of_compound_statements_are_their_first_lines() -> None:
    text = "for x in y:\n    a()\nwhile z:\n    b()\nwith c() as d:\n    pass\n"
    body = extract(text).body(0)
    sites = {body[0][6]: "for x in y:", body[1][4]: "while z:", body[2][1][0][2]: "c() as d"}
    assert {site: span(text, site) for site in sites} == sites


def test_position_of_a_definition_leaves_its_decorators_out() -> None:
    text = "@a\n@b\nasync def f(\n    x,\n):\n    pass\n"
    facts = extract(text)
    assert positions(text, {facts.codes[1].site}) == {facts.codes[1].site: (3, 1, 3, 13)}


def test_positions_of_many_sites_at_once() -> None:
    text = "".join(f"if x:\n    call_{n}(é, '{n}')\n" for n in range(200))
    sites = {site_of(text, f"call_{n}"): n for n in (0, 99, 199)}
    found = positions(text, set(sites))
    assert {sites[site]: place for site, place in found.items()} == {
        0: (2, 5, 2, 19),
        99: (200, 5, 200, 21),
        199: (400, 5, 400, 23),
    }


def test_unknown_sites_have_no_position() -> None:
    assert positions("a()\n", {0, 5}).keys() == {0}


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\xef\xbb\xbfimport time\nasync def f():\n    time.sleep(1)\n", id="byte-order-mark"),
        pytest.param(
            b"# coding: latin-1\nimport time\nasync def f(): x = '\xe9'; time.sleep(1)\n", id="latin-1"
        ),
        pytest.param(b"import time\r\nasync def f():\r\n\ttime.sleep(1)\r\n", id="crlf-and-tab"),
    ],
)
def test_position_in_the_bytes_of_a_file(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "case.py"
    file.write_bytes(data)
    config = replace(load([file], isolated=True), root=tmp_path, base=tmp_path)
    (finding,) = engine.run([file], config, jobs=1).findings
    text = data.decode("latin-1" if b"latin" in data else "utf-8-sig")
    line = re.split("\r\n|\n", text)[finding.location.line - 1]
    assert line[finding.location.column - 1 : finding.location.end_column - 1] == "time.sleep(1)"


def test_byte_order_mark_shifts_no_column(tmp_path: Path) -> None:
    file = tmp_path / "case.py"
    file.write_bytes(b"\xef\xbb\xbfasync def f(): import time; time.sleep(1)\n")
    config = replace(load([file], isolated=True), root=tmp_path, base=tmp_path)
    (finding,) = engine.run([file], config, jobs=1).findings
    assert (finding.location.line, finding.location.column) == (1, 29)


@pytest.mark.parametrize(
    ("source", "line"),
    [("def f(:\n    pass\n", 1), ("x = 1\ny = (\n", 2), ("class\n", 1)],
)
def test_what_is_not_python_is_told_with_its_line(source: str, line: int) -> None:
    with pytest.raises(SyntaxProblem) as problem:
        extract(source)
    assert problem.value.line >= line
    assert problem.value.message


FIXTURES = sorted((Path(__file__).parent / "fixtures").rglob("*.py"))[::4]


def test_lean_nodes_give_the_facts_that_libcst_gives() -> None:
    different = []
    for file in FIXTURES:
        text = file.read_bytes().decode("utf-8", "replace")
        try:
            facts = extract(text)
        except SyntaxProblem:
            continue
        if cache.dump(extract(text, lean=True)) != cache.dump(facts):
            different.append(file.name)
    assert len(FIXTURES) > 40
    assert different == []


EVERY_SYNTAX = """
import a.b as c, d
from . import e
from .f import (g as h, i)
from j import *

type k = int
x: "list[int]" = [*c, 1_000, 0.5, -1, not d]
y: int
del x, y[0:1:2]
assert c, "text" "more" b"" rf"{d!r:>{h}}"


@h(1, *i, k=2, **g)
async def f(a, /, b: "d" = 1, *c, e, **g) -> None:
    global x
    async with a as (b, *c), d: pass
    async for e in a:
        break
    else:
        return [z async for z in a if z for y in z], {p: q for p, q in b}, {r for r in c}, (s for s in d)
    while (n := await a()):
        continue
    try:
        yield a
    except (ValueError, TypeError) as b:
        raise b from None
    else:
        yield from c
    finally:
        nonlocal_ = lambda *v, w=1, **u: v if w else u


def l(*, m): return m


class O(P, metaclass=Q):
    r = s = 1
    t.u |= v
    match r:
        case 1 | "a": pass
        case [w, *_]: pass
        case {"k": z, **rest} if z: pass
        case Z(1, b=None) as y: pass
        case (u, v): pass
        case _: pass
"""


@pytest.mark.parametrize(
    "text", [EVERY_SYNTAX, "", "\n# blockcheck: non-blocking\n", "try:\n  a\nexcept* B:\n  c\n"]
)
def test_lean_nodes_have_every_field_that_facts_are_made_of(text) -> None:
    assert cache.dump(extract(text, lean=True)) == cache.dump(extract(text))


def test_what_the_lean_parser_cannot_read_is_left_to_libcst() -> None:
    text = "x = = 1\n\n\ndef g():\n    pass\n"
    assert [code.qualname for code in extract(text, lean=True).codes] == ["", "g"]
    assert cache.dump(extract(text, lean=True)) == cache.dump(extract(text))
    with pytest.raises(SyntaxProblem):
        extract("((\n", lean=True)


def test_libcst_is_in_its_place_again() -> None:
    import libcst

    extract("x = 1\n", lean=True)
    assert sys.modules["libcst"] is libcst
    assert type(libcst.parse_module("x = 1\n").body[0]) is libcst.SimpleStatementLine
