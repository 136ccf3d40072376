"""`acquire` and `release` in one block become a `with`; other shapes stay."""

import threading

lock = threading.Lock()
totals = []


def add(record):
    with lock:  # before the list
        # The record may be no number.
        totals.append(int(record))

        text = """
kept
  as it is"""
    return text


class Counter:
    def __init__(self):
        self._lock = threading.RLock()
        self.seen = {}

    def count(self, path):
        if path:
            with self._lock:
                with open(path) as file:
                    for line in file:
                        if not line:
                            continue
                        self.seen[line] = int(line)
            # done
        return self.seen

    def early(self, flag):
        with self._lock:
            if flag:
                return int(flag)
        return None


# Refused from here on.


def releases_twice(record):
    lock.acquire()
    if not record:
        lock.release()
        return
    totals.append(int(record))
    lock.release()


def in_other_blocks(record):
    lock.acquire()
    totals.append(int(record))
    if record:
        lock.release()
    else:
        lock.release()


def leaves_the_loop(records):
    for record in records:
        lock.acquire()
        if int(record):
            continue
        lock.release()


def with_a_limit(record):
    lock.acquire(timeout=-1)
    totals.append(int(record))
    lock.release()


def set_anew(record):
    mine = threading.Lock()
    mine.acquire()
    int(record)
    mine = lock
    mine.release()


def yields(record):
    lock.acquire()
    yield int(record)
    lock.release()
