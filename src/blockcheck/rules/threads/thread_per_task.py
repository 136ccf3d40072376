"""BCK101."""

from __future__ import annotations

from blockcheck.rules.threads.per_task import PerTaskRule


class ThreadPerTask(PerTaskRule):
    """# thread-per-task

    ## What it does
    Reports threads and timers that are created once per element of a loop or comprehension whose number of turns
    depends on data, in the loop itself or in a function that it calls.

    ## Why is this bad?
    The number of threads grows with the input. Each takes memory for its stack and a share of the scheduler;
    from some hundreds on, the machine switches between threads instead of working, and at a limit no thread starts.

    ## Example
    ```python
    import threading

    def fetch_all(urls, fetch):
        for url in urls:
            threading.Thread(target=fetch, args=(url,)).start()
    ```

    ## Use instead
    ```python
    from concurrent.futures import ThreadPoolExecutor

    def fetch_all(urls, fetch):
        with ThreadPoolExecutor(max_workers=16) as pool:
            return list(pool.map(fetch, urls))
    ```

    ## Known gaps
    A loop over a fixed number of workers (a small constant, the number of CPUs, a parameter named like a worker
    count) is taken for a pool and not reported.

    ## References
    - [concurrent.futures.ThreadPoolExecutor](https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.ThreadPoolExecutor)
    - [CWE-770: allocation of resources without limits](https://cwe.mitre.org/data/definitions/770.html)
    """

    code = "BCK101"
    name = "thread-per-task"
    summary = "a thread for each element of a loop"
    fix_safety = (
        "A loop that makes, starts and keeps a plain thread for each element, with a loop right behind it that joins them (or one that starts and one that joins them), becomes a "
        "pool of 32 threads to which each element is submitted, and whose results are asked for. That is unsafe: tasks that wait "
        "for each other may now wait for ever, and the first exception of a task is raised once all are done, where a thread "
        "would have printed it. Threads that are given names, subclassed, used otherwise, or not joined have no fix."
    )
    kind = "thread"
    instead = "use a ThreadPoolExecutor with max_workers, or {dialect} tasks"
