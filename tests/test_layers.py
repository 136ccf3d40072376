"""Who may import whom: the pipeline has one direction."""

from __future__ import annotations

import ast
from pathlib import Path

import blockcheck

PACKAGE = Path(blockcheck.__file__).parent

# A layer may import itself, the version, and these. Entry points (cli, dev, flake8_plugin, server) may import everything
# that is not listed as standing apart.
ALLOWED = {
    "findings": set(),
    "storage": set(),
    "tool": set(),
    "ruletable": {"findings", "pages", "rules", "storage", "tool"},
    "process": set(),
    "wording": set(),
    "config": {"findings", "wording"},
    "selection": {"config", "wording"},
    "source": {"config", "findings", "wording"},
    "catalogue": {"findings", "wording"},
    "replay": {"inputs"},
    "inputs": {"config", "replay", "source", "storage", "tool"},
    "facts": {"catalogue", "findings", "source"},
    "installed": {"catalogue", "config", "facts", "project", "reading", "source", "storage"},
    "project": {"catalogue", "config", "facts", "findings", "source"},
    "rules": {"findings", "project"},
    "fixes": {"catalogue", "facts", "findings", "project", "source"},
    "output": {"findings", "source"},
    "pages": {"bench", "config", "findings", "rules"},
    "reading": {"facts", "process", "source", "storage"},
    "scaling": {"config", "facts", "reading"},
    "placing": {"facts", "findings", "reading", "storage"},
    "analysis": {"catalogue", "config", "findings", "installed", "project", "reading", "rules", "source", "storage", "tool"},
    "idle": {"catalogue", "source"},
    "proposals": {"findings", "storage"},
    "engine": {"analysis", "ruletable", "catalogue", "idle", "proposals", "config", "findings", "fixes", "inputs", "installed", "pages", "placing", "reading", "rules", "scaling", "selection", "source", "storage"},
    "api": {"adoption", "catalogue", "config", "engine", "findings", "output"},
    "adoption": {"config", "engine", "findings", "installed", "source", "wording"},
    "autofix": {"config", "engine", "findings", "reading", "source"},
    "bench": set(),
}  # fmt: skip


def imports() -> set[tuple[str, str, str]]:
    """Every import of one layer by another: importing layer, imported layer, and the file that does it."""
    found = set()
    for file in sorted(PACKAGE.rglob("*.py")):
        name = file.relative_to(PACKAGE).as_posix()
        layer = name.split("/")[0].removesuffix(".py")
        for node in ast.walk(ast.parse(file.read_bytes())):
            modules: list[str] = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{name}: imports are absolute"
                modules = [node.module or ""]
                if node.module == "blockcheck":
                    modules = [f"blockcheck.{alias.name}" for alias in node.names]
            for module in modules:
                parts = module.split(".")
                if parts[0] == "blockcheck" and len(parts) > 1 and parts[1] not in (layer, "__version__"):
                    found.add((layer, parts[1], name))
    return found


def test_layers_import_only_what_lies_below() -> None:
    wrong = [entry for entry in imports() if entry[0] in ALLOWED and entry[1] not in ALLOWED[entry[0]]]
    assert sorted(wrong) == []


def test_only_facts_and_fixes_know_the_syntax_tree() -> None:
    users = {
        file.relative_to(PACKAGE).parts[0]
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_bytes()))
        if (
            isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "libcst" for alias in node.names)
        )
        or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "libcst")
    }
    assert users <= {"facts", "fixes"}


def test_every_layer_is_known() -> None:
    layers = {entry.name.removesuffix(".py") for entry in PACKAGE.iterdir() if entry.suffix in ("", ".py")}
    assert layers - {"__pycache__", "__init__", "__main__", "cli", "dev", "flake8_plugin", "server"} <= set(
        ALLOWED
    )
