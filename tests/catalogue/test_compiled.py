"""The compiled catalogue is that of the sources, and what start-up loads."""

from __future__ import annotations

import json

from blockcheck.catalogue import loader


def test_compiled_catalogue_is_fresh():
    compiled = json.loads(loader.COMPILED.read_bytes())
    assert compiled["digest"] == loader.digest(loader.sources()), "run: python -m blockcheck.catalogue"
    assert compiled["tables"] == loader.build(loader.sources())


def test_a_stale_or_damaged_file_is_not_used(tmp_path, monkeypatch):
    expected = loader.build(loader.sources())
    damaged = tmp_path / "compiled.json"
    monkeypatch.setattr(loader, "COMPILED", damaged)
    for content in ("", "{", "[]", '{"digest": "0", "tables": {}}', '{"tables": {}}'):
        damaged.write_text(content)
        assert loader.load().tables == expected
