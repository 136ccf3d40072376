"""Facts made by other executors: the findings are the same, also where workers die."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from blockcheck import engine, scaling
from blockcheck.config import ConfigError, load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Executor
    from pathlib import Path

CALLEE = "import time\ndef pause{n}(): time.sleep({n})\n"
CALLER = "from m{n} import pause{n}\nasync def go(): pause{n}()\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for n in range(1, 41):
        (tmp_path / f"m{n}.py").write_text(CALLEE.format(n=n))
        (tmp_path / f"a{n}.py").write_text(CALLER.format(n=n))
    (tmp_path / "broken.py").write_text("def f(:\n")
    return tmp_path


def findings(folder: Path, executor: Executor | None = None) -> list[Any]:
    config = replace(load([folder], isolated=True), root=folder, base=folder)
    report = engine.run([folder], config, jobs=1, executor=executor)
    return [*report.findings, *report.problems]


def test_any_executor_gives_the_same_findings(folder: Path) -> None:
    expected = findings(folder)
    assert sum(f.code == "BCK201" for f in expected if hasattr(f, "code")) == 40
    with ThreadPoolExecutor(2) as executor:
        assert findings(folder, executor) == expected


def test_what_an_executor_loses_is_read_here(folder: Path) -> None:
    class Losing(ThreadPoolExecutor):
        def submit(self, function: Any, /, *arguments: Any, **keywords: Any) -> Future[Any]:
            lost: Future[Any] = Future()
            lost.set_exception(RuntimeError("the worker is gone"))
            return lost

    with Losing() as executor:
        assert findings(folder, executor) == findings(folder)


def test_workers_of_another_version_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scaling, "read_sent", lambda contents: ("another", [None] * len(contents)))
    with ThreadPoolExecutor(1) as executor, pytest.raises(ConfigError, match="another blockcheck"):
        findings(folder, executor)


def test_address_of_another_kind() -> None:
    with (
        pytest.raises(ConfigError, match="expected dask://HOST:PORT"),
        scaling.connected("tcp://localhost:1"),
    ):
        pass


@contextmanager
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers on this machine, each a process; and the workers."""
    pytest.importorskip("distributed", reason="Dask is not installed: pip install blockcheck-linter[dask]")
    note = tmp_path / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    started: list[subprocess.Popen[bytes]] = []
    try:
        started.append(
            subprocess.Popen(
                [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0",
                 "--no-dashboard", "--scheduler-file", str(note)], **quiet,
            )
        )  # fmt: skip
        for _ in range(200):
            if note.exists() and note.read_text().endswith("}"):
                break
            time.sleep(0.1)
        for _ in range(2):
            started.append(
                subprocess.Popen(
                    [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(note), "--no-nanny",
                     "--no-dashboard", "--host", "127.0.0.1", "--nthreads", "1",
                     "--local-directory", str(tmp_path)], **quiet,
                )
            )  # fmt: skip
        address = json.loads(note.read_text())["address"].removeprefix("tcp://")
        yield f"dask://{address}", started[1:]
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(30)


def test_dask_gives_the_same_findings_though_a_worker_is_killed(folder: Path, tmp_path_factory: Any) -> None:
    expected = findings(folder)
    with (
        cluster(tmp_path_factory.mktemp("dask")) as (address, workers),
        scaling.connected(address) as executor,
    ):
        client = executor._client
        client.wait_for_workers(2, timeout=30)
        assert findings(folder, executor) == expected
        submit, sent = executor.submit, []

        def slowly(function: Any, *arguments: Any) -> Any:
            sent.append(arguments)
            if len(sent) == 3:
                os.kill(workers[0].pid, signal.SIGKILL)
            return submit(function, *arguments)

        executor.submit = slowly
        assert findings(folder, executor) == expected
        assert workers[0].wait(30) == -signal.SIGKILL
