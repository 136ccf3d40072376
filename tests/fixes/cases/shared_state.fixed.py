"""Calls that stay, since other tasks share what they work on; and some that can go, marked so."""

import asyncio
import inspect
import time

import grpc.aio
import peewee
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, scoped_session, sessionmaker

engine = create_engine("postgresql://")
Scoped = scoped_session(sessionmaker(engine))
pool = {}
fixed = [1, 2]


def load(path):
    time.sleep(1)
    return path


def store(session, row):
    session.add(row)
    session.commit()


def count(table):
    with Session(engine) as session:
        return session.execute(table).scalar()


class Hub:
    def __init__(self):
        self.db = Session(engine)

    def clean(self, table):
        for row in enumerate(self.db.query(table)):
            print(row)

    async def save(self, row):
        self.clean(row)
        self.db.commit()
        store(self.db, row)
        Scoped.commit()

    async def own_session(self, row):
        session = Session(engine)
        await asyncio.to_thread(session.commit)  # nobody else has it: this can go to a thread
        await asyncio.to_thread(store, session, row)  # nor has anybody now
        await asyncio.to_thread(count, row)  # its session is its own: and this


    async def other_session(self, row):
        with Session(engine) as session:
            await asyncio.to_thread(session.commit)  # this can go to a thread
        db = self.db
        db.commit()


class Note(peewee.Model):
    pass


async def find(key):
    return Note.get(key)


class Ciphers:
    def encrypt(self, text):
        self.count = load(text)

    def cipher(self, text):
        return load(text)


class Client(Ciphers):
    async def send(self, text):
        self.encrypt(text)
        return await asyncio.to_thread(self.cipher, text)  # changes nothing: this can go to a thread


class Server(grpc.aio._server.Server):
    async def serve(self):
        self.configure("x")

    def configure(self, address):
        self.add_insecure_port(load(address))


class Slow:
    def __init__(self):
        load("x")


class Holder:
    def __init__(self):
        self.factory = Slow
        self.work = load
        self.members = []
        self.kinds = [1]

    def put(self, member):
        self.members.append(member)
        pool[member] = 1

    async def all(self):
        for member in self.members:
            load(member)
        for member, _ in pool.items():
            load(member)
        for kind in self.kinds:
            await asyncio.to_thread(load, kind)  # nothing is put there: this can go to a thread
        for number in fixed:
            await asyncio.to_thread(load, number)  # nor there
        for member in list(pool):
            await asyncio.to_thread(load, member)  # a copy: this can go to a thread
        for member in self.members:
            await asyncio.sleep(1)
            await asyncio.to_thread(load, member)  # others run in this loop anyway: this can go to a thread
        return [load(member) for member in self.members]


async def use(holder: Holder):
    holder.factory()
    holder.work("x")


def checked(running):
    def decorator(function):
        def wrapper(self, *args):
            while running != self.running:
                time.sleep(1)
            return function(self, *args)

        return wrapper

    return decorator


class Workforce:
    running = False

    async def run(self):
        self.stop()
        await asyncio.to_thread(self.look)  # changes nothing: this can go to a thread

    @checked(True)
    def stop(self):
        self.running = False

    @checked(True)
    def look(self):
        return self.running


class System:
    def instance(self, kind):
        time.sleep(1)
        return kind()

    async def start(self):
        self.instance(Workforce)
        return await asyncio.to_thread(self.instance, Slow)  # not bound to the loop: this can go to a thread


class Received(asyncio.Protocol):
    def __init__(self, name):
        self.name = load(name)


async def receive():
    return Received("x")


def log(text):
    load(inspect.stack()[1])


async def tells_of_its_caller():
    log("x")


class Spooled:
    def __init__(self, file):
        self.file = file
        self.batch = []

    async def write(self, data):
        if self.file:
            return await asyncio.to_thread(load, data)
        return load(data)

    def batches(self):
        async def generate():
            while True:
                await asyncio.sleep(1)
                if len(self.batch) == 100:
                    load(self.batch)
                    self.batch = []

        return generate()
