"""All scenarios, and which rule each belongs to. The code of each lives in a file of its own in ``scenarios``."""

from __future__ import annotations

from blockcheck.bench.model import Scenario

NULL_PAIR = Scenario(
    name="a-a",
    title="the same code twice: the noise of this machine",
    codes=(),
    unit="rounds",
    claim="wall",
    sizes=(100,),
    quick_size=100,
    module="blockcheck.bench.scenarios.null_pair",
)


def _on_loop(name: str, code: str, title: str, sizes: tuple[int, ...] = (1, 10, 100)) -> Scenario:
    """A kind of blocking call in a handler: what it does to the latency of all requests."""
    return Scenario(
        name=name,
        title=title,
        codes=(code,),
        unit="requests in 0.1 s",
        claim="latency_p99",
        sizes=sizes,
        quick_size=sizes[-1] // 2,
        files_per_unit=3,
    )


def _beside_others(
    name: str, code: str, title: str, unit: str = "requests in 0.1 s", sizes: tuple[int, ...] = (1, 10, 50)
) -> Scenario:
    """The same, where the call takes its time anyway: what it does to the latency of the other requests."""
    return Scenario(
        name=name,
        title=f"{title}: latency of 100 others",
        codes=(code,),
        unit=unit,
        claim="latency_p99",
        sizes=sizes,
        quick_size=10,
    )


def _hanging(name: str, code: str, title: str, unit: str, sizes: tuple[int, ...] = (1, 10, 100)) -> Scenario:
    """A deadlock: the claim is that it never ends, so it gets no warm-up and little time."""
    return Scenario(
        name=name,
        title=title,
        codes=(code,),
        unit=unit,
        claim="wall",
        sizes=sizes,
        quick_size=10,
        warm_up_size=0,
        deadline=0.6,
    )


_MEASURED = (
    Scenario(
        name="thread-per-task",
        title="a thread for each wait of a second, against a coroutine for each",
        codes=("BCK101",),
        unit="concurrent waits",
        claim="cpu",
        sizes=(1, 10, 100, 1000, 5000),
        quick_size=5000,
        threads_per_unit=1,
    ),
    Scenario(
        name="thread-per-connection",
        title="a TCP service: thread per connection, bounded pool, asyncio",
        codes=("BCK102",),
        unit="connections in 0.25 s",
        claim="latency_p99",
        sizes=(1, 10, 100, 1000),
        quick_size=250,
        variants=("bad", "pool", "good"),
        threads_per_unit=1,
        files_per_unit=2,
    ),
    Scenario(
        name="process-per-task",
        title="a process for each small task, against a pool of processes",
        codes=("BCK103",),
        unit="tasks",
        claim="wall",
        sizes=(1, 10, 100),
        quick_size=20,
        threads_per_unit=1,
        files_per_unit=3,
        memory_per_unit=20_000_000,
    ),
    Scenario(
        name="start-then-join",
        title="a thread started and joined for each item, against a pool of eight",
        codes=("BCK104",),
        unit="items",
        claim="wall",
        sizes=(1, 10, 100, 1000),
        quick_size=50,
    ),
    Scenario(
        name="thread-per-call",
        title="a callback that starts a thread for each event, against one worker with a queue",
        codes=("BCK105",),
        unit="events",
        claim="wall",
        sizes=(1, 10, 100, 1000, 5000),
        quick_size=1000,
        threads_per_unit=1,
    ),
    _on_loop("blocking-sleep", "BCK201", "sleeping 3 ms in a handler, on the event loop or beside it"),
    _on_loop("blocking-http", "BCK202", "an HTTP request of 3 ms, on the event loop or beside it"),
    _on_loop(
        "blocking-subprocess",
        "BCK203",
        "a command of 10 ms, waited for by the loop or a coroutine",
        (1, 5, 30),
    ),
    _on_loop("blocking-file-io", "BCK204", "64 KiB with fsync, written on the event loop or beside it"),
    _beside_others(
        "blocking-fs-metadata", "BCK205", "stat of 20 local files, on the event loop or beside it"
    ),
    _on_loop(
        "blocking-socket", "BCK206", "a DNS-like question of 3 ms, waited for by the loop or a coroutine"
    ),
    _beside_others("blocking-database", "BCK207", "an SQLite query, on the event loop or beside it"),
    _on_loop("blocking-wait", "BCK208", "a worker's answer after 3 ms, waited for on a queue or on a future"),
    _beside_others(
        "blocking-stdin", "BCK209", "reading typed lines, on the event loop or beside it", "lines in 0.1 s"
    ),
    _beside_others("cpu-bound", "BCK210", "hashing a password, on the event loop or beside it"),
    _on_loop("nested-event-loop", "BCK211", "a coroutine run by a second loop, or awaited"),
    _on_loop("eager-offload", "BCK212", "an offload that calls first, or one that really offloads"),
    _beside_others("blocking-import", "BCK213", "importing a plugin, on the event loop or beside it"),
    Scenario(
        name="oversized-executor",
        title="ingestion of 2,000 documents by N workers, against 64",
        codes=("BCK301", "BCK302"),
        unit="workers",
        claim="wall",
        sizes=(8, 64, 250, 1000, 5000),
        quick_size=1000,
        threads_per_unit=1,
    ),
    Scenario(
        name="executor-per-call",
        title="an executor for each call, against a shared one",
        codes=("BCK303",),
        unit="calls",
        claim="wall",
        sizes=(1, 10, 100, 1000),
        quick_size=100,
    ),
    Scenario(
        name="unbounded-submission",
        title="submitting without a bound, against waiting for a slot",
        codes=("BCK304",),
        unit="jobs of 10 KiB",
        claim="memory_peak",
        sizes=(10, 100, 1000, 5000),
        quick_size=2000,
    ),
    Scenario(
        name="cpu-bound-in-threads",
        title="pure Python computing in threads, against processes",
        codes=("BCK305",),
        unit="tasks of some 5 ms",
        claim="wall",
        sizes=(1, 10, 100),
        quick_size=30,
    ),
    _hanging(
        "executor-self-deadlock", "BCK306", "tasks that wait for tasks of their own pool of four", "tasks"
    ),
    Scenario(
        name="unbounded-fan-out",
        title="a task for each input at once, against sixteen at a time",
        codes=("BCK307",),
        unit="inputs of 20 KiB",
        claim="memory_peak",
        sizes=(10, 100, 1000, 5000),
        quick_size=1000,
    ),
    Scenario(
        name="unbounded-queue",
        title="a queue without a bound, against one of 100",
        codes=("BCK308",),
        unit="messages of 10 KiB",
        claim="memory_peak",
        sizes=(10, 100, 1000, 5000),
        quick_size=2000,
    ),
    Scenario(
        name="io-under-lock",
        title="fetching for 2 ms while a lock is held, against outside of it",
        codes=("BCK401",),
        unit="threads",
        claim="wall",
        sizes=(1, 2, 10, 100),
        quick_size=20,
        threads_per_unit=1,
    ),
    _hanging(
        "await-under-lock", "BCK402", "a threading lock across an await, against asyncio's", "coroutines"
    ),
    _beside_others(
        "lock-in-async", "BCK403", "a lock held half of the time, acquired on the event loop or beside it"
    ),
    _hanging(
        "lock-order-inversion", "BCK404", "two locks in opposite orders, against a fixed order", "transfers"
    ),
    _hanging("lock-reacquire", "BCK405", "a lock taken again by a callee, against a helper", "entries"),
    _hanging("lock-leak", "BCK406", "a lock not released after an exception, against with", "records"),
)

SCENARIOS: dict[str, Scenario] = {scenario.name: scenario for scenario in (NULL_PAIR, *_MEASURED)}
SCENARIOS_BY_CODE: dict[str, Scenario] = {code: scenario for scenario in _MEASURED for code in scenario.codes}
