"""The client of the echo scenario, a process of its own so that its work is not charged to the service."""

from __future__ import annotations

import asyncio
import json
import sys
import time

_WINDOW = 0.5
_MESSAGES = (b"first message", b"second message")


async def _load(port: int, connections: int) -> dict[str, object]:
    latencies = [0.0] * connections
    answers = 0

    async def converse(number: int, intended: float) -> None:
        nonlocal answers
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for message in _MESSAGES:
            writer.write(message)
            answers += await reader.readexactly(len(message)) == message
        writer.close()
        latencies[number] = time.perf_counter() - intended

    start = time.perf_counter()
    tasks = []
    for number in range(connections):
        intended = start + _WINDOW * number / connections
        await asyncio.sleep(max(0.0, intended - time.perf_counter()))
        tasks.append(asyncio.create_task(converse(number, intended)))
    await asyncio.gather(*tasks)
    return {"latencies": latencies, "answers": answers}


def main() -> None:
    """Say that the imports are done, wait for the word, load the service, report."""
    port, connections = map(int, sys.argv[1:])
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(asyncio.run(_load(port, connections))), flush=True)


if __name__ == "__main__":
    main()
