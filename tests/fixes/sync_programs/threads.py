"""Threads that are started and joined at once, one after the other or together."""

import threading
import time


def main(report):
    seen = {}

    def note(key, value=0, *, suffix=""):
        time.sleep(0.01)
        seen[key] = f"{value}{suffix}"

    for number in range(len("abcd")):
        thread = threading.Thread(target=note, args=(number, number * 2), kwargs={"suffix": "!"})
        thread.start()
        thread.join()
        report(seen[number])

    for pair in [("x", 1), ("y", 2)]:
        worker = threading.Thread(target=note, args=pair, daemon=True)
        worker.start()
        worker.join()
        report(sorted(seen, key=str))

    report(seen)
    crowd = []
    for key in list("pqrst"):
        member = threading.Thread(target=note, args=(key,))
        crowd.append(member)
        member.start()
    for member in crowd:
        member.join()
    report(sorted(seen.items(), key=str))

    seen.clear()
    team = []
    for key in list("uvw"):
        team.append(threading.Thread(target=note, args=(key,)))
    for member in team:
        member.start()
    for member in team:
        member.join()
    report(sorted(seen.items(), key=str))
