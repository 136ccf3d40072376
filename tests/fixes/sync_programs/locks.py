"""Locks that are taken and given back by hand, with and without an error in between."""

import threading

lock = threading.Lock()
totals = []


def add(text):
    lock.acquire()
    totals.append(int(text))
    length = len(totals)
    lock.release()
    return length


def first(texts):
    lock.acquire()
    for text in texts:
        if text.isdigit():
            return int(text)
    lock.release()
    return None


def main(report):
    for text in ("1", "2", "x"):
        try:
            report(add(text))
        except ValueError as error:
            report(error)
            # Before, the error leaves the lock taken; nobody asks for it again here.
            if lock.locked():
                lock.release()
    report(totals)
    report(first(["a", "7"]))
    if lock.locked():
        lock.release()
    report(first(["a"]))
