"""Files read and written whole, by lines and in a special encoding."""

import asyncio
import json
import os
import tempfile
import time
from pathlib import Path


def settle():
    time.sleep(0.3)  # what a slow disk would do


async def main(report):
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "a.txt")
    with open(path, "w", encoding="latin-1") as file:
        file.write("é\nb\n")
    with open(path, "rb") as file:
        report(file.read())
    with open(path, encoding="latin-1") as file:
        text = file.read()
    report(text)
    with open(path, encoding="latin-1") as file:
        head = file.readline()
        settle()
        rest = file.readlines()
    report((head, rest))
    target = Path(folder) / "b.json"
    with target.open("w") as file:
        json.dump({"k": [1, 2]}, file)
    with open(target) as file:
        data = json.load(file)
    report(data["k"])
    report(open(path, encoding="latin-1").read()[0])
    try:
        with open(os.path.join(folder, "none")) as file:
            report(file.read())
    except FileNotFoundError as error:
        report(error.errno)
