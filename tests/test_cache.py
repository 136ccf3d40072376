"""The cache of facts: what it answers, and that nothing that happens to it is ever noticed."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from blockcheck import engine, reading
from blockcheck.config import CACHE_FOLDER, load
from blockcheck.facts import cache as facts_cache
from blockcheck.facts import extract
from blockcheck.storage import TAG, Folder, Packs, pack, seal, unseal

FILES = {
    "pyproject.toml": "[tool.blockcheck]\n",
    "a.py": "import time\n\n\ndef slow():\n    time.sleep(1)\n",
    "b.py": "from a import slow\n\n\nasync def main():\n    slow()\n",
    "broken.py": "def f(:\n",
    "latin.py": b"# coding: latin-1\nimport b\nx = '\xe9'\n",
    "bad.py": b"x = '\xff'\n",
}


def plain(document: dict) -> dict:
    """A document without what differs from run to run."""
    document["summary"].pop("seconds")
    document["summary"].pop("parsed")
    document["summary"].pop("cached")
    return document


@pytest.fixture
def check(blockcheck):
    """Run a check and return its document without timings, and how many files were parsed and cached."""

    def run(*arguments):
        for answer in Path(CACHE_FOLDER).glob("answer-*"):
            answer.unlink()
        outcome = blockcheck("check", "--output-format", "json", *arguments)
        assert outcome.err == ""
        document = outcome.document
        counts = document["summary"]["parsed"], document["summary"]["cached"]
        return plain(document), counts

    return run


def test_second_run_parses_nothing_and_says_the_same(project, check) -> None:
    root = project(FILES)
    uncached, _ = check("--no-cache")
    assert not (root / CACHE_FOLDER).exists()
    first, counts = check()
    assert counts == (3, 0)
    second, counts = check()
    assert counts == (0, 3)
    assert uncached == first == second
    assert [f["code"] for f in first["findings"]] == ["BCK201", "BCK902", "BCK902"]


def test_folder_says_that_it_is_a_cache(project, check) -> None:
    folder = project(FILES) / CACHE_FOLDER
    check()
    assert (folder / TAG).read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")
    assert (folder / ".gitignore").read_text() == "*\n"


def test_only_what_changed_is_parsed(project, check) -> None:
    root = project(FILES)
    check()
    (root / "b.py").write_text("from a import slow\n\n\nasync def main():\n    pass\n")
    document, counts = check()
    assert counts == (1, 2)
    assert [f["code"] for f in document["findings"]] == ["BCK902", "BCK902"]


def test_analysis_of_another_make_parses_anew(project, check, monkeypatch) -> None:
    project(FILES)
    check()
    monkeypatch.setattr(facts_cache, "logic", lambda: "other")
    assert check()[1] == (3, 0)
    assert check()[1] == (0, 3)


@pytest.mark.parametrize("seed", range(6))
def test_corrupt_files_are_rebuilt_in_silence(project, check, seed) -> None:
    folder = project(FILES) / CACHE_FOLDER
    expected, _ = check()
    chance = random.Random(seed)
    for file in folder.iterdir():
        data = bytearray(file.read_bytes())
        if file.name != TAG and data:
            kind = chance.randrange(4 if file.suffix == ".index" else 3)
            if kind == 0:
                del data[chance.randrange(len(data)) :]
            elif kind == 1:
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            elif kind == 2:
                data = bytearray(chance.randbytes(20))
            else:
                data = bytearray(seal(b'{"key": "other", "entries": {}}'))
            file.write_bytes(data)
    assert check()[0] == expected
    assert check() == (expected, (0, 3))


def test_processes_of_the_same_time_do_not_disturb_one_another(project, check) -> None:
    root = project(FILES | {f"m{n}.py": f"import a\n\n\ndef f():\n    return {n}\n" for n in range(30)})
    expected, _ = check("--no-cache")
    command = [sys.executable, "-m", "blockcheck", "check", "--output-format", "json"]
    running = [subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE) for _ in range(3)]
    for process in running:
        assert plain(json.loads(process.communicate()[0])) == expected
    assert check() == (expected, (0, 33))


def test_folder_that_is_something_else_is_left_alone(project, blockcheck) -> None:
    root = project({**FILES, "precious/x": ""})
    refused = blockcheck("check", "--cache-dir", root / "precious")
    assert (refused.code, refused.out) == (2, "")
    assert "no cache, and not empty" in refused.err
    assert [entry.name for entry in (root / "precious").iterdir()] == ["x"]


def test_folder_that_cannot_be_written_is_no_hindrance(project, check) -> None:
    project({**FILES, CACHE_FOLDER: ""})
    assert check()[1] == (3, 0)


def test_packs_keep_what_is_used_and_let_the_rest_go(tmp_path) -> None:
    for run in range(30):
        packs = Packs(Folder(tmp_path / "c"), "facts", "key")
        assert packs.get("always") == (b"1" if run else None)
        packs.put(
            {"always": pack(b"1"), f"only {run}": pack(bytes(1000))}
            if run == 0
            else {f"only {run}": pack(b"2")}
        )
    index = json.loads(unseal((tmp_path / "c" / "facts.index").read_bytes()))
    assert "only 29" in index["entries"]
    assert len(index["entries"]) <= 4
    assert len(list((tmp_path / "c").glob("*.pack"))) <= 9


def test_facts_survive_their_form_as_bytes() -> None:
    for file in sorted(Path(reading.__file__).parent.rglob("*.py")):
        facts = extract(file.read_text())
        assert facts_cache.load(facts_cache.dump(facts)) == facts
    broken = extract("x = 1\nf( = 2\ny = 'a\\n'\n")
    assert facts_cache.load(facts_cache.dump(broken)) == broken


def test_file_that_changes_meanwhile_has_no_places(project) -> None:
    root = project(FILES)
    result = reading.read_all(engine.discover([root], load([root])).files, {})[0]
    assert result.read().startswith("import time")
    (root / "a.py").write_text("def\n")
    assert result.read() == ""
