"""What external callables do: block, spawn, lock, offload, schedule. Data, and its loader."""

from blockcheck.catalogue.loader import CatalogueError, load
from blockcheck.catalogue.model import Catalogue, Condition, Entry, Handler, Run, TypeInfo

__all__ = ["Catalogue", "CatalogueError", "Condition", "Entry", "Handler", "Run", "TypeInfo", "load"]
