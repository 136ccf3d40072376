"""A bad variant that really runs out of room for threads."""

import resource
import threading
import time


def bad(size):
    with open("/proc/self/statm") as statm:
        used = int(statm.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 64 * 2**20,) * 2)
    for _ in range(size):
        threading.Thread(target=time.sleep, args=(60,)).start()


def good(size):
    return None


def run(variant, size, probe):
    with probe.measuring():
        return variant(size)
