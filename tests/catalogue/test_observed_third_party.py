"""Third-party entries are called against something on loopback, and seen to hold the calling thread up, or not.

Needs the libraries, so ``pytest -m online``; Redis, PostgreSQL and memcached come from the system's packages and
their cases skip where those are not installed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from blockcheck.catalogue.model import Catalogue

sys.path.insert(0, str(Path(__file__).parent))
import environments  # noqa: E402
import servers  # noqa: E402
import watch  # noqa: E402
from test_names_are_real import DISTRIBUTIONS, TABLES, third_party  # noqa: E402

CATALOGUE = Catalogue(TABLES)
OBSERVED = json.loads((Path(__file__).parent / "observed.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Starts a server of a kind when first asked for it."""
    import contextlib

    root = tmp_path_factory.mktemp("servers")
    running: dict[str, servers.Server] = {}
    with contextlib.ExitStack() as stack:

        def start(kind: str) -> servers.Server:
            if kind not in running:
                running[kind] = stack.enter_context(servers.SERVERS[kind](root))
            return running[kind]

        yield start


def says(name: str) -> str:
    """What the catalogue lets one expect of a case: `free`, `burns` or `parks`."""
    full = name.split(" ")[0]
    if " " in name and name.split(" ")[1] != "wait":
        return "free"  # a case of a condition under which it does not block
    if full.endswith(".*"):
        found = CATALOGUE.method(full[:-2], "anything_at_all")
    else:
        found = CATALOGUE.entry(full)
        if found is None and full in TABLES["decorators"]:
            return "parks" if "kind" in TABLES["decorators"][full] else "free"
        found = found or CATALOGUE.method(*full.rsplit(".", 1))
    assert found is not None, f"{name}: not in the catalogue"
    if not found.blocks:
        return "free"
    return "burns" if found.kind == "cpu" else "parks"


@pytest.mark.online
@pytest.mark.parametrize("group", sorted(watch.GROUPS))
def test_entries_do_what_the_catalogue_says(group: str, server: Any) -> None:
    python, folder = environments.environment(DISTRIBUTIONS[group], watch.EXTRA.get(group, ()))
    running = {}
    if group in watch.NEEDS:
        kind = watch.NEEDS[group]
        started = server(kind)
        running[kind] = {"port": started.port, "pid": started.pid}
    order = json.dumps({"group": group, "servers": running})
    done = environments.run(python, folder, Path(watch.__file__), order)
    assert done.returncode == 0, done.stderr[-3000:]
    seen = json.loads(done.stdout.splitlines()[-1])
    wrong = {n: o for n, o in seen.items() if o["seen"] != o["expected"]}
    assert wrong == {}
    assert sorted(seen) == OBSERVED[group]
    contradicted = {n: (o["seen"], says(n)) for n, o in seen.items() if o["seen"] != says(n)}
    assert contradicted == {}


def test_measured_entries_are_those_that_are_observed() -> None:
    observed = {n for names in OBSERVED.values() for n in names if " " not in n}
    measured = {
        n for n, e in TABLES["callables"].items() if third_party(n) and e.get("evidence") == "measured"
    }
    for name, table in TABLES["types"].items():
        if table.get("any_method", {}).get("evidence") == "measured":
            measured.add(f"{name}.*")
    assert sorted(measured - observed) == []
