"""Remote tasks against our own services on loopback: their whole life, over cuts, owners and refusals."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tasktui.bootstrap.house import House, acquire
from tasktui.compat.cyberagent import TaskManager as Chats
from tasktui.compat.cyberagent import routes as chat_routes
from tasktui.compat.soul import routes
from tasktui.config import Config
from tasktui.domain.errors import InvalidError
from tasktui.domain.requests import Message
from tasktui.domain.spec import RemoteWork, TaskSpec
from tasktui.domain.status import Reason, Status
from tasktui.executors.remote import following
from tests.compat.soul_runs import STORY, Runner
from tests.compat.soul_runs import opened as soul_opened
from tests.integration.executors.processes import until
from tests.integration.executors.remote.services import Wire, served

TOKEN = "a secret"  # of this test's own server
ENV = {**os.environ, "SERVICE_TOKEN": TOKEN}
TOLD = [
    "task.linked", "task.status", "message.completed", "tool.started", "tool.completed", "tool.started",
    "tool.completed", "context.compacted",
]  # fmt: skip


class Slow(Runner):
    """Tells the whole story, but its end only when its gate is open."""

    def __init__(self) -> None:
        super().__init__(*STORY[:-1], held=True)

    async def execute(self, **asked: Any) -> AsyncIterator[dict[str, Any]]:
        async for event in super().execute(**asked):
            yield event
        yield dict(STORY[-1])


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "PAUSE_S", 0.05)


@asynccontextmanager
async def soul(runner: Runner) -> AsyncIterator[Wire]:
    async with soul_opened() as manager:
        router = routes.router(await manager._ready(), runner, token=TOKEN)
        async with served(router) as wire:
            yield wire


@asynccontextmanager
async def opened(home: Path, mode: Any = "cancel") -> AsyncIterator[House]:
    lock = acquire(home)
    assert lock is not None
    house = await House.open(Config(home=home), lock)
    try:
        yield house
    finally:
        await house.close(mode)
        lock.release()


async def submit(house: House, wire: Wire, *, token: str | None = "SERVICE_TOKEN", **work: Any) -> str:
    asked = RemoteWork(url=wire.url, prompt="look into it", token_env=token, **work)
    return (await house.manager.submit(TaskSpec(work=asked), env=ENV)).id


async def told(house: House, task_id: str) -> list[str]:
    """Return the types of what the service told, without what the manager adds."""
    events = (await house.manager.timeline(task_id)).items
    return [event.type for event in events if event.type in TOLD]


async def statuses(house: House, task_id: str) -> list[str]:
    events = (await house.manager.timeline(task_id)).items
    return [json.loads(event.data)["message"] for event in events if event.type == "task.status"]


async def reach(house: House, task_id: str, event_type: str) -> None:
    async for event in house.manager.subscribe(task_id):
        if getattr(event, "type", "") == event_type:
            return
    raise AssertionError(f"{task_id} ended without {event_type}")


async def test_a_task_of_000_from_the_prompt_to_its_result(own_home: Path) -> None:
    runner = Runner(*STORY)
    async with soul(runner) as wire, opened(own_home) as house:
        task_id = await submit(house, wire)
        row = await house.manager.wait(task_id)
        assert (row.status, row.result_summary, row.session_id) == (Status.COMPLETED, "Done.", "sess-1")
        assert await told(house, task_id) == TOLD
        assert runner.asked[0]["prompt"] == "look into it"
        log = (own_home / "tasks" / task_id / "remote.1.json").read_text()
        assert TOKEN not in log


async def test_a_cut_is_shown_and_nothing_is_lost_or_told_twice(own_home: Path) -> None:
    runner = Slow()
    async with soul(runner) as wire, opened(own_home) as house:
        task_id = await submit(house, wire)
        await reach(house, task_id, "context.compacted")
        wire.down = True
        wire.cut()

        async def shown() -> bool:
            return any("trying again in" in line for line in await statuses(house, task_id))

        while not await shown():
            await asyncio.sleep(0.01)
        wire.down = False
        await until(lambda: wire.connections >= 2)
        runner.gate.set()
        row = await house.manager.wait(task_id)
        assert (row.status, row.result_summary) == (Status.COMPLETED, "Done.")
        kinds = [kind for kind in await told(house, task_id) if kind != "task.status"]
        assert kinds == [kind for kind in TOLD if kind != "task.status"]


async def test_the_next_owner_takes_up_the_stream_where_the_last_one_was(own_home: Path) -> None:
    runner = Slow()
    async with soul(runner) as wire:
        async with opened(own_home, "detach") as house:
            task_id = await submit(house, wire)
            await reach(house, task_id, "context.compacted")
        async with opened(own_home) as house:
            await until(lambda: wire.connections >= 2)
            runner.gate.set()
            row = await house.manager.wait(task_id)
            assert (row.status, row.run_no) == (Status.COMPLETED, 1)
            assert await told(house, task_id) == TOLD
    assert len(runner.asked) == 1


async def test_a_cancel_reaches_the_service(own_home: Path) -> None:
    runner = Slow()
    async with soul(runner) as wire, opened(own_home) as house:
        task_id = await submit(house, wire)
        await reach(house, task_id, "context.compacted")
        await house.manager.cancel(task_id)
        row = await house.manager.wait(task_id)
        assert (row.status, row.terminal_reason) == (Status.CANCELED, Reason.CANCELED)
        await until(lambda: runner.stopped == 1)


async def test_a_message_reaches_the_service(own_home: Path) -> None:
    runner = Slow()
    async with soul(runner) as wire, opened(own_home) as house:
        task_id = await submit(house, wire)
        await reach(house, task_id, "context.compacted")
        await house.manager.intervene(task_id, Message("faster", user="ann"))
        await reach(house, task_id, "intervention.delivered")
        runner.gate.set()
        await until(lambda: runner.got)
        assert (runner.got[0]["user"], runner.got[0]["text"]) == ("ann", "faster")


async def test_a_refusal_says_why_and_what_to_do(own_home: Path) -> None:
    async with soul(Runner(*STORY)) as wire, opened(own_home) as house:
        row = await house.manager.wait(await submit(house, wire, token=None))
        assert (row.status, row.error_code) == (Status.FAILED, "http_401")
        assert row.error is not None
        assert row.error.endswith("Give its token by the name of a variable (token_env).")
        unset = await house.manager.wait(await submit(house, wire, token="NO_SUCH_VARIABLE"))
        assert unset.error == "The variable with the service's token is not set: NO_SUCH_VARIABLE"


async def test_a_service_that_is_not_there(own_home: Path) -> None:
    async with soul(Runner(*STORY)) as wire, opened(own_home) as house:
        wire.down = True
        row = await house.manager.wait(await submit(house, wire))
        assert (row.status, row.terminal_reason) == (Status.FAILED, Reason.RESOURCE_UNAVAILABLE)
        assert row.error is not None
        assert row.error.startswith("127.0.0.1 cannot be reached: ")


@pytest.mark.parametrize(
    ("work", "why"),
    [
        ({"url": "ftp://x"}, "no address"), ({"url": "http://["}, "no address"),
        ({"url": "http://example.org", "token_env": "T"}, "by https only"),
        ({"url": "https://example.org", "prompt": " "}, "prompt cannot be empty"),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused_at_once(own_home: Path, work: dict[str, Any], why: str) -> None:
    async with opened(own_home) as house:
        with pytest.raises(InvalidError, match=why):
            await house.manager.submit(TaskSpec(work=RemoteWork(**{"prompt": "x", **work})))


# --- system 002


class Agent:
    """Answers in two messages; between them it waits for its gate."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.stopped = 0

    async def stream_chat(
        self, conversation_id: str | None, message: str, **_: Any
    ) -> AsyncIterator[dict[str, Any]]:
        yield {"type": "ack", "conversation_id": conversation_id or "conv-new", "message_id": "m1"}
        yield {"type": "tool_call", "tool": "read", "tool_call_id": "t1", "args": {"of": message}}
        yield {"type": "tool_result", "tool": "read", "tool_call_id": "t1", "result": "it"}
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.stopped += 1
            raise
        yield {"type": "message", "message": {"role": "assistant", "content": "Done."}}


@asynccontextmanager
async def chats(agent: Agent) -> AsyncIterator[Wire]:
    manager = Chats(agent)
    manager._host = asyncio.get_running_loop()
    native = await manager._room.ready()
    try:
        async with served(chat_routes.router(native)) as wire:
            yield wire
    finally:
        await asyncio.to_thread(manager.close)


async def chat(house: House, wire: Wire) -> str:
    task_id = await submit(house, wire, token=None, service="cyberagent")
    await reach(house, task_id, "tool.completed")
    return task_id


async def test_a_task_of_002_from_the_prompt_to_its_result(own_home: Path) -> None:
    agent = Agent()
    async with chats(agent) as wire, opened(own_home) as house:
        task_id = await chat(house, wire)
        agent.gate.set()
        row = await house.manager.wait(task_id)
        assert (row.status, row.result_summary) == (Status.COMPLETED, "Done.")
        assert row.conversation_id == "conv-new"
        assert row.external_id


@pytest.mark.parametrize("how", ["cut", "another owner"])
async def test_a_stream_of_002_is_told_once_and_its_state_is_asked_for(own_home: Path, how: str) -> None:
    agent = Agent()
    async with chats(agent) as wire:
        async with opened(own_home, "detach") as house:
            task_id = await chat(house, wire)
            wire.cut()
            if how == "cut":
                await reach(house, task_id, "task.status")
                agent.gate.set()
                await house.manager.wait(task_id)
        async with opened(own_home) as house:
            agent.gate.set()
            row = await house.manager.wait(task_id)
            assert (row.status, row.warnings) == (Status.COMPLETED, 1)


async def test_a_cancel_reaches_a_service_of_002(own_home: Path) -> None:
    agent = Agent()
    async with chats(agent) as wire, opened(own_home) as house:
        task_id = await chat(house, wire)
        await house.manager.cancel(task_id)
        assert (await house.manager.wait(task_id)).status is Status.CANCELED
        await until(lambda: agent.stopped == 1)
