"""What external callables do: block, spawn, lock, offload, schedule. Data, and its loader."""

from blockcheck.catalogue.loader import load
from blockcheck.catalogue.model import Catalogue, Condition, Entry, Handler, Run, TypeInfo
from blockcheck.catalogue.schema import CatalogueError

__all__ = ["Catalogue", "CatalogueError", "Condition", "Entry", "Handler", "Run", "TypeInfo", "load"]
