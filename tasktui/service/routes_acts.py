"""Routes that act on tasks."""

from __future__ import annotations

from fastapi import APIRouter, Response

from tasktui.domain.events.registry import parse_object
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.requests import Answer, Message, Metadata
from tasktui.domain.status import usual_reason
from tasktui.domain.wire import task_object
from tasktui.domain.wire_answers import cancel_object, detail_object, submitted_object
from tasktui.domain.wire_records import INTERVENTION, REQUEST
from tasktui.service.bodies import (
    Ack,
    Actor,
    Answered,
    Archive,
    Cancel,
    Edit,
    Evidence,
    Finish,
    Hold,
    Intervene,
    Move,
    Priority,
    Purge,
    Report,
    Retry,
    TheManager,
    told,
)
from tasktui.service.strict_json import StrictRoute

router = APIRouter(prefix="/v1", tags=["acts"], route_class=StrictRoute)
_TASK = "/tasks/{task_id}"


@router.post(f"{_TASK}/cancel")
async def cancel(task_id: str, body: Cancel, manager: TheManager) -> Response:
    """Ask a task to stop; a second time, or `force`, kills it."""
    result = await manager.cancel(task_id, force=body.force, by=body.by, reason=body.reason)
    return told(cancel_object(result))


@router.post(f"{_TASK}/intervene", status_code=202)
async def intervene(task_id: str, body: Intervene, manager: TheManager) -> Response:
    """Send a message to a running task."""
    message = Message(body.text, body.user, body.mode, body.attachments, body.client_token)
    return told(INTERVENTION.object(await manager.intervene(task_id, message)), 202)


@router.post(f"{_TASK}/answer")
async def answer(task_id: str, body: Answered, manager: TheManager) -> Response:
    """Answer a question or decide an approval."""
    decided = Answer(**body.model_dump())
    return told(REQUEST.object(await manager.answer(task_id, decided)))


@router.post(f"{_TASK}/hold")
async def hold(task_id: str, body: Hold, manager: TheManager) -> Response:
    """Keep a queued task from starting."""
    until = int(body.until.timestamp() * 1000) if body.until else None
    return told(task_object(await manager.hold(task_id, reason=body.reason, until=until)))


@router.post(f"{_TASK}/release")
async def release(task_id: str, manager: TheManager) -> Response:
    """Let a held task start."""
    return told(task_object(await manager.release(task_id)))


@router.post(f"{_TASK}/priority")
async def priority(task_id: str, body: Priority, manager: TheManager) -> Response:
    """Move a queued task in its lane."""
    return told(task_object(await manager.set_priority(task_id, body.priority)))


@router.post(f"{_TASK}/reorder")
async def reorder(task_id: str, body: Move, manager: TheManager) -> Response:
    """Move a queued task past its neighbour of the same lane and priority, or past all of them."""
    return told(task_object(await manager.reorder(task_id, body.where)))


@router.post(f"{_TASK}/edit")
async def edit(task_id: str, body: Edit, manager: TheManager) -> Response:
    """Change what a queued task is to do."""
    return told(submitted_object(await manager.edit(task_id, body.spec)))


@router.post(f"{_TASK}/pause")
async def pause(task_id: str, body: Actor, manager: TheManager) -> Response:
    """Let the work of a running task stand still."""
    return told(task_object(await manager.pause(task_id, by=body.by)))


@router.post(f"{_TASK}/resume")
async def resume(task_id: str, body: Actor, manager: TheManager) -> Response:
    """Let paused work go on."""
    return told(task_object(await manager.resume(task_id, by=body.by)))


@router.post(f"{_TASK}/report", status_code=202)
async def report(task_id: str, body: Report, manager: TheManager) -> Response:
    """Report a fact about work that its caller does."""
    await manager.report(task_id, parse_object(body.type, body.data))
    return told({}, 202)


@router.post(f"{_TASK}/finish")
async def finish(task_id: str, body: Finish, manager: TheManager) -> Response:
    """End work that its caller does."""
    given = body.model_dump() | {"reason": body.reason or usual_reason(body.status)}
    return told(task_object(await manager.finish(task_id, Outcome(**given))))


@router.post(f"{_TASK}/retry", status_code=201)
async def retry(task_id: str, body: Retry, manager: TheManager) -> Response:
    """Make a new task of a finished one."""
    return told(submitted_object(await manager.retry(task_id, spec=body.spec, env=body.env)), 201)


@router.post(f"{_TASK}/archive")
async def archive(task_id: str, body: Archive, manager: TheManager) -> Response:
    """Hide a finished task from the list, or show it again."""
    return told(task_object(await manager.archive(task_id, archived=body.archived)))


@router.post(f"{_TASK}/delivered")
async def mark_delivered(task_id: str, body: Ack, manager: TheManager) -> Response:
    """Say that a result reached the one who asked."""
    return told(task_object(await manager.mark_delivered(task_id, by=body.by)))


@router.post(f"{_TASK}/ack")
async def ack(task_id: str, body: Ack, manager: TheManager) -> Response:
    """Say that a result is needed no longer."""
    return told(task_object(await manager.ack(task_id, by=body.by)))


@router.post(f"{_TASK}/metadata")
async def metadata(task_id: str, body: Evidence, manager: TheManager) -> Response:
    """Record evidence."""
    updates = Metadata(**body.model_dump())
    return told(detail_object(await manager.record_metadata(task_id, updates)))


@router.post("/purge")
async def purge(body: Purge, manager: TheManager) -> Response:
    """Delete finished tasks with their files."""
    return told({"purged": await manager.purge(body.task_ids)})
