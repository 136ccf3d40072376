"""The scenarios: every rule has one, their variants do the same work, their code can be shown."""

import ast
from dataclasses import replace

import pytest

from blockcheck.bench.examples import example, example_of
from blockcheck.bench.metrics import METRICS
from blockcheck.bench.model import BASELINE
from blockcheck.bench.registry import SCENARIOS, SCENARIOS_BY_CODE
from blockcheck.bench.runner import Benchmark

CODES = sorted(SCENARIOS_BY_CODE)
DEADLOCKS = {"BCK306", "BCK402", "BCK404", "BCK405", "BCK406"}


def test_no_rule_of_these_families_is_without_a_scenario():
    rules = getattr(pytest.importorskip("blockcheck.rules"), "RULES", ())
    assert {rule.code for rule in rules if rule.code < "BCK5"} <= set(SCENARIOS_BY_CODE)


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=lambda scenario: scenario.name)
def test_plan_of_a_scenario(scenario):
    assert scenario.claim in METRICS
    assert {"bad", BASELINE} <= set(scenario.variants)
    assert list(scenario.sizes) == sorted(set(scenario.sizes))
    assert scenario.sizes[0] <= scenario.quick_size <= scenario.sizes[-1]


@pytest.mark.parametrize("code", CODES)
def test_the_measured_code_can_be_shown(code):
    shown = example(code)
    assert shown.summary
    assert list(shown.variants) and set(shown.variants) == set(SCENARIOS_BY_CODE[code].variants)
    for source in (shown.shared, *shown.variants.values()):
        ast.parse(source)
        assert "probe" not in source


def test_a_rule_without_a_cost_has_no_example():
    assert example("BCK901") is None


def test_shared_code_is_shown_once():
    shown = example_of(SCENARIOS["io-under-lock"])
    assert "def fetch" in shown.shared
    assert shown.variants["bad"].startswith("def bad(")
    assert "def run" not in shown.shared


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=lambda scenario: scenario.name)
def test_variants_do_the_same_work(scenario, brief):
    deadlocks = bool(DEADLOCKS & set(scenario.codes))
    size = 10 if deadlocks else scenario.sizes[0]
    cell = Benchmark([replace(scenario, sizes=(size,))], brief, 1, lambda _: None).run().scenarios[0].cells[0]
    assert cell.outcome("good") is None
    if deadlocks:
        assert cell.verdict == "deadlock"
        assert cell.variants["bad"][0].stacks
    else:
        assert cell.outputs_equal is True
        metrics = cell.variants["bad"][0].samples[0]["metrics"]
        assert set(metrics) == set(METRICS)
        assert metrics[scenario.claim] is not None
