"""Questions and permissions that a task waits for: asked once, answered once, kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasktui.domain.errors import InvalidError, NotFoundError, StateError, TasktuiError
from tasktui.domain.events.base import Data
from tasktui.domain.events.people import ApprovalRequested, ApprovalResolved, InputRequested, InputResponded
from tasktui.domain.ports.executor import Delivery
from tasktui.domain.ports.store import Change, Conflict
from tasktui.domain.records import RequestRow
from tasktui.domain.requests import Answer
from tasktui.manager import expiry
from tasktui.manager.core import actor_of
from tasktui.manager.talk import still_asked

if TYPE_CHECKING:
    from tasktui.manager.core import Core
    from tasktui.manager.runs import LocalRun


async def answer(core: Core, prefix: str, given: Answer) -> RequestRow:
    """Answer a question or decide an approval; see `Manager.answer`."""
    task_id = await core.resolve(prefix)
    run = core.runs.get(task_id)
    request_id = given.request_id or _only(task_id, run)
    request = run.talk.requests.get(request_id) if run is not None and not run.closed else None
    if run is None or request is None:
        raise await _not_open(core, task_id, request_id)
    fact = _fact(request, given)
    facts: tuple[Data, ...] = (fact, *still_asked(run.talk, request_id))
    del run.talk.requests[request_id]
    run.active_at = core.clock.monotonic()
    events = tuple(core.event(task_id, run.run, one, actor_of(given.by)) for one in facts)
    try:
        done = await core.writer.commit(Change(task_id, events))
    except TasktuiError:
        run.talk.requests.setdefault(request_id, request)
        expiry.arm(core, run, request)  # its deadline may have passed while it seemed to be answered
        raise
    if isinstance(done, Conflict):
        raise await _not_open(core, task_id, request_id)
    if isinstance(request, ApprovalRequested) and isinstance(fact, ApprovalResolved):
        run.talk.learn(request, fact)
    run.talk.deliver(_delivery(fact))  # whatever becomes of the caller: the task waits for it
    return await _row(core, task_id, request_id)


def _only(task_id: str, run: LocalRun | None) -> str:
    """Return the one request that waits.

    Raises:
        NotFoundError: none does.
        InvalidError: several do.
    """
    waiting = tuple(run.talk.requests) if run is not None else ()
    if not waiting:
        raise NotFoundError(f"No question waits: {task_id}", id=task_id)
    if len(waiting) > 1:
        raise InvalidError(f"{len(waiting)} questions wait, name one: {', '.join(waiting)}", requests=waiting)
    return waiting[0]


def _fact(request: InputRequested | ApprovalRequested, given: Answer) -> InputResponded | ApprovalResolved:
    """Return the fact of the answer.

    Raises:
        InvalidError: a question needs an answer, an approval a decision.
    """
    if isinstance(request, InputRequested):
        if given.decision != "answer":
            said = f"This is a question, it needs an answer: {request.question}"
            raise InvalidError(said, question=request.request_id)
        return InputResponded(
            request_id=request.request_id, answer=given.text, by=given.by, origin=given.origin
        )
    if given.decision == "answer":
        raise InvalidError(f"This is a permission, allow or deny it: {request.summary}")
    return ApprovalResolved(
        request_id=request.request_id,
        decision=given.decision,
        scope=given.scope,
        by=given.by,
        origin=given.origin,
        reason=given.text or None,
    )


def _delivery(fact: InputResponded | ApprovalResolved) -> Delivery:
    text, decision = (
        (fact.answer, "answer") if isinstance(fact, InputResponded) else (fact.reason, fact.decision)
    )
    return Delivery(fact.request_id, text or "", "answer", fact.by, fact.request_id, decision)


async def _not_open(core: Core, task_id: str, request_id: str) -> StateError | NotFoundError:
    """Return why a request cannot be answered."""
    try:
        row = await _row(core, task_id, request_id)
    except NotFoundError as exc:
        return exc
    if row.state == "answered":
        return StateError(f"It was answered by {row.decided_by} already: {row.summary}", request=request_id)
    return StateError(f"It is too late to answer, the task has gone on: {row.summary}", request=request_id)


async def _row(core: Core, task_id: str, request_id: str) -> RequestRow:
    detail = await core.store.detail(task_id)
    rows = detail.requests if detail is not None else ()
    for row in rows:
        if row.request_id == request_id:
            return row
    raise NotFoundError(
        f"The task has not asked this: {task_id} {request_id}", id=task_id, request=request_id
    )
