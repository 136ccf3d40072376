"""A bad variant that raises, one that kills its process, and one that hangs with a child process."""

import os
import subprocess
import sys
import threading

PORT_FILE = "BENCH_TEST_FOLDER"


def good(size):
    return size


def bad(size):
    raise ValueError("no such luck")


def dying(size):
    os._exit(3)


def hanging(size):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    with open(os.path.join(os.environ[PORT_FILE], "child"), "w") as file:
        file.write(str(child.pid))
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def run(variant, size, probe):
    with probe.measuring():
        return variant(size)
