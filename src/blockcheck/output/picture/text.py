"""Words and colours that both forms of the picture share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from blockcheck.output.picture.model import Picture

#: The hue of each kind of blocking.
KINDS = {
    "sleep": 265, "http": 210, "subprocess": 330, "file": 35, "fs-metadata": 50, "socket": 185, "database": 145,
    "wait": 0, "stdin": 300, "cpu": 15, "nested-loop": 345, "offload": 240, "import": 90, "several": 220,
}  # fmt: skip


def summary(picture: Picture) -> str:
    """What the picture shows, in one line."""
    if not picture.paths:
        return "No blocking path from the event loop was found"
    roots = sum(node.starts for node in picture.nodes)
    primitives = sum(node.primitive for node in picture.nodes)
    paths = len(picture.paths)
    return (
        f"{paths} blocking {_plural(paths, 'path')} from {roots} {_plural(roots, 'function')} "
        f"on the event loop to {primitives} {_plural(primitives, 'primitive')}"
    )


def headings(picture: Picture) -> list[str]:
    """What stands above each column."""
    middle = [f"{step} {_plural(step, 'call')} on" for step in range(1, picture.columns - 1)]
    return ["on the event loop", *middle, "what blocks"][: picture.columns if picture.paths else 0]


def _plural(count: int, noun: str) -> str:
    return noun if count == 1 else f"{noun}s"
