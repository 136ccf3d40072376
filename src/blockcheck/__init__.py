"""blockcheck: blocking calls on the event loop and misuse of threads, executors and locks, found statically.

The public interface is what `__all__` names. It is imported on first use, for importing the analysis takes a
while and `blockcheck --version` should not.
"""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` takes longer to import than all the rest that happens here
if TYPE_CHECKING:
    from blockcheck.api import check as check
    from blockcheck.api import document as document
    from blockcheck.api import load_config as load_config
    from blockcheck.config import Config as Config
    from blockcheck.config import ConfigError as ConfigError
    from blockcheck.config import Selection as Selection
    from blockcheck.findings import Confidence as Confidence
    from blockcheck.findings import Finding as Finding
    from blockcheck.findings import Report as Report

__version__ = "0.1.0"

__all__ = [
    "Confidence",
    "Config",
    "ConfigError",
    "Finding",
    "Report",
    "Selection",
    "__version__",
    "check",
    "document",
    "load_config",
]

_HOMES = {
    "Confidence": ("findings", "Confidence"),
    "Config": ("config", "Config"),
    "ConfigError": ("config", "ConfigError"),
    "Finding": ("findings", "Finding"),
    "Report": ("findings", "Report"),
    "Selection": ("config", "Selection"),
    "check": ("api", "check"),
    "document": ("api", "document"),
    "load_config": ("api", "load_config"),
}


def __getattr__(name: str) -> object:
    try:
        module, attribute = _HOMES[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(f"blockcheck.{module}"), attribute)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
