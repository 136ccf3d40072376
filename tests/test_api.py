"""The interface for other programs."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys

import pytest
from conftest import REPOSITORY

import blockcheck as package

BAD = "import time\n\n\nasync def f():\n    time.sleep(1)\n"


def test_check(project) -> None:
    root = project({"pyproject.toml": "[tool.blockcheck]\n", "bad.py": BAD, "pkg/bad.py": BAD})
    report = package.check()
    assert isinstance(report, package.Report)
    assert [finding.location.path for finding in report.findings] == ["bad.py", "pkg/bad.py"]
    (finding,) = package.check(["bad.py"]).findings
    assert isinstance(finding, package.Finding)
    assert (finding.code, finding.location.line, finding.primitive) == ("BCK201", 5, "time.sleep")
    assert package.check([root / "pkg"], jobs=1).files == 1


def test_check_with_a_configuration(project) -> None:
    project({"pyproject.toml": "[tool.blockcheck]\nignore = ['BCK2']\n", "bad.py": BAD})
    assert package.check(["bad.py"]).findings == []
    config = package.load_config([], isolated=True)
    assert isinstance(config, package.Config)
    assert len(package.check(["bad.py"], config).findings) == 1
    assert (
        package.check(["bad.py"], dataclasses.replace(config, exclude=("x",), force_exclude=True)).files == 1
    )


def test_the_documented_example(project, capsys) -> None:
    project({"src/bad.py": BAD})
    page = (REPOSITORY / "docs/reference/python.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    names: dict = {}
    exec(code + "result = blockcheck.check(['src'], config)\n", names)
    assert capsys.readouterr().out.splitlines() == [
        "src/bad.py 5 BCK201 time.sleep() blocks the event loop",
        "    src/bad.py 5 bad.f calls time.sleep",
    ]
    (finding,) = names["result"].findings
    assert finding.confidence is package.Confidence.HIGH


def test_the_document_is_that_of_the_command_line(project, blockcheck) -> None:
    project({"bad.py": BAD})
    document = package.document(package.check())
    expected = blockcheck("check", "--output-format", "json").document
    document["summary"]["seconds"] = expected["summary"]["seconds"] = 0
    assert document == expected


def test_what_is_wrong(project) -> None:
    root = project({"bad.py": BAD, "blockcheck.toml": "selct = []\n"})
    with pytest.raises(package.ConfigError, match="did you mean 'select'"):
        package.check()
    (root / "blockcheck.toml").write_text("catalogue = ['nope.toml']\n")
    with pytest.raises(package.ConfigError, match="nope.toml"):
        package.check()
    (root / "blockcheck.toml").unlink()
    (problem,) = package.check(["nope.py"]).problems
    assert (problem.path, problem.fatal) == ("nope.py", True)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        package.nonsense


def test_the_interface_is_what_it_says_and_is_imported_on_first_use() -> None:
    assert all(hasattr(package, name) for name in package.__all__)
    assert set(package.__all__) <= set(dir(package))
    code = (
        "import sys, blockcheck; print(sorted(m for m in sys.modules if m.startswith('blockcheck')));"
        "blockcheck.check; print('libcst' in sys.modules, 'blockcheck.engine' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['blockcheck']\nFalse False\n"
