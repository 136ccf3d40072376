"""The cases, a module a domain. Each module has ``CASES``: canonical name to how it is called and what is seen."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from blockcheck.catalogue.verification.observe import Case


def all_cases() -> dict[str, Case]:
    """Every case of every domain, in the order of the modules' names.

    Raises:
        ValueError: two modules have a case of the same name.
    """
    found: dict[str, Case] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name == "shapes":
            continue
        table: dict[str, Case] = importlib.import_module(f"{__name__}.{module.name}").CASES
        twice = found.keys() & table.keys()
        if twice:
            raise ValueError(f"two cases for {', '.join(sorted(twice))}")
        found.update(table)
    return found
