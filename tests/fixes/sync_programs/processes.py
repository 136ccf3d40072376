"""Processes that are all joined; what they did is seen in files."""

import multiprocessing
from pathlib import Path


def write(name, text, *, times=1):
    Path(f"{name}.txt").write_text(text * times)


def main(report):
    processes = []
    for name in list("abc"):
        process = multiprocessing.Process(target=write, args=(name, "x"), kwargs={"times": 2})
        process.start()
        processes.append(process)
    for process in processes:
        process.join()
    report([Path(f"{name}.txt").read_text() for name in "abc"])

    pairs = [("a", "1"), ("b", "2"), ("c", "3")]
    crowd = [multiprocessing.Process(target=write, args=(name, text)) for name, text in pairs if name != "b"]
    for member in crowd:
        member.start()
    for member in crowd:
        member.join()
    report([Path(f"{name}.txt").read_text() for name in "abc"])
