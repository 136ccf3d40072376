"""Modules that everybody imports and that work in memory."""

from __future__ import annotations

import ast
import datetime as dt
import html
import inspect
import logging
import logging.config
import logging.handlers
import math
import queue
import random
import re
import shlex
import statistics
import string
import sys
import textwrap
import traceback
import warnings
from typing import TYPE_CHECKING, Any

from blockcheck.catalogue.verification.cases.shapes import free, parks, pure

if TYPE_CHECKING:
    from blockcheck.catalogue.verification.lab import Lab
    from blockcheck.catalogue.verification.observe import Call, Case

PATTERN = re.compile("a")
MATCH = re.match("(?P<n>a)", "a")
NOW = dt.datetime.now()
DAY = dt.date.today()
LOGGER = logging.getLogger("verified")
LEVELS = ("debug", "info", "warning", "error", "critical", "exception")
HANDLER = logging.NullHandler()


def _methods(owner: str, value: Any, methods: dict[str, tuple[Any, ...]]) -> dict[str, Case]:
    return {f"{owner}.{name}": pure(getattr(value, name), *arguments) for name, arguments in methods.items()}


def _listening(lab: Lab) -> Call:
    """A listener in the middle of a record that takes its time."""

    class Slow(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lab.released.wait()

    records: queue.Queue[Any] = queue.Queue()
    listener = logging.handlers.QueueListener(records, Slow())
    listener.start()
    records.put(logging.makeLogRecord({}))
    return listener.stop


def _warn() -> None:
    """Shown or not as the filters say: showing a warning reads the line of source it stands on."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.warn("x", stacklevel=1)


CASES: dict[str, Case] = {
    **_methods("re", re, {
        "compile": ("a",), "match": ("a", "a"), "search": ("a", "a"), "fullmatch": ("a", "a"), "findall": ("a", "a"),
        "split": ("a", "a"), "escape": ("a",), "finditer": ("a", "a"), "sub": ("a", "b", "a"), "subn": ("a", "b", "a"),
    }),
    **_methods("re.Pattern", PATTERN, {
        "match": ("a",), "search": ("a",), "fullmatch": ("a",), "finditer": ("a",), "findall": ("a",), "split": ("a",),
        "sub": ("b", "a"), "subn": ("b", "a"),
    }),
    **_methods("re.Match", MATCH, {
        "group": (), "groups": (), "groupdict": (), "start": (), "end": (), "span": (), "expand": (r"\1",),
    }),
    **_methods("datetime.datetime", dt.datetime, {
        "now": (), "utcnow": (), "today": (), "fromtimestamp": (0,), "utcfromtimestamp": (0,),
        "fromisoformat": ("2024-01-01",), "strptime": ("2024", "%Y"), "combine": (DAY, dt.time()),
    }),
    **_methods("datetime.datetime", NOW, {
        "replace": (), "isoformat": (), "strftime": ("%Y",), "date": (), "time": (), "timetuple": (),
        "utcoffset": (), "weekday": (), "isoweekday": (), "timestamp": (),
    }),
    "datetime.datetime.astimezone": pure(NOW.astimezone, dt.timezone.utc),
    **_methods("datetime.date", dt.date, {"today": (), "fromisoformat": ("2024-01-01",), "fromtimestamp": (0,)}),
    "datetime.date.replace": pure(DAY.replace),
    "datetime.timedelta.total_seconds": pure(dt.timedelta().total_seconds),
    **_methods("random", random, {
        "random": (), "randint": (0, 1), "uniform": (0, 1), "choice": ("a",), "choices": ("a",), "sample": ("ab", 1),
        "shuffle": ([1],), "randrange": (1,), "gauss": (0, 1), "seed": (), "getrandbits": (8,), "expovariate": (1,),
    }),
    **_methods("math", math, {"floor": (1.5,), "ceil": (1.5,), "sqrt": (1,), "log": (1,), "isclose": (1, 1)}),
    **_methods("math", math, {"isqrt": (9,), "gcd": (9, 6), "exp": (1,), "sin": (1,), "cos": (1,), "pow": (2, 3)}),
    **_methods("statistics", statistics, {"mean": ([1],), "median": ([1],)}),
    **_methods("inspect", inspect, {"signature": (_methods,), "isclass": (1,), "isfunction": (1,)}),
    **_methods("textwrap", textwrap, {"dedent": ("a",), "indent": ("a", " "), "wrap": ("a",)}),
    **_methods("html", html, {"escape": ("a",), "unescape": ("a",)}),
    **_methods("shlex", shlex, {"split": ("a",), "quote": ("a",), "join": (["a"],)}),
    "string.Template": pure(string.Template, "a"),
    "traceback.format_exc": pure(traceback.format_exc),
    "sys.exc_info": pure(sys.exc_info),
    "sys.getsizeof": pure(sys.getsizeof, 1),
    "ast.literal_eval": pure(ast.literal_eval, "1"),
    "ast.parse": pure(ast.parse, "1"),
    "logging.getLogger": pure(logging.getLogger, "verified"),
    **{f"logging.Logger.{level}": pure(getattr(LOGGER, level), "x") for level in LEVELS},
    **_methods("logging.Logger", LOGGER, {
        "warn": ("x",), "log": (10, "x"), "setLevel": (10,), "isEnabledFor": (10,), "getEffectiveLevel": (),
        "addHandler": (HANDLER,), "removeHandler": (HANDLER,), "addFilter": (print,), "hasHandlers": (),
        "getChild": ("a",),
    }),
    **{f"logging.LoggerAdapter.{level}": pure(getattr(logging.LoggerAdapter(LOGGER, {}), level), "x") for level in LEVELS},
    **_methods("logging.LoggerAdapter", logging.LoggerAdapter(LOGGER, {}), {"log": (10, "x"), "isEnabledFor": (10,)}),
    **{f"logging.{level}": pure(getattr(logging, level), "x") for level in LEVELS},
    **_methods("logging", logging, {
        "log": (10, "x"), "disable": (0,), "getLevelName": (10,), "addLevelName": (11, "a"), "StreamHandler": (),
        "NullHandler": (), "Formatter": (), "captureWarnings": (False,),
    }),
    "logging.handlers.QueueHandler": pure(logging.handlers.QueueHandler, queue.Queue()),
    "logging.handlers.MemoryHandler": pure(logging.handlers.MemoryHandler, 1),
    "logging.config.dictConfig": pure(logging.config.dictConfig, {"version": 1}),
    "logging.handlers.QueueListener.stop": parks(_listening),
    "logging.handlers.QueueListener.start": free(lambda _: logging.handlers.QueueListener(queue.Queue()).start),
    "warnings.warn": pure(_warn),
}  # fmt: skip
