"""Questions and permissions that a task waits for: asked once, answered once, kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasktui.domain.errors import InvalidError, NotFoundError, StateError, TasktuiError
from tasktui.domain.events.base import Data
from tasktui.domain.events.people import ApprovalRequested, ApprovalResolved, InputRequested, InputResponded
from tasktui.domain.ports.store import Change, Conflict
from tasktui.domain.records import RequestRow
from tasktui.domain.requests import Answer
from tasktui.manager.core import actor_of
from tasktui.manager.talk import answer_of, still_asked

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
    facts = (_fact(request, given), *still_asked(run.talk, request_id))
    del run.talk.requests[request_id]
    run.active_at = core.clock.monotonic()
    events = tuple(core.event(task_id, run.run, fact, actor_of(given.by)) for fact in facts)
    try:
        done = await core.writer.commit(Change(task_id, events))
    except TasktuiError:
        run.talk.requests.setdefault(request_id, request)
        raise
    if isinstance(done, Conflict):
        raise await _not_open(core, task_id, request_id)
    if isinstance(request, ApprovalRequested) and isinstance(facts[0], ApprovalResolved):
        run.talk.learn(request, facts[0])
    row = await _row(core, task_id, request_id)
    run.talk.deliver(answer_of(row))
    return row


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


def _fact(request: InputRequested | ApprovalRequested, given: Answer) -> Data:
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
