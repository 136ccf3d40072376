"""Waiting for threads, queues and processes."""

import asyncio
import queue
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor


async def main(report):
    box = queue.Queue()
    thread = threading.Thread(target=lambda: (time.sleep(0.3), box.put("sent")))
    thread.start()
    report(box.get())
    thread.join()
    report(thread.is_alive())
    pool = ThreadPoolExecutor(1)
    future = pool.submit(time.sleep, 0.3)
    report(future.result())
    report(
        subprocess.run(
            [sys.executable, "-c", "import time; time.sleep(.3); print(1)"], capture_output=True
        ).stdout
    )
    pool.shutdown()
