"""Nothing here can be mended by a machine, except for what is marked so."""

import asyncio
import sqlite3
import threading
import time
from contextvars import ContextVar

state = ContextVar("state")
lock = threading.Lock()


def load(path):
    time.sleep(1)
    return path


def starts():
    time.sleep(1)
    asyncio.get_running_loop().create_task(other())


def query():
    connection = sqlite3.connect("x")
    rows = connection.execute("select 1").fetchall()
    connection.close()
    return rows


def connect():
    connection = sqlite3.connect("x")
    return connection


def sets():
    time.sleep(1)
    state.set(1)


def numbers():
    time.sleep(1)
    yield 1


async def other(x=load("default")):
    pass


class Store:
    def __init__(self):
        self.connection = sqlite3.connect("x")
        self.total = 0

    def get(self):
        return self.connection.execute("select 1").fetchall()

    async def use(self):
        self.get()
        self.total += len(load("x"))

    def on_data(self):
        load("x")


async def main(items):
    await asyncio.to_thread(query)  # its connection is its own: this can go to a thread
    starts()
    sets()
    for number in numbers():
        print(number)
    lazy = (load(item) for item in items)
    key = lambda item: load(item)
    nested = [[load(item) for item in row] for row in items]
    print(f"{load('x')=}")
    with lock:
        load("x")
    connection = sqlite3.connect("x")
    connection.execute("select 1")
    connection = connect()
    file = open("x")
    file.read()
    with open("x") as file:
        await other()
        file.read()

    class Inner:
        value = load("x")

    asyncio.get_running_loop().call_soon(Store().on_data)
    return lazy, key, nested, Inner, connection


class Registry:
    def __init__(self):
        self.members = {}
        self.state = None
        self.root = "x"

    async def start(self):
        self.state = None

    async def remove(self, key):
        if key not in self.members:
            return
        load("x")
        del self.members[key]

    async def stop(self):
        if self.state is None:
            return
        load("x")
        self.state.close()

    async def fine(self, key):
        if key not in self.members or not self.root:
            return
        await asyncio.to_thread(load, self.root)  # nothing is used behind that was looked at: this can go to a thread
        await other()
        self.members.pop(key)


async def of_a_variable(kinds, name):
    work = load if name else kinds[name]
    work("x")


async def of_a_parameter(work):
    work("x")


async def gives_it():
    await of_a_parameter(load)


async def chosen(path):
    if path:
        text = await asyncio.to_thread(load, path)
    else:
        text = load("x")
    return text


async def given_to_who_knows_whom(path):
    import vendor

    return await vendor.ensure_async(load(path))


class Keeper:
    def __init__(self, work=load):
        self.work = work

    async def run(self):
        return self.work("x")
