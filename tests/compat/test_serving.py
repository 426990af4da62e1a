"""The routes of the five systems as an owner serves them, by their own words, with the owner's rules."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tasktui.compat.serving import NAMES, systems
from tasktui.domain.errors import InvalidError
from tasktui.domain.events.work import MessageCompleted
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.ports.manager import Manager
from tasktui.domain.query import EVERYTHING
from tasktui.domain.status import Reason, Status
from tasktui.manager.scripted import Gate
from tasktui.service.offer import Offer
from tasktui.service.owner import OwnerLock
from tasktui.service.places import readonly_path
from tasktui.service.server import serving
from tasktui.store.memory import MemoryStore
from tests.contract.managers import SCRIPTS, local, spec

SAID = MessageCompleted(message_id="m1", content="Here it is.")
DONE = Outcome(Status.COMPLETED, Reason.COMPLETED, result="Here it is.")


@asynccontextmanager
async def served(home: Path, *, looking: bool = False) -> AsyncIterator[tuple[Manager, httpx.AsyncClient]]:
    """An owner that serves all five, with an agent that says one thing."""
    made = systems(NAMES, agent="claude", home=home)
    async with local(home, MemoryStore()) as room:
        room.executor.scripts = {**SCRIPTS, "write it": [SAID, DONE], "think long": [Gate("never")]}
        room.manager._core.executors["agent"] = room.executor  # type: ignore[attr-defined]  # its agent is deaf
        lock = OwnerLock.acquire(home)
        assert lock is not None
        door = readonly_path(lock.socket) if looking else lock.socket
        transport = httpx.AsyncHTTPTransport(uds=str(door))
        async with (
            serving(room.manager, lock, offer=Offer(systems=made)),
            httpx.AsyncClient(transport=transport, base_url="http://x/compat", timeout=30) as client,
        ):
            lock.announce(1)
            yield room.manager, client
        lock.release()


def frames(text: str) -> list[dict[str, Any]]:
    return [
        json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data: ")
    ]


@pytest.mark.feature(140)
async def test_system_000(own_home: Path) -> None:
    async with served(own_home) as (_, client):
        asked = {"client_id": "me", "request_id": "1", "prompt": "write it"}
        told = frames((await client.post("/soul/execute", json=asked)).text)
        assert {"text_delta", "complete"} <= {one["type"] for one in told}
        assert next(one for one in told if one["type"] == "complete")["result"] == "Here it is."
        assert (await client.get("/soul/tasks/me/1")).json()["status"] == "completed"
        assert (await client.post("/soul/tasks/me/1/ack")).json() == {"success": True}
        missing = await client.get("/soul/tasks/me/2")
        assert (missing.status_code, missing.json()["error"]["code"]) == (404, "TASK_NOT_FOUND")


@pytest.mark.feature(141)
async def test_system_001(own_home: Path) -> None:
    async with served(own_home) as (manager, client):
        made = await client.post("/nodelink/tasks/shell", json={"agent_id": "local", "cmd": "quick"})
        assert made.status_code == 201
        task_id = made.json()["id"]
        await manager.wait(task_id, timeout_s=20)
        assert (await client.get(f"/nodelink/tasks/{task_id}")).json()["status"] == "completed"
        assert [one["id"] for one in (await client.get("/nodelink/agents/local/tasks")).json()["tasks"]]


@pytest.mark.feature(142)
async def test_system_002(own_home: Path) -> None:
    async with served(own_home) as (manager, client):
        answer = await client.post("/cyberagent/chat", params={"message": "write it", "conversation_id": "c"})
        assert "Here it is." in answer.text
        (task,) = (await manager.page(EVERYTHING)).items
        assert (await client.get(f"/cyberagent/tasks/{task.id}/status")).json()["conversation_id"] == "c"


@pytest.mark.feature(143)
async def test_system_003(own_home: Path) -> None:
    async with served(own_home) as (manager, client):
        done = (await manager.submit(spec("quick"))).id
        await manager.wait(done, timeout_s=20)
        assert (await client.get(f"/storyflow/api/tasks/{done}/status/")).json()["status"] == "COMPLETED"
        assert (await client.post(f"/storyflow/api/tasks/{done}/cancel-render/")).status_code == 409


@pytest.mark.feature(144)
async def test_system_004(own_home: Path) -> None:
    async with served(own_home) as (manager, client):
        made = await client.post("/deepseek/v1/tasks", json={"prompt": "write it"})
        assert made.status_code == 201, made.text
        await manager.wait(made.json()["id"], timeout_s=20)
        listed = (await client.get("/deepseek/v1/tasks")).json()
        assert [one["status"] for one in listed["tasks"]] == ["completed"]
        assert (await client.get("/deepseek/v1/tasks/none")).status_code == 404


async def test_who_may_only_look_is_refused_there_too(own_home: Path) -> None:
    async with served(own_home, looking=True) as (manager, client):
        assert (await client.get("/nodelink/tasks")).status_code == 200
        assert (await client.get("/deepseek/v1/tasks")).status_code == 200
        for path in ("/soul/execute", "/soul/shutdown", "/nodelink/tasks/shell", "/deepseek/v1/tasks"):
            answer = await client.post(path, json={})
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "REFUSED"), path
        assert (await client.get("/soul/tasks/me/1/stream")).status_code == 403
        assert (await manager.counts()).total == 0


async def test_they_are_in_the_description(own_home: Path) -> None:
    async with served(own_home) as (_, client):
        paths = (await client.get("http://x/v1/openapi.json")).json()["paths"]
    assert {path.split("/")[2] for path in paths if path.startswith("/compat/")} == set(NAMES)
    ids = [one["operationId"] for methods in paths.values() for one in methods.values()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("names", "agent"), [(("nothing",), "a"), (("7",), "a"), (("deepseek",), None)])
def test_what_cannot_be_served_is_said(own_home: Path, names: tuple[str, ...], agent: str | None) -> None:
    with pytest.raises(InvalidError):
        systems(names, agent=agent, home=own_home)


def test_the_numbers_name_them_too(own_home: Path) -> None:
    assert list(systems(["001", "003"], agent=None, home=own_home)) == ["nodelink", "storyflow"]
