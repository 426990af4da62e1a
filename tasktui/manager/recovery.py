"""A new owner takes over what an old one left: adopts what lives, ends or requeues what does not."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import TYPE_CHECKING, Final

from tasktui.domain.errors import InvalidError
from tasktui.domain.events.base import Data
from tasktui.domain.events.lifecycle import TaskFinished, TaskRecovered
from tasktui.domain.events.people import InterventionFailed
from tasktui.domain.events.system import OwnerStarted, OwnerTookOver
from tasktui.domain.ports.store import Change
from tasktui.domain.requests import TaskDetail
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import Reason, Status, ToolStatus
from tasktui.manager import embedded, expiry, provider_limits
from tasktui.manager.finishing import requeue_fact
from tasktui.manager.runs import LocalRun
from tasktui.manager.talk import delivery_of
from tasktui.manager.tool_book import ToolBook, elapsed_ms

if TYPE_CHECKING:
    from tasktui.manager.core import Core

_PAGE: Final = 500


async def announce(core: Core, version: str, *, left: bool) -> None:
    """Log that this process owns the data directory now; `left`: an earlier one left live tasks."""
    epoch, pid = core.writer.epoch, os.getpid()
    if left and epoch > 1:
        await core.record_system(OwnerTookOver(pid=pid, epoch=epoch, from_epoch=epoch - 1))
    else:
        host = socket.gethostname()
        await core.record_system(OwnerStarted(pid=pid, epoch=epoch, version=version, host=host))


async def recover(core: Core, version: str) -> None:
    """Take over every live task; those that go on count in their lanes when this returns."""
    rows = await core.store.live_tasks()
    await announce(core, version, left=bool(rows))
    for failed in await asyncio.gather(*(_recover(core, row) for row in rows), return_exceptions=True):
        if failed is not None:
            raise failed


async def _recover(core: Core, row: TaskRow) -> None:
    detail = await core.store.detail(row.id)
    if detail is None:
        return
    spec = detail.task.spec
    try:
        reattach = core.executor(spec).capabilities(spec).reattach
    except InvalidError as exc:
        await _end(core, detail, (_interrupted(Reason.AGENT_UNAVAILABLE, exc.message),))
        return
    if reattach:
        await _adopt(core, detail)
    elif row.on_restart == "requeue" and row.cancel_requested_at is None:
        await _end(core, detail, requeue_fact(core, row.status, row.recoveries))
    else:
        sentence = "The process that ran it ended."
        await _end(core, detail, (_interrupted(Reason.PROCESS_RESTART, sentence),))


async def _adopt(core: Core, detail: TaskDetail) -> None:
    """See the run of an earlier owner through; its executor finds out whether it lives."""
    row = detail.task.row
    run = LocalRun(core, row.id, row.run_no, detail.task.spec)
    run.adopted = True
    run.started_at -= elapsed_ms(row.started_at, core.clock.now()) / 1000
    run.recoveries = row.recoveries
    run.segments_failed = row.segments_failed
    run.tools.know(detail.tool_calls)
    run.talk.know(detail.requests)
    run.position = await _position(core, row)
    await provider_limits.take_up(core, run, row)
    core.runs[row.id] = run
    expiry.arm_all(core, run)
    recovered = TaskRecovered(from_status=row.status, policy=row.on_restart, recoveries=row.recoveries)
    run.rest.set(paused=row.paused_at is not None)
    facts: tuple[Data, ...] = (recovered,)
    if core.executor(run.spec).capabilities(run.spec).remembers:
        run.unsettled = tuple(delivery_of(sent) for sent in detail.interventions if sent.state == "queued")
        run.talk.messages |= _undelivered(detail)
    elif run.outside:  # its caller has all messages before it yet
        run.talk.messages |= _undelivered(detail)
    else:
        facts += _unknown_messages(detail)
    await core.writer.commit(
        Change(row.id, tuple(core.event(row.id, row.run_no, fact) for fact in facts)), patient=True
    )
    _ask_again(run, row)
    embedded.launch(core, run, detail.artifacts)


def _ask_again(run: LocalRun, row: TaskRow) -> None:
    """Ask for the stop that was asked for before, or that the task's policy wants."""
    if row.cancel_requested_at is not None:
        run.stop.ask("user")
        if row.cancel_forced:
            run.stop.force()
    elif row.on_restart == "interrupt":
        run.stop.ask("shutdown")


def _undelivered(detail: TaskDetail) -> dict[str, str | None]:
    return {row.intervention_id: row.client_token for row in detail.interventions if row.state == "queued"}


def _unknown_messages(detail: TaskDetail) -> tuple[Data, ...]:
    """Return the verdict of messages that may have arrived or not: they are not sent twice."""
    said = "the owner died before it knew whether it arrived"
    return tuple(
        InterventionFailed(intervention_id=row.intervention_id, unknown=True, detail=said)
        for row in detail.interventions
        if row.state == "queued"
    )


async def _position(core: Core, row: TaskRow) -> int:
    """Return how far the task's own event file was taken, from the newest event that says so."""
    before = row.last_seq + 1
    while True:
        page = await core.store.timeline(row.id, before_seq=before, limit=_PAGE)
        for event in reversed(page.items):
            if event.run < row.run_no:
                return 0
            if event.actor.startswith("task:"):
                return int(event.actor.removeprefix("task:"))
        if not page.items or not page.more:
            return 0
        before = page.items[0].seq


async def _end(core: Core, detail: TaskDetail, last: tuple[Data, ...]) -> None:
    """Close what the dead run left open, together with its end."""
    row = detail.task.row
    run = LocalRun(core, row.id, row.run_no, detail.task.spec)
    run.talk.know(detail.requests)
    run.talk.messages |= _undelivered(detail)
    tools = ToolBook()
    tools.know(call for call in detail.tool_calls if call.status is ToolStatus.RUNNING)
    facts = (*tools.close(canceled=False), *run.talk.expire(), *last)
    await core.record(row, *facts)


def _interrupted(reason: Reason, error: str) -> TaskFinished:
    return TaskFinished(
        status=Status.INTERRUPTED, reason=reason, source="recovery", evidence="owner gone", error=error
    )
