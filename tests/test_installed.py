"""Calls into installed packages: followed in their source, never reported there, never run."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from blockcheck import facts
from blockcheck.storage import unseal

if TYPE_CHECKING:
    from blockcheck.facts import ModuleFacts

SITE = Path(".venv/lib/python3.11/site-packages")

APP = "import vendor_sdk\n\nasync def main():\n    vendor_sdk.Client().upload(b'x')\n"
CLIENT = """\
from ._transport import Transport
from ._unused import nothing

class Client:
    def __init__(self):
        self.transport = Transport()

    def upload(self, data):
        return self.transport.send(data)
"""
TRANSPORT = """\
import socket

class Transport:
    def send(self, data):
        socket.create_connection(("vendor.example", 80)).sendall(data)
"""
VENDOR = {
    "vendor_sdk/__init__.py": "from .client import Client\nraise SystemExit('a package was run')\n",
    "vendor_sdk/client.py": CLIENT,
    "vendor_sdk/_transport.py": TRANSPORT,
    "vendor_sdk/_unused.py": "def nothing(): pass\n",
    "vendor_sdk-1.2.dist-info/RECORD": "vendor_sdk/__init__.py,,\nvendor_sdk/client.py,,\n",
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blockcheck):
    """Write a project and what is installed beside it, and check it; returns the findings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)

    def check(
        files: dict[str, str], installed: dict[str, str], *arguments: str, site: Path = SITE
    ) -> list[dict[str, Any]]:
        everything = {**files, **{f"{site.as_posix()}/{name}": text for name, text in installed.items()}}
        if site == SITE:
            everything[".venv/pyvenv.cfg"] = ""
        for name, text in everything.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        findings: list[dict[str, Any]] = blockcheck("check", "--output-format", "json", *arguments).document[
            "findings"
        ]
        return findings

    return check


def calls(finding: dict[str, Any]) -> list[str]:
    return [link["call"] for link in finding["chain"]]


def test_chain_leads_through_the_package_to_the_primitive(run) -> None:
    [finding] = run({"app.py": APP}, VENDOR)
    assert (finding["path"], finding["line"], finding["code"]) == ("app.py", 4, "BCK206")
    assert calls(finding) == [
        "vendor_sdk.client.Client.upload",
        "vendor_sdk._transport.Transport.send",
        "socket.create_connection",
    ]
    assert finding["chain"][2]["path"] == (SITE / "vendor_sdk/_transport.py").as_posix()
    assert finding["chain"][2]["line"] == 5


def test_a_revision_is_analysed_with_the_same_environment(run, tmp_path, blockcheck) -> None:
    run({"app.py": APP, ".gitignore": ".venv\n.blockcheck_cache\n"}, VENDOR)
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "start"]):
        subprocess.run(["git", *identity, *command], check=True)
    outcome = blockcheck("check", "--diff-base", "HEAD")
    assert (outcome.code, outcome.out) == (0, "")
    assert "since HEAD: 0 introduced, 0 fixed, 1 unchanged\n" in outcome.err


def test_only_what_is_needed_is_read_and_kept_by_distribution_and_version(run, tmp_path) -> None:
    first = run({"app.py": APP}, VENDOR)
    kept = sorted(p.name for p in (tmp_path / ".blockcheck_cache").glob("installed-vendor_sdk-1.2*.index"))
    assert kept == ["installed-vendor_sdk-1.2.index"]
    index = json.loads(unseal((tmp_path / ".blockcheck_cache" / kept[0]).read_bytes()) or b"")
    assert len(index["entries"]) == 3  # of four modules
    assert run({}, {}) == first
    shutil.rmtree(tmp_path / SITE / "vendor_sdk-1.2.dist-info")
    run({}, {"vendor_sdk-1.3.dist-info/RECORD": VENDOR["vendor_sdk-1.2.dist-info/RECORD"]})
    kept = sorted(p.name for p in (tmp_path / ".blockcheck_cache").glob("installed-*.index"))
    assert kept == ["installed-vendor_sdk-1.3.index"]


def test_packages_are_parsed_once(run, monkeypatch) -> None:
    cold = run({"app.py": APP}, VENDOR)

    def extract(text: str, *, lean: bool) -> ModuleFacts:
        assert text.startswith(APP)
        return facts.extract(text, lean=lean)

    monkeypatch.setattr("blockcheck.reading.extract_facts", extract)
    assert run({"app.py": f"{APP}\n# changed\n"}, {}) == cold


def test_a_changed_package_is_noticed(run) -> None:
    assert len(run({"app.py": APP}, VENDOR)) == 1
    assert len(run({}, {})) == 1
    assert run({}, {"vendor_sdk/_transport.py": "class Transport:\n    def send(self, data): pass\n"}) == []


def test_a_new_environment_is_noticed(run) -> None:
    assert run({"app.py": APP}, {}, site=Path("elsewhere")) == []
    assert len(run({}, VENDOR)) == 1


@pytest.mark.parametrize("arguments", [["--no-follow-installed"], ["--config", "off.toml"]])
def test_off(run, arguments: list[str]) -> None:
    assert run({"app.py": APP, "off.toml": "follow-installed = false\n"}, VENDOR, *arguments) == []


@pytest.mark.parametrize("python", ["env", "env/bin/python", "env/lib/python3.11/site-packages"])
def test_an_environment_elsewhere_is_named(run, tmp_path, python: str) -> None:
    site = Path("env/lib/python3.11/site-packages")
    files = {"app.py": APP, "env/pyvenv.cfg": "", "env/bin/python": "", "on.toml": f"python = '{python}'\n"}
    assert run(files, VENDOR, site=site) == []
    assert len(run({}, {}, "--python", python, site=site)) == 1
    assert len(run({}, {}, "--config", "on.toml", site=site)) == 1


def test_an_activated_environment_counts_within_the_project_only(run, tmp_path, monkeypatch) -> None:
    inside = Path("envs/mine/lib/python3.11/site-packages")
    run(
        {"app.py": APP, "envs/mine/pyvenv.cfg": "", "pyproject.toml": "[tool.blockcheck]\n"},
        VENDOR,
        site=inside,
    )
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "envs/mine"))
    assert [f["path"] for f in run({}, {}, site=inside)] == ["app.py"]
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/pyproject.toml").write_text("[tool.blockcheck]\n")
    (tmp_path / "deep/app.py").write_text(APP)
    assert run({}, {}, "deep", site=inside) == []


def test_no_environment_where_one_is_asked_for(tmp_path, monkeypatch, blockcheck) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.py").write_text(APP)
    outcome = blockcheck("check", "--python", "nowhere")
    assert outcome.code == 2
    assert "nowhere: not an environment" in outcome.err


def test_linked_folders_of_edited_packages(run, tmp_path) -> None:
    run({"app.py": APP}, {"README": ""})
    (tmp_path / "checkout/src/vendor_sdk").mkdir(parents=True)
    (tmp_path / SITE / "edited.pth").write_text(
        "import evil; evil.run()\n" + str(tmp_path / "checkout/src") + "\n"
    )
    for name, text in VENDOR.items():
        if name.endswith(".py"):
            (tmp_path / "checkout/src" / name).write_text(text)
    config = "[tool.blockcheck]\nextend-exclude = ['checkout/']\n"
    assert [calls(f)[-1] for f in run({"pyproject.toml": config}, {})] == ["socket.create_connection"]


def test_what_the_catalogue_knows_is_not_read(run) -> None:
    app = "import requests, vendor_sdk\n\nasync def main():\n    requests.utils.super_len(b'')\n    vendor_sdk.get()\n"
    installed = {
        "requests/__init__.py": "from . import utils\n",
        "requests/utils.py": "import time\ndef super_len(o):\n    time.sleep(1)\n",
        "vendor_sdk.py": "import requests\ndef get():\n    return requests.get('https://vendor.example')\n",
    }
    [finding] = run({"app.py": app}, installed)
    assert calls(finding) == ["vendor_sdk.get", "requests.api.get"]


def test_the_projects_own_modules_come_first(run) -> None:
    own = "class Client:\n    def upload(self, data): pass\n"
    assert run({"app.py": APP, "vendor_sdk/__init__.py": own}, VENDOR) == []


@pytest.mark.parametrize(
    "text",
    ["def broken(:\n", "\x00\x01", "# coding: klingon\n", "class Client(Missing.Base): pass\n", "(" * 3000],
)
def test_what_cannot_be_read_is_silence(run, text: str) -> None:
    assert run({"app.py": APP}, {"vendor_sdk/__init__.py": text}) == []


def test_imports_in_a_circle_and_star_imports(run) -> None:
    installed = {
        "vendor_sdk/__init__.py": "from .a import *\n",
        "vendor_sdk/a.py": "from .b import Client, other\nfrom .b import missing\n",
        "vendor_sdk/b.py": "from .a import missing, other\nimport time\nclass Client:\n"
        "    def upload(self, data):\n        time.sleep(1)\n        missing()\n",
    }
    [finding] = run({"app.py": APP}, installed)
    assert calls(finding) == ["vendor_sdk.b.Client.upload", "time.sleep"]


@pytest.mark.parametrize(
    ("body", "levels"),
    [
        ("    time.sleep(1)", ["high"]),
        ("    global made\n    if made is None:\n        time.sleep(1)\n        made = 1", []),
        ("    if options.text is None:\n        time.sleep(1)", []),
        ("    try:\n        options.run()\n    except OSError:\n        time.sleep(1)", []),
        ("    try:\n        import speedups\n    except ImportError:\n        time.sleep(1)", []),
    ],
    ids=[
        "surely",
        "to initialise something",
        "where something is unset",
        "on errors",
        "where something is missing",
    ],
)
def test_what_a_package_does_rarely_is_not_reported(run, body: str, levels: list[str]) -> None:
    app = "import vendor\nasync def main():\n    vendor.work()\n"
    installed = {"vendor.py": f"import time\nmade = None\ndef work():\n{body}\n"}
    assert [f["confidence"] for f in run({"app.py": app}, installed)] == levels


def test_a_package_runs_what_it_is_given(run) -> None:
    app = (
        "import time, vendor\n\ndef pause():\n    time.sleep(1)\n\n"
        "async def main():\n    vendor.run_now(pause)\n    vendor.in_thread(pause)\n"
    )
    vendor = (
        "import threading\ndef run_now(f):\n    return f()\n"
        "def in_thread(f):\n    return _later(f)\ndef _later(f):\n    threading.Thread(target=f).start()\n"
    )
    assert [f["line"] for f in run({"app.py": app}, {"vendor.py": vendor}, "--select", "BCK2")] == [7]


def test_nothing_is_reported_in_packages(run) -> None:
    vendor = "import time\nasync def tick():\n    time.sleep(1)\n"
    app = "import vendor\nasync def main():\n    await vendor.tick()\n"
    assert run({"app.py": app}, {"vendor.py": vendor}) == []


def test_a_method_that_a_subclass_makes_asynchronous_is_doubtful(run) -> None:
    vendor = (
        "import time\nclass Manager:\n    def stop(self): time.sleep(1)\n    def kill(self): time.sleep(1)\n"
        "class AsyncManager(Manager):\n    async def stop(self): pass\n"
        "def get() -> Manager: ...\n"
    )
    app = "import vendor\nasync def main():\n    vendor.get().stop()\n    vendor.get().kill()\n"
    assert [f["line"] for f in run({"app.py": app}, {"vendor.py": vendor})] == [4]


def test_a_package_calls_back_into_the_project_that_derives_from_it(run) -> None:
    files = {
        "app.py": "import mid\nfrom vendor_sdk.base import Base\n\nclass Mine(Base):\n    def step(self):\n        mid.up()\n\n"
        "async def main():\n    Mine().run()\n",
        "mid.py": "import vendor_sdk\n\ndef up():\n    vendor_sdk.Client().upload(b'x')\n",
    }
    base = "class Base:\n    def run(self):\n        self.step()\n    def step(self):\n        raise NotImplementedError\n"
    [finding] = run(files, {**VENDOR, "vendor_sdk/base.py": base})
    assert calls(finding) == [
        "vendor_sdk.base.Base.run",
        "app.Mine.step",
        "mid.up",
        "vendor_sdk.client.Client.upload",
        "vendor_sdk._transport.Transport.send",
        "socket.create_connection",
    ]
