"""The compiled catalogue is that of the sources, and what start-up loads."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from blockcheck.catalogue import loader


def test_compiled_catalogue_is_fresh():
    compiled = json.loads(loader.COMPILED.read_bytes())
    assert compiled["digest"] == loader.digest(loader.sources()), "run: python -m blockcheck.catalogue"
    assert loader.load().tables == loader.build(loader.sources())


def test_a_stale_or_damaged_file_is_not_used(tmp_path, monkeypatch):
    expected = loader.build(loader.sources())
    damaged = tmp_path / "compiled.json"
    monkeypatch.setattr(loader, "COMPILED", damaged)
    for content in ("", "{", "[]", '{"digest": "0", "tables": {}}', '{"tables": {}}'):
        damaged.write_text(content)
        assert loader.load().tables == expected
    # An older file is used if it was made of the same sources, and only then.
    empty = {**{k: type(v)() for k, v in expected.items()}}
    for digest, used in (("0", expected), (loader.digest(loader.sources()), empty)):
        damaged.write_text(json.dumps({"digest": digest, "tables": empty, "entries": []}))
        assert loader.load().tables == empty
        os.utime(damaged, (0, 0))
        assert loader.load().tables == used


def test_loading_reads_the_compiled_form_only():
    script = (
        "import sys; from blockcheck.catalogue import load; load();"
        "print(sorted({'tomllib', 'tomli', 'libcst'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
