"""Messages from people to running tasks: durable, in order, each with one verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from tasktui.domain.errors import CapacityError, InvalidError, NotRunningError, TasktuiError, UnsupportedError
from tasktui.domain.events.people import InterventionQueued
from tasktui.domain.ports.executor import Delivery
from tasktui.domain.ports.store import Change, Conflict
from tasktui.domain.records import InterventionRow
from tasktui.domain.requests import Message
from tasktui.domain.status import Status
from tasktui.manager.core import actor_of

if TYPE_CHECKING:
    from tasktui.manager.core import Core
    from tasktui.manager.runs import LocalRun

RETRY_AFTER_S = 2.0
"""What a caller is told to wait when too many messages wait."""


async def intervene(core: Core, prefix: str, message: Message) -> InterventionRow:
    """Send a message to a running task; see `Manager.intervene`."""
    task_id = await core.resolve(prefix)
    if not message.text.strip() and not message.attachments:
        raise InvalidError(f"An empty message cannot be sent: {task_id}", id=task_id)
    run = core.runs.get(task_id)
    if run is None:
        return await _sent_before(core, task_id, message.client_token) or _refuse(task_id)
    async with run.talk.sending:
        sent = await _sent_before(core, task_id, message.client_token)
        return sent or await _send(core, run, message)


def _refuse(task_id: str) -> NoReturn:
    raise NotRunningError(f"The task does not run: {task_id}", id=task_id)


async def _send(core: Core, run: LocalRun, message: Message) -> InterventionRow:
    task_id = run.task_id
    _check(core, run)
    data = _queued(core, run, message)
    run.talk.messages[data.intervention_id] = message.client_token
    event = core.event(task_id, run.run, data, actor_of(message.user))
    # a run that is being claimed may come to nothing, and the message with it: nobody else would know of it
    change = Change(task_id, (event,), expected_status=Status.RUNNING)
    try:
        done = await core.writer.commit(change)
    except TasktuiError:
        run.talk.messages.pop(data.intervention_id, None)
        raise
    if isinstance(done, Conflict):
        run.talk.messages.pop(data.intervention_id, None)
        _refuse(task_id)
    if not run.closed:
        run.talk.deliver(_delivery(data))
    return await _stored(core, task_id, data.intervention_id)


def _check(core: Core, run: LocalRun) -> None:
    """Refuse a message that the run cannot take now."""
    task_id = run.task_id
    if run.closed:
        _refuse(task_id)
    if core.executor(run.spec).capabilities(run.spec).intervene == "none":
        raise UnsupportedError(f"This kind of task takes no messages: {task_id}", id=task_id)
    if len(run.talk.messages) >= core.limits.interventions:
        sentence = f"{core.limits.interventions} messages wait to be delivered: {task_id}"
        raise CapacityError(sentence, retry_after_s=RETRY_AFTER_S)


def _queued(core: Core, run: LocalRun, message: Message) -> InterventionQueued:
    return InterventionQueued(
        intervention_id=core.ids.other("msg_"),
        text=message.text,
        user=message.user,
        mode=message.mode,
        attachments=message.attachments,
        client_token=message.client_token,
        position=len(run.talk.messages) + 1,
    )


def _delivery(data: InterventionQueued) -> Delivery:
    return Delivery(
        data.intervention_id, data.text, data.mode, data.user, attachments=tuple(data.attachments)
    )


async def _sent_before(core: Core, task_id: str, token: str | None) -> InterventionRow | None:
    """Return the message that was sent with the same token."""
    if token is None:
        return None
    detail = await core.store.detail(task_id)
    rows = detail.interventions if detail is not None else ()
    return next((row for row in rows if row.client_token == token), None)


async def _stored(core: Core, task_id: str, intervention_id: str) -> InterventionRow:
    detail = await core.store.detail(task_id)
    rows = detail.interventions if detail is not None else ()
    return next(row for row in rows if row.intervention_id == intervention_id)
