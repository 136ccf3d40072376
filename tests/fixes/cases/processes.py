"""Processes in plain shapes become tasks of a pool; others stay."""

import functools
import multiprocessing
import os
from multiprocessing import Process


def convert(path, scale=1, *, name=""):
    print(path, scale, name)


def load(path):
    return open(path)


def leave(path):
    if not path:
        os._exit(3)


@functools.wraps(convert)
def decorated(path):
    convert(path)


def together(paths):
    processes = []
    for path in paths:
        process = multiprocessing.Process(target=convert, args=(path, 2), kwargs={"name": f"{path}!"})
        process.daemon = True
        processes.append(process)
        process.start()
    for process in processes:
        process.join()
    return len(paths)


def listed(pairs, scale: int):
    crowd = [Process(target=convert, args=(one, scale)) for one, other in pairs if other]
    for p in crowd:
        p.start()
    for p in crowd:
        p.join()


# Refused from here on.


def with_a_queue(paths):
    queue = multiprocessing.Queue()
    processes = []
    for path in paths:
        process = Process(target=convert, args=(path, queue))
        process.start()
        processes.append(process)
    for process in processes:
        process.join()


def with_something(paths, something):
    processes = [Process(target=convert, args=(path, something)) for path in paths]
    for process in processes:
        process.start()
    for process in processes:
        process.join()


def in_a_context(paths):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=convert, args=(path,)) for path in paths]
    for process in processes:
        process.start()
    for process in processes:
        process.join()


def of_a_function_within(paths):
    def inner(path):
        convert(path)

    processes = [Process(target=inner, args=(path,)) for path in paths]
    for process in processes:
        process.start()
    for process in processes:
        process.join()


def of_a_decorated_one(paths):
    processes = [Process(target=decorated, args=(path,)) for path in paths]
    for process in processes:
        process.start()
    for process in processes:
        process.join()


def that_gives_a_file(paths):
    processes = [Process(target=load, args=(path,)) for path in paths]
    for process in processes:
        process.start()
    for process in processes:
        process.join()


def that_ends_itself(paths):
    processes = [Process(target=leave, args=(path,)) for path in paths]
    for process in processes:
        process.start()
    for process in processes:
        process.join()


def of_whatever(paths, work):
    processes = [Process(target=work, args=(path,)) for path in paths]
    for process in processes:
        process.start()
    for process in processes:
        process.join()


def asked_for_its_code(paths):
    processes = []
    for path in paths:
        process = Process(target=convert, args=(path,))
        process.start()
        processes.append(process)
    for process in processes:
        process.join()
    return [process.exitcode for process in processes]
