"""Routes about the whole: counters, lanes, figures, search."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from tasktui.domain.wire_answers import LANE, SCHEDULE, stats_object
from tasktui.domain.wire_records import SEARCH_HIT, counts_object, page_object
from tasktui.service.bodies import Actor, Before, Lane, Limit, TheManager, Words, told
from tasktui.service.strict_json import StrictRoute

router = APIRouter(prefix="/v1", tags=["whole"], route_class=StrictRoute)


@router.get("/counts")
async def counts(manager: TheManager) -> Response:
    """Return tasks by status."""
    return told(counts_object(await manager.counts()))


@router.get("/stats")
async def stats(manager: TheManager) -> Response:
    """Return figures about the whole."""
    return told(stats_object(await manager.stats()))


@router.get("/busy")
async def busy(manager: TheManager) -> Response:
    """Return how many tasks are queued or running."""
    return told({"busy": await manager.busy()})


@router.get("/lanes")
async def lanes(manager: TheManager) -> Response:
    """Return every lane."""
    return told({"items": [LANE.object(lane) for lane in await manager.lanes()]})


@router.post("/lanes/{lane}")
async def set_lane(lane: str, body: Lane, manager: TheManager) -> Response:
    """Change a lane's limit, or pause it."""
    return told(LANE.object(await manager.set_lane(lane, limit=body.limit, paused=body.paused)))


@router.get("/schedules")
async def schedules(manager: TheManager) -> Response:
    """Return what recurs."""
    return told({"items": [SCHEDULE.object(schedule) for schedule in await manager.schedules()]})


@router.post("/schedules/{schedule_id}/stop")
async def stop_schedule(schedule_id: str, body: Actor, manager: TheManager) -> Response:
    """End a schedule."""
    return told(SCHEDULE.object(await manager.stop_schedule(schedule_id, by=body.by)))


@router.get("/search")
async def search(
    manager: TheManager, text: Annotated[Words, Query()], before: Before = None, limit: Limit = 50
) -> Response:
    """Return places where the text stands."""
    return told(page_object(await manager.search(text, before=before, limit=limit), SEARCH_HIT.object))
