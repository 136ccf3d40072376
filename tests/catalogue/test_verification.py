"""The observer itself: it has to see what is there, and to refute what is not."""

from __future__ import annotations

import os
import time
from functools import partial

import pytest

from blockcheck.catalogue.loader import build, sources
from blockcheck.catalogue.model import Catalogue
from blockcheck.catalogue.verification import observe as observing
from blockcheck.catalogue.verification import syscalls
from blockcheck.catalogue.verification.cases.shapes import burns, free, looks, parks, pure, suspends, touches
from blockcheck.catalogue.verification.observe import all_free, observe, observe_condition
from blockcheck.catalogue.verify import verify


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observing, "PATIENCE", 2.0)


watched = pytest.mark.skipif(
    not syscalls.available(), reason="system calls cannot be watched on this platform"
)


def test_a_parked_call_is_seen() -> None:
    assert observe(parks(lambda lab: partial(os.read, lab.silent_pipe(), 1))).seen == "parks"


def test_a_call_that_returns_at_once_does_not_park() -> None:
    assert observe(parks(lambda _: int)).seen == "free"


def test_a_call_that_the_world_does_not_release_is_no_proof() -> None:
    outcome = observe(parks(lambda _: partial(time.sleep, 60)))
    assert (outcome.seen, outcome.detail) == ("failed", "still parked after the world moved on")


def test_a_condition_under_which_it_parks_after_all_is_refuted() -> None:
    case = parks(lambda lab: partial(os.read, lab.silent_pipe(), 1), wait=lambda _: partial(time.sleep, 60))
    assert observe_condition(case, "wait").detail == "did not return"


@watched
def test_a_look_at_the_file_system_is_seen() -> None:
    assert observe(looks(lambda lab: partial(os.path.exists, lab.root))).seen == "touches"
    assert observe(free(lambda lab: partial(os.path.exists, lab.root))).seen == "touches"
    assert observe(touches(lambda lab: partial(os.path.exists, lab.root), "data")).seen == "free"


@watched
def test_a_free_call_is_seen_to_be_free() -> None:
    assert observe(pure(os.path.join, "a", "b")).seen == "free"
    assert observe(pure(print, "heard by nobody")).seen == "free"


@watched
def test_one_that_is_not_free_spoils_the_look_at_many() -> None:
    fine = (pure(int), lambda _call, _value: "")
    foul = (pure(os.path.exists, "/"), lambda _call, _value: "")
    assert all_free([fine, fine])
    assert not all_free([fine, foul])


def test_an_error_is_reported() -> None:
    assert observe(pure(int, "x")).seen == "failed"


def test_burning_takes_the_threads_own_time() -> None:
    assert observe(burns(lambda _: partial(sum, range(3_000_000)))).seen == "burns"
    assert observe(burns(lambda _: partial(time.sleep, 0.1))).seen == "free"


def test_an_awaited_call_that_blocks_the_loop_is_not_suspended() -> None:
    async def blocks() -> None:
        time.sleep(60)

    assert observe(suspends(lambda _: blocks)).seen == "failed"


@watched
def test_a_wrong_entry_is_refuted() -> None:
    tables = build(sources())
    tables["callables"]["os.path.join"]["kind"] = "file"
    tables["callables"]["os.path.exists"]["kind"] = "none"
    tables["callables"]["os.getcwd"]["returns"] = "builtins.bytes"
    names = ["os.path.join", "os.path.exists", "os.getcwd"]
    complaints = {v.name: v.complaint for v in verify(Catalogue(tables), names)}
    assert complaints == {
        "os.path.join": "kind file is not shown by 'free'",
        "os.path.exists": "kind none is not shown by 'touches'",
        "os.getcwd": "kind none, yet failed: returns builtins.str, not builtins.bytes",
    }
