"""``blockcheck why FILE:LINE``: what is thought of a line."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from blockcheck.cli import main

SOURCE = textwrap.dedent(
    """\
    import asyncio
    import threading
    import time


    def pause():
        time.sleep(1)


    async def offloaded():
        await asyncio.to_thread(pause)


    async def direct(lock: threading.Lock, unknown):
        pause()
        lock.acquire(blocking=False)
        unknown.work()
        await direct(lock, unknown)
    """
)


@pytest.fixture
def why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "app.py").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)

    def ask(line: int) -> list[str]:
        assert main(["why", f"app.py:{line}"]) == 0
        return capsys.readouterr().out.splitlines()

    return ask


def test_chain_and_context(why):
    assert why(15) == [
        "app.py:15:5 pause() in app.direct",
        "  context:    on the event loop (async def)",
        "  callee:     app.pause (call, high)",
        "  known by:   what pause is bound to in the module",
        "  gives:      None",
        "  may cause:  sleep (high): app.pause (app.py:15) → time.sleep (app.py:7)",
        "  reported:   BCK201 pause() blocks the event loop through time.sleep()",
    ]


def test_off_the_loop_the_callers_are_told(why):
    assert why(7)[-1] == "  silent:     not on the event loop here; callers that are on it are told"


def test_a_reference_is_handed_over(why):
    assert "  hands over: app.pause, to run in a thread" in why(11)


def test_arguments_under_which_it_does_not_block(why):
    assert any(line.endswith("not with these arguments)") for line in why(16))


def test_a_coroutine_is_a_barrier(why):
    assert why(18)[-1] == "  silent:     app.direct is asynchronous: it is judged on its own"


def test_the_receiver_and_how_it_is_known(why):
    assert "  receiver:   a threading.Lock, by the annotation of parameter lock" in why(16)


def test_what_is_handed_over_is_no_call(why):
    assert why(11)[-1] == "  silent:     what is handed over runs off the event loop"


def test_an_attribute_is_told_by_who_stores_it(tmp_path: Path, monkeypatch, capsys):
    (tmp_path / "app.py").write_text(
        textwrap.dedent(
            """\
            import os, sqlite3

            class Store:
                def __init__(self):
                    self.connection = sqlite3.connect("a")

                async def load(self, path, rows):
                    self.connection.execute("select 1")
                    os.stat(path)
                    self.missing.run()
                    rows[0].run()
            """
        )
    )
    monkeypatch.chdir(tmp_path)

    def labels(line: int) -> list[str]:
        assert main(["why", f"app.py:{line}"]) == 0
        return capsys.readouterr().out.splitlines()

    how = "what app.Store.__init__ stores as connection"
    assert f"  receiver:   a sqlite3.Connection, by {how}" in labels(8)
    assert labels(9)[-1] == "  silent:     BCK205 is not enabled"
    assert "  callee:     unresolved: an attribute of the receiver is not known" in labels(10)


def test_what_the_caller_gives(why):
    assert "  callee:     what the caller gives as 'unknown'.work" in why(17)


def test_what_is_reported_and_what_hides_it(project, blockcheck):
    project(
        {
            "pyproject.toml": "[tool.blockcheck]\nper-file-ignores = { 'quiet.py' = ['BCK4'] }\n",
            "app.py": textwrap.dedent("""\
            import threading, time

            lock = threading.Lock()

            def slow():
                with lock:
                    time.sleep(1)

            async def f(paths):
                time.sleep(1)  # noqa: BCK201
                for line in open("a"):
                    print(line)
            """),
            "quiet.py": "from app import lock, slow\ndef f():\n    with lock:\n        slow()\n",
        }
    )

    def outcome(line: int, file: str = "app.py", *options: str) -> list[str]:
        lines = blockcheck("why", f"{file}:{line}", *options).out.splitlines()
        return [text.strip() for text in lines if text.startswith(("  held", "  reported", "  silent"))]

    assert outcome(7) == [
        "held:       lock (taken in line 6)",
        "reported:   BCK401 time.sleep() blocks while lock is held; to be moved out: `time.sleep()`",
    ]
    assert outcome(10) == ["silent:     BCK201 time.sleep() blocks the event loop: hidden by a comment"]
    assert outcome(11) == [
        "silent:     it is told with the call itself",
        "reported:   BCK204 open() blocks the event loop",
    ]
    told = outcome(4, "quiet.py")
    assert [text for text in told if "BCK401" in text][0].endswith(": ignored in this file")
    assert any(text.startswith("reported:   BCK401") for text in outcome(4, "quiet.py", "--isolated"))


def test_no_call(why):
    assert why(1) == ["app.py:1: no call begins on this line"]


def test_a_file_that_cannot_be_read(project, blockcheck):
    project({"broken.py": "def f(:\n"})
    outcome = blockcheck("why", "broken.py:1")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == "broken.py:1: syntax error: invalid syntax\n"


def test_bad_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["why", "nonsense"]) == 2
    assert "not of the form FILE:LINE" in capsys.readouterr().err
