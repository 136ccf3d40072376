"""The same project gives the same report, whatever the order of files, the processes or the hash seed."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

from blockcheck import engine
from blockcheck.config import load

FILES = {
    "pkg/__init__.py": "from pkg.b import slow\n",
    "pkg/a.py": "from pkg import slow\n\n\nasync def first():\n    slow()\n    slow()\n\n\nasync def second():\n    slow()\n",
    "pkg/b.py": "import time\n\n\ndef slow():\n    time.sleep(1)\n\n\nasync def third():\n    time.sleep(1)\n    slow()\n",
    "pkg/c.py": "import time\nfrom pkg import b\n\n\nclass C:\n    def go(self):\n        b.slow()\n\n    async def run(self):\n        self.go()\n        time.sleep(2)\n",
    "broken.py": "(\n",
}


def report(*paths: str, jobs: int = 1) -> list[object]:
    arguments = [Path(path) for path in paths]
    return engine.run(arguments, load(arguments), jobs=jobs).findings


def test_order_of_arguments_and_number_of_processes(project) -> None:
    project(FILES)
    expected = report(".")
    assert len(expected) >= 4
    assert report(".", jobs=3) == expected
    for order in itertools.permutations([*FILES], 5):
        assert report(*order) == expected


def test_hash_seed(project, blockcheck_process) -> None:
    project(FILES)
    documents = []
    for seed in ("0", "1", "2", "3"):
        document = blockcheck_process(
            "check", "--no-cache", "--output-format", "json", PYTHONHASHSEED=seed
        ).document
        del document["summary"]["seconds"]
        documents.append(document)
    assert documents.count(documents[0]) == len(documents)
    assert documents[0]["findings"]


def test_findings_are_sorted_and_have_fingerprints_of_their_own(project) -> None:
    project(FILES)
    findings = report(".")
    assert findings == sorted(findings, key=lambda finding: finding.sort_key())
    assert len({finding.fingerprint for finding in findings}) == len(findings)


def test_fingerprints_survive_moved_lines(project) -> None:
    root = project(FILES)
    before = [finding.fingerprint for finding in report(".")]
    for name in FILES:
        file = root / name
        file.write_text("# moved\n\n" + file.read_text())
    assert [finding.fingerprint for finding in report(".")] == before


def test_a_run_leaves_nothing_behind(project) -> None:
    project(FILES)
    assert json.dumps([str(f) for f in report("pkg/a.py")]) == json.dumps(
        [str(f) for f in report("pkg/a.py")]
    )
