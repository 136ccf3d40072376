"""What is known at a point of a code, and how ways to the same point are joined."""

from __future__ import annotations

from typing import Any

from blockcheck.project.model import path_of
from blockcheck.project.values import Value, either, join


class Env:
    """What is known at a point: names, access paths assigned here (``self.x``), locks held on every way here."""

    __slots__ = ("held", "names", "paths", "roots")

    def __init__(
        self,
        names: dict[str, Value],
        paths: dict[str, Value],
        held: tuple[Any, ...],
        roots: dict[str, str] | None = None,
    ) -> None:
        self.names = names
        self.paths = paths
        self.held = held
        #: Names of objects that have another name: under which their paths stand.
        self.roots: dict[str, str] = roots or {}

    def copy(self) -> Env:
        """An independent copy."""
        return Env(dict(self.names), dict(self.paths) if self.paths else {}, self.held, dict(self.roots))

    def path(self, e: Any) -> str | None:
        """Under which path something is known, whichever of its names is used."""
        path = path_of(e)
        if path is None or not self.roots:
            return path
        end = next((i for i, c in enumerate(path) if c in ".["), len(path))
        return self.roots.get(path[:end], path[:end]) + path[end:]

    def bind(self, name: str, source: Any) -> None:
        """A name is bound anew: to another name's object, or to one of its own."""
        if type(source) is str and source != name:
            root = self.roots.get(source, source)
            if self.roots.get(name, name) != root:
                self._leave_root(name)
                self.roots[name] = root
        else:
            self._leave_root(name)

    def _leave_root(self, name: str) -> None:
        root = self.roots.pop(name, name)
        if root == name and name in self.roots.values():
            # Others still go by it: the name gets a root of its own.
            self.roots[name] = f"{name}'"
            self.forget(f"{name}'")
        elif root == name:
            self.forget(name)
        else:
            self.forget(name) if name not in self.roots.values() else None

    def forget(self, root: str) -> None:
        """Drop what is known of paths below a name."""
        if self.paths:
            dot, bracket = root + ".", root + "["
            for path in [p for p in self.paths if p.startswith((dot, bracket))]:
                del self.paths[path]


def merge(left: Env | None, right: Env | None) -> Env | None:
    """The join of two ways to a point; None is a way that does not get there."""
    if left is None:
        return right
    if right is None:
        return left
    names = dict(left.names)
    for name, value in right.names.items():
        old = names.get(name)
        if old is None:
            names[name] = value
        elif old is not value:
            names[name] = either(old, value)
    paths: dict[str, Value] = {}
    if left.paths and right.paths:
        for path, value in left.paths.items():
            other = right.paths.get(path)
            if other is not None:
                paths[path] = value if other is value else join(value, other)
    held = left.held
    if held is not right.held and held:
        there = {h[0] for h in right.held}
        held = tuple(h for h in held if h[0] in there)
    roots = left.roots
    if roots != right.roots:
        # A name that is not the same object's on both ways has paths of neither.
        both = {*left.roots, *right.roots}
        roots = {
            n: left.roots.get(n, n) if left.roots.get(n, n) == right.roots.get(n, n) else f"{n}?"
            for n in both
        }
    return Env(names, paths, held, roots)
