"""The client of the echo scenario, a process of its own so that its work is not charged to the service."""

from __future__ import annotations

import asyncio
import json
import sys
import time

_PAUSE = 0.1
_MESSAGES = (b"first message", b"second message")


async def _load(port: int, connections: int, window: float) -> dict[str, object]:
    """Open connections at equal distances over the window; send one message at once and one after a pause.

    The start of every message is fixed beforehand. Its latency counts from there, even where the service (or this
    client) was too late to let it start in time.
    """
    latencies: list[float] = []
    answers: list[bytes] = []

    async def converse(intended: float) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for message in _MESSAGES:
            await asyncio.sleep(max(0.0, intended - time.perf_counter()))
            writer.write(message)
            answers.append(await reader.readexactly(len(message)))
            latencies.append(time.perf_counter() - intended)
            intended += _PAUSE if window else 0.0
        writer.close()

    start = time.perf_counter()
    tasks = []
    for number in range(connections):
        intended = start + window * number / connections
        await asyncio.sleep(max(0.0, intended - time.perf_counter()))
        tasks.append(asyncio.create_task(converse(intended)))
    await asyncio.gather(*tasks)
    return {"latencies": latencies, "answered": {m.decode(): answers.count(m) for m in _MESSAGES}}


def main() -> None:
    """Say that the imports are done, wait for the word, load the service, report."""
    port, connections, window = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(asyncio.run(_load(port, connections, window))), flush=True)


if __name__ == "__main__":
    main()
