"""The rules: one file each, listed here explicitly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blockcheck.findings import Confidence, Finding, Link, Location, Related
from blockcheck.project.model import called
from blockcheck.rules.base import Draft, Rule
from blockcheck.rules.event_loop.blocking_database import BlockingDatabase
from blockcheck.rules.event_loop.blocking_file_io import BlockingFileIo
from blockcheck.rules.event_loop.blocking_fs_metadata import BlockingFsMetadata
from blockcheck.rules.event_loop.blocking_http import BlockingHttp
from blockcheck.rules.event_loop.blocking_import import BlockingImport
from blockcheck.rules.event_loop.blocking_sleep import BlockingSleep
from blockcheck.rules.event_loop.blocking_socket import BlockingSocket
from blockcheck.rules.event_loop.blocking_stdin import BlockingStdin
from blockcheck.rules.event_loop.blocking_subprocess import BlockingSubprocess
from blockcheck.rules.event_loop.blocking_wait import BlockingWait
from blockcheck.rules.event_loop.cpu_bound import CpuBound
from blockcheck.rules.event_loop.eager_offload import EagerOffload
from blockcheck.rules.event_loop.nested_event_loop import NestedEventLoop
from blockcheck.rules.executors.cpu_bound_in_threads import CpuBoundInThreads
from blockcheck.rules.executors.executor_per_call import ExecutorPerCall
from blockcheck.rules.executors.executor_self_deadlock import ExecutorSelfDeadlock
from blockcheck.rules.executors.input_sized_executor import InputSizedExecutor
from blockcheck.rules.executors.oversized_executor import OversizedExecutor
from blockcheck.rules.executors.unbounded_fan_out import UnboundedFanOut
from blockcheck.rules.executors.unbounded_queue import UnboundedQueue
from blockcheck.rules.executors.unbounded_submission import UnboundedSubmission
from blockcheck.rules.locks.await_under_lock import AwaitUnderLock
from blockcheck.rules.locks.io_under_lock import IoUnderLock
from blockcheck.rules.locks.lock_in_async import LockInAsync
from blockcheck.rules.locks.lock_leak import LockLeak
from blockcheck.rules.locks.lock_order_inversion import LockOrderInversion
from blockcheck.rules.locks.lock_reacquire import LockReacquire
from blockcheck.rules.source.unreadable_source import UnreadableSource
from blockcheck.rules.source.unused_suppression import UnusedSuppression
from blockcheck.rules.threads.process_per_task import ProcessPerTask
from blockcheck.rules.threads.start_then_join import StartThenJoin
from blockcheck.rules.threads.thread_per_call import ThreadPerCall
from blockcheck.rules.threads.thread_per_connection import ThreadPerConnection
from blockcheck.rules.threads.thread_per_task import ThreadPerTask

if TYPE_CHECKING:
    from collections.abc import Callable

    from blockcheck.project import Project

__all__ = ["RULES", "Draft", "Rule", "run"]

RULES: tuple[Rule, ...] = (
    ThreadPerTask(),
    ThreadPerConnection(),
    ProcessPerTask(),
    StartThenJoin(),
    ThreadPerCall(),
    BlockingSleep(),
    BlockingHttp(),
    BlockingSubprocess(),
    BlockingFileIo(),
    BlockingFsMetadata(),
    BlockingSocket(),
    BlockingDatabase(),
    BlockingWait(),
    BlockingStdin(),
    CpuBound(),
    NestedEventLoop(),
    EagerOffload(),
    BlockingImport(),
    OversizedExecutor(),
    InputSizedExecutor(),
    ExecutorPerCall(),
    UnboundedSubmission(),
    CpuBoundInThreads(),
    ExecutorSelfDeadlock(),
    UnboundedFanOut(),
    UnboundedQueue(),
    IoUnderLock(),
    AwaitUnderLock(),
    LockInAsync(),
    LockOrderInversion(),
    LockReacquire(),
    LockLeak(),
    UnusedSuppression(),
    UnreadableSource(),
)

_ONE_CALL = "BCK2"  # one call on the loop is one finding, however many kinds of blocking it reaches


def run(
    project: Project,
    codes: frozenset[str],
    *,
    min_confidence: Confidence = Confidence.LOW,
    wanted: Callable[[str], bool] | None = None,
    doubtful: Callable[[str], bool] | None = None,
) -> list[Finding]:
    """Run the selected rules.

    Args:
        codes: of the rules to run.
        min_confidence: findings below it are left out.
        wanted: tells by a file's display path whether its findings are reported.
        doubtful: tells likewise whether findings below ``min_confidence`` are needed too.

    Returns:
        The findings, unsorted and without fingerprints; with the numbers of sites in the place of lines.
    """
    drafts: list[Draft] = []
    for rule in RULES:
        if rule.code not in codes:
            continue
        for draft in rule.check(project):
            unit = project.codes[draft.gid].unit
            path = unit.file.display
            if unit.installed:
                continue
            if draft.confidence < min_confidence and not (doubtful is not None and doubtful(path)):
                continue
            if wanted is not None and not wanted(path):
                continue
            drafts.append(draft)
    drafts = _merge(drafts, min_confidence)
    return [_finish(project, draft) for draft in drafts]


def _merge(drafts: list[Draft], least: Confidence) -> list[Draft]:
    """Keep one finding for each call on the loop, the surest and shortest of those that are as sure as is asked for.

    It names the other kinds. Rules that are off by default come last: to ask for one shall only add findings.
    """
    best: dict[tuple[int, int], Draft] = {}
    others: dict[tuple[int, int], list[Draft]] = {}
    out = []
    for draft in drafts:
        if not draft.rule.code.startswith(_ONE_CALL) or draft.event is None:
            out.append(draft)
            continue
        key = (draft.gid, _call_site(draft))
        known = best.get(key)
        if known is None:
            best[key] = draft
            continue
        better, worse = (draft, known) if _rank(draft, least) < _rank(known, least) else (known, draft)
        best[key] = better
        others.setdefault(key, []).append(worse)
    for key, draft in best.items():
        more = sorted({d.kind for d in others.get(key, ()) if d.confidence >= least} - {draft.kind})
        if more:
            draft.message += f" (also {', '.join(more)})"
        out.append(draft)
    return out


def _call_site(draft: Draft) -> int:
    """The site of the call that a draft is of; what a `with` or a loop does with its result counts as the same."""
    expression = draft.record.expression if draft.record is not None else None
    return draft.site if expression is None or called(expression) is None else int(expression[4])


def _rank(draft: Draft, least: Confidence) -> tuple[bool, bool, int, bool, int, str]:
    # A call that was meant to be handed over: to mend that mends the blocking as well.
    meant = draft.kind != "offload"
    length = draft.event.length if draft.event is not None else 0
    unsure = draft.confidence < least
    return (unsure, not draft.rule.default, -draft.confidence, meant, length, draft.rule.code)


def _finish(project: Project, draft: Draft) -> Finding:
    def path_of(gid: int) -> str:
        return project.codes[gid].unit.file.display

    code = project.codes[draft.gid]
    return Finding(
        code=draft.rule.code,
        name=draft.rule.name,
        message=draft.message,
        kind=draft.kind,
        confidence=Confidence(draft.confidence),
        severity=draft.rule.severity,
        location=Location(path_of(draft.gid), draft.site, 0, 0, 0),
        function=code.name if code.facts.kind != "module" else None,
        primitive=draft.primitive or (draft.event.primitive if draft.event is not None else None),
        chain=tuple(
            Link(path_of(link.gid), link.site, 0, project.codes[link.gid].name, call)
            for link, call in project.links(draft.event)
        ),
        related=tuple(Related(path_of(gid), site, 0, message) for gid, site, message in draft.related),
        help=draft.help,
        origin=(draft.gid, draft.site),
    )
