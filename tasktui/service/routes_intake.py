"""Routes that take in files and tasks that have been elsewhere."""

from __future__ import annotations

from base64 import b64decode

from fastapi import APIRouter, Response

from tasktui.domain.errors import InvalidError
from tasktui.domain.history import History, history_or_refusal
from tasktui.domain.wire_answers import RESTORED
from tasktui.service.bodies import Attach, Restore, TheManager, told
from tasktui.service.strict_json import StrictRoute

router = APIRouter(prefix="/v1", tags=["intake"], route_class=StrictRoute)


@router.post("/attachments", status_code=201)
async def attach(body: Attach, manager: TheManager) -> Response:
    """Keep a file."""
    try:
        data = b64decode(body.data, validate=True)
    except ValueError as exc:
        raise InvalidError(f"body.data: not base64: {exc}") from exc
    return told({"path": await manager.attach(body.task_id, body.name, data)}, 201)


@router.post("/restore")
async def restore(body: Restore, manager: TheManager) -> Response:
    """Take in tasks that have been elsewhere."""
    read = [history_or_refusal(one) for one in body.tasks]
    done = iter(await manager.restore([one for one in read if isinstance(one, History)]))
    answers = [next(done) if isinstance(one, History) else one for one in read]
    return told({"items": [RESTORED.object(one) for one in answers]})
