"""Imports find their module in every layout: a call into it is followed."""

from __future__ import annotations

import pytest

SLOW = "import time\n\n\ndef slow():\n    time.sleep(1)\n"


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"a.py": "import b", "b.py": SLOW}, True),
        ({"app/a.py": "import b", "app/b.py": SLOW}, True),
        ({"app/a.py": "import app.b as b", "app/b.py": SLOW}, True),
        ({"app/a.py": "from app import b", "app/b.py": SLOW}, True),
        ({"pkg/__init__.py": "", "pkg/a.py": "from . import b", "pkg/b.py": SLOW}, True),
        ({"pkg/__init__.py": "", "pkg/a.py": "from pkg import b", "pkg/b.py": SLOW}, True),
        ({"pkg/__init__.py": "", "pkg/data/a.py": "from pkg.data import b", "pkg/data/b.py": SLOW}, True),
        ({"src/pkg/__init__.py": "", "src/pkg/b.py": SLOW, "tests/a.py": "from pkg import b"}, True),
        ({"lib-1.0/pkg/__init__.py": "", "lib-1.0/pkg/b.py": SLOW, "lib-1.0/pkg/a.py": "import pkg.b as b"}, True),
        ({"space/one/__init__.py": "", "space/one/b.py": SLOW, "a.py": "from space.one import b"}, True),
        ({"src/space/one/__init__.py": "", "src/space/one/b.py": SLOW, "src/space/two/a.py": "from space.one import b"}, True),
        # A neighbour by name only, in a folder that nothing puts in `sys.path`.
        ({"other/b.py": SLOW, "app/a.py": "import b"}, False),
        # A module of a package is not found by its bare name.
        ({"pkg/__init__.py": "", "pkg/b.py": SLOW, "pkg/a.py": "import b"}, False),
    ],
)  # fmt: skip
def test_import(project, blockcheck, files: dict[str, str], found: bool) -> None:
    (importer,) = [name for name in files if name.endswith("a.py")]
    call = "\n\n\nasync def f():\n    b.slow()\n"
    project(files | {importer: files[importer] + call})
    findings = blockcheck("check", "--output-format", "json").findings
    assert findings == ([(importer, 5, "BCK201")] if found else [])


def test_of_two_modules_with_one_name_the_nearer_is_meant(project, blockcheck) -> None:
    project(
        {
            "one/a.py": "import b\n\n\nasync def f():\n    b.slow()\n",
            "one/b.py": SLOW,
            "two/a.py": "import b\n\n\nasync def f():\n    b.slow()\n",
            "two/b.py": "def slow():\n    pass\n",
        }
    )
    assert blockcheck("check", "--output-format", "json").findings == [("one/a.py", 5, "BCK201")]
