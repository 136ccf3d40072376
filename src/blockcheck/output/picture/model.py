"""What is drawn: functions and primitives as nodes in groups, groups in columns, paths through nodes."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from blockcheck.findings import Finding, Link

#: Codes of findings that stand on the event loop; their chains are what is drawn.
ON_THE_LOOP = "BCK2"


@dataclass(eq=False)
class Node:
    """A function, or a primitive.

    Attributes:
        label: what is written: the name without the group's.
        place: file and line of its first call that leads on; empty for a primitive.
        starts: whether a path starts here.
    """

    index: int
    name: str
    label: str
    place: str
    primitive: bool
    starts: bool = False
    column: int = 0


@dataclass(eq=False)
class Group:
    """Nodes of one module in one column, or the primitives of one kind."""

    index: int
    title: str
    column: int
    nodes: list[Node] = field(default_factory=list)


@dataclass(frozen=True)
class Step:
    """One call of a path, for its text."""

    place: str
    call: str


@dataclass(frozen=True)
class Path:
    """One finding: the nodes of its chain and what is said of it."""

    nodes: tuple[int, ...]
    kind: str
    confidence: str
    code: str
    message: str
    steps: tuple[Step, ...]


@dataclass
class Picture:
    """Everything that is drawn. ``columns`` is the number of columns; the last one holds the primitives."""

    nodes: list[Node]
    groups: list[Group]
    paths: list[Path]
    columns: int

    @property
    def edges(self) -> list[tuple[int, int]]:
        """Pairs of nodes that follow one another on some path."""
        pairs = (pair for path in self.paths for pair in pairwise(path.nodes))
        return sorted(set(pairs))

    def group_of(self) -> dict[int, Group]:
        """The group of every node."""
        return {node.index: group for group in self.groups for node in group.nodes}


def build(findings: Iterable[Finding]) -> Picture:
    """Make a picture of the chains of findings on the event loop."""
    nodes: dict[tuple[str, str], Node] = {}
    modules: dict[int, str] = {}
    paths = []
    for finding in findings:
        if not finding.code.startswith(ON_THE_LOOP) or not finding.chain:
            continue
        on_path = []
        for link in finding.chain:
            module = _module(link)
            node = nodes.setdefault(
                (link.function, ""),
                Node(
                    len(nodes),
                    link.function,
                    link.function[len(module) + 1 :] or "module body",
                    f"{link.path}:{link.line}",
                    primitive=False,
                ),
            )
            modules[node.index] = module
            on_path.append(node)
        on_path[0].starts = True
        name = finding.chain[-1].call
        node = nodes.setdefault((name, finding.kind), Node(len(nodes), name, name, "", primitive=True))
        modules[node.index] = finding.kind
        paths.append(
            Path(
                (*(n.index for n in on_path), node.index),
                finding.kind,
                str(finding.confidence),
                finding.code,
                finding.message,
                tuple(Step(f"{link.path}:{link.line}", link.call) for link in finding.chain),
            )
        )
    made = list(nodes.values())
    columns = _assign_columns(made, paths)
    return Picture(made, _groups(made, modules), paths, columns)


def _module(link: Link) -> str:
    """The module of a link's function: the end of its path that its name starts with."""
    parts = link.path.removesuffix(".py").removesuffix("/__init__").split("/")
    for start in range(len(parts)):
        module = ".".join(parts[start:])
        if link.function == module or link.function.startswith(f"{module}."):
            return module
    return link.function.rpartition(".")[0]


def _assign_columns(nodes: list[Node], paths: list[Path]) -> int:
    """Each node stands right of all that leads to it, as far as nothing leads back; returns the number of columns."""
    longest = max((len(path.nodes) for path in paths), default=1)
    steps = {pair for path in paths for pair in pairwise(path.nodes[:-1])}
    for _ in range(longest):
        moved = False
        for before, after in sorted(steps):
            wanted = min(nodes[before].column + 1, longest - 2)
            if nodes[after].column < wanted:
                nodes[after].column = wanted
                moved = True
        if not moved:
            break
    last = max((node.column for node in nodes if not node.primitive), default=-1) + 1
    for node in nodes:
        if node.primitive:
            node.column = last
    return last + 1


def _groups(nodes: list[Node], modules: dict[int, str]) -> list[Group]:
    groups: dict[tuple[int, str], Group] = {}
    for node in sorted(nodes, key=lambda n: (n.column, modules[n.index], n.label)):
        key = (node.column, modules[node.index])
        groups.setdefault(key, Group(len(groups), modules[node.index], node.column)).nodes.append(node)
    return list(groups.values())
