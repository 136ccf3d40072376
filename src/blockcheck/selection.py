"""Which rules run: codes, prefixes of codes and ``ALL``, in layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blockcheck.config import ConfigError
from blockcheck.wording import nearest_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from blockcheck.config import Selection

ALL = "ALL"


def enabled(layers: Sequence[Selection], known: Sequence[str], default: Iterable[str]) -> frozenset[str]:
    """Return the codes that are enabled once every layer has spoken.

    Within a layer the longer prefix wins over the shorter one, and ignoring over selecting; a layer that
    selects starts anew, any other changes what the layer below has left.

    Raises:
        ConfigError: for a code that no rule has.
    """
    codes = frozenset(default)
    for layer in layers:
        _check(layer, known)
        below = codes if layer.select is None else frozenset()
        chosen = (*(layer.select or ()), *layer.extend_select)
        ignored = (*layer.ignore, *layer.extend_ignore)
        codes = frozenset(
            code
            for code in known
            if _weight(code, ignored) < max(_weight(code, chosen), 0 if code in below else -1)
        )
    return codes


def ignored_by_name(layers: Sequence[Selection], code: str) -> bool:
    """Tell whether the last layer that speaks of a code ignores it."""
    for layer in reversed(layers):
        ignored = _weight(code, (*layer.ignore, *layer.extend_ignore))
        chosen = _weight(code, (*(layer.select or ()), *layer.extend_select))
        if ignored >= 0 or chosen >= 0:
            return ignored >= chosen
    return False


def check_codes(codes: Iterable[str], known: Sequence[str], origin: str) -> None:
    """Raise `ConfigError` for a code, or prefix of one, that no rule has."""
    for code in codes:
        if code != ALL and not (code and any(name.startswith(code) for name in known)):
            raise ConfigError(f"{origin}: unknown code {code!r}; {nearest_name(code, [*known, ALL])}")


def matches(code: str, prefixes: Iterable[str]) -> bool:
    """Tell whether any of the prefixes means the code."""
    return _weight(code, prefixes) >= 0


def _weight(code: str, prefixes: Iterable[str]) -> int:
    """Return the length of the longest prefix that means the code: 0 for ``ALL``, -1 for none."""
    lengths = [
        0 if prefix == ALL else len(prefix) for prefix in prefixes if prefix == ALL or code.startswith(prefix)
    ]
    return max(lengths, default=-1)


def _check(layer: Selection, known: Sequence[str]) -> None:
    for key in ("select", "extend_select", "ignore", "extend_ignore"):
        check_codes(getattr(layer, key) or (), known, layer.origin + key.replace("_", "-"))
