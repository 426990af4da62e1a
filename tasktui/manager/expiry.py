"""Requests that wait only so long, and those that were decided before: the task goes on without a person."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tasktui.domain.events.people import (
    ApprovalExpired,
    ApprovalRequested,
    ApprovalResolved,
    InputExpired,
    InputRequested,
)
from tasktui.domain.ports.store import Change, Committed
from tasktui.manager.deadlines import Alarm
from tasktui.manager.talk import UNANSWERED, still_asked, unanswered

if TYPE_CHECKING:
    from tasktui.manager.core import Core
    from tasktui.manager.runs import LocalRun


def arm_all(core: Core, run: LocalRun) -> None:
    """Watch the deadlines of requests that a run has open."""
    for request in run.talk.requests.values():
        arm(core, run, request)


def arm(core: Core, run: LocalRun, request: InputRequested | ApprovalRequested) -> None:
    """Watch the deadline of a request, if it has one; later jumps of the wall clock do not move it."""
    if request.expires_at is None:
        return
    left_s = max(0.0, (request.expires_at - core.clock.now()) / 1000)
    due = core.clock.monotonic() + left_s
    core.crew.start(_watch(core, run, request.request_id, due), name=f"deadline of {request.request_id}")


def decided(rule: ApprovalResolved, request: ApprovalRequested) -> ApprovalResolved:
    """Return the decision on a request as an earlier one for all like it has it."""
    said = f"as decided on {rule.request_id}"
    return rule.model_copy(update={"request_id": request.request_id, "origin": "rule", "reason": said})


async def _watch(core: Core, run: LocalRun, request_id: str, due: float) -> None:
    passed = asyncio.Event()
    alarm = Alarm(core.clock, lambda: due, passed.set)
    over = asyncio.ensure_future(run.ended.wait())
    waiting = asyncio.ensure_future(passed.wait())
    try:
        await asyncio.wait({over, waiting}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        alarm.cancel()
        over.cancel()
        waiting.cancel()
    if passed.is_set():
        await _expire(core, run, request_id)


async def _expire(core: Core, run: LocalRun, request_id: str) -> None:
    """Let the task go on without an answer, unless one came meanwhile."""
    request = None if run.closed else run.talk.requests.get(request_id)
    if request is None:
        return
    asked = isinstance(request, InputRequested)
    fact = (InputExpired if asked else ApprovalExpired)(request_id=request_id, reason=UNANSWERED)
    facts = (fact, *still_asked(run.talk, request_id))
    del run.talk.requests[request_id]
    run.active_at = core.clock.monotonic()
    events = tuple(core.event(run.task_id, run.run, one) for one in facts)
    done = await core.writer.commit(Change(run.task_id, events), patient=True)
    if isinstance(done, Committed):
        run.talk.deliver(unanswered(request_id, asked=asked))
