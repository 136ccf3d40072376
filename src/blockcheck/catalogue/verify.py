"""``blockcheck catalogue verify``: every standard-library entry that has a case is called and watched.

A measured entry is one whose every name has a case here; the tests hold the two together.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from blockcheck.catalogue.model import Catalogue, Entry, Result, parse_result
from blockcheck.catalogue.verification.observe import Case, Outcome, all_free, observe, observe_condition

# What an entry of a kind must be seen to do.
WAYS: Mapping[str, frozenset[str]] = {
    "sleep": frozenset({"parks"}),
    "http": frozenset({"parks"}),
    "subprocess": frozenset({"parks", "touches"}),
    "file": frozenset({"parks", "touches"}),
    "fs-metadata": frozenset({"touches"}),
    "socket": frozenset({"parks", "touches"}),
    "database": frozenset({"parks", "touches"}),
    "wait": frozenset({"parks"}),
    "stdin": frozenset({"parks"}),
    "import": frozenset({"parks", "touches"}),
    "cpu": frozenset({"burns"}),
    "nested-loop": frozenset({"parks"}),
    "none": frozenset({"free", "suspends"}),
}


# So many free calls are watched in one child before each is looked at by itself.
TOGETHER = 25


@dataclass(frozen=True)
class Verdict:
    """One call that was watched: what the catalogue says, what was seen, and the complaint if they differ."""

    name: str
    condition: str
    outcome: Outcome
    complaint: str = ""

    @property
    def skipped(self) -> bool:
        """Whether this machine could not tell."""
        return self.outcome.seen == "unobservable"


@cache
def cases() -> dict[str, Case]:
    """All cases, by canonical name; those of other Python versions left out."""
    from blockcheck.catalogue.verification.cases import all_cases  # noqa: PLC0415 - imports half the library

    return all_cases()


def verify(catalogue: Catalogue, names: Iterable[str] | None = None) -> Iterator[Verdict]:
    """Watch the named entries, or all that have cases; one verdict a call."""
    table = cases()
    entries = {name: catalogue.entry(name) for name in (table if names is None else names)}
    known = {name: entry for name, entry in entries.items() if entry is not None}
    seen_free = _seen_free(catalogue, known)
    for name in entries:
        if name not in known:
            yield Verdict(name, "", Outcome("failed"), "no entry of that name in the catalogue")
            continue
        if name in seen_free:
            yield Verdict(name, "", Outcome("free"))
            continue
        entry, case = known[name], table[name]
        yield _twice(partial(_watch, catalogue, name, entry, case))
        for condition in case.free:
            yield _twice(partial(_watch_condition, name, case, condition))


def _twice(watch: Callable[[], Verdict]) -> Verdict:
    """A complaint counts if a second look agrees: on a busy machine a call may not return in time."""
    verdict = watch()
    return watch() if verdict.complaint else verdict


def _watch(catalogue: Catalogue, name: str, entry: Entry, case: Case) -> Verdict:
    outcome = observe(case, partial(_complain_of_result, catalogue, entry))
    return Verdict(name, "", outcome, _complain(entry, case, outcome))


def _watch_condition(name: str, case: Case, condition: str) -> Verdict:
    outcome = observe_condition(case, condition)
    free = outcome.seen in ("free", "unobservable")
    return Verdict(name, condition, outcome, "" if free else f"not free: {outcome.seen} {outcome.detail}")


def _seen_free(catalogue: Catalogue, entries: Mapping[str, Entry]) -> set[str]:
    """The free ones that a look at many together could tell: most of them, and quickly."""
    table = cases()
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, entry in entries.items():
        case = table[name]
        if case.how == "free" and not case.free and not entry.blocks:
            groups.setdefault(case.allow, []).append(name)
    seen: set[str] = set()
    for group in groups.values():
        for start in range(0, len(group), TOGETHER):
            some = group[start : start + TOGETHER]
            if all_free([(table[n], partial(_complain_of_result, catalogue, entries[n])) for n in some]):
                seen.update(some)
    return seen


def conditions(entry: Entry) -> set[str]:
    """The conditions of an entry that a case has to show: each by the name of its argument or state."""
    listed = (*entry.unless, *(() if entry.sets else entry.only_if))
    handle = {str(entry.handle["name"])} if entry.handle and entry.blocks else set()
    return {str(c.value if c.test == "state" else c.name) for c in listed} | handle


def _complain(entry: Entry, case: Case, outcome: Outcome) -> str:
    if outcome.seen == "unobservable":
        return ""
    if case.how not in WAYS[entry.kind or "none"]:
        return f"kind {entry.kind} is not shown by {case.how!r}"
    if outcome.seen != case.how:
        return f"kind {entry.kind}, yet {outcome.seen}: {outcome.detail}"
    return ""


def resolve(name: str) -> Any:
    """The object of a dotted name.

    Raises:
        LookupError: no such module or attribute.
    """
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:end]))
        except ImportError:
            continue
        try:
            for part in parts[end:]:
                found = getattr(found, part)
        except AttributeError:
            continue
        return found
    raise LookupError(name)


def _complain_of_result(catalogue: Catalogue, entry: Entry, call: Callable[[], Any], value: Any) -> str:
    if not entry.returns or entry.awaitable:
        return ""
    if _matches(catalogue, parse_result(entry.returns), call, value):
        return ""
    return f"returns {type(value).__module__}.{type(value).__qualname__}, not {entry.returns}"


def _matches(catalogue: Catalogue, result: Result, call: Callable[[], Any], value: Any) -> bool:
    """Whether a value is of a catalogued type; what cannot be told apart passes."""
    tag, *operands = result
    matches = partial(_matches, catalogue)
    if tag == "instance":
        return _is_a(catalogue, operands[0], value)
    if tag == "union":
        return any(matches(o, call, value) for o in operands)
    if tag in ("list", "set", "iterator"):
        kinds: dict[str, Any] = {"list": list, "set": (set, frozenset), "iterator": object}
        if not isinstance(value, kinds[tag]):
            return False
        return all(matches(operands[0], call, item) for item, _ in zip(value, range(3), strict=False))
    if tag == "tuple":
        if not isinstance(value, tuple):
            return False
        return len(operands) == 1 or (
            len(operands) == len(value) and all(map(matches, operands, [call] * len(value), value))
        )
    if tag == "dict":
        return isinstance(value, Mapping) or hasattr(value, "keys")
    if tag == "context":
        with value as entered:
            return matches(operands[0], call, entered)
    if tag == "argument" and isinstance(call, partial) and isinstance(operands[0], int):
        return type(value) is type(call.args[operands[0]])
    if tag == "self" and isinstance(call, partial) and not isinstance(call.func, partial):
        receiver = getattr(call.func, "__self__", None)
        return receiver is None or isinstance(value, type(receiver)) or value is receiver
    if tag == "awaitable":
        return inspect.isawaitable(value)
    return True


def _is_a(catalogue: Catalogue, name: str, value: Any) -> bool:
    info = catalogue.tables["types"].get(name, {})
    if "synthetic" in info or info.get("instance"):
        return True
    kind = resolve(name)
    if not isinstance(kind, type):  # threading.Lock is a factory before 3.13
        kind = type(kind())
    return isinstance(value, kind)


def missing(catalogue: Catalogue) -> list[str]:
    """Standard-library entries without a case, by canonical name."""
    table = cases()
    return [n for n in catalogue.callables() if is_standard(n) and n not in table]


def present(catalogue: Catalogue, name: str) -> bool:
    """Whether this Python, on this platform, has a standard-library entry, by what the entry says of itself."""
    types = catalogue.tables["types"]
    tables = (
        catalogue.tables["callables"].get(name, {}),
        types.get(name, {}),
        types.get(name.rpartition(".")[0], {}),
    )
    for said in tables:
        since, until = said.get("since"), said.get("until")
        if since and sys.version_info[:2] < _version(since):
            return False
        if until and sys.version_info[:2] > _version(until):
            return False
        if said.get("optional") or said.get("platform") not in (None, sys.platform):
            return False
    return True


def _version(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def is_standard(name: str) -> bool:
    """Whether a canonical name is of the standard library, of any Python this project knows of."""
    return name.partition(".")[0] in sys.stdlib_module_names | {
        "compression",
        "nntplib",
        "telnetlib",
        "tomllib",
    }
