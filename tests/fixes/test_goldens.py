"""Each case as it is after ``--fix --unsafe-fixes``, which is written beside it.

Run with ``BLOCKCHECK_WRITE=1`` to write what comes out, and read the difference.
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path

import pytest

CASES = Path(__file__).parent / "cases"
NAMES = sorted(path.name for path in CASES.glob("*.py") if not path.name.endswith(".fixed.py"))


@pytest.mark.parametrize("name", NAMES)
def test_case(project, blockcheck, name) -> None:
    before = (CASES / name).read_text()
    golden = (CASES / name).with_suffix(".fixed.py")
    root = project({name: before})
    found = blockcheck("check", name, "--isolated", "--output-format", "json").document["findings"]
    outcome = blockcheck("check", name, "--isolated", "--fix", "--unsafe-fixes", "--output-format", "json")
    after = (root / name).read_text()
    if os.environ.get("BLOCKCHECK_WRITE"):
        golden.write_text(after)
    assert after == golden.read_text()
    compile(after, name, "exec")
    assert "dropped" not in outcome.err
    # What had a fix is gone, and nothing new has come.
    left = [(f["code"], f["message"]) for f in outcome.document["findings"]]
    assert all(not (f["fix"] and f["fix"]["edits"]) for f in outcome.document["findings"])
    for finding in outcome.document["findings"]:
        assert (finding["code"], finding["message"]) in [(f["code"], f["message"]) for f in found]
    assert len(left) == len([f for f in found if not (f["fix"] and f["fix"]["edits"])]) or len(left) < len(
        found
    )
    # Lines are only changed where an edit is.
    edited = {
        line
        for f in found
        for edit in (f["fix"]["edits"] if f["fix"] else ())
        for line in range(edit["line"], edit["end_line"] + 1)
    }
    for tag, start, end, _, _ in difflib.SequenceMatcher(
        None, before.split("\n"), after.split("\n")
    ).get_opcodes():
        if tag in ("replace", "delete"):
            assert set(range(start + 1, end + 1)) <= edited
    again = blockcheck("check", name, "--isolated", "--diff", "--unsafe-fixes")
    assert (again.code, again.out) == (0, "")
