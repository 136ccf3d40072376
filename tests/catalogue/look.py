"""Looks names up in an installed library; run by the interpreter that has it, fed with JSON, answers with JSON.

Stands alone: it must run where nothing but the library under test is installed.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import json
import sys
import types as types_module
import typing
import warnings
from fnmatch import fnmatchcase


def find(name):
    """The object that a dotted name leads to: as an expression after an import would, or as ``from x import y`` would."""
    try:
        return follow(name)
    except AttributeError:
        module, _, last = name.rpartition(".")
        try:
            return getattr(
                importlib.import_module(module), last
            )  # a function may hide the module of its name
        except (ImportError, AttributeError, ValueError):
            pass
        raise


def follow(name):
    """Attributes first, then submodules."""
    first, *rest = name.split(".")
    value = importlib.import_module(first)
    path = first
    for part in rest:
        path = f"{path}.{part}"
        try:
            value = getattr(value, part)
        except AttributeError:
            if not inspect.ismodule(value):
                raise
            try:
                value = importlib.import_module(path)
            except ModuleNotFoundError as error:
                raise AttributeError(f"{error}") from error
    return value


def same(one, other):
    """Whether two look-ups gave one thing; methods are made anew by each look-up."""
    if one is other:
        return True
    unbound = getattr(one, "__func__", None)
    return unbound is not None and unbound is getattr(other, "__func__", None)


def canonical(value):
    return f"{value.__module__}.{value.__qualname__}"


def unwrapped(value):
    if isinstance(value, (staticmethod, classmethod)):
        value = value.__func__
    if isinstance(value, functools.partial):
        value = value.func
    return inspect.unwrap(value) if callable(value) else value


def is_async(value):
    """Whether a call gives a coroutine or an asynchronous generator, as far as the function itself tells."""
    if isinstance(value, (staticmethod, classmethod)):
        value = value.__func__
    return inspect.iscoroutinefunction(value) or inspect.isasyncgenfunction(value)


def gives_awaitable(value):
    """The same, or it is said to: by its annotation, or by the function it wraps."""
    if is_async(value) or is_async(unwrapped(value)):
        return True
    said = str(getattr(unwrapped(value), "__annotations__", {}).get("return", ""))
    return any(word in said for word in ("Awaitable", "Coroutine", "Future", "AsyncIterator"))


def parameters(value, method):
    """The parameters a caller gives; None where the library does not say."""
    try:
        signature = inspect.signature(value)
    except (ValueError, TypeError):
        return None
    found = list(signature.parameters.values())
    if method and found and found[0].name in ("self", "cls", "_self", "block"):
        del found[0]
    return found


def check_argument(where, condition, found):
    """A condition, run or registrar that names an argument must name a real one at its real place."""
    name, at = condition.get("name"), condition.get("at")
    if found is None or name is None:
        return
    names = [p.name for p in found]
    kinds = {p.kind for p in found}
    if name not in names:
        if inspect.Parameter.VAR_KEYWORD not in kinds:
            yield f"{where}: no parameter {name!r} among {names}"
        return
    parameter = found[names.index(name)]
    if at is None or parameter.kind is inspect.Parameter.VAR_POSITIONAL:
        return
    if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
        yield f"{where}: {name!r} is keyword-only, not at {at}"
    elif names.index(name) != at:
        yield f"{where}: {name!r} is at {names.index(name)}, not at {at}"


def check_type(name, table):
    value = find(name)
    value, generic = (typing.get_origin(value) or value), typing.get_origin(value) is not None
    if not inspect.isclass(value):
        yield f"{name}: not a class but {type(value).__name__}"
        return
    real = canonical(value)
    if real != name and not generic:
        try:
            elsewhere = find(real) is value
        except (AttributeError, ImportError):
            elsewhere = False  # the class misstates its own module
        if elsewhere:
            yield f"{name}: its canonical name is {real}"
    for base in table.get("bases", ()):
        if not table.get("proxy") and not issubclass(value, find(base)):
            yield f"{name}: not a subclass of {base}"
    if "counterpart" in table and not inspect.isclass(find(table["counterpart"])):
        yield f"{name}: its counterpart {table['counterpart']} is not a class"
    members = {n: inspect.getattr_static(value, n, None) for n in dir(value)}
    asynchronous = {n for n, m in members.items() if is_async(m)}
    if table.get("asynchronous"):
        marks = {"__await__", "__aenter__", "__aiter__"} & members.keys()
        if not marks and not any(map(gives_awaitable, members.values())) and not table.get("any_attribute"):
            yield f"{name}: nothing about it is asynchronous"
    if "any_method" in table and table["any_method"].get("kind") not in (None, "none"):
        left_out = table["any_method"].get("except", ())
        wrong = [n for n in asynchronous if n[0] != "_" and not any(fnmatchcase(n, p) for p in left_out)]
        wrong = [n for n in wrong if f"{name}.{n}" not in listed]
        if wrong:
            yield f"{name}: any method blocks, but these are asynchronous: {sorted(wrong)}"


def annotated(value):
    """The class that a callable's annotation says it returns; None where nothing certain is said."""
    if inspect.isclass(value):
        return value
    try:
        hint = typing.get_type_hints(unwrapped(value)).get("return")
    except Exception:
        return None
    arguments = [a for a in typing.get_args(hint) if a is not type(None)]
    if typing.get_origin(hint) in (typing.Union, types_module.UnionType):
        hint = arguments[0] if len(arguments) == 1 else None
    origin = typing.get_origin(hint)
    hint = origin if inspect.isclass(origin) else hint
    return hint if inspect.isclass(hint) and hint not in (typing.Any, object) else None


def check_callable(name, table):
    owner, _, last = name.rpartition(".")
    if owner in types:
        holder = find(owner)
        value = getattr(holder, last)
        static = inspect.getattr_static(holder, last)
        method = not isinstance(static, (staticmethod, classmethod))
        if table.get("property"):
            return
    else:
        value = find(name)
        method = False
    if not callable(value) and value is not None:
        yield f"{name}: cannot be called"
        return
    blocks = table.get("kind") not in (None, "none")
    if blocks and is_async(value):
        yield f"{name}: blocks, says the catalogue, but it is a coroutine function"
    found = parameters(value, method)
    for key in ("unless", "only_if", "runs", "returns_by"):
        for condition in table.get(key, ()):
            yield from check_argument(f"{name}: {key}", condition, found)
    if "bound" in table:
        yield from check_argument(f"{name}: bound", table["bound"], found)
    returns = table.get("returns", "")
    said = annotated(value)
    if (
        said is not None
        and returns in types
        and not types[returns].get("proxy")
        and types[returns].get("runtime", True)
    ):
        promised = typing.get_origin(find(returns)) or find(returns)
        if promised is not said and not (issubclass(said, promised) or issubclass(promised, said)):
            yield f"{name}: returns {canonical(said)}, not {returns}"


def check_registrar(name, table):
    owner = name.rpartition(".")[0]
    value = find(name)
    yield from check_argument(f"{name}: registrar", table, parameters(value, owner in types))


def check_example(expression, promised):
    scope = {"__builtins__": __builtins__}
    root = expression.split("(")[0].split(".")
    for length in range(len(root), 0, -1):
        try:
            importlib.import_module(".".join(root[:length]))
        except ModuleNotFoundError:
            continue
        break
    scope[root[0]] = importlib.import_module(root[0])
    value = eval(expression, scope)
    if not isinstance(value, find(promised)):
        yield f"{expression}: a {canonical(type(value))}, not a {promised}"


def main():
    global types, listed
    warnings.simplefilter("ignore")
    order = json.load(sys.stdin)
    types, listed = order["types"], set(order["callables"])
    if order.get("setup"):
        exec(order["setup"], {})
    problems = []
    checked = 0

    def run(check, name, *arguments):
        nonlocal checked
        checked += 1
        try:
            problems.extend(check(name, *arguments))
        except (AttributeError, ImportError) as error:
            problems.append(f"{name}: no such name ({type(error).__name__}: {error})")
        except Exception as error:
            problems.append(f"{name}: {type(error).__name__}: {error}")

    for name in order["imports"]:
        run(lambda n: find(n) and (), name)
    for name in order["own_types"]:
        if types[name].get("runtime", True):
            run(check_type, name, types[name])
    for name, table in order["callables"].items():
        if table.get("runtime", True):
            run(check_callable, name, table)
    for name in order["decorators"]:
        run(lambda n: () if callable(find(n)) else [f"{n}: cannot be called"], name)
    for name, tables in order["registrars"].items():
        for table in tables:
            run(check_registrar, name, table)
    for base in order["handlers"]:
        run(lambda n: () if inspect.isclass(find(n)) else [f"{n}: not a class"], base)
    for alias, name in order["aliases"].items():
        run(lambda a, n: () if same(find(a), find(n)) else [f"{a}: not the same as {n}"], alias, name)
    for expression, promised in order["examples"]:
        run(check_example, expression, promised)
    json.dump({"problems": problems, "checked": checked}, sys.stdout)


if __name__ == "__main__":
    main()
