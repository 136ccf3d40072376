"""Running: what goes wrong is reported, interleaving and budget hold, nothing is left behind."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pytest

from blockcheck.bench.machine import Limits, describe
from blockcheck.bench.registry import SCENARIOS
from blockcheck.bench.runner import Benchmark
from blockcheck.bench.worker import Reply

from .conftest import exists

pytestmark = pytest.mark.skipif(not Path("/proc").exists(), reason="looks for processes in /proc")


def silent(_text):
    pass


def run_one(scenario, profile):
    results = Benchmark([scenario], profile, 1, silent).run()
    return results, results.scenarios[0].cells[0]


def test_every_repetition_is_a_process_of_its_own_in_a_mixed_order(
    scenario_path, make_scenario, brief, monkeypatch
):
    order = []
    from blockcheck.bench import runner

    launch = runner._run_process

    def noted(job, *others):
        order.append((job.scenario.name, job.variant))
        return launch(job, *others)

    monkeypatch.setattr(runner, "_run_process", noted)
    cases = [replace(make_scenario("fine"), name=name) for name in ("one", "two")]
    results = Benchmark(cases, replace(brief, rounds=6), 3, silent).run()
    assert [len(runs) for each in results.scenarios for runs in each.cells[0].variants.values()] == [
        6,
        6,
        6,
        6,
    ]
    # The variants of a scenario stay neighbours; their order and that of the scenarios changes.
    assert all(order[at][0] == order[at + 1][0] for at in range(0, len(order), 2))
    assert len({tuple(order[at : at + 4]) for at in range(0, len(order), 4)}) > 1
    assert results.complete and results.rounds == 6


def test_values_within_a_process_are_bounded_by_number(scenario_path, make_scenario, brief):
    _, cell = run_one(make_scenario("fine"), replace(brief, values=4, value_seconds=30.0))
    assert [len(run.samples) for runs in cell.variants.values() for run in runs] == [4, 4]


def test_unequal_outputs_are_noticed(scenario_path, make_scenario, brief):
    results, cell = run_one(make_scenario("unequal"), brief)
    assert cell.outputs_equal is False
    assert (
        "unequal at 3: the variants gave different outputs: their costs must not be compared"
        in results.problems
    )


def test_a_failing_variant_is_reported_and_the_rest_goes_on(scenario_path, make_scenario, brief):
    results, cell = run_one(make_scenario("failing", warm_up_size=0), brief)
    assert cell.verdict == "failed"
    assert cell.variants["bad"][0].error == "ValueError: no such luck"
    assert cell.outcome("good") is None
    assert (
        "failing at 3: the bad variant did not end well: failed: ValueError: no such luck" in results.problems
    )


def test_a_process_that_dies_is_a_failure(scenario_path, make_scenario, brief):
    _, cell = run_one(make_scenario("failing", variants=("dying", "good"), warm_up_size=0), brief)
    assert cell.variants["dying"][0].outcome == "failed"
    assert "ended without a result" in cell.variants["dying"][0].error


def test_a_hanging_variant_is_a_deadlock_and_leaves_no_child(scenario_path, make_scenario, brief):
    scenario = make_scenario("failing", variants=("hanging", "good"), warm_up_size=0, deadline=0.6)
    _, cell = run_one(scenario, replace(brief, rounds=3))
    run = cell.variants["hanging"][0]
    assert (run.outcome, run.error) == ("deadlock", "no end after 0.6 s")
    assert any("lock.acquire()" in stack for stack in run.stacks)
    # Seen once is enough.
    assert len(cell.variants["hanging"]) == 1
    assert not exists((scenario_path / "child").read_text())


@pytest.mark.skipif(sys.platform != "linux", reason="limits the address space")
def test_exhausted_threads_are_reported_as_such(scenario_path, make_scenario, brief):
    results, cell = run_one(make_scenario("exhausting", sizes=(5000,), warm_up_size=0), brief)
    assert cell.verdict == "exhausted"
    assert cell.variants["bad"][0].error == "RuntimeError: can't start new thread"
    assert any("can't start new thread" in problem for problem in results.problems)


def test_a_budget_ends_the_run_and_is_said(scenario_path, make_scenario, brief):
    benchmark = Benchmark([make_scenario("fine")], replace(brief, budget=-1.0), 1, silent)
    results = benchmark.run()
    assert not results.complete
    assert "time was up in round 1: 2 of its processes were left out" in results.problems
    assert results.scenarios[0].cells[0].verdict == "not run"


def test_a_process_that_exceeds_the_budget_is_given_up(scenario_path, make_scenario, brief, monkeypatch):
    monkeypatch.setattr("blockcheck.bench.runner._OVERTIME", 0.2)
    scenario = make_scenario("failing", variants=("hanging", "good"), warm_up_size=0, deadline=600.0)
    began = time.monotonic()
    results, cell = run_one(scenario, replace(brief, budget=1.0))
    assert time.monotonic() - began < 10
    assert cell.variants["hanging"] == []
    assert not results.complete
    assert not exists((scenario_path / "child").read_text())


INTERRUPTED = """
import signal
import sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # jobs in the background are started with it ignored
from blockcheck.bench import command, registry
from blockcheck.bench.model import Scenario
case = Scenario("slow", "slow", (), "things", "wall", (1,), 1, warm_up_size=0, deadline=600.0, module="bench_case_slow")
registry.SCENARIOS.clear()
registry.SCENARIOS["slow"] = case
from blockcheck.bench.__main__ import main
sys.exit(main())
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interruption_cleans_up_and_leaves_a_partial_report(scenario_path, number):
    temporary = scenario_path / "tmp"
    temporary.mkdir()
    result = scenario_path / "result.json"
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, "--quick", "--json", str(result)],
        env={**os.environ, "TMPDIR": str(temporary), "XDG_CACHE_HOME": str(scenario_path / "cache")},
        stdout=subprocess.PIPE,
        text=True,
    )
    started = scenario_path / "started"
    wait_until(lambda: started.exists() and len(started.read_text().split()) == 3)
    worker, child, path = started.read_text().split()
    assert exists(worker) and exists(child) and Path(path).exists()
    process.send_signal(number)
    output, _ = process.communicate(timeout=20)
    wait_until(lambda: not exists(worker) and not exists(child))
    if number == signal.SIGKILL:
        return  # nobody was left to tidy the folder or to report
    assert process.returncode == 130
    assert list(temporary.iterdir()) == []
    assert "INCOMPLETE" in output
    document = json.loads(result.read_text())
    assert document["complete"] is False
    assert "interrupted: this is what had been measured until then" in document["problems"]


def wait_until(holds):
    deadline = time.monotonic() + 15
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_no_temporary_files_stay(scenario_path, make_scenario, brief, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(scenario_path))
    run_one(make_scenario("fine"), brief)
    assert list(scenario_path.iterdir()) == []


def test_a_reply_is_given_once_and_whole():
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        Reply(writing).give({"samples": ["x" * 200_000]})
    os.close(writing)
    with os.fdopen(reading) as replies:
        assert len(json.loads(replies.read())["samples"][0]) == 200_000
    assert os.waitpid(pid, 0)[1] == 0


def test_sizes_beyond_the_limits_are_left_out_with_the_reason(make_scenario, brief, monkeypatch):
    tight = Limits(processes=500, memory=2**30, files=256)
    monkeypatch.setattr(Limits, "read", classmethod(lambda cls: tight))
    scenario = replace(SCENARIOS["thread-per-connection"], sizes=(10, 100, 1000))
    result = Benchmark([scenario], brief, 1, silent).results.scenarios[0]
    assert [cell.size for cell in result.cells] == [10]
    assert result.left_out == [
        {"size": 100, "reason": "needs about 264 file descriptors, the limit is 256"},
        {"size": 1000, "reason": "needs about 1,064 threads, the limit is 500"},
    ]
    assert tight.refusal(replace(SCENARIOS["unbounded-queue"], memory_per_unit=10**6), 5000) == (
        "needs up to 4,768 MiB, 1,024 MiB are available"
    )
    assert Limits(None, None, None).refusal(scenario, 10**6) is None


def test_the_machine_is_described():
    machine = describe()
    assert machine["python"] == ".".join(map(str, sys.version_info[:3]))
    assert machine["cores"] >= machine["affinity"] >= 1
    assert machine["switch_interval"] == sys.getswitchinterval()
    assert "EventLoop" in machine["event_loop"]
