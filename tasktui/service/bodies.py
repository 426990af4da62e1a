"""What may stand in a request, and within which bounds."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from tasktui.domain.ports.manager import Manager
from tasktui.domain.query import Cursor, TaskQuery
from tasktui.domain.requests import Place
from tasktui.domain.spec import TaskSpec
from tasktui.domain.status import Reason, Status
from tasktui.domain.wire import encode

LONGEST_PAGE = 1_000
LONGEST_READ = 1_048_576
"""Bytes of output or of an artifact in one answer."""
LONGEST_TEXT = 1_048_576
"""Characters of a message to a task."""
LONGEST_WAIT_S = 30.0
_INT64 = 2**63 - 1

Position = Annotated[int, Field(ge=0, le=_INT64)]
Offset = Annotated[int, Field(ge=-_INT64, le=_INT64)]
PageSize = Annotated[int, Field(ge=1, le=LONGEST_PAGE)]
ReadSize = Annotated[int, Field(ge=1, le=LONGEST_READ)]
Words = Annotated[str, Field(max_length=4_096)]
Name = Annotated[str, Field(min_length=1, max_length=256)]

After = Annotated[Position, Query()]
Before = Annotated[Position | None, Query()]
Limit = Annotated[PageSize, Query()]
Text = Annotated[Words | None, Query()]


async def _manager(request: Request) -> Manager:
    manager: Manager = request.app.state.manager
    return manager


TheManager = Annotated[Manager, Depends(_manager)]


def told(value: object, status: int = 200) -> Response:
    """Return an answer in JSON."""
    return Response(encode(value), status, media_type="application/json")


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Submit(_Body):
    """A task to queue."""

    spec: TaskSpec
    env: dict[str, str] | None = None
    """The whole inherited environment; kept private, never stored."""
    task_id: Words | None = None
    """Made by the client, so that a repeated request is the same one."""


class PageOf(_Body):
    """A listing, and the place in it."""

    query: TaskQuery = TaskQuery()
    after: Cursor | None = None
    before: Cursor | None = None
    skip: Position = 0
    limit: PageSize = 64


class Stretch(_Body):
    """A part of a timeline."""

    after_seq: Position = 0
    before_seq: Position | None = None
    limit: PageSize = 200
    types: Annotated[list[Words], Field(max_length=100)] = []
    text: Words | None = None


class CountOf(_Body):
    """A listing whose length is asked."""

    query: TaskQuery = TaskQuery()
    limit: Position = 10_000


class Cancel(_Body):
    """A stop that is asked for."""

    force: bool = False
    by: Name = "you"
    reason: Words | None = None


class Intervene(_Body):
    """A message to a running task."""

    text: Annotated[str, Field(max_length=LONGEST_TEXT)]
    user: Name = "you"
    mode: Literal["steer", "queue", "interrupt"] = "steer"
    attachments: Annotated[tuple[Words, ...], Field(max_length=100)] = ()
    client_token: Name | None = None


class Answered(_Body):
    """A decision on what a task asks."""

    request_id: Name | None = None
    decision: Literal["allow", "deny", "answer"] = "answer"
    text: Annotated[str, Field(max_length=LONGEST_TEXT)] = ""
    scope: Literal["once", "task", "always"] = "once"
    by: Name = "you"
    origin: Name = "api"


class Hold(_Body):
    """A queued task that is to wait."""

    reason: Words | None = None
    until: AwareDatetime | None = None


class Priority(_Body):
    """A place in the lane."""

    priority: Annotated[int, Field(ge=-1000, le=1000)]


class Move(_Body):
    """Where a queued task moves in its lane."""

    where: Place


class Edit(_Body):
    """What a queued task is to do instead."""

    spec: TaskSpec


class Actor(_Body):
    """Who wants it."""

    by: Name = "you"


class Report(_Body):
    """A fact about work that its caller does."""

    type: Name
    data: dict[str, object] = {}


class Finish(_Body):
    """How work ended that its caller did."""

    status: Status
    reason: Reason | None = None
    evidence: Words = "the caller said so"
    source: Name = "caller"
    result: Annotated[str, Field(max_length=LONGEST_TEXT)] | None = None
    error: Words | None = None
    error_code: Name | None = None
    exit_code: int | None = None
    duration_ms: Position | None = None
    usage: dict[str, object] | None = None


class Retry(_Body):
    """A new task of a finished one."""

    spec: TaskSpec | None = None
    env: dict[str, str] | None = None


class Archive(_Body):
    """Whether a finished task is hidden."""

    archived: bool = True


class Ack(_Body):
    """Who has the result, or needs it no longer."""

    by: Name = "you"


class Purge(_Body):
    """Finished tasks to delete."""

    task_ids: Annotated[tuple[Name, ...], Field(max_length=LONGEST_PAGE)]


class Attach(_Body):
    """A file that goes with a message or a task."""

    task_id: Name
    name: Words
    data: str
    """Base64."""


class Restore(_Body):
    """Tasks that have been elsewhere: `{task_id, events, live}`, events as envelopes of the log."""

    tasks: Annotated[tuple[dict[str, object], ...], Field(max_length=LONGEST_PAGE)]


class Lane(_Body):
    """A lane's limit."""

    limit: Annotated[int, Field(ge=0, le=10_000)] | None = None
    paused: bool | None = None


class Evidence(_Body):
    """Evidence about a task from an outside tool."""

    checklist: dict[str, object] | None = None
    gate: dict[str, object] | None = None
    attempt: dict[str, object] | None = None
    github_event: dict[str, object] | None = None
    artifacts: Annotated[tuple[dict[str, object], ...], Field(max_length=100)] = ()


class GateBody(_Body):
    """A check that is to be run."""

    command: Annotated[tuple[str, ...], Field(min_length=1, max_length=1_000)]
    gate: Name = "custom"
    id: Name | None = None
    cwd: str | None = None
    timeout_ms: Annotated[int, Field(ge=1_000, le=600_000)] = 120_000


class Look(_Body):
    """What a screen looks at."""

    task_id: Name | None = None
    min_interval_s: Annotated[float, Field(ge=0, le=60)] = 0.1
