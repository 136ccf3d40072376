"""Where an import goes, and what a name is called that is there already."""

from __future__ import annotations

import pytest

BODY = "\n\nasync def f():\n    time.sleep(1)\n"


def fixed(project, blockcheck, text):
    root = project({"m.py": text})
    blockcheck("check", "m.py", "--fix", "--unsafe-fixes", "--isolated", "--quiet")
    return (root / "m.py").read_text()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import time\n", "import asyncio\nimport time\n"),
        ('"""Doc."""\n\nimport time\n', '"""Doc."""\n\nimport asyncio\nimport time\n'),
        (
            "from __future__ import annotations\n\nimport time\n",
            "from __future__ import annotations\n\nimport asyncio\nimport time\n",
        ),
        ("import abc\nimport time\n", "import abc\nimport asyncio\nimport time\n"),
        ("import os\nimport sys\nimport time\n\nimport requests\n", "import asyncio\nimport os\nimport sys\nimport time\n\nimport requests\n"),
        ("# Standard\nimport time\n", "# Standard\nimport asyncio\nimport time\n"),
        ("import asyncio as aio\nimport time\n", "import asyncio as aio\nimport time\n"),
        ("from asyncio import sleep as pause\nimport time\n", "from asyncio import sleep as pause\nimport time\n"),
        ("import asyncio.subprocess\nimport time\n", "import asyncio.subprocess\nimport time\n"),
        ("from time import sleep\n", "import asyncio\nfrom time import sleep\n"),
    ],
)  # fmt: skip
def test_import(project, blockcheck, before, after) -> None:
    name = "aio.sleep" if "as aio" in after else "pause" if "as pause" in after else "asyncio.sleep"
    call = "sleep(1)" if "from time import" in before else "time.sleep(1)"
    text = fixed(project, blockcheck, before + BODY.replace("time.sleep(1)", call))
    assert text == after + BODY.replace("time.sleep(1)", f"await {name}(1)")


def test_first_import_follows_docstring(project, blockcheck) -> None:
    before = '#!/bin/sh\n"""Doc."""\n\n\nasync def f():\n    import time\n    time.sleep(1)\n'
    after = '#!/bin/sh\n"""Doc."""\n\nimport asyncio\n\n\nasync def f():\n    import time\n    await asyncio.sleep(1)\n'
    assert fixed(project, blockcheck, before) == after


def test_first_import_of_all(project, blockcheck) -> None:
    before = "#!/bin/sh\n# License\n\n@x\nasync def f():\n    import time\n    time.sleep(1)\n"
    after = "#!/bin/sh\n# License\n\nimport asyncio\n\n\n@x\nasync def f():\n    import time\n    await asyncio.sleep(1)\n"
    assert fixed(project, blockcheck, before) == after


@pytest.mark.parametrize(
    "text",
    [
        "import time\nasyncio = None" + BODY,
        "import time\nfrom x import asyncio" + BODY,
        "import time\n\n\nasync def f(asyncio):\n    time.sleep(1)\n",
        "import time\n\n\nasync def f():\n    time.sleep(1)\n    for asyncio in ():\n        pass\n",
        "import time\n\n\ndef outer(asyncio):\n    async def f():\n        time.sleep(1)\n    return f\n",
        "import time\nimport asyncio\ntry:\n    pass\nexcept E as asyncio:\n    pass" + BODY,
        "import time\ntry:\n    import asyncio\nexcept ImportError:\n    asyncio = None" + BODY,
        "import time\n\n\ndef g():\n    global asyncio\n    asyncio = 1\n\nimport asyncio" + BODY,
    ],
)
def test_shadowed_name_leaves_no_fix(project, blockcheck, text) -> None:
    assert fixed(project, blockcheck, text) == text
    (finding,) = blockcheck("check", "m.py", "--output-format", "json", "--isolated").document["findings"]
    assert finding["fix"] == {
        "applicability": "display-only",
        "message": "no automatic fix: 'asyncio' means something else here",
        "edits": [],
    }


def test_import_for_type_checkers_does_not_count(project, blockcheck) -> None:
    head = "import time\nfrom typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import asyncio\n"
    assert fixed(project, blockcheck, head + BODY) == "import asyncio\n" + head + BODY.replace(
        "time", "await asyncio"
    )


@pytest.mark.parametrize("dialect", ["anyio", "trio"])
def test_dialect_of_the_module(project, blockcheck, dialect) -> None:
    text = f"import time\n\nimport {dialect}" + BODY
    assert fixed(project, blockcheck, text) == text.replace("time.sleep", f"await {dialect}.sleep")


@pytest.mark.parametrize(
    ("head", "after", "name"),
    [
        ("import anyio\n", "import anyio\nfrom anyio import to_thread\n", "to_thread"),
        ("import anyio.to_thread\n", "import anyio.to_thread\n", "anyio.to_thread"),
        ("from anyio import to_thread as tt\n", "from anyio import to_thread as tt\n", "tt"),
        ("import twisted.internet.error\n", "import twisted.internet.error\nfrom twisted.internet import threads\n", "threads"),
    ],
)  # fmt: skip
def test_a_package_does_not_bring_all_its_modules(project, blockcheck, head, after, name) -> None:
    text = "import time\n\n{}\n\ndef g():\n    time.sleep(1)\n\n\nasync def f():\n    {}\n"
    offload = "deferToThread" if "twisted" in head else "run_sync"
    assert fixed(project, blockcheck, text.format(head, "g()")) == text.format(
        after, f"await {name}.{offload}(g)"
    )


def test_dialect_of_the_project(project, blockcheck) -> None:
    root = project({"a.py": "import time" + BODY, "b.py": "import anyio\n"})
    blockcheck("check", ".", "--fix", "--unsafe-fixes", "--isolated")
    assert (root / "a.py").read_text() == "import time\n\nimport anyio" + BODY.replace(
        "time.sleep", "await anyio.sleep"
    )


def test_two_dialects_leave_no_fix(project, blockcheck) -> None:
    text = "import asyncio\nimport time\nimport trio" + BODY
    assert fixed(project, blockcheck, text) == text


def test_declared_offloader(project, blockcheck) -> None:
    root = project({
        "pyproject.toml": '[tool.blockcheck]\noffloaders = ["vendor.threads.in_thread"]\n',
        "main.py": "import time\n\n\nasync def main(path):\n    open(path).read()\n    load(path, again=True)\n\n\n"
        "def load(path, again):\n    time.sleep(1)\n",
    })  # fmt: skip
    blockcheck("check", "main.py", "--fix", "--unsafe-fixes", "--select", "BCK201")
    assert (root / "main.py").read_text() == (
        "import functools\nimport time\n\nfrom vendor.threads import in_thread\n\n\nasync def main(path):\n"
        "    open(path).read()\n    await in_thread(functools.partial(load, path, again=True))\n\n\n"
        "def load(path, again):\n    time.sleep(1)\n"
    )


def test_a_function_s_own_import(project, blockcheck) -> None:
    before = (
        "import time\n\n\nasync def f(x):\n    try:\n        import asyncio\n        if x:\n            time.sleep(1)\n"
        "    finally:\n        time.sleep(2)\n\n\nasync def g(x):\n    import asyncio as aio\n    time.sleep(3)\n"
    )
    after = before.replace("time.sleep(1)", "await asyncio.sleep(1)").replace(
        "time.sleep(3)", "await aio.sleep(3)"
    )
    assert fixed(project, blockcheck, before) == after  # in `finally`, the import may not have been done
