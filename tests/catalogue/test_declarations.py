"""What users declare of libraries and of their own functions: the examples of the page, overriding, and errors."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import blockcheck
from blockcheck.catalogue import load
from blockcheck.catalogue.loader import read, sources
from blockcheck.catalogue.schema import CatalogueError, check, full_names
from blockcheck.cli import main
from fixture_runner import mismatches

PAGE = Path(__file__).parents[2] / "docs" / "catalogue.md"
EXAMPLES = re.findall(
    r"^## (.+?)$|<!-- example -->\n```toml\n(.*?)```\n```python\n(.*?)```",
    PAGE.read_text(encoding="utf-8"),
    re.DOTALL | re.MULTILINE,
)


def examples() -> list:
    heading, found = "", []
    for title, declarations, program in EXAMPLES:
        heading = title or heading
        if program:
            found.append(pytest.param(declarations, program, id=heading))
    return found


@pytest.mark.parametrize(("declarations", "program"), examples())
def test_the_examples_of_the_page(tmp_path: Path, declarations: str, program: str) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "blockcheck.toml").write_text(declarations)
    (folder / "app.py").write_text(program)
    assert mismatches(folder) == []
    # The same in a pack.
    (folder / "pack.toml").write_text(declarations)
    (folder / "blockcheck.toml").write_text('catalogue = ["pack.toml"]\n')
    assert mismatches(folder) == []


def test_every_key_has_an_example() -> None:
    told = {p.id for p in examples()}
    assert told == {
        "blocking", "non-blocking", "offloaders", "schedulers", "locks", "executors", "returns", "Frameworks",
    }  # fmt: skip


def test_the_built_in_files_are_of_the_schema() -> None:
    for file in sources():
        check(read(file), f"{file.name}: ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("blokcing = []", "blokcing: unknown key; did you mean 'blocking'?"),
        ("blocking = 'a.b'", "blocking: expected a list of names and tables, not 'a.b'"),
        ("blocking = [1]", "blocking[0]: expected a name or a table, not 1"),
        ("blocking = ['a..b']", "blocking[0]: not a qualified name: 'a..b'"),
        ("blocking = ['a b.c']", "blocking[0]: not a qualified name: 'a b.c'"),
        ("blocking = ['open']", "blocking[0]: 'open' names no module; did you mean 'builtins.open'?"),
        (
            "blocking = [{ name = 'a.b', kind = 'htttp' }]",
            "blocking 'a.b': kind: unknown value 'htttp'; did you mean 'http'?",
        ),
        (
            "blocking = [{ name = 'a.b', kind = 'none' }]",
            "blocking 'a.b': kind: unknown value 'none'; valid are cpu, database, file, fs-metadata, http, import, "
            "nested-loop, sleep, socket, stdin, subprocess, wait",
        ),
        ("blocking = [{ name = 'a.b', knid = 1 }]", "blocking 'a.b': knid: unknown key; did you mean 'kind'?"),
        ("blocking = [{ kind = 'http' }]", "blocking[0]: needs 'name' or 'names'"),
        (
            "blocking = [{ of = 'a.B', names = 'c' }]",
            "blocking 'c': names: expected a list, not 'c'",
        ),
        (
            "blocking = [{ name = 'a.b', unless = [{ name = 'x', at = '0', is = 1 }] }]",
            "blocking 'a.b': unless[0].at: expected a position: a whole number from 0, not '0'",
        ),
        (
            "blocking = [{ name = 'a.b', unless = [{ name = 'x' }] }]",
            "blocking 'a.b': unless[0]: says nothing; valid are is, given, contains, type, state",
        ),
        (
            "blocking = [{ name = 'a.b', only-if = [] }]",
            "blocking 'a.b': only-if: unknown key; did you mean 'only_if'?",
        ),
        ("blocking = ['a.b', 'a.b']", "blocking 'a.b': stands here twice"),
        ("blocking = ['a.b']\nnon-blocking = ['a.b']", "non-blocking 'a.b': is said to be blocking as well"),
        (
            "offloaders = [{ name = 'a.b', context = 'loop' }]",
            "offloaders 'a.b': context: unknown value 'loop'; valid are process, thread",
        ),
        ("offloaders = [{ name = 'a.b', at = true }]", "offloaders 'a.b': at: expected a position: a whole number from 0, not True"),
        (
            "locks = [{ name = 'a.B', role = 'rloc' }]",
            "locks 'a.B': role: unknown value 'rloc'; did you mean 'rlock'?",
        ),
        (
            "executors = [{ name = 'a.B', bound = { default = 'many' } }]",
            "executors 'a.B': bound.default: expected a number, 'cpu' or 'none', not 'many'",
        ),
        ("returns = ['a.b']", "returns: expected a table of names and what they return, not ['a.b']"),
        ("[returns]\n'a.b' = 'list[a.C'", "returns 'a.b': not a type: 'list[a.C'"),
        ("[returns]\n'a.b' = 3", "returns 'a.b': expected a string, not 3"),
        ("[returns]\n'b' = 'a.C'", "returns: 'b' names no module"),
        ("[[callable]]\nkind = 'http'", "callable[0]: needs 'names'"),
        (
            "[[callable]]\nnames = ['a.b']\nruns = [{ name = 'f', context = 'threads' }]",
            "callable 'a.b': runs[0].context: unknown value 'threads'; did you mean 'thread'?",
        ),
        (
            "[[callable]]\nnames = ['a.b', 'a.c']\naliases = ['d.e']",
            "callable 'a.b': aliases: need exactly one name",
        ),
        ("[[handler]]\nbase = 'a.B'\nmethods = ['x']", "handler 'a.B': needs 'context'"),
        (
            "[[type]]\nname = 'a.B'\niterates = 'element'",
            "type 'a.B': iterates: 'element' asks the object for what it iterates, which is to be told here",
        ),
        ("[[type]]\nname = 'a.B'\nbasis = []", "type 'a.B': basis: unknown key; did you mean 'bases'?"),
        ("type = 1", "type: expected a list of tables, not 1"),
    ],
)  # fmt: skip
def test_errors_name_file_table_and_key(project, text: str, message: str) -> None:
    root = project({"blockcheck.toml": "catalogue = ['packs/vendor.toml']", "packs/vendor.toml": text})
    config = blockcheck.load_config([root])
    with pytest.raises(CatalogueError) as caught:
        load(config.catalogue, config.declared)
    assert str(caught.value) == f"packs/vendor.toml: {message}"


def test_errors_in_a_configuration_and_unreadable_packs(project, capsys) -> None:
    project({"pyproject.toml": "[tool.blockcheck]\nblocking = ['x']", "a.py": ""})
    assert main(["check"]) == 2
    assert capsys.readouterr().err == (
        "blockcheck: error: pyproject.toml: tool.blockcheck.blocking[0]: 'x' names no module\n"
    )
    project({"pyproject.toml": "[tool.blockcheck]\ncatalogue = ['no.toml']"})
    for verb in ("check", "config", "graph"):
        assert main([verb]) == 2
        assert (
            capsys.readouterr().err
            == "blockcheck: error: no.toml: cannot be read: No such file or directory\n"
        )
    project({"no.toml": "blocking = ["})
    assert main(["check"]) == 2
    assert "blockcheck: error: no.toml: not valid TOML: " in capsys.readouterr().err


def test_later_declarations_go_over_earlier_ones(project) -> None:
    project(
        {
            "one.toml": "blocking = [{ name = 'vendor.f', kind = 'http' }]\n[returns]\n'vendor.f' = 'vendor.A'",
            "two.toml": "blocking = [{ name = 'vendor.f', kind = 'file' }]",
        }
    )
    files = [Path("one.toml"), Path("two.toml")]
    entry = load(files).entry("vendor.f")
    assert (entry.kind, entry.returns, entry.source, entry.evidence) == (
        "file", "vendor.A", "two.toml", "declared",
    )  # fmt: skip
    entry = load(files, ("blockcheck.toml: ", {"non-blocking": ["vendor.f"]})).entry("vendor.f")
    assert (entry.kind, entry.returns, entry.source) == ("none", "vendor.A", "blockcheck.toml")
    assert load().entry("vendor.f") is None


def test_overriding_keeps_what_is_not_spoken_of(project) -> None:
    own = {"non-blocking": ["requests.Session.get", "time.sleep"], "blocking": ["sqlite3.Connection.*"]}
    declared = load((), ("x.toml: ", own))
    built_in = load()
    get = declared.method("requests.sessions.Session", "get")
    assert get.kind == "none"
    assert (
        get.returns
        == built_in.method("requests.sessions.Session", "get").returns
        == "requests.models.Response"
    )
    assert declared.method("requests.sessions.Session", "post").kind == "http"
    assert declared.entry("time.sleep").equivalent == built_in.entry("time.sleep").equivalent
    assert declared.method("sqlite3.Connection", "execute").kind == "wait"
    assert declared.method("sqlite3.Connection", "execute").returns == "sqlite3.Cursor"
    assert declared.method("sqlite3.Connection", "anything").kind == "wait"


def test_own_classes_and_decorators_can_be_spoken_of(project) -> None:
    root = project(
        {
            "blockcheck.toml": """
                locks = ["app.Lock"]
                offloaders = ["app.offload"]
                blocking = ["app.Client", { name = "app.Proxy.fetch", kind = "http" }, "app.parked"]
                """,
            "app.py": """
import time

class Lock:
    def __enter__(self): ...
    def __exit__(self, *args): ...

class Client:
    pass

class Proxy:
    def __getattr__(self, name): ...

def offload(function):
    return magic(function)

async def parked(): ...

@offload
def slow():
    time.sleep(1)

lock = Lock()

def held():
    with lock:
        time.sleep(1)

async def handler():
    await slow()
    Client()
    Proxy().fetch()
    await parked()
""",
        }
    )
    found = [(f.location.line, f.code) for f in blockcheck.check([root]).findings]
    assert found == [(27, "BCK401"), (31, "BCK208"), (32, "BCK202"), (33, "BCK208")]


def test_show_and_list_know_what_is_declared(project, capsys) -> None:
    project({"blockcheck.toml": "catalogue = ['vendor.toml']", "vendor.toml": "blocking = ['vendor.f']"})
    assert main(["catalogue", "show", "vendor.f"]) == 0
    shown = capsys.readouterr().out
    assert "kind          wait" in shown
    assert "source        vendor.toml" in shown
    assert main(["catalogue", "list", "--domain", "declared"]) == 0
    assert "wait         declared   declared       vendor.f\n" in capsys.readouterr().out


def test_no_built_in_name_stands_in_two_files() -> None:
    seen: dict[tuple[str, str], str] = {}
    twice = []
    for file in sources():
        document = read(file)
        for key in ("type", "callable", "decorator"):
            for table in document.get(key, ()):
                for name in full_names(table):
                    other = seen.setdefault((key, name), file.name)
                    if other != file.name:
                        twice.append((key, name, other, file.name))
    assert twice == []
