"""Services that stumble: nothing is asked for twice that may be under way, and every end has a sentence."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from tasktui.domain.rows import TaskRow
from tasktui.domain.status import Reason, Status
from tasktui.executors.remote import following
from tests.integration.executors.remote.services import Wire, served
from tests.integration.executors.remote.test_remote import opened, reach, submit

Answer = int | list[tuple[int | None, dict[str, Any]]]
DONE: Answer = [(9, {"type": "complete", "result": "Done."})]
BEGUN: Answer = [(3, {"type": "progress", "text": "begun"})]


class Scripted:
    """Answers each request by the next line of its script; the last line is repeated."""

    def __init__(self, **script: list[Answer]) -> None:
        self.script = script
        self.asked: list[str] = []
        self.last_ids: list[str | None] = []
        self.cut: Callable[[], None] | None = None
        """Called instead of the first answer."""

    def router(self) -> APIRouter:
        made = APIRouter()
        for name, method, path in (
            ("execute", "POST", "/execute"), ("stream", "GET", "/tasks/{client}/{task}/stream"),
            ("chat", "POST", "/chat"), ("status", "GET", "/tasks/{task}/status"),
        ):  # fmt: skip
            made.add_api_route(path, self._route(name), methods=[method])
        return made

    def _route(self, name: str) -> Callable[..., Any]:
        async def answer(request: Request) -> Response:
            self.asked.append(name)
            self.last_ids.append(request.headers.get("last-event-id"))
            if self.cut is not None:
                cut, self.cut = self.cut, None
                cut()
            lines = self.script[name]
            line = lines.pop(0) if len(lines) > 1 else lines[0]
            if isinstance(line, int):
                return Response(json.dumps({"detail": f"code {line}"}), line, media_type="application/json")
            if name == "status":
                return Response(json.dumps(line[0][1]), media_type="application/json")
            return StreamingResponse(_frames(line), media_type="text/event-stream")

        return answer


async def _frames(events: list[tuple[int | None, dict[str, Any]]]) -> AsyncIterator[str]:
    for number, event in events:
        head = "" if number is None else f"id: {number}\n"
        yield f"{head}data: {json.dumps(event)}\n\n"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "PAUSE_S", 0.02)


@asynccontextmanager
async def serving(service: Scripted) -> AsyncIterator[Wire]:
    async with asyncio.timeout(25), served(service.router()) as wire:
        yield wire


async def ended(home: Path, scripted: Scripted, *, cut: bool = False, **work: Any) -> TaskRow:
    """Run one task to its end."""
    async with serving(scripted) as wire, opened(home) as house:
        scripted.cut = wire.cut if cut else None
        return await house.manager.wait(await submit(house, wire, token=None, **work))


async def test_a_service_in_trouble_is_asked_again(own_home: Path) -> None:
    service = Scripted(execute=[503, 429, DONE])
    row = await ended(own_home, service)
    assert (row.status, row.result_summary) == (Status.COMPLETED, "Done.")
    assert service.asked == ["execute"] * 3


async def test_an_answer_that_was_lost_is_no_reason_to_ask_twice(own_home: Path) -> None:
    service = Scripted(execute=[DONE], stream=[DONE])
    row = await ended(own_home, service, cut=True)
    assert row.status is Status.COMPLETED
    assert (service.asked, service.last_ids) == (["execute", "stream"], [None, "0"])


async def test_a_request_that_never_arrived_is_made_again(own_home: Path) -> None:
    service = Scripted(execute=[DONE], stream=[404])
    row = await ended(own_home, service, cut=True)
    assert row.status is Status.COMPLETED
    assert service.asked == ["execute", "stream", "execute"]


async def test_a_task_that_the_service_has_already_is_followed(own_home: Path) -> None:
    service = Scripted(execute=[409], stream=[DONE])
    assert (await ended(own_home, service)).status is Status.COMPLETED
    assert service.asked == ["execute", "stream"]


async def test_a_stream_that_ends_early_is_taken_up_behind_the_last_event(own_home: Path) -> None:
    service = Scripted(execute=[BEGUN], stream=[502, DONE])
    assert (await ended(own_home, service)).status is Status.COMPLETED
    assert service.last_ids == [None, "3", "3"]


async def test_a_service_that_forgot_the_task_does_not_get_it_again(own_home: Path) -> None:
    service = Scripted(execute=[BEGUN], stream=[404])
    row = await ended(own_home, service)
    assert (row.status, row.terminal_reason) == (Status.LOST, Reason.AGENT_LOST)
    assert row.error == "The service knows the task no more."
    assert service.asked == ["execute", "stream"]


async def test_what_is_no_stream_is_no_service(own_home: Path) -> None:
    service = Scripted(execute=[200])
    row = await ended(own_home, service)
    assert row.status is Status.FAILED
    assert row.error is not None
    assert row.error.startswith("This is no such service: it answered with application/json")


async def test_a_chat_whose_answer_was_lost_has_an_end_that_says_so(own_home: Path) -> None:
    service = Scripted(chat=[DONE])
    row = await ended(own_home, service, cut=True, service="cyberagent")
    assert row.status is Status.LOST
    assert row.error == "The connection was lost before the service said the task's id: it may go on there."
    assert service.asked == ["chat"]


@pytest.mark.parametrize(
    ("state", "status", "error"),
    [
        ("error", Status.FAILED, "The service says that it failed."), ("cancelled", Status.CANCELED, None),
    ],
)  # fmt: skip
async def test_the_state_of_a_chat_is_asked_until_it_ends(
    own_home: Path, state: str, status: Status, error: str | None
) -> None:
    asked: list[Answer] = [500, [(None, {"status": "running"})], [(None, {"status": state})]]
    service = Scripted(chat=[[(None, {"type": "ack", "task_id": "t"})]], status=asked)
    row = await ended(own_home, service, service="cyberagent")
    assert (row.status, row.error, row.external_id) == (status, error, "t")
    assert service.asked == ["chat", "status", "status", "status"]


async def test_a_chat_that_the_service_forgot(own_home: Path) -> None:
    service = Scripted(chat=[[(None, {"type": "ack", "task_id": "t"})]], status=[404])
    assert (await ended(own_home, service, service="cyberagent")).status is Status.LOST


async def test_a_service_that_cannot_stop_a_task_is_left_with_a_warning(own_home: Path) -> None:
    service = Scripted(execute=[BEGUN], stream=[BEGUN])
    async with serving(service) as wire, opened(own_home) as house:
        task_id = await submit(house, wire, token=None)
        await reach(house, task_id, "task.status")
        await house.manager.cancel(task_id)
        row = await house.manager.wait(task_id)
        assert (row.status, row.warnings) == (Status.CANCELED, 1)
