"""Files that are not parsed: only those that cannot matter, so that `--exhaustive` finds nothing else."""

from __future__ import annotations

import shutil
import sysconfig
from dataclasses import replace
from pathlib import Path

import pytest

from blockcheck import engine, idle
from blockcheck.catalogue import load as load_catalogue
from blockcheck.config import Selection, load
from blockcheck.source.discovery import discover

STANDARD = Path(sysconfig.get_path("stdlib"))
PLAIN = "import os\n\n\ndef work(path):\n    return os.stat(path), open(path).read()\n"


def names(root: Path) -> set[str]:
    """The files below a folder that cannot matter."""
    files = discover([root], load([root])).files
    return {path.relative_to(root).as_posix() for path in idle.idle(files, load_catalogue())}


def test_what_neither_waits_nor_spawns_is_idle(project) -> None:
    root = project(
        {
            "pyproject.toml": "[tool.blockcheck]\n",
            "tool.py": PLAIN,
            "pack/__init__.py": "",
            "pack/a.py": PLAIN,
        }
    )
    assert names(root) == {"tool.py", "pack/__init__.py", "pack/a.py"}


@pytest.mark.parametrize(
    "busy",
    [
        "async def f():\n    pass\n",
        "import threading as t\nT = t.Thread\n",
        "from concurrent.futures import *\nThreadPoolExecutor(3)\n",
        "import queue\nqueue.Queue()\n",
        "from multiprocessing.pool import ThreadPool as P\n",
        "from twisted.internet import reactor\nreactor.callLater(1, print)\n",
        "import tornado.web\nclass Handler(tornado.web.RequestHandler):\n    def get(self): pass\n",
        "import subprocess\nsubprocess.Popen([])\n",
        "import pb.x_pb2_grpc as g\nclass S(g.GreeterServicer):\n    pass\n",
    ],
)
def test_what_may_be_reported_keeps_its_whole_group(project, busy) -> None:
    root = project(
        {
            "pyproject.toml": "[tool.blockcheck]\n",
            "pack/__init__.py": "",
            "pack/a.py": PLAIN,
            "pack/busy.py": busy,
            "uses.py": "import pack.a\n",
            "uses_user.py": "from uses import pack\n",
            "used.py": PLAIN,
            "apart.py": PLAIN,
        }
    )
    with (root / "pack/a.py").open("a") as stream:
        stream.write("import used\n")
    assert names(root) == {"apart.py"}


def test_names_of_modules_need_not_be_ascii(project) -> None:
    root = project(
        {
            "pyproject.toml": "[tool.blockcheck]\n",
            "größe.py": PLAIN,
            "busy.py": "import größe\nasync def f():\n    pass\n",
            "apart.py": PLAIN,
        }
    )
    assert names(root) == {"apart.py"}


def test_what_is_idle_is_not_parsed_but_read(project, blockcheck) -> None:
    project(
        {
            "pyproject.toml": "[tool.blockcheck]\n",
            "good.py": PLAIN,
            "comment.py": "x = 1  # blockcheck: ignore[BCK201]\n",
            "broken.py": "def f(:\n",
            "bytes.py": b"x = '\xff'\n",
        }
    )
    lazy = blockcheck("check", "--no-cache", "--output-format", "json")
    full = blockcheck("check", "--no-cache", "--output-format", "json", "--exhaustive")
    assert [f["code"] for f in lazy.document["findings"]] == ["BCK902", "BCK902", "BCK901"]
    assert lazy.document["findings"] == full.document["findings"]
    assert (lazy.document["summary"]["parsed"], full.document["summary"]["parsed"]) == (0, 2)


@pytest.mark.parametrize("package", ["json", "html"])
def test_exhaustive_finds_nothing_else(tmp_path, monkeypatch, package) -> None:
    shutil.copytree(STANDARD / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(STANDARD / "concurrent", tmp_path / "concurrent")
    (tmp_path / "blockcheck.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    config = load([tmp_path])
    config = replace(config, selection=(Selection(select=("ALL",)),))
    lazy = engine.run([tmp_path], config, jobs=1)
    full = engine.run([tmp_path], config, jobs=1, exhaustive=True)
    assert lazy.findings == full.findings
    assert lazy.parsed < full.parsed == lazy.files
