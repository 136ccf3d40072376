"""Prices, from another service."""

from __future__ import annotations

import json
import urllib.request

_URL = "http://localhost:9000/prices"


def price_of(order: int) -> float:
    """Ask for the price of an order."""
    with urllib.request.urlopen(f"{_URL}/{order}", timeout=5) as answer:
        return float(json.load(answer)["price"])
