"""A scenario to be interrupted: it leaves a child process and a file while it waits."""

import os
import subprocess
import sys
import tempfile
import time


def bad(size):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    _, path = tempfile.mkstemp()
    with open(os.path.join(os.environ["BENCH_TEST_FOLDER"], "started"), "w") as file:
        file.write(f"{os.getpid()} {child.pid} {path}")
    time.sleep(600)


good = bad


def run(variant, size, probe):
    with probe.measuring():
        return variant(size)
