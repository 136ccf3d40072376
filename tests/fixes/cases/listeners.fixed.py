"""Calls that tell listeners, who may count on the event loop, stay; others can go, marked so."""

import asyncio
import time


def load(path):
    time.sleep(1)
    return path


class Signal:
    def __init__(self):
        self.receivers = []

    def connect(self, receiver):
        self.receivers.append(receiver)

    def send(self, *args):
        load(args)
        for receiver in list(self.receivers):
            receiver(*args)

    def names(self):
        return [load(str(receiver)) for receiver in self.receivers]


async def tells_listeners(signal: Signal):
    signal.send("x")
    return await asyncio.to_thread(signal.names)  # calls none of them: this can go to a thread
