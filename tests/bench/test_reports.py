"""What is made of results: verdicts, files, table, plots, page, comparison, export, the memory for ``explain``."""

import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

import blockcheck.bench
from blockcheck.bench import latest
from blockcheck.bench.__main__ import main
from blockcheck.bench.machine import describe
from blockcheck.bench.metrics import METRICS
from blockcheck.bench.report import compare, html, pyperf, svg, terminal
from blockcheck.bench.results import Cell, Results, Run, ScenarioResult, UnreadableResultError, load, save
from blockcheck.bench.summary import crossover_text, summarise

SCHEMA = Path(blockcheck.bench.__file__).with_name("result.schema.json")


def run(value, metric, number, latencies=(), output="1"):
    metrics = dict.fromkeys(METRICS) | {"wall": 0.01, "cpu": 0.01, "system_share": 0.38, metric: value}
    return Run("ok", number, 0.1, output, samples=[{"metrics": metrics, "latencies_us": list(latencies)}])


def cell(size, bad, good, metric="cpu", latencies=()):
    """A cell with five processes a side, which differ by one per cent each."""
    wiggle = [0.98, 0.99, 1.0, 1.01, 1.02]
    return Cell(
        size,
        {
            "bad": [run(bad * factor, metric, 1, [value * 9 for value in latencies]) for factor in wiggle],
            "good": [run(good * factor, metric, 1, latencies) for factor in wiggle],
        },
    )


@pytest.fixture
def results():
    hung = Cell(
        10,
        {
            "bad": [
                Run(
                    "deadlock",
                    1,
                    0.6,
                    error="no end after 0.6 s",
                    stacks=["MainThread: x.py:1 in <f>: a < b"],
                )
            ],
            "good": [run(0.01, "wall", 1)],
        },
    )
    made = Results(
        tool_version="0.1.0",
        profile="default",
        started="2026-01-02T03:04:05+00:00",
        seed=1,
        machine=describe() | {"load": [0.1, 0.1, 0.1], "not_measured": ["peak resident memory"]},
        limits={"processes": 1000, "memory": None, "files": 256},
        seconds=12.0,
        rounds=5,
        scenarios=[
            # Given last, the A/A pair must still be judged first.
            ScenarioResult(
                "thread-per-task",
                "a thread for each",
                ["BCK101"],
                "concurrent waits",
                "cpu",
                [cell(1, 1.0, 1.0), cell(10, 1.005, 1.0), cell(100, 4.0, 1.0), cell(1000, 60.0, 2.0)],
                left_out=[{"size": 5000, "reason": "needs about 5,064 threads, the limit is 1,000"}],
            ),
            ScenarioResult(
                "blocking-sleep", "sleeping", ["BCK201"], "requests", "latency_p99",
                [cell(10, 0.5, 0.05, "latency_p99", latencies=[1000, 2000, 3000, 50_000])],
            ),
            ScenarioResult("lock-leak", "a lock not released", ["BCK406"], "records", "wall", [hung]),
            ScenarioResult("a-a", "the same", [], "rounds", "wall", [cell(100, 0.01, 0.01, "wall")]),
        ],
    )  # fmt: skip
    summarise(made, 200)
    return made


def test_verdicts_and_crossover(results):
    waits, sleep, leak, null_pair = results.scenarios
    assert [cell.verdict for cell in waits.cells] == [
        "not distinguishable",
        "not distinguishable",
        "costs",
        "costs",
    ]
    assert (waits.harmless_up_to, waits.costs_from) == (10, 100)
    assert crossover_text(waits) == "costs from 100 concurrent waits on, harmless up to 10"
    assert sleep.cells[0].ratio("latency_p99").ratio == pytest.approx(10)
    assert (leak.cells[0].verdict, leak.costs_from, leak.cells[0].outputs_equal) == ("deadlock", 10, None)
    assert null_pair.cells[0].verdict == "not distinguishable"
    assert set(results.noise_floor) == {"wall", "cpu"}
    assert 1.0 < results.noise_floor["wall"] < 1.1


def test_a_pattern_that_costs_at_a_small_size_only_has_no_crossover(results):
    waits = results.scenarios[0]
    waits.cells = [cell(1, 4.0, 1.0), cell(10, 1.0, 1.0)]
    summarise(results, 100)
    assert (waits.costs_from, waits.harmless_up_to) == (None, 10)
    assert crossover_text(waits) == "no size was shown to cost, harmless up to 10 concurrent waits"


def test_what_is_too_uncertain_is_not_called_harmless(results):
    noisy = cell(1, 1.0, 1.0)
    noisy.variants["bad"] = [run(value, "cpu", 1) for value in (0.3, 0.6, 1.0, 2.0, 5.0)]
    waits = results.scenarios[0]
    waits.cells = [noisy]
    summarise(results, 100)
    assert noisy.verdict == "not distinguishable"
    assert (waits.costs_from, waits.harmless_up_to) == (None, None)
    assert crossover_text(waits) == "no size was shown to cost"


def test_results_survive_a_file_and_fit_the_schema(results, tmp_path):
    jsonschema = pytest.importorskip("jsonschema")
    path = tmp_path / "result.json"
    save(results, path)
    assert load(path) == results
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(path.read_text()), schema)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no json", "Expecting value"),
        ("{}", "not a result of blockcheck bench"),
        ('{"format": "blockcheck-bench", "version": 99}', "a result of version 99, not 1"),
        ('{"format": "blockcheck-bench", "version": 1}', "an incomplete result: 'scenarios'"),
    ],
)
def test_what_is_no_result_is_refused(tmp_path, text, message):
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(UnreadableResultError, match=message):
        load(path)


def test_table(results):
    lines = terminal.render(results).splitlines()
    row = next(line for line in lines if line.startswith("thread-per-task") and "1,000" in line)
    assert row.split() == [
        *("thread-per-task", "101", "1,000", "CPU", "time", "60", "s", "2", "s", "38%", "38%", "30.00×"),
        *(row[row.index("[") : row.index("]") + 1].split()),
        *("██████", "costs"),
    ]
    assert "thread-per-task: costs from 100 concurrent waits on, harmless up to 10" in lines
    assert "limits read first: 1,000 threads and processes, no limit of memory, 256 open files" in lines
    assert "left out: thread-per-task at 5,000: needs about 5,064 threads, the limit is 1,000" in lines
    assert "not measured on this platform: peak resident memory" in lines
    assert any(line.startswith("lock-leak") and line.endswith("deadlock") for line in lines)
    assert lines[-1] == "5 full rounds in 12 s"
    assert terminal.render(results, unicode=False).isascii()


def test_an_incomplete_run_says_so(results):
    results.complete = False
    assert terminal.render(results).splitlines()[-1].startswith("INCOMPLETE: ")
    assert "This report is incomplete." in html.render(results)


class Page(HTMLParser):
    """Checks nesting, and collects what matters of a page."""

    void = {"meta", "br", "rect", "line", "circle", "path"}

    def __init__(self, text):
        super().__init__()
        self.open, self.seen, self.text = [], [], ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_page_is_one_file_for_everybody(results):
    text = html.render(results)
    page = Page(text)
    assert page.open == []
    tags = {tag for tag, _ in page.seen}
    assert not tags & {"script", "link", "img", "iframe"}
    # The one address in it is the name of the SVG namespace.
    assert set(part.split('"')[0] for part in text.split("http://")[1:]) == {"www.w3.org/2000/svg"}
    assert "https://" not in text and "url(" not in text
    assert "prefers-color-scheme: dark" in text and "@media print" in text
    assert [attributes["lang"] for tag, attributes in page.seen if tag == "html"] == ["en"]
    pictures = [attributes for tag, attributes in page.seen if tag == "svg"]
    assert len(pictures) == 3 and all(picture["role"] == "img" for picture in pictures)
    assert text.count("<svg") == text.count("<desc>")
    assert all("scope" in attributes for tag, attributes in page.seen if tag == "th")
    targets = {attributes["href"].removeprefix("#") for tag, attributes in page.seen if tag == "a"}
    assert targets == {attributes["id"] for tag, attributes in page.seen if "id" in attributes}


def test_page_shows_the_measured_code_and_where_a_deadlock_stood(results):
    page = Page(html.render(results))
    assert "thread = threading.Thread" in page.text or "threading.Thread(target=wait" in page.text
    assert "MainThread: x.py:1 in <f>: a < b" in page.text
    assert "costs from 100 concurrent waits on, harmless up to 10" in page.text


def test_plots_are_well_formed_and_told_in_words(results):
    waits, sleep, leak, _ = results.scenarios
    plots = [svg.sweep(waits), svg.ecdf(sleep.cells[0]), svg.intervals(results), svg.headline(results)]
    for plot in plots:
        root = ElementTree.fromstring(plot)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert root.get("role") == "img"
    assert "bad: 1 s at 1, 1.00 s at 10, 4 s at 100, 60 s at 1,000" in plots[0]
    assert "good: half within 2 ms, 99 % within 50 ms, all within 50 ms" in plots[1]
    assert "lock-leak: deadlock" in plots[2]
    assert "prefers-color-scheme" in plots[3]
    assert svg.sweep(sleep) is None and svg.sweep(leak) is None and svg.ecdf(leak.cells[0]) is None


def test_comparison(results):
    newer = Results.from_json(json.loads(json.dumps(results.to_json())))
    newer.machine["python"] = "9.9.9"
    newer.scenarios[0].cells[3] = cell(1000, 120.0, 2.0)
    newer.scenarios[2].cells[0].variants["bad"] = [run(0.01, "wall", 1)]
    lines = compare.lines(results, newer)
    assert f"warning: python differs: {results.machine['python']} then, 9.9.9 now" in lines

    def told(*words):
        return next(line for line in lines if all(word in line.split() for word in words))

    assert "2.00×" in told("thread-per-task", "1,000", "bad")
    assert told("thread-per-task", "1,000", "bad").endswith("more than before")
    assert told("thread-per-task", "1,000", "good").endswith("not distinguishable")
    assert told("lock-leak", "bad").endswith("deadlock then, ok now")


def test_pyperf_suites(results, tmp_path):
    pyperf.export(results, tmp_path / "suites")
    assert sorted(path.name for path in (tmp_path / "suites").iterdir()) == ["bad.json", "good.json"]
    bad, good = (json.loads((tmp_path / "suites" / f"{name}.json").read_text()) for name in ("bad", "good"))
    assert bad["version"] == "1.0"
    names = [benchmark["metadata"]["name"] for benchmark in good["benchmarks"]]
    assert "thread-per-task-1000-cpu" in names and "blocking-sleep-10-latency_p99" in names
    assert "lock-leak-10-wall" in names
    assert "lock-leak-10-wall" not in [benchmark["metadata"]["name"] for benchmark in bad["benchmarks"]]
    benchmark = bad["benchmarks"][names.index("thread-per-task-1000-cpu")]
    assert benchmark["metadata"] == {"name": "thread-per-task-1000-cpu", "unit": "second", "loops": 1}
    assert [run["values"] for run in benchmark["runs"]] == [[60.0 * f] for f in (0.98, 0.99, 1.0, 1.01, 1.02)]
    assert len({run["metadata"]["date"] for run in benchmark["runs"]}) == 5


@pytest.fixture
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(latest.sys, "platform", "linux")
    return tmp_path


def test_the_latest_cost_is_remembered_for_explain(results, cache):
    assert latest.latest_cost("BCK101") is None
    latest.remember(results)
    python = results.machine["python"]
    ratio = results.scenarios[0].cells[3].ratios[0]
    assert latest.latest_cost("BCK101") == (
        f"at 1,000 concurrent waits 30.0 times the CPU time of the alternative [{ratio.low:.1f}, {ratio.high:.1f}]; costs from 100 "
        f"concurrent waits on, harmless up to 10 (measured 2026-01-02, Python {python}, scenario thread-per-task)"
    )
    assert latest.latest_cost("BCK406").startswith("at 10 records it ends in: deadlock (measured")
    assert latest.latest_cost("BCK202") is None
    assert not list(cache.rglob("*.partial"))


def test_explain_shows_the_latest_cost(results, cache, capsys):
    cli = pytest.importorskip("blockcheck.cli")
    cli.main(["explain", "BCK101"])
    page = capsys.readouterr().out
    assert "Measured on this machine" not in page
    latest.remember(results)
    cli.main(["explain", "BCK101"])
    with_cost = capsys.readouterr().out
    assert with_cost.startswith(page)
    told = " ".join(with_cost.removeprefix(page).split())
    assert told == f"Measured on this machine: {latest.latest_cost('BCK101')}"


def test_a_later_run_of_one_scenario_keeps_the_others(results, cache):
    latest.remember(results)
    kept = latest.latest_cost("BCK201")
    latest.remember(replace(results, started="2026-02-03T00:00:00+00:00", scenarios=results.scenarios[:1]))
    assert "measured 2026-02-03" in latest.latest_cost("BCK101")
    assert latest.latest_cost("BCK201") == kept


def test_a_spoilt_memory_is_no_memory(results, cache):
    latest.remember(results)
    (latest.cache_folder() / "BCK101.json").write_text("[")
    assert latest.latest_cost("BCK101") is None


def test_a_cache_that_cannot_be_written_is_no_error(results, cache):
    (cache / "blockcheck").write_text("in the way")
    latest.remember(results)
    assert latest.latest_cost("BCK101") is None


def command(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["bench", *map(str, arguments)])
    return main()


def test_stored_results_can_be_reported_again(results, tmp_path, cache, monkeypatch, capsys):
    stored = tmp_path / "result.json"
    save(results, stored)
    made = [tmp_path / name for name in ("x.html", "x.svg", "suites")]
    options = ("--html", made[0], "--svg", made[1], "--pyperf", made[2], "--compare", stored)
    assert command(monkeypatch, "--from", stored, *options) == 0
    assert all(path.exists() for path in made)
    output = capsys.readouterr().out
    assert output.startswith("blockcheck bench, default run of 2026-01-02")
    assert "compared with the default run of 2026-01-02" in output
    assert latest.latest_cost("BCK101") is None  # nothing was measured now


def test_list_and_selection(monkeypatch, capsys):
    assert command(monkeypatch, "--list", "bck302", "BCK40", "lock-leak") == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert names == [
        *("a-a", "oversized-executor", "io-under-lock", "await-under-lock", "lock-in-async"),
        *("lock-order-inversion", "lock-reacquire", "lock-leak"),
    ]


def test_errors_of_use(monkeypatch, capsys, tmp_path):
    assert command(monkeypatch, "BCK999") == 2
    assert capsys.readouterr().err == "blockcheck bench: no scenario for 'BCK999'; see --list\n"
    assert command(monkeypatch, "--from", tmp_path / "none.json") == 2
    assert "none.json" in capsys.readouterr().err


def test_a_quick_run_of_one_scenario(monkeypatch, capsys, cache, tmp_path):
    jsonschema = pytest.importorskip("jsonschema")
    assert (
        command(monkeypatch, "lock-reacquire", "--quick", "--seed", "4", "--json", tmp_path / "x.json") == 0
    )
    document = json.loads((tmp_path / "x.json").read_text())
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    assert [scenario["name"] for scenario in document["scenarios"]] == ["a-a", "lock-reacquire"]
    assert document["seed"] == 4 and document["complete"]
    assert "deadlock" in latest.latest_cost("BCK405")
    assert "lock-reacquire" in capsys.readouterr().out


def test_the_benchmark_stands_apart():
    script = (
        "import sys, blockcheck.bench.command, blockcheck.bench.runner, blockcheck.bench.latest, "
        "blockcheck.bench.report.html;"
        "print([name for name in sys.modules if name.split('.')[0] in ('libcst', 'tomli') or name.startswith('blockcheck.')"
        " and not name.startswith('blockcheck.bench')])"
    )
    output = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert output == "[]\n"
