"""Files that cannot matter, told by the words in them: they need not be parsed.

Nothing is reported where nothing runs on an event loop and nobody makes threads, processes, executors or locks.
Top-level packages and modules that mention one another, directly or through others, make a group. A group is
idle if it has neither ``async`` nor ``await`` and of no name that the catalogue knows to do more than block
both the package and the last part. Words are looked for everywhere, in comments and strings too, so a group
is rather taken for busy.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from blockcheck.catalogue import Catalogue
    from blockcheck.source.files import SourceFile

_WORD = re.compile(rb"[\w\x80-\xff]+")
_ALWAYS = frozenset({b"async", b"await"})
#: What makes a callable more than one that blocks: it runs others elsewhere, or is a pool or a queue. What else the
#: catalogue says of callables is about objects that are made by these, or whose class has a role.
_ACTIVE = frozenset({"spawns", "bound"})
_HARMLESS_ROLES = frozenset({None, "file", "socket", "enum", "platform"})
_ACTIVE_EFFECTS = frozenset({"registers", "offloads", "asynchronous", "synchronous", "deferred"})


def idle(files: Sequence[SourceFile], catalogue: Catalogue) -> set[Path]:
    """The files that cannot matter to any finding."""
    groups: dict[str, list[SourceFile]] = defaultdict(list)
    for file in files:
        groups[file.module.partition(".")[0]].append(file)
    names = _busy_names(catalogue)
    words: dict[str, set[bytes]] = {}
    busy = {
        group for group, members in groups.items() if _is_busy(members, names, words.setdefault(group, set()))
    }
    if len(busy) == len(groups):
        return set()
    left = _unconnected(groups, busy, words)
    return {file.path for group in left for file in groups[group]}


def _busy_names(catalogue: Catalogue) -> dict[bytes, set[bytes]]:
    """Last parts of names that do more than block, and the packages that each of them may come from."""
    tables: dict[str, Any] = catalogue.tables
    found = {name for name, raw in tables["callables"].items() if _is_active(raw)}
    found.update(name for name in tables["types"] if catalogue.role(name) not in _HARMLESS_ROLES)
    found.update(name for name, raw in tables["decorators"].items() if raw["effect"] in _ACTIVE_EFFECTS)
    found.update(tables["registrars"])
    found.update(handler["base"] for handler in tables["handlers"])
    found.update(catalogue.declared)
    found.update(alias for alias, name in tables["aliases"].items() if name in found)
    out: dict[bytes, set[bytes]] = defaultdict(set)
    for name in found:
        parts = name.encode().split(b".")
        out[parts[-1]].add(parts[0])
    return out


def _is_active(raw: dict[str, Any]) -> bool:
    return not _ACTIVE.isdisjoint(raw) or any(run["context"] != "here" for run in raw.get("runs", ()))


def _busy_endings(names: Iterable[bytes]) -> tuple[bytes, ...]:
    """Ends of names that are known by a pattern only, whatever package they come from."""
    return tuple(name.rpartition(b"*")[2] for name in names if b"*" in name)


def _is_busy(members: Iterable[SourceFile], names: dict[bytes, set[bytes]], words: set[bytes]) -> bool:
    """Whether a group's words, which are collected, make it busy; it is read as far as that takes."""
    endings = _busy_endings(names)
    for file in members:
        words.update(_words(file))
        if not words.isdisjoint(_ALWAYS):
            return True
        if any(not names[word].isdisjoint(words) for word in words & names.keys()):
            return True
        if any(word.endswith(endings) for word in words):
            return True
    return False


def _unconnected(
    groups: dict[str, list[SourceFile]], busy: set[str], words: dict[str, set[bytes]]
) -> set[str]:
    """The groups that mention no busy one, and are mentioned by none, directly or through others."""
    called = {
        name.encode(errors="surrogateescape"): group
        for group, members in groups.items()
        for name in _called(group, members)
    }
    links: dict[str, set[str]] = defaultdict(set)
    for group, members in groups.items():
        known = words[group]
        if group in busy:  # it was not read to its end
            known = set().union(*map(_words, members))
        for word in known & called.keys():
            links[group].add(called[word])
            links[called[word]].add(group)
    todo = list(busy)
    reached = set(busy)
    while todo:
        for other in links[todo.pop()] - reached:
            reached.add(other)
            todo.append(other)
    return groups.keys() - reached


def _called(group: str, members: Iterable[SourceFile]) -> set[str]:
    """The top-level names that a group's modules can be imported by."""
    return {group, *(alias.partition(".")[0] for file in members for alias in file.aliases)}


def _words(file: SourceFile) -> set[bytes]:
    try:
        return set(_WORD.findall(file.path.read_bytes().removeprefix(BOM_UTF8)))
    except OSError:
        return set(_ALWAYS)  # to be reported
