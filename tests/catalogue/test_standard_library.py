"""The standard library's entries: the names exist, what they say is measured, and measuring it agrees.

``blockcheck catalogue verify`` runs the same cases; what a Python or a platform lacks is left out by what the
entries say of themselves (``since``, ``until``, ``platform``, ``optional``).
"""

from __future__ import annotations

import asyncio
import importlib
import multiprocessing
import multiprocessing.managers
import pkgutil
import sys
import threading

import pytest

from blockcheck.catalogue import verify
from blockcheck.catalogue.loader import build, sources
from blockcheck.catalogue.model import Catalogue, parse_result
from blockcheck.catalogue.verification import cases as case_modules

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the cases are written for POSIX systems")

CATALOGUE = Catalogue(build(sources()))
CALLABLES = [n for n in CATALOGUE.callables() if verify.is_standard(n)]
TYPES = [n for n in CATALOGUE.types() if verify.is_standard(n)]
TABLES = CATALOGUE.tables

# What has its methods on instances only, because a constructor puts them there or a factory makes it.
INSTANCES = {
    "threading.Lock": threading.Lock,
    "threading.RLock": threading.RLock,
    "threading.Condition": threading.Condition,
    "asyncio.Condition": asyncio.Condition,
    "multiprocessing.synchronize.Lock": multiprocessing.Lock,
    "multiprocessing.synchronize.RLock": multiprocessing.RLock,
    "multiprocessing.synchronize.Semaphore": multiprocessing.Semaphore,
    "multiprocessing.synchronize.Condition": multiprocessing.Condition,
}
# Set by start(), on the manager that is started.
AFTER_START = {"multiprocessing.managers.BaseManager.shutdown"}
# Factories before Python 3.13.
FACTORIES = {"typing.NamedTuple", "typing.TypedDict", "threading.Lock", "threading.RLock"}
# Delegates to the file it wraps.
DELEGATES = {"tempfile._TemporaryFileWrapper": "io.BufferedRandom"}


@pytest.fixture(autouse=True)
def own_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """pytest's stand-ins have not the streams' methods."""
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, getattr(sys, f"__{name}__"))


def real(name: str) -> bool:
    table = TABLES["callables"].get(name) or TABLES["types"].get(name, {})
    owner = TABLES["types"].get(name.rpartition(".")[0], {})
    return not ("synthetic" in table or "synthetic" in owner) and verify.present(CATALOGUE, name)


def test_every_name_exists() -> None:
    absent = []
    for name in filter(real, CALLABLES):
        owner, _, attribute = name.rpartition(".")
        try:
            if owner in INSTANCES:
                getattr(INSTANCES[owner](), attribute)
            elif name not in AFTER_START:
                verify.resolve(name)
        except (LookupError, AttributeError):
            absent.append(name)
    assert absent == []


def test_every_type_is_a_class_of_that_name() -> None:
    wrong = []
    for name in filter(real, TYPES):
        found = verify.resolve(name)
        if (
            not isinstance(found, type)
            and not TABLES["types"][name].get("instance")
            and name not in FACTORIES
        ):
            wrong.append(name)
    assert wrong == []


def test_every_alias_is_the_same_object() -> None:
    wrong = []
    for alias, name in TABLES["aliases"].items():
        if not verify.is_standard(name) or not real(name) or not verify.is_standard(alias):
            continue
        try:
            same = verify.resolve(alias) is verify.resolve(name)
        except LookupError:
            same = False
        # What is private moves between versions; where it is, it has to be the same.
        if not same and not (alias.startswith("_") or "._" in alias):
            wrong.append((alias, name))
    assert wrong == []


def test_bases_are_base_classes_or_have_all_their_methods() -> None:
    wrong = []
    for name in filter(real, TYPES):
        for base in TABLES["types"][name].get("bases", ()):
            kind, of = verify.resolve(name), verify.resolve(base)
            kind = type(kind) if TABLES["types"][name].get("instance") else kind
            held = issubclass(kind, of) or all(hasattr(kind, m) for m in dir(of) if not m.startswith("_"))
            if not held and DELEGATES.get(name) != base:
                wrong.append((name, base))
    assert wrong == []


def test_types_that_are_named_are_catalogued() -> None:
    """A result or attribute type without a table of its own ends every chain through it."""
    named: set[str] = set()

    def note(result: tuple) -> None:
        if result[0] == "instance":
            named.add(CATALOGUE.canonical(result[1]))
        for operand in result[1:]:
            if isinstance(operand, tuple):
                note(operand)

    for name in CALLABLES:
        entry = CATALOGUE.entry(name)
        assert entry is not None
        for text in (entry.returns, *(by["returns"] for by in entry.returns_by)):
            if text:
                note(parse_result(text))
    for name in TYPES:
        for text in (TABLES["types"][name].get("attributes") or {}).values():
            note(parse_result(text))
    assert sorted(n for n in named if verify.is_standard(n) and n not in TABLES["types"]) == []


def test_evidence_agrees_with_the_cases() -> None:
    table = verify.cases()
    wrong = []
    for name in CALLABLES:
        entry = CATALOGUE.entry(name)
        assert entry is not None
        assert entry.source.startswith("https://"), name
        measured = name in table
        if verify.present(CATALOGUE, name) and (entry.evidence == "measured") != measured:
            wrong.append((name, entry.evidence))
    assert wrong == []


def test_every_case_has_an_entry_and_shows_its_conditions() -> None:
    wrong = []
    for name, case in verify.cases().items():
        entry = CATALOGUE.entry(name)
        if entry is None or verify.conditions(entry) != set(case.free):
            wrong.append(name)
    assert wrong == []


def test_equivalents_of_asyncio_exist() -> None:
    absent = set()
    for name in CALLABLES:
        entry = CATALOGUE.entry(name)
        assert entry is not None
        equivalent = (entry.equivalent or {}).get("asyncio", "")
        if equivalent.startswith("asyncio."):
            target = equivalent.replace("*", name.rpartition(".")[2])
            if not verify.present(CATALOGUE, target):
                continue
            owner, _, attribute = target.rpartition(".")
            held = (
                hasattr(INSTANCES[owner](), attribute)
                if owner in INSTANCES
                else verify.resolve(target) is not None
            )
            if not held:
                absent.add(target)
    assert absent == set()


DOMAINS = sorted(m.name for m in pkgutil.iter_modules(case_modules.__path__) if m.name != "shapes")


@pytest.mark.parametrize("domain", DOMAINS)
def test_watching_the_calls_agrees_with_the_catalogue(domain: str) -> None:
    names = list(importlib.import_module(f"{case_modules.__name__}.{domain}").CASES)
    verdicts = list(verify.verify(CATALOGUE, names))
    assert {v.name for v in verdicts} == set(names)
    assert [(v.name, v.condition, v.complaint) for v in verdicts if v.complaint] == []
    if verdicts and all(v.skipped for v in verdicts):
        pytest.skip(verdicts[0].outcome.detail)
