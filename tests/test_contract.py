"""The JSON document of a real run, against the shipped schema and against the sources it speaks of."""

from __future__ import annotations

import json
from importlib import resources

import jsonschema
import pytest

FILES = {
    "pkg/__init__.py": "",
    "pkg/app.py": (
        "import threading\n"
        "from pkg.store import Store\n"
        "lock = threading.Lock()\n"
        "class App:\n"
        "    def __init__(self):\n"
        "        self.store = Store()\n"
        "    async def handle(self):\n"
        "        é = 'é'; self.store.load()\n"
        "async def locked():\n"
        "    with lock:\n"
        "        await other()\n"
        "async def other():\n"
        "    pass\n"
        "def spawn(items):\n"
        "    for item in items:\n"
        "        threading.Thread(target=print, args=(item,)).start()\n"
    ),
    "pkg/store.py": "import time\nclass Store:\n    def load(self):\n        time.sleep(1)\n",
    "broken.py": "def f(:\n",
}


@pytest.fixture
def outcome(project, blockcheck):
    project(FILES)
    return blockcheck("check", "--output-format", "json", "missing.py", ".")


def test_it_meets_the_schema(outcome) -> None:
    schema = json.loads(resources.files("blockcheck.output").joinpath("schema.json").read_text())
    jsonschema.validate(outcome.document, schema)


def test_findings_and_errors(outcome) -> None:
    assert outcome.code == 2
    assert set(outcome.findings) >= {
        ("broken.py", 1, "BCK902"),
        ("pkg/app.py", 8, "BCK201"),
        ("pkg/app.py", 10, "BCK402"),
        ("pkg/app.py", 16, "BCK101"),
    }
    assert [error["path"] for error in outcome.document["errors"]] == ["broken.py", "missing.py"]
    summary = outcome.document["summary"]
    assert (summary["files"], summary["parsed"], summary["cached"]) == (4, 3, 0)
    assert summary["findings"] == len(outcome.findings)


def test_columns_count_code_points_and_the_chain_leads_to_the_primitive(outcome) -> None:
    (finding,) = [f for f in outcome.document["findings"] if f["code"] == "BCK201"]
    line = FILES["pkg/app.py"].split("\n")[7]
    assert line[finding["column"] - 1 : finding["end_column"] - 1] == "self.store.load()"
    assert (finding["line"], finding["end_line"]) == (8, 8)
    assert finding["function"] == "pkg.app.App.handle"
    assert finding["primitive"] == "time.sleep"
    assert finding["chain"] == [
        {
            "path": "pkg/app.py",
            "line": 8,
            "column": finding["column"],
            "function": "pkg.app.App.handle",
            "call": "pkg.store.Store.load",
        },
        {
            "path": "pkg/store.py",
            "line": 4,
            "column": 9,
            "function": "pkg.store.Store.load",
            "call": "time.sleep",
        },
    ]


def test_lines_carry_the_same_findings(outcome, blockcheck) -> None:
    lines = blockcheck("check", "--output-format", "jsonl").out.splitlines()
    assert [json.loads(line) for line in lines] == outcome.document["findings"]
