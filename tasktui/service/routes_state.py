"""Routes about the owner itself: that it is there, whether it can act, and its figures."""

from __future__ import annotations

import os

from fastapi import APIRouter, Request, Response

from tasktui.service.bodies import TheManager, told
from tasktui.service.levels import API, OLDEST
from tasktui.service.strict_json import StrictRoute

router = APIRouter(tags=["state"], route_class=StrictRoute)


@router.get("/v1/health")
async def health(request: Request) -> Response:
    """Say that the owner is there, which it is and what it speaks."""
    return told(
        {"ok": True, "pid": os.getpid(), "api": API, "oldest": OLDEST, "version": request.app.version}
    )


@router.get("/v1/ready")
async def ready(request: Request, manager: TheManager) -> Response:
    """Say whether what is asked for would be done: 503 with the reason while it would not."""
    state = request.app.state
    reason = (
        "another owner took over"
        if state.fenced()
        else "this owner is ending"
        if state.stop.is_set()
        else None
    )
    reason = reason or (await manager.stats()).degraded
    return told({"ready": reason is None, "reason": reason}, 503 if reason else 200)
