"""Importing, and reading what is installed."""

from __future__ import annotations

import builtins
import importlib
import importlib.abc
import importlib.machinery
import importlib.metadata
import importlib.resources
import importlib.util
import pkgutil
import runpy
import sys
import warnings
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blockcheck.catalogue.verification.cases.shapes import free, looks, parks, pure, touches

if TYPE_CHECKING:
    from collections.abc import Callable

    from blockcheck.catalogue.verification.lab import Lab
    from blockcheck.catalogue.verification.observe import Call, Case

SLOW = b"import time\ntime.sleep(0.4)\nvalue = 1\n"
QUICK = b"value = 1\n"


def _module(lab: Lab, source: bytes = SLOW) -> str:
    """A fresh importable module, slow to import; returns its name."""
    folder = Path(lab.empty())
    name = f"module_of_the_test_{folder.name}"
    (folder / f"{name}.py").write_bytes(source)
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    return name


def _package(lab: Lab) -> str:
    folder = Path(lab.empty())
    name = f"package_of_the_test_{folder.name}"
    (folder / name).mkdir()
    (folder / name / "__init__.py").write_bytes(QUICK)
    (folder / name / "data.txt").write_bytes(b"x")
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    importlib.import_module(name)
    return name


def _imports(function: Callable[..., Any]) -> Case:
    return parks(lambda lab: partial(function, _module(lab)))


def _reload(lab: Lab) -> Call:
    name = _module(lab, QUICK)
    module = importlib.import_module(name)
    assert module.__file__
    Path(module.__file__).write_bytes(SLOW)
    return partial(importlib.reload, module)


def _loader(lab: Lab, source: bytes = SLOW) -> importlib.machinery.SourceFileLoader:
    return importlib.machinery.SourceFileLoader("loaded", lab.file(source, ".py"))


def _data(lab: Lab) -> Call:
    loader = _loader(lab)
    return partial(loader.get_data, loader.path)


def _execution(lab: Lab) -> Call:
    loader = _loader(lab)
    spec = importlib.util.spec_from_file_location("loaded", loader.path)
    assert spec
    return partial(loader.exec_module, importlib.util.module_from_spec(spec))


def _resource(lab: Lab) -> Any:
    return importlib.resources.files(_package(lab)) / "data.txt"


def _reads_package(function: Callable[..., Any], *arguments: Any, watch: str = "data") -> Case:
    return touches(lambda lab: partial(function, _package(lab), *arguments), watch)


def _point(lab: Lab) -> Call:
    return importlib.metadata.EntryPoint("x", f"{_module(lab)}:value", "y").load


# Any distribution will do.
INSTALLED = next(iter(importlib.metadata.distributions())).metadata["Name"]
CASES: dict[str, Case] = {
    "importlib.import_module": _imports(importlib.import_module),
    "importlib.reload": parks(_reload),
    "builtins.__import__": _imports(builtins.__import__),
    "importlib.__import__": _imports(importlib.__import__),
    "importlib.util.find_spec": looks(lambda lab: partial(importlib.util.find_spec, _module(lab))),
    "importlib.machinery.SourceFileLoader.exec_module": parks(_execution),
    "importlib.machinery.SourceFileLoader.load_module": parks(lambda lab: _loader(lab).load_module),
    "importlib.machinery.SourceFileLoader.get_data": touches(_data),
    "importlib.machinery.SourceFileLoader.get_source": touches(lambda lab: partial(_loader(lab).get_source, "loaded")),
    "importlib.machinery.SourceFileLoader.get_code": touches(lambda lab: partial(_loader(lab).get_code, "loaded")),
    "importlib.util.spec_from_file_location": free(lambda lab: partial(importlib.util.spec_from_file_location, "a", lab.path(".py"))),
    "importlib.util.module_from_spec": free(lambda _: partial(importlib.util.module_from_spec, importlib.machinery.ModuleSpec("a", None))),
    "importlib.invalidate_caches": pure(importlib.invalidate_caches),
    "importlib.util.resolve_name": pure(importlib.util.resolve_name, ".a", "b"),
    "importlib.util.cache_from_source": pure(importlib.util.cache_from_source, "/a/b.py"),
    "runpy.run_path": parks(lambda lab: partial(runpy.run_path, lab.file(SLOW, ".py"))),
    "runpy.run_module": _imports(runpy.run_module),
    "pkgutil.iter_modules": looks(lambda lab: partial(list, pkgutil.iter_modules([lab.folder()]))),
    "pkgutil.walk_packages": looks(lambda lab: partial(list, pkgutil.walk_packages([lab.folder()]))),
    "pkgutil.get_data": _reads_package(pkgutil.get_data, "data.txt"),
    "pkgutil.resolve_name": _imports(pkgutil.resolve_name),
    "importlib.metadata.version": touches(lambda _: partial(importlib.metadata.version, INSTALLED)),
    "importlib.metadata.metadata": touches(lambda _: partial(importlib.metadata.metadata, INSTALLED)),
    "importlib.metadata.requires": touches(lambda _: partial(importlib.metadata.requires, INSTALLED)),
    "importlib.metadata.files": touches(lambda _: partial(importlib.metadata.files, INSTALLED)),
    "importlib.metadata.distribution": looks(lambda _: partial(importlib.metadata.distribution, INSTALLED), cold=True),
    "importlib.metadata.entry_points": touches(lambda _: partial(importlib.metadata.entry_points, group="console_scripts")),
    "importlib.metadata.packages_distributions": touches(lambda _: importlib.metadata.packages_distributions),
    "importlib.metadata.distributions": looks(lambda _: lambda: list(importlib.metadata.distributions())),
    "importlib.metadata.EntryPoint.load": parks(_point),
    "importlib.resources.files": _imports(importlib.resources.files),
    "importlib.resources.abc.Traversable.joinpath": free(lambda lab: partial(_resource(lab).joinpath, "a")),
    "importlib.resources.abc.Traversable.__truediv__": free(lambda lab: partial(_resource(lab).__truediv__, "a")),
    "importlib.resources.abc.Traversable.read_text": touches(lambda lab: _resource(lab).read_text),
    "importlib.resources.abc.Traversable.read_bytes": touches(lambda lab: _resource(lab).read_bytes),
    "importlib.resources.abc.Traversable.open": touches(lambda lab: _resource(lab).open),
    "importlib.resources.abc.Traversable.is_dir": looks(lambda lab: _resource(lab).is_dir),
    "importlib.resources.abc.Traversable.is_file": looks(lambda lab: _resource(lab).is_file),
    "importlib.resources.abc.Traversable.iterdir": looks(lambda lab: lambda: list(_resource(lab).parent.iterdir())),
}  # fmt: skip
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    CASES.update(
        {
            f"importlib.resources.{name}": _reads_package(getattr(importlib.resources, name), "data.txt")
            for name in ("read_text", "read_binary", "open_text", "open_binary")
            if hasattr(importlib.resources, name)
        }
    )
