"""Everything that other tools list is in the catalogue, or has a reason; the page about it is up to date."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from blockcheck.catalogue.loader import build, read, sources
from blockcheck.catalogue.model import Catalogue

sys.path.insert(0, str(Path(__file__).parent))
import peers  # noqa: E402

CATALOGUE = Catalogue(build(sources()))
DATA = read(peers.DATA)


@pytest.mark.parametrize("peer", DATA["peer"], ids=lambda p: p["tool"])
def test_each_name_of_a_peer_blocks_or_has_a_reason(peer: dict) -> None:
    found = peers.answers(CATALOGUE, peer)
    assert [a.name for a in found if not a.kind and not a.reason] == []
    assert [a.name for a in found if a.kind and a.reason] == []
    listed = {a.name for a in found}
    assert [n for r in peer.get("reason", ()) for n in r["names"] if n not in listed] == []


def test_the_page_is_what_the_data_says() -> None:
    assert peers.PAGE.read_text(encoding="utf-8") == peers.render(CATALOGUE, DATA), (
        "run tests/catalogue/peers.py"
    )
