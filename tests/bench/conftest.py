import os
from pathlib import Path

import pytest

from blockcheck.bench.model import Scenario
from blockcheck.bench.runner import Profile

MODULES = Path(__file__).parent / "scenario_modules"


@pytest.fixture
def scenario_path(monkeypatch, tmp_path):
    """Have the measured processes find the tests' own scenarios; give them a folder to leave traces in."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(MODULES), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("BENCH_TEST_FOLDER", str(tmp_path))
    return tmp_path


@pytest.fixture
def make_scenario():
    def make(case, **fields):
        given = {
            "codes": (),
            "unit": "things",
            "claim": "wall",
            "sizes": (3,),
            "quick_size": 3,
            "warm_up_size": 1,
        }
        return Scenario(name=case, title=case, module=f"bench_case_{case}", **{**given, **fields})

    return make


@pytest.fixture
def brief():
    """The least effort: one process for each variant."""
    return Profile("quick", 1, None, 1, 0.0, 1, 1, 50, sweep=True)


def exists(pid):
    """Whether a process runs; one that only waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
