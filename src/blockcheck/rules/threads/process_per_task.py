"""BCK103."""

from __future__ import annotations

from blockcheck.rules.threads.per_task import PerTaskRule


class ProcessPerTask(PerTaskRule):
    """# process-per-task

    ## What it does
    Reports processes that are created once per element of a loop or comprehension whose number of turns depends on
    data, in the loop itself or in a function that it calls.

    ## Why is this bad?
    A process costs milliseconds to start and megabytes to keep. As many as the input has elements exhaust the machine.

    ## Example
    ```python
    import multiprocessing

    def convert_all(paths, convert):
        for path in paths:
            multiprocessing.Process(target=convert, args=(path,)).start()
    ```

    ## Use instead
    ```python
    from concurrent.futures import ProcessPoolExecutor

    def convert_all(paths, convert):
        with ProcessPoolExecutor() as pool:
            return list(pool.map(convert, paths))
    ```

    ## Known gaps
    A loop over a fixed number of workers is taken for a pool and not reported.

    ## References
    - [concurrent.futures.ProcessPoolExecutor](https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.ProcessPoolExecutor)
    - [CWE-770: allocation of resources without limits](https://cwe.mitre.org/data/definitions/770.html)
    """

    code = "BCK103"
    name = "process-per-task"
    summary = "a process for each element of a loop"
    fix_safety = (
        "A loop that makes, starts and keeps a plain process for each element, with a loop right behind it that joins them (or one that starts and one that joins them), becomes a "
        "pool with as many processes as there are processors, to which each element is submitted, and whose results are asked "
        "for. That is unsafe: the first exception of a task, `SystemExit` included, is raised once all are done, where a "
        "process would have printed it; elements are pickled, which a forked process does not need; and a process serves "
        "several tasks, so that what one leaves behind in module globals is seen by the next. There is a fix only "
        "where they run a plain function of a module that returns nothing but plain values, and where all that is handed to it "
        "besides the elements is known to be plain too: a queue, say, cannot be handed to a pool's processes."
    )
    kind = "process"
    instead = "use a ProcessPoolExecutor with max_workers"
