"""Routes that run checks about the work of a task; they answer when the check has ended."""

from __future__ import annotations

from fastapi import APIRouter, Response

from tasktui.domain.requests import GateRun
from tasktui.domain.wire_answers import detail_object
from tasktui.service.bodies import GateBody, TheManager, told
from tasktui.service.strict_json import StrictRoute

router = APIRouter(prefix="/v1/tasks/{task_id}", tags=["checks"], route_class=StrictRoute)


@router.post("/gate")
async def run_gate(task_id: str, body: GateBody, manager: TheManager) -> Response:
    """Run a check in the task's directory and record its verdict."""
    return told(detail_object(await manager.run_gate(task_id, GateRun(**body.model_dump()))))


@router.post("/attempts/{attempt_id}/verify")
async def verify_attempt(task_id: str, attempt_id: str, manager: TheManager) -> Response:
    """See whether an attempt's patch applies to its base, and record that."""
    return told(detail_object(await manager.verify_attempt(task_id, attempt_id)))
