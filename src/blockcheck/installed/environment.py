"""Where a Python environment keeps its packages: read from folders, nothing is run."""

from __future__ import annotations

import re
from pathlib import Path

from blockcheck.config import ConfigError, absolute

MARKER = "pyvenv.cfg"
#: Folders in a project's root that are taken for its environment, if they are one.
USUAL = (".venv", "venv")

_SITES = (
    "lib/python3*/site-packages",
    "lib64/python3*/site-packages",
    "Lib/site-packages",
    "lib/python3/dist-packages",
    "local/lib/python3*/dist-packages",
)


def markers(root: Path) -> list[Path]:
    """The files that make the usual folders of a project environments, whether or not they are there."""
    return [root / name / MARKER for name in USUAL]


def of_project(root: Path, active: str | None = None) -> list[Path]:
    """The package folders of the virtual environment around a project; empty where there is none."""
    environment = around(root, active)
    return [] if environment is None else _with_linked(_below(environment))


def around(root: Path, active: str | None = None) -> Path | None:
    """The virtual environment around a project, if there is one.

    Args:
        root: the project's.
        active: the activated environment (``VIRTUAL_ENV``). It counts where it lies in the project: one that lies
            elsewhere may belong to anything, and what is reported must not depend on the shell.
    """
    candidates = [root / name for name in USUAL]
    if active:
        environment = absolute(Path(active))
        if root in environment.parents:
            candidates.insert(0, environment)
    return next((candidate for candidate in candidates if (candidate / MARKER).is_file()), None)


def of_python(path: Path) -> list[Path]:
    """The package folders of an interpreter, an environment, or a folder of packages itself.

    Raises:
        ConfigError: for a path that is none of these.
    """
    place = absolute(path)
    sites: list[Path] = []
    if place.is_dir():
        sites = _below(place)
        if not sites and (place.name.endswith("-packages") or any(place.glob("*.dist-info"))):
            sites = [place]
    elif place.is_file():
        # A link in a virtual environment leads out of it: the environment is where the link is.
        for interpreter in (place, place.resolve()):
            version = re.search(r"3\.\d+", interpreter.name)
            prefix = interpreter.parent.parent if interpreter.parent.name != "python" else interpreter.parent
            sites = _below(prefix, version.group() if version else "")
            if sites:
                break
    if not sites:
        raise ConfigError(
            f"{path}: not an environment: expected a Python interpreter, the folder of an environment, or its site-packages"
        )
    return _with_linked(sites)


def _below(prefix: Path, version: str = "") -> list[Path]:
    """The package folders of an installation; those of one version where several share it."""
    found: dict[Path, Path] = {}
    for pattern in _SITES:
        for site in sorted(prefix.glob(pattern)):
            named = re.search(r"python(3\.\d+)", site.parent.name)
            if site.is_dir() and not (version and named and named.group(1) != version):
                found.setdefault(site.resolve(), site)
    return list(found.values())


def _with_linked(sites: list[Path]) -> list[Path]:
    """Add the folders that ``.pth`` files name: packages that are installed from where they are edited."""
    out = list(sites)
    for site in sites:
        for file in sorted(site.glob("*.pth")):
            try:
                lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
            except OSError:
                continue
            for line in map(str.strip, lines):
                # A line that begins with an import would be run by Python; here nothing is.
                if line and not line.startswith(("#", "import ", "import\t")):
                    folder = absolute(site / line)
                    if folder.is_dir() and folder not in out:
                        out.append(folder)
    return out
