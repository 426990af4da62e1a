"""One run at a service over two owners: what the first took down, the second hears on behind."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import httpx

from tasktui.domain.events.work import MessageCompleted
from tasktui.domain.ports.executor import Outcome, RunContext
from tasktui.domain.spec import RemoteWork, TaskSpec
from tasktui.domain.status import Status
from tasktui.executors.remote.following import Following
from tasktui.executors.remote.services import SERVICES, Names
from tests.unit.executors.agents.owners import Surroundings

WORK = RemoteWork(url="http://service", prompt="look into it")
TOLD: list[dict[str, Any]] = [
    {"type": "text_start", "card_id": "c"},
    {"type": "text_delta", "card_id": "c", "text": "All of it"},
    {"type": "complete", "result": "Done."},
]


@dataclass
class Around(Surroundings):
    """What a run at a service knows."""

    task_id: str = "task_1"
    run: int = 1
    adopted: bool = False
    spec: TaskSpec = field(default_factory=lambda: TaskSpec(work=WORK))


def service(request: httpx.Request) -> httpx.Response:
    """Tell what comes after the event that was heard last."""
    known = int(request.headers.get("last-event-id", 0))
    events = [f"id: {number}\ndata: {json.dumps(event)}\n\n" for number, event in enumerate(TOLD, 1)]
    return httpx.Response(200, headers={"content-type": "text/event-stream"}, text="".join(events[known:]))


async def owned(around: Around) -> Outcome:
    """Let an owner hear it to its end."""
    ctx = cast("RunContext", around)
    async with (
        asyncio.timeout(10),
        httpx.AsyncClient(base_url=WORK.url, transport=httpx.MockTransport(service)) as client,
    ):
        return await Following(ctx, client, SERVICES["soul"], Names(ctx, WORK)).follow()


async def test_an_end_that_its_owner_could_not_take_down_is_told_to_the_next(tmp_path: Path) -> None:
    """What came with the end was stored, and then the owner died: nothing would be told behind that."""
    around = Around(tmp_path)
    assert (await owned(around)).status is Status.COMPLETED
    around.adopted = True
    ended = await owned(around)
    assert (ended.status, ended.result) == (Status.COMPLETED, "Done.")
    said = {fact.content for fact in around.stored if isinstance(fact, MessageCompleted)}
    assert said == {"All of it"}
