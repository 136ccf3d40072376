"""BCK102."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blockcheck.findings import Confidence
from blockcheck.project.dialects import likely
from blockcheck.project.model import call_text
from blockcheck.project.spawns import runs_long, target_functions
from blockcheck.project.summaries import is_lazy
from blockcheck.project.values import INSTANCE
from blockcheck.rules.base import Draft, Rule
from blockcheck.rules.threads.per_task import (
    LONG,
    accepts,
    is_limited,
    is_service,
    joined_in_turn,
    runs_program,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Project, Target
    from blockcheck.project.spawns import Spawn


class ThreadPerConnection(Rule):
    """# thread-per-connection

    ## What it does
    Reports a thread (or process) for every accepted connection, request or message: in loops that accept or receive,
    in servers made with `ThreadingMixIn`, and in handlers that a framework calls per request.

    ## Why is this bad?
    The clients decide how many threads there are. A burst, or some thousand idle connections, cost memory and
    switches until the service stops answering.

    ## Example
    ```python
    import socket
    import threading

    def serve(server: socket.socket, handle):
        while True:
            connection, _ = server.accept()
            threading.Thread(target=handle, args=(connection,)).start()
    ```

    ## Use instead
    ```python
    import asyncio

    async def serve(handle):
        server = await asyncio.start_server(handle, port=8080)
        await server.serve_forever()
    ```

    ## Known gaps
    A limit that the service keeps by other means (a semaphore, a proxy's connection limit) is not always seen.

    ## References
    - [CWE-770: allocation of resources without limits](https://cwe.mitre.org/data/definitions/770.html)
    - [socketserver: asynchronous mixins](https://docs.python.org/3/library/socketserver.html#asynchronous-mixins)
    """

    code = "BCK102"
    name = "thread-per-connection"
    summary = "a thread for each connection, request or message"

    def check(self, project: Project) -> Iterator[Draft]:
        """Yield spawning calls in accepting loops and handlers, and threading servers."""
        for spawn in project.spawns:
            confidence = sureness(project, spawn)
            if confidence is None:
                continue
            text = call_text(spawn.record)
            through = "" if spawn.direct else f", through {spawn.event.primitive}()"
            root = project.contexts.per_request(spawn.code.gid)
            if root is None or (spawn.loops and accepts(spawn)):
                message = f"{text} creates a {spawn.kind} for each connection or message{through}"
                related = [(spawn.code.gid, spawn.loops[0].site, "the accepting loop")]
            else:
                message = f"{text} creates a {spawn.kind} per call of {spawn.code.facts.name}, {root.reason}{through}"
                related = []
            yield self.draft(
                spawn.code,
                spawn.record.site,
                message,
                kind=spawn.kind,
                confidence=confidence,
                event=spawn.event,
                related=related,
                help=f"hand the work to a bounded executor, or serve with {likely(project, spawn.code.unit).name}",
                record=spawn.record,
            )
        yield from self._servers(project)

    def _servers(self, project: Project) -> Iterator[Draft]:
        for gid in project.own:
            code = project.codes[gid]
            for record in project.records(gid):
                server = next((s for t in record.targets if (s := _server(project, t))), None)
                if server is not None:
                    yield self.draft(
                        code,
                        record.site,
                        f"{call_text(record)} serves each connection in a thread of its own",
                        kind="thread",
                        confidence=Confidence.MEDIUM,
                        primitive=server,
                        help=f"bound the number of threads, or serve with {likely(project, code.unit).name}",
                        record=record,
                    )


def sureness(project: Project, spawn: Spawn) -> int | None:
    """How sure it is that a thread is made for each connection, request or message; None where it is not."""
    if joined_in_turn(spawn) or is_limited(project, spawn):
        return None
    if spawn.loops and accepts(spawn):
        return min(spawn.event.confidence, Confidence.HIGH if spawn.direct else _of_helper(project, spawn))
    root = project.contexts.per_request(spawn.code.gid)
    if root is None or spawn.fate.joined:
        return None
    return min(spawn.event.confidence, root.confidence, _of_helper(project, spawn))


def _of_helper(project: Project, spawn: Spawn) -> int:
    """How sure it is that what is made for a connection is a thread of its own, not one that many share."""
    made = spawn.event.detail
    if made is None:
        return Confidence.LOW
    functions, _ = target_functions(project, made)
    service = any(runs_long(project, f) for f in functions)
    if spawn.direct:
        return Confidence.LOW if service else Confidence.MEDIUM
    if spawn.event.length > LONG or runs_program(spawn) or is_lazy(made.regions):
        return Confidence.LOW
    in_constructor = project.codes[made.gid].facts.name == "__init__"
    shared = not in_constructor and is_service(project, spawn)
    return Confidence.LOW if shared else Confidence.MEDIUM


def _server(project: Project, target: Target) -> str | None:
    """The threading server class that a target makes an instance of, if it is one."""
    bases: list[str] = []
    if target.how == "instantiate":
        bases = project.solver.external_bases(target.gid)
    elif target.how == "construct" and target.receiver is not None and target.receiver[0] == INSTANCE:
        bases = project.solver.external_bases(target.receiver[1])
    elif target.how == "call" and project.catalogue.type(target.external) is not None:
        bases = [target.external]
    return next((b for b in bases if project.catalogue.role(b) == "thread-server"), None)
