"""libcst's native parser with nodes that hold their fields and can do nothing else.

The native parser looks the class of every node it makes up by name in the module ``libcst``. While it parses here, a
stand-in takes that module's place, whose classes have C-made constructors: a quarter less time for the parse, and the
package itself, 0.2 s, need not be imported. Only for a process of the tool's own that runs one thread.

Whatever does not work so, a syntax error among it, is left to libcst itself.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from types import FunctionType, ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_PACKAGE = "libcst"
_NATIVE = "libcst.native"


class LeanNode(SimpleNamespace):
    """The fields of a node that the parser gave. It leaves out those that are None: of these, whatever facts ask for."""

    annotation = asname = asynchronous = cause = comment = conversion = default = exc = expression = (
        finalbody
    ) = None
    format_spec = guard = inner_for_in = keyword = lower = module = msg = name = orelse = pattern = (
        patterns
    ) = None
    rest = returns = star_arg = star_kwarg = step = type = upper = value = None


class _StandIn(ModuleType):
    """Has a class for whatever node is asked for."""

    def __getattr__(self, name: str) -> type[LeanNode]:
        made = type(name, (LeanNode,), {"__slots__": ()})
        setattr(self, name, made)
        return made


def module(text: str) -> Any:
    """The tree of a module; None where it could not be made."""
    return _parsed("parse_module", text)


def expression(text: str) -> Any:
    """The tree of an expression; None where it could not be made."""
    return _parsed("parse_expression", text)


def _parsed(function: str, text: str) -> Any:
    try:
        parse = _parser(function)
    except ImportError:
        return None
    before = sys.modules.get(_PACKAGE)
    sys.modules[_PACKAGE] = _stand_in
    try:
        return parse(text)
    except Exception:  # noqa: BLE001 - libcst says what is wrong, better than we could
        return None
    finally:
        if before is None:
            del sys.modules[_PACKAGE]
        else:
            sys.modules[_PACKAGE] = before


_stand_in = _StandIn(_PACKAGE)


@lru_cache(maxsize=2)
def _parser(function: str) -> Callable[[str], Any]:
    """A function of the native parser.

    Before each look-up it imports the package, through the ``__import__`` of whoever calls: one that does nothing
    spares it half a microsecond a node.
    """
    scope = {"__builtins__": {"__import__": _import_nothing}, "native": getattr(_native(), function)}
    return FunctionType(_call_native.__code__, scope)


def _call_native(text: str) -> Any:
    return native(text)  # type: ignore[name-defined]  # noqa: F821 - its globals are made for it


def _import_nothing(*_arguments: Any) -> None:
    return None


def _native() -> ModuleType:
    """The extension module, without the package around it."""
    known = sys.modules.get(_NATIVE)
    if known is not None:
        return known
    package = find_spec(_PACKAGE)
    found = PathFinder.find_spec(_NATIVE, package.submodule_search_locations if package is not None else None)
    if found is None or found.loader is None:
        raise ImportError(_NATIVE)
    made = module_from_spec(found)
    found.loader.exec_module(made)
    sys.modules[_NATIVE] = made  # the package, if it is imported later, takes the same one
    return made
