"""Threading locks that only coroutine functions hold become asynchronous ones; others stay."""

import asyncio
import threading
import time

guard = threading.Lock()


async def refresh(session):
    with guard:  # one at a time
        await session.renew()


async def count(session):
    if session:
        with guard:
            return session.count
    return 0


class Client:
    def __init__(self):
        self._lock = threading.Lock()  # for the session

    async def renew(self, session):
        with self._lock:
            await session.renew()


class Pool:
    slots = threading.Lock()

    async def take(self):
        with self.slots:
            await asyncio.sleep(1)


pair = threading.Lock()


async def one(session):
    with pair:
        await session.renew()


async def other(session):
    with pair:
        await session.renew()


# Refused from here on.

shared = threading.Lock()


def refill():
    with shared:
        time.sleep(1)


async def take():
    with shared:
        return 1


tried = threading.Lock()


async def tries(session):
    if tried.locked():
        return
    with tried:
        await session.renew()


class Other:
    def __init__(self):
        self._lock = threading.RLock()
        self.given = threading.Lock()
        self.several = threading.Lock()
        self.inner = threading.Lock()

    async def reentrant(self, session):
        with self._lock:
            await session.renew()

    async def gives(self, session):
        session.use(self.given)
        with self.given:
            await session.renew()

    async def both(self, session, path):
        with self.several, session.transaction():
            await session.renew()

    async def nested(self, session):
        with session.transaction():
            with self.inner:
                await session.renew()


async def own(session):
    local = threading.Lock()
    with local:
        await session.renew()


def locked_length(text):
    with shared:
        return len(text)


async def through_a_plain_function(text):
    return locked_length(text)  # goes to a thread
