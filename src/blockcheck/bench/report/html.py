"""The report as one HTML page that needs nothing else: no network, no scripts."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from blockcheck.bench.examples import example_of
from blockcheck.bench.metrics import METRICS
from blockcheck.bench.model import BASELINE
from blockcheck.bench.registry import SCENARIOS
from blockcheck.bench.report import svg
from blockcheck.bench.report.terminal import interval_text, machine_line, middle
from blockcheck.bench.summary import CHEAPER, HARMFUL, NULL_PAIR, crossover_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.bench.results import Cell, Results, ScenarioResult

# What else is worth a curve, where there are no requests whose latencies could be shown.
_SECOND = {"cpu": "memory_peak", "wall": "throughput", "memory_peak": "queue_depth_peak"}
_STYLE = """
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 80rem; font: 16px/1.5 system-ui, sans-serif;
  color: var(--ink); background: var(--paper); }
h1 { font-size: 1.7rem; margin: 0 0 .25rem; } h2 { font-size: 1.3rem; margin: 2.5rem 0 .5rem; }
h3 { font-size: 1.1rem; margin: 2rem 0 .25rem; }
a { color: var(--good); } p { max-width: 50rem; } .muted { color: var(--muted); }
.scroll { overflow-x: auto; } svg { max-width: 100%; height: auto; }
.notes { border-left: 4px solid var(--warn); background: var(--panel); padding: .5rem 1rem; }
table { border-collapse: collapse; font-size: .8rem; margin: .5rem 0; }
th, td { white-space: nowrap; } td.wide { white-space: normal; } tbody th { font-weight: 500; }
th, td { padding: .2rem .45rem; text-align: left; border-bottom: 1px solid var(--grid); }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
caption { text-align: left; color: var(--muted); padding: .25rem 0; }
.harm { color: var(--bad); font-weight: 600; } .fine { color: var(--good); }
.plots { display: flex; flex-wrap: wrap; gap: 1rem; } .plots figure { margin: 0; flex: 1 1 26rem; max-width: 36rem; }
.code { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); gap: 0 1rem; }
.code h4 { margin: .5rem 0 0; font-size: .9rem; } .code > div { min-width: 0; }
pre { background: var(--panel); border: 1px solid var(--grid); padding: .75rem; overflow-x: auto; font-size: .8rem; }
summary { cursor: pointer; }
@media print { body { padding: 0; font-size: 10pt; max-width: none; } h3, figure, tr, section { break-inside: avoid; }
  .scroll { overflow: visible; } table { font-size: 6.5pt; } th, td { padding: .1rem .2rem; }
  .plots { flex-wrap: nowrap; } .plots figure { flex: 0 1 50%; min-width: 0; }
  h3 { break-after: avoid; } pre { white-space: pre-wrap; } a { color: inherit; text-decoration: none; } }
"""


def render(results: Results) -> str:
    """The whole page."""
    return "\n".join(_page(results)) + "\n"


def _page(results: Results) -> Iterator[str]:
    yield '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="color-scheme" content="light dark">'
    yield f"<title>blockcheck bench, {escape(results.started)}</title><style>{svg.STYLE}{_STYLE}</style></head>"
    yield "<body><header><h1>What the patterns cost on this machine</h1>"
    yield (
        f'<p class="muted">blockcheck bench {escape(results.tool_version)}, {escape(results.profile)} run of '
        f"{escape(results.started)}, {results.rounds} rounds in {results.seconds:.0f} s<br>{escape(machine_line(results))}</p>"
    )
    yield "</header><main>"
    yield from _notes(results)
    yield "<h2>All scenarios</h2>"
    yield (
        "<p>Each scenario does identical work in a bad and in a good way, every run in a fresh process. The ratio is "
        "that of the medians, bad to good, in the one metric the scenario claims; the interval holds 95 % of what "
        "resampling the processes and their values gives. Where it includes 1, or the ratio lies within the noise of the A/A pair "
        "(the grey band), the two are <em>not distinguishable</em>; <em>harmless</em> is said only where the interval excludes a cost of half as much again.</p>"
    )
    yield f'<div class="scroll"><figure style="margin:0">{svg.intervals(results)}</figure></div>'
    yield from _overview(results)
    yield "<h2>Each scenario</h2>"
    for scenario in results.scenarios:
        if scenario.name != NULL_PAIR:
            yield from _scenario(scenario)
    yield "<h2>The machine</h2>"
    yield from _facts("What was measured on", results.machine)
    yield from _facts("Limits that bound the sweeps", results.limits)
    yield from _facts(
        "Noise floor: the factor the A/A pair reached",
        {k: f"{v:.3f}" for k, v in results.noise_floor.items()},
    )
    yield "</main></body></html>"


def _notes(results: Results) -> Iterator[str]:
    notes = list(results.problems)
    if not results.complete:
        notes.insert(0, "This report is incomplete.")
    notes += [
        f"left out: {scenario.name} at {left['size']:,}: {left['reason']}"
        for scenario in results.scenarios
        for left in scenario.left_out
    ]
    if results.machine["not_measured"]:
        notes.append("not measured on this platform: " + ", ".join(results.machine["not_measured"]))
    if notes:
        yield '<section class="notes" aria-label="Warnings"><ul>'
        yield from (f"<li>{escape(note)}</li>" for note in notes)
        yield "</ul></section>"


def _overview(results: Results) -> Iterator[str]:
    headings = (
        "scenario",
        "rules",
        "N",
        "metric",
        "bad",
        "good",
        "sys bad",
        "sys good",
        "ratio",
        "95 % interval",
    )
    numbers = {2, 4, 5, 6, 7, 8, 9}
    yield '<div class="scroll"><table><caption>Medians over processes; sys: share of the CPU time that went to the system</caption><thead><tr>'
    for column, heading in enumerate((*headings, "verdict")):
        yield f'<th scope="col"{_class(column in numbers)}>{heading}</th>'
    yield "</tr></thead><tbody>"
    for scenario in results.scenarios:
        for cell in scenario.cells:
            for variant in cell.variants:
                if variant != BASELINE and any(cell.variants.values()):
                    yield from _overview_row(scenario, cell, variant)
    yield "</tbody></table></div>"


def _overview_row(scenario: ScenarioResult, cell: Cell, variant: str) -> Iterator[str]:
    ratio = cell.ratio(scenario.claim, variant)
    verdict = cell.outcome(variant) or (ratio.verdict if ratio else "not run")
    name = scenario.name if variant == "bad" else f"{scenario.name} ({variant})"
    link = f'<a href="#{scenario.name}">{escape(name)}</a>' if scenario.name != NULL_PAIR else escape(name)
    yield f'<tr><th scope="row">{link}</th><td>{escape(" ".join(scenario.codes))}</td>'
    yield f'<td class="number">{cell.size:,}</td><td>{METRICS[scenario.claim].label}</td>'
    for each, metric in (
        (variant, scenario.claim), (BASELINE, scenario.claim), (variant, "system_share"), (BASELINE, "system_share"),
    ):  # fmt: skip
        yield f'<td class="number">{escape(middle(cell, each, metric, scenario.claim))}</td>'
    yield "".join(f'<td class="number">{escape(text)}</td>' for text in interval_text(ratio))
    css = "harm" if verdict in HARMFUL else "fine" if verdict == CHEAPER else "muted"
    yield f'<td class="{css}">{escape(verdict)}</td></tr>'


def _scenario(scenario: ScenarioResult) -> Iterator[str]:
    codes = ", ".join(scenario.codes)
    yield f'<section id="{scenario.name}"><h3>{escape(scenario.name)} <span class="muted">{escape(codes)}</span></h3>'
    yield f"<p>{escape(scenario.title[0].upper() + scenario.title[1:])}: <strong>{escape(crossover_text(scenario))}</strong>.</p>"
    measured = [cell for cell in scenario.cells if any(cell.variants.values())]
    shown = next((cell for cell in reversed(measured) if cell.latencies(BASELINE)), None)
    second = svg.ecdf(shown) if shown else svg.sweep(scenario, _SECOND.get(scenario.claim))
    plots = [svg.sweep(scenario), second]
    if any(plots):
        yield '<div class="plots">' + "".join(f"<figure>{plot}</figure>" for plot in plots if plot) + "</div>"
    for cell in measured:
        stacks = next((run.stacks for run in cell.variants.get("bad", []) if run.stacks), None)
        if stacks:
            yield f"<p>At {cell.size:,} it does not end. Its threads stood here:</p><pre>{escape(chr(10).join(stacks))}</pre>"
    yield f"<details><summary>All metrics of {escape(scenario.name)}</summary>"
    for cell in measured:
        yield from _metrics(scenario, cell)
    yield "</details>"
    yield from _code(scenario)
    yield "</section>"


def _metrics(scenario: ScenarioResult, cell: Cell) -> Iterator[str]:
    known = [
        metric
        for metric in METRICS.values()
        if any(cell.values(variant, metric.name) for variant in cell.variants)
    ]
    counts = ", ".join(f"{len(runs)} of {name}" for name, runs in cell.variants.items())
    caption = f"At {cell.size:,} {scenario.unit}; processes: {counts}"
    if cell.unstable:
        caption += f"; unstable: {', '.join(cell.unstable)}"
    yield f'<div class="scroll"><table><caption>{escape(caption)}</caption><thead><tr><th scope="col">metric</th>'
    yield "".join(f'<th scope="col" class="number">{variant}</th>' for variant in cell.variants)
    yield '<th scope="col" class="number">bad / good</th><th scope="col" class="number">95 % interval</th></tr></thead><tbody>'
    for metric in known:
        yield f'<tr><th scope="row">{escape(metric.label)}</th>'
        yield "".join(
            f'<td class="number">{escape(middle(cell, variant, metric.name, scenario.claim))}</td>'
            for variant in cell.variants
        )
        yield "".join(
            f'<td class="number">{escape(text)}</td>' for text in interval_text(cell.ratio(metric.name))
        )
        yield "</tr>"
    yield "</tbody></table></div>"


def _code(scenario: ScenarioResult) -> Iterator[str]:
    known = SCENARIOS.get(scenario.name)
    if known is None:
        return
    example = example_of(known)
    yield f"<details><summary>The measured code of {escape(scenario.name)}</summary><p>{escape(example.summary)}</p>"
    if example.shared:
        yield f"<pre>{escape(example.shared)}</pre>"
    yield '<div class="code">'
    for name, source in example.variants.items():
        yield f"<div><h4>{escape(name)}</h4><pre>{escape(source)}</pre></div>"
    yield "</div></details>"


def _facts(caption: str, facts: dict[str, Any]) -> Iterator[str]:
    yield f'<div class="scroll"><table><caption>{escape(caption)}</caption><tbody>'
    for name, value in facts.items():
        yield f'<tr><th scope="row">{escape(name.replace("_", " "))}</th><td class="wide">{escape(str(value))}</td></tr>'
    yield "</tbody></table></div>"


def _class(number: bool) -> str:
    return ' class="number"' if number else ""
