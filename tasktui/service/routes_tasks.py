"""Routes that queue a task and read about tasks."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Query, Response

from tasktui.domain.filter import parse_filter
from tasktui.domain.query import Cursor, TaskQuery
from tasktui.domain.query_check import check_query
from tasktui.domain.wire import task_object
from tasktui.domain.wire_answers import (
    artifact_chunk_object,
    detail_object,
    output_object,
    submitted_object,
)
from tasktui.domain.wire_events import event_object
from tasktui.domain.wire_records import ARTIFACT, TOOL_CALL, page_object
from tasktui.service.bodies import (
    LONGEST_WAIT_S,
    After,
    Before,
    CountOf,
    Limit,
    Offset,
    PageOf,
    Position,
    ReadSize,
    Stretch,
    Submit,
    Text,
    TheManager,
    Words,
    told,
)
from tasktui.service.strict_json import StrictRoute

router = APIRouter(prefix="/v1/tasks", tags=["tasks"], route_class=StrictRoute)

Start = Annotated[Offset, Query()]
Bytes = Annotated[ReadSize, Query()]


@router.post("", status_code=201)
async def submit(body: Submit, manager: TheManager) -> Response:
    """Queue a task."""
    task = await manager.submit(body.spec, env=body.env, task_id=body.task_id)
    return told(submitted_object(task), 201)


@router.get("")
async def listing(
    manager: TheManager,
    filter_: Annotated[Words, Query(alias="filter")] = "",
    *,
    archived: bool = False,
    before_created: Annotated[Position | None, Query()] = None,
    limit: Limit = 64,
) -> Response:
    """List tasks, newest first; the next page is that before the last one's `created_seq`."""
    now = int(time.time() * 1000)
    query = TaskQuery(terms=parse_filter(filter_, now=now), archived=archived, now=now)
    after = None if before_created is None else Cursor(key=before_created, created_seq=before_created)
    return told(page_object(await manager.page(query, after=after, limit=limit), task_object))


@router.post("/page")
async def page(body: PageOf, manager: TheManager) -> Response:
    """Read a stretch of a listing, for screens."""
    check_query(body.query, body.after, body.before)
    found = await manager.page(
        body.query, after=body.after, before=body.before, skip=body.skip, limit=body.limit
    )
    return told(page_object(found, task_object))


@router.post("/count")
async def count(body: CountOf, manager: TheManager) -> Response:
    """Return how many tasks a listing has."""
    check_query(body.query)
    return told({"count": await manager.count(body.query, limit=body.limit)})


@router.get("/{task_id}")
async def get(task_id: str, manager: TheManager) -> Response:
    """Return a task."""
    return told(submitted_object(await manager.get(task_id)))


@router.get("/{task_id}/detail")
async def detail(task_id: str, manager: TheManager) -> Response:
    """Return a task with what belongs to it."""
    return told(detail_object(await manager.detail(task_id)))


@router.get("/{task_id}/timeline")
async def timeline(task_id: str, manager: TheManager, stretch: Annotated[Stretch, Query()]) -> Response:
    """Return a stretch of what happened."""
    found = await manager.timeline(task_id, **stretch.model_dump())
    return told(page_object(found, event_object))


@router.get("/{task_id}/tools")
async def tools(
    task_id: str,
    manager: TheManager,
    after: After = 0,
    before: Before = None,
    limit: Limit = 200,
    text: Text = None,
) -> Response:
    """Return tool calls by their number."""
    found = await manager.tools(task_id, after=after, before=before, limit=limit, text=text)
    return told(page_object(found, TOOL_CALL.object))


@router.get("/{task_id}/artifacts")
async def artifacts(
    task_id: str, manager: TheManager, after: Annotated[Words, Query()] = "", limit: Limit = 200
) -> Response:
    """Return the task's files."""
    return told(page_object(await manager.artifacts(task_id, after=after, limit=limit), ARTIFACT.object))


@router.get("/{task_id}/artifacts/{artifact_id}/content")
async def content(
    task_id: str, artifact_id: str, manager: TheManager, offset: Start = 0, limit: Bytes = 65_536
) -> Response:
    """Return a stretch of a file."""
    return told(
        artifact_chunk_object(await manager.read_artifact(task_id, artifact_id, offset=offset, limit=limit))
    )


@router.get("/{task_id}/output")
async def output(
    task_id: str,
    manager: TheManager,
    offset: Start = 0,
    limit: Bytes = 65_536,
    run: Annotated[Position | None, Query()] = None,
) -> Response:
    """Return a stretch of a run's output."""
    return told(output_object(await manager.output(task_id, offset=offset, limit=limit, run=run)))


@router.get("/{task_id}/wait")
async def wait(
    task_id: str, manager: TheManager, timeout_s: Annotated[float, Query(ge=0, le=LONGEST_WAIT_S)] = 10
) -> Response:
    """Return the task when it has ended, or as it stands after that time."""
    try:
        row = await manager.wait(task_id, timeout_s=timeout_s)
    except TimeoutError:
        row = (await manager.get(task_id)).row
    return told(task_object(row))
