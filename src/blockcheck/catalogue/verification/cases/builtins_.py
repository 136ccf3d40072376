"""Builtins, and the modules beside them that work in memory."""

from __future__ import annotations

import builtins
import collections
import copy
import heapq
import itertools
import operator
import sys
from typing import TYPE_CHECKING, Any

from blockcheck.catalogue.verification.cases.shapes import pure

if TYPE_CHECKING:
    from blockcheck.catalogue.verification.observe import Case


class Thing:
    """Something with an attribute."""

    a = 1


async def _agen() -> Any:
    yield 1


def _methods(owner: str, value: Any, methods: dict[str, tuple[Any, ...]]) -> dict[str, Case]:
    """Methods of a copy of the value: a first call must not spoil the second."""
    cases = {}
    for name, arguments in methods.items():
        cases[f"{owner}.{name}"] = pure(_call, value, name, *arguments)
        if not hasattr(value, "__iadd__") and not isinstance(value, (dict, set)):
            cases[f"{owner}.{name}"] = pure(getattr(value, name), *arguments)
    return cases


def _call(value: Any, name: str, *arguments: Any) -> Any:
    return getattr(copy.copy(value), name)(*arguments)


def _delete() -> None:
    Thing.c = 1  # type: ignore[attr-defined]
    delattr(Thing, "c")


FUNCTIONS: dict[str, tuple[Any, ...]] = {
    "print": (), "len": ("a",), "isinstance": (1, int), "issubclass": (int, int), "callable": (1,), "hasattr": (1, "a"),
    "setattr": (Thing, "b", 1), "id": (1,), "hash": (1,), "ord": ("a",), "any": ([1],), "all": ([1],),
    "divmod": (1, 1), "pow": (1, 1), "round": (1,), "compile": ("1", "x", "eval"), "globals": (), "locals": (),
    "vars": (Thing,), "object": (), "slice": (1,), "type": (1,), "memoryview": (b"a",), "complex": (1,),
    "getattr": (Thing, "a"), "repr": (1,), "str": (1,), "format": (1,), "chr": (1,), "hex": (1,), "bin": (1,),
    "oct": (1,), "ascii": (1,), "bytes": (1,), "bytearray": (1,), "int": (1,), "float": (1,), "bool": (1,), "dir": (1,),
    "abs": (1,), "sum": ([1],), "exec": ("1",), "eval": ("1",), "list": ("a",), "tuple": ("a",), "set": ("a",),
    "frozenset": ("a",), "dict": (), "sorted": ("a",), "reversed": ("a",), "iter": ("a",), "min": ("ab",),
    "max": ("ab",), "enumerate": ("a",), "zip": ("a",), "map": (int, "1"), "filter": (None, "a"), "range": (1,),
    "aiter": (_agen(),),
}  # fmt: skip

CASES: dict[str, Case] = {
    **{f"builtins.{name}": pure(getattr(builtins, name), *arguments) for name, arguments in FUNCTIONS.items()},
    "builtins.next": pure(next, itertools.count()),
    "builtins.super": pure(super, Thing),
    "builtins.delattr": pure(_delete),
    "builtins.anext": pure(lambda: anext(_agen())),
    **_methods("builtins.list", [3, 1], {
        "sort": (), "append": (1,), "extend": ([1],), "insert": (0, 1), "remove": (1,), "clear": (), "reverse": (),
        "index": (1,), "count": (1,), "pop": (), "__getitem__": (0,), "copy": (),
    }),
    **_methods("builtins.tuple", (3, 1), {"index": (1,), "count": (1,)}),
    **_methods("builtins.dict", {"a": 1}, {
        "get": ("a",), "pop": ("a",), "setdefault": ("b", 1), "__getitem__": ("a",), "keys": (), "values": (),
        "items": (), "update": ({},), "clear": (), "popitem": (), "fromkeys": ("a",), "copy": (),
    }),
    **_methods("builtins.set", {1}, {
        "add": (1,), "discard": (1,), "remove": (1,), "clear": (), "update": ([1],), "isdisjoint": ([1],),
        "issubset": ([1],), "issuperset": ([1],), "difference_update": ([1],), "intersection_update": ([1],),
        "copy": (), "union": ([1],), "difference": ([1],), "intersection": ([1],), "symmetric_difference": ([1],),
        "pop": (),
    }),
    **_methods("builtins.str", "a b", {
        "join": ("ab",), "strip": (), "lstrip": (), "rstrip": (), "lower": (), "upper": (), "title": (),
        "capitalize": (), "casefold": (), "swapcase": (), "replace": ("a", "b"), "format": (), "format_map": ({},),
        "removeprefix": ("a",), "removesuffix": ("a",), "zfill": (1,), "ljust": (1,), "rjust": (1,), "center": (1,),
        "expandtabs": (), "translate": ({},), "__mod__": ((),), "__add__": ("a",), "split": (), "rsplit": (),
        "splitlines": (), "partition": (" ",), "rpartition": (" ",), "encode": (), "startswith": ("a",),
        "endswith": ("a",), "find": ("a",), "rfind": ("a",), "index": ("a",), "count": ("a",), "isdigit": (),
        "isalpha": (), "isalnum": (), "isspace": (), "isupper": (), "islower": (), "isidentifier": (),
    }),
    **_methods("builtins.bytes", b"a b", {
        "decode": (), "hex": (), "join": ([b"a"],), "strip": (), "lstrip": (), "rstrip": (), "lower": (), "upper": (),
        "replace": (b"a", b"b"), "removeprefix": (b"a",), "removesuffix": (b"a",), "fromhex": ("00",), "split": (),
        "rsplit": (), "splitlines": (), "startswith": (b"a",), "endswith": (b"a",), "find": (b"a",), "count": (b"a",),
    }),
    "itertools.chain": pure(itertools.chain, "a"),
    "itertools.islice": pure(itertools.islice, "a", 1),
    "itertools.cycle": pure(itertools.cycle, "a"),
    "itertools.compress": pure(itertools.compress, "a", [1]),
    "itertools.count": pure(itertools.count),
    "itertools.repeat": pure(itertools.repeat, 1),
    "itertools.product": pure(itertools.product, "a"),
    "itertools.permutations": pure(itertools.permutations, "a"),
    "itertools.combinations": pure(itertools.combinations, "a", 1),
    "itertools.zip_longest": pure(itertools.zip_longest, "a"),
    "itertools.tee": pure(itertools.tee, "a"),
    "itertools.pairwise": pure(itertools.pairwise, "a"),
    "itertools.takewhile": pure(itertools.takewhile, bool, "a"),
    "itertools.dropwhile": pure(itertools.dropwhile, bool, "a"),
    "itertools.filterfalse": pure(itertools.filterfalse, bool, "a"),
    "itertools.starmap": pure(itertools.starmap, max, [(1, 2)]),
    "itertools.groupby": pure(itertools.groupby, "a"),
    "itertools.accumulate": pure(itertools.accumulate, [1]),
    "heapq.nlargest": pure(heapq.nlargest, 1, [1]),
    "heapq.nsmallest": pure(heapq.nsmallest, 1, [1]),
    "heapq.heappush": pure(heapq.heappush, [], 1),
    "heapq.heappop": pure(heapq.heappop, [1, 2, 3]),
    "heapq.heapify": pure(heapq.heapify, [1]),
    "heapq.heapreplace": pure(heapq.heapreplace, [1], 1),
    "heapq.heappushpop": pure(heapq.heappushpop, [1], 1),
    "copy.copy": pure(copy.copy, [1]),
    "copy.deepcopy": pure(copy.deepcopy, [1]),
    "operator.attrgetter": pure(operator.attrgetter, "a"),
    "operator.itemgetter": pure(operator.itemgetter, 1),
    "operator.methodcaller": pure(operator.methodcaller, "a"),
    "collections.deque": pure(collections.deque),
    "collections.Counter": pure(collections.Counter, "ab"),
    "collections.OrderedDict": pure(collections.OrderedDict, {1: 2}),
    "collections.defaultdict": pure(collections.defaultdict, list),
    **_methods("collections.deque", collections.deque([1, 2]), {
        "append": (1,), "appendleft": (1,), "extend": ([1],), "extendleft": ([1],), "clear": (), "rotate": (),
        "pop": (), "popleft": (),
    }),
    **_methods("collections.ChainMap", collections.ChainMap({"a": 1}), {
        "get": ("a",), "pop": ("a",), "keys": (), "values": (), "items": (), "new_child": (),
    }),
}  # fmt: skip
CASES["collections.ChainMap.pop"] = pure(lambda: collections.ChainMap({"a": 1}).pop("a"))
if sys.version_info >= (3, 12):
    CASES["itertools.batched"] = pure(itertools.batched, "a", 1)
