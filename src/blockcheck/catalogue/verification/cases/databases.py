"""sqlite, dbm and shelve."""

from __future__ import annotations

import contextlib
import dbm
import dbm.dumb
import shelve
import sqlite3
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from blockcheck.catalogue.verification.cases.shapes import free, parks, touches

if TYPE_CHECKING:
    from collections.abc import Callable

    from blockcheck.catalogue.verification.lab import Lab
    from blockcheck.catalogue.verification.observe import Call, Case

ROWS = 5_000


def _filled(lab: Lab) -> str:
    path = lab.path(".db")
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("pragma synchronous = off")
        connection.execute("create table t (a, b)")
        connection.executemany("insert into t values (?, ?)", ((i, "x" * 100) for i in range(ROWS)))
    return path


def _locked(lab: Lab) -> sqlite3.Connection:
    """A connection to a database that another one has locked until the world moves."""
    path = _filled(lab)
    other = lab.keep(sqlite3.connect(path, check_same_thread=False, isolation_level=None))
    other.execute("begin exclusive")
    lab.on_release(partial(other.execute, "rollback"))
    return lab.keep(sqlite3.connect(path, check_same_thread=False))


def _open(lab: Lab) -> sqlite3.Connection:
    connection = lab.keep(sqlite3.connect(_filled(lab), check_same_thread=False))
    connection.execute("pragma cache_size = 1").close()
    return connection


def _changed(lab: Lab) -> sqlite3.Connection:
    connection = _open(lab)
    connection.execute("update t set b = 'y'")
    return connection


def _selected(lab: Lab) -> sqlite3.Cursor:
    """A cursor some way into a big table, of which little is cached."""
    cursor = _open(lab).execute("select * from t")
    cursor.fetchone()
    return cursor


def _many(cursor: sqlite3.Cursor, name: str) -> Any:
    for _ in range(1000):
        value = getattr(cursor, name)()
    return value


def _database(make: Callable[[str, str], Any], name: str, *arguments: Any) -> Case:
    """Closed and opened again, so that nothing is in memory."""

    def call(lab: Lab) -> Call:
        path = lab.path()
        with contextlib.closing(make(path, "n")) as database:
            for key in ("a", "b"):
                database[key] = "v"
        database = lab.keep(make(path, "c"))
        if name in ("sync", "close", "__exit__"):
            database["c"] = "v"
        return partial(getattr(database, name), *arguments)

    return touches(call, "data", "meta")


DBM = {
    "get": ("a",), "setdefault": ("c", b"x"), "close": (), "__getitem__": ("a",), "__setitem__": ("a", b"x"),
    "__delitem__": ("a",),
}  # fmt: skip
SHELF = {
    "get": ("a",), "pop": ("a",), "setdefault": ("c", 1), "update": ({"a": 2},), "sync": (), "close": (),
    "__getitem__": ("a",), "__setitem__": ("a", 1), "__delitem__": ("a",), "__exit__": (None, None, None),
}  # fmt: skip


def _shelf(path: str, flag: str) -> Any:
    return shelve.Shelf(dbm.dumb.open(path, flag))  # type: ignore[arg-type]


CASES: dict[str, Case] = {
    "sqlite3.connect": touches(
        lambda lab: partial(sqlite3.connect, _filled(lab)),
        database=lambda _: partial(sqlite3.connect, ":memory:"),
    ),
    "sqlite3.Connection.execute": parks(lambda lab: partial(_locked(lab).execute, "select * from t")),
    "sqlite3.Connection.executemany": parks(lambda lab: partial(_locked(lab).executemany, "insert into t values (?, 1)", [(1,)])),
    "sqlite3.Connection.executescript": parks(lambda lab: partial(_locked(lab).executescript, "select * from t")),
    "sqlite3.Connection.commit": touches(lambda lab: _changed(lab).commit),
    "sqlite3.Connection.rollback": touches(lambda lab: _changed(lab).rollback),
    "sqlite3.Connection.__exit__": touches(lambda lab: partial(_changed(lab).__exit__, None, None, None)),
    "sqlite3.Connection.close": touches(lambda lab: _changed(lab).close),
    "sqlite3.Connection.backup": parks(lambda lab: partial(_locked(lab).backup, sqlite3.connect(":memory:", check_same_thread=False))),
    "sqlite3.Connection.iterdump": touches(lambda lab: partial(list, _open(lab).iterdump())),
    "sqlite3.Connection.cursor": free(lambda lab: _open(lab).cursor),
    "sqlite3.Connection.create_function": free(lambda lab: partial(_open(lab).create_function, "f", 0, int)),
    "sqlite3.Connection.create_aggregate": free(lambda lab: partial(_open(lab).create_aggregate, "f", 0, list)),  # type: ignore[arg-type]
    "sqlite3.Connection.create_collation": free(lambda lab: partial(_open(lab).create_collation, "f", lambda *_: 0)),
    "sqlite3.Connection.interrupt": free(lambda lab: _open(lab).interrupt),
    "sqlite3.Connection.set_trace_callback": free(lambda lab: partial(_open(lab).set_trace_callback, None)),
    "sqlite3.Connection.set_progress_handler": free(lambda lab: partial(_open(lab).set_progress_handler, None, 1)),
    "sqlite3.Connection.set_authorizer": free(lambda lab: partial(_open(lab).set_authorizer, None)),
    "sqlite3.Cursor.execute": parks(lambda lab: partial(_locked(lab).cursor().execute, "select * from t")),
    "sqlite3.Cursor.executemany": parks(lambda lab: partial(_locked(lab).cursor().executemany, "insert into t values (?, 1)", [(1,)])),
    "sqlite3.Cursor.executescript": parks(lambda lab: partial(_locked(lab).cursor().executescript, "select * from t")),
    "sqlite3.Cursor.fetchone": touches(lambda lab: partial(_many, _selected(lab), "fetchone")),
    "sqlite3.Cursor.fetchmany": touches(lambda lab: partial(_selected(lab).fetchmany, 1000)),
    "sqlite3.Cursor.fetchall": touches(lambda lab: _selected(lab).fetchall),
    "sqlite3.Cursor.__next__": touches(lambda lab: partial(_many, _selected(lab), "__next__")),
    "sqlite3.Cursor.close": free(lambda lab: _open(lab).cursor().close),
    "sqlite3.Cursor.setinputsizes": free(lambda lab: partial(_open(lab).cursor().setinputsizes, [])),
    "sqlite3.Cursor.setoutputsize": free(lambda lab: partial(_open(lab).cursor().setoutputsize, 1)),
    "dbm.open": touches(lambda lab: partial(dbm.open, lab.path(), "n"), "data", "meta"),
    "dbm.dumb.open": touches(lambda lab: partial(dbm.dumb.open, lab.path(), "n"), "data", "meta"),
    "dbm.whichdb": touches(lambda lab: partial(dbm.whichdb, lab.file())),
    "shelve.open": touches(lambda lab: partial(shelve.open, lab.path(), "n"), "data", "meta"),
    **{f"dbm.Database.{name}": _database(dbm.dumb.open, name, *arguments) for name, arguments in DBM.items()},
    **{f"shelve.Shelf.{name}": _database(_shelf, name, *arguments) for name, arguments in SHELF.items()},
}  # fmt: skip
if sys.version_info >= (3, 11):
    CASES["sqlite3.Connection.serialize"] = touches(lambda lab: _open(lab).serialize)
    CASES["sqlite3.Connection.blobopen"] = parks(lambda lab: partial(_locked(lab).blobopen, "t", "b", 1))

    def _blob(lab: Lab) -> sqlite3.Blob:
        connection = _open(lab)
        connection.execute("update t set b = zeroblob(1000000) where rowid = 1")
        connection.commit()
        return lab.keep(connection.blobopen("t", "b", 1))

    CASES["sqlite3.Blob.read"] = touches(lambda lab: _blob(lab).read)
    CASES["sqlite3.Blob.write"] = touches(lambda lab: partial(_blob(lab).write, b"x" * 1_000_000))
