"""Places by Python's own parser are those that libcst tells, or none."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import blockcheck
from blockcheck.facts import ast_places, cst_places, extract

EVERY_KIND = '''\
@decorated.by ( 1 )
@ plain
async def f(a=b.c, /, d=e(), *f, g=h[1], **i) -> "x.y":
    async with m() as n, o.p():
        await (q.r)
    async for s in (t.u):
        x: a.b = [*v, -w.x, not y.z, -1, 2 - 1j, -"a"]
    return lambda z=k.l, *m: (yield from z.z)
class A(B.c, *D, metaclass=E.f, **g): x = {1: a.b, **c.d}; y = {e.f, "g"}  # one line
for i, j.k in l, \\
        m.n:
    o[p.q:r, ::2].s += t.u
else: v.w
while x.y: z.z; pass
out = (
    a.b  # of all
    for é in c.d(  # first )
    ) if (e.f) and "ö".g
    for [h, *i.j] in (k)
    # last
)
s = "é", f(x for (x) in (y)  ), {k: v.w for k in z}, [a async for a in b if (c) if ((d.e))], g((h for h in i))
print(*a.b, sep=c.d, *e.f, **g.h, end=i.j)
try:
    import x.y
except* (a.b, c.d) as e:
    raise e.f from g.h
assert a.b, c.d
del a.b, [c.d], (e[f], g.h)
global_: int
match a.b:
    case c.d | -1 | None | {"k": e, **rest} if f.g:
        h.i
    case [A(b, c=d.e()), *_] if (j := k.l):
        m.n
''' if sys.version_info >= (3, 11) else "x.y(z).w\n"  # fmt: skip
EVERY_KIND = EVERY_KIND.replace("c=d.e()", "c=D()")


def both(text: str) -> tuple[object, object]:
    total = extract(text).sites
    assert total
    return ast_places.locate(text, set(range(total)), total), cst_places.locate(text, set(range(total)))


def test_every_kind_of_site() -> None:
    quick, slow = both(EVERY_KIND)
    assert quick == slow


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_other_line_ends(end: str) -> None:
    quick, slow = both(EVERY_KIND.replace("\n", end))
    assert quick == slow


def test_a_whole_module_of_this_package() -> None:
    text = Path(blockcheck.__file__).with_name("config.py").read_text("utf-8")
    quick, slow = both(text)
    assert quick == slow or (quick is None and sys.version_info < (3, 12))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("with (a()) as b: pass\n", id="parentheses-of-an-item-or-of-the-statement"),
        pytest.param("with (a() as b): pass\n", id="the-other-way-round"),
        pytest.param("@(a.b)\ndef f(): pass\n", id="decorator-in-parentheses"),
        pytest.param(
            "f'{a.b}'\n",
            id="inside-an-f-string",
            marks=pytest.mark.skipif(sys.version_info >= (3, 12), reason="told rightly since"),
        ),
    ],
)
def test_what_cannot_be_told_is_left_to_libcst(text: str) -> None:
    total = extract(text).sites
    assert total
    assert ast_places.locate(text, set(), total) == {}
    assert ast_places.locate(text, set(range(total)), total) is None


def test_newer_grammar_is_left_to_libcst() -> None:
    assert ast_places.locate("lambda from x\n", set(), 0) is None


def test_a_count_that_differs_is_left_to_libcst() -> None:
    assert ast_places.locate("a.b\n", {0}, 1) == {0: (1, 1, 1, 4)}
    assert ast_places.locate("a.b\n", {0}, 2) is None
