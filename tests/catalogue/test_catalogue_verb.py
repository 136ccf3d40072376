"""``blockcheck catalogue``: list, show and verify."""

from __future__ import annotations

import pytest

from blockcheck.cli import main


def test_show_tells_what_is_known_by_an_alias(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalogue", "show", "io.open"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("builtins.open, as io.open\n")
    assert "kind          file" in out
    assert "evidence      measured" in out


def test_show_follows_inheritance(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalogue", "show", "ssl.SSLSocket.recv"]) == 0
    assert "inherited from  socket.socket.recv" in capsys.readouterr().out


def test_show_of_a_type_lists_its_methods(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalogue", "show", "sqlite3.Connection"]) == 0
    assert "execute executemany executescript" in capsys.readouterr().out


def test_show_of_an_unknown_name_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalogue", "show", "no.such"]) == 2
    assert capsys.readouterr().out == "no.such: not in the catalogue\n"


def test_list_counts_by_evidence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalogue", "list", "--domain", "sleep", "--kind", "sleep"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "sleep        measured   sleep          sched.scheduler.run",
        "sleep        measured   sleep          time.sleep",
        "",
        "domain             measured documented",
        "sleep                     2          0",
        "all                       2          0",
    ]


def test_verify_says_what_was_seen(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalogue", "verify", "time.sleep"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "time.sleep: parks",
        "time.sleep where seconds says so: free",
        "1 free, 1 parks; 0 refuted",
    ]


def test_verify_of_what_has_no_case_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalogue", "verify", "os.abort"]) == 2
    assert "os.abort: nothing here calls it" in capsys.readouterr().out
