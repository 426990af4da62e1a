"""Routes about the owner itself: that it is there, whether it can act, and its figures."""

from __future__ import annotations

import os

from fastapi import APIRouter, Request, Response

from tasktui.domain.errors import UnavailableError
from tasktui.service.bodies import TheManager, told
from tasktui.service.levels import API, OLDEST
from tasktui.service.strict_json import StrictRoute


class MissingExtraError(UnavailableError):
    """A part of tasktui is not installed that this needs."""

    code = "MISSING_EXTRA"
    http_status = 501


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


@router.get("/metrics")
async def metrics(request: Request, manager: TheManager) -> Response:
    """Return the figures for Prometheus."""
    try:
        from tasktui.service.metrics import CONTENT_TYPE, exposition
    except ImportError as exc:
        raise MissingExtraError(
            "Figures for Prometheus need the extra `metrics`: pip install 'tasktui[metrics]'."
        ) from exc
    told_here = exposition(await manager.stats(), request.app.state.tally, version=request.app.version)
    return Response(told_here, media_type=CONTENT_TYPE)
