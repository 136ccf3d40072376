"""The examples show what the README says they show."""

from __future__ import annotations

from conftest import REPOSITORY


def test_examples(blockcheck, monkeypatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    outcome = blockcheck("check", "examples", "--output-format", "json")
    assert outcome.code == 1
    found = {(f["path"].removeprefix("examples/"), f["code"]): f for f in outcome.document["findings"]}
    assert set(found) == {
        ("incident/thread_per_task.py", "BCK101"),
        ("service/service/app.py", "BCK202"),
        ("service/service/app.py", "BCK207"),
        ("service/service/app.py", "BCK402"),
    }
    chain = found["service/service/app.py", "BCK202"]["chain"]
    assert [link["call"] for link in chain] == [
        "service.invoices.total",
        "service.pricing.price_of",
        "urllib.request.urlopen",
    ]
