"""System 000's HTTP routes, mounted in an app, over a manager."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tasktui.compat.routing import KEEP_ALIVE
from tasktui.compat.soul import TaskManager, routes, telling
from tasktui.compat.soul.execution import Runner as AnyRunner
from tasktui.domain.errors import InvalidError
from tests.compat.soul_runs import STORY, Event, Runner, kinds, opened, until

TOKEN = "a secret"  # of this test's own server
ASKED = {"client_id": "bot", "request_id": "r", "prompt": "look into it"}


@asynccontextmanager
async def served(
    runner: AnyRunner | None, **options: Any
) -> AsyncIterator[tuple[httpx.AsyncClient, TaskManager]]:
    """Mount the routes over a manager."""
    async with opened() as manager:
        app = FastAPI()
        native = await manager._ready()
        app.include_router(routes.router(native, runner, token=TOKEN, **options))
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://soul",
            headers={"authorization": f"Bearer {TOKEN}"},
        ) as client:  # fmt: skip
            yield client, manager


def frames(text: str) -> list[tuple[str | None, Event]]:
    """Return (id, data) of each server-sent event."""
    found = []
    for block in text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            data = json.loads(fields["data"])
            assert fields["event"] == data["type"]
            found.append((fields.get("id"), data))
    return found


@pytest.mark.feature(79, 82, 83)
async def test_execute_streams_the_run_and_a_second_stream_repeats_what_was_missed() -> None:
    async with served(Runner(*STORY)) as (client, _):
        answer = await client.post("/execute", json=ASKED)
        assert answer.headers["content-type"].startswith("text/event-stream")
        told = frames(answer.text)
        assert kinds([data for _, data in told])[-2:] == ["result", "complete"]
        first = next(number for number, data in told if data["type"] == "progress")
        again = await client.get("/tasks/bot/r/stream", headers={"last-event-id": str(first)})
        missed = told[[number for number, _ in told].index(first) + 1 :]
        assert frames(again.text) == missed
        for header in ({}, {"last-event-id": "no number"}):
            ended = await client.get("/tasks/bot/r/stream", headers=header)
            assert kinds([data for _, data in frames(ended.text)]) == ["complete"]
        assert (await client.get("/tasks/bot/none/stream")).status_code == 404


@pytest.mark.feature(84)
async def test_a_silent_stream_says_that_it_is_alive() -> None:
    async with opened() as manager:
        task = await manager.create_task("bot", "r", "p")
        await manager.broadcast("bot", "r", {"type": "progress", "text": "begun"})
        native = await manager._ready()
        stream = routes._frames(telling.told(native, task.task_id, silence_s=0.02))
        said = await anext(stream)
        while said == KEEP_ALIVE:  # it may be silent before its first word, too
            said = await anext(stream)
        assert "begun" in said
        assert [await anext(stream) for _ in range(2)] == [KEEP_ALIVE, KEEP_ALIVE]
        await manager.complete_task("bot", "r", "x")
        rest = [frame async for frame in stream if frame != KEEP_ALIVE]
        assert kinds([data for _, data in frames("".join(rest))]) == ["result", "complete"]


@pytest.mark.feature(19, 33)
async def test_conflicts_and_limits_have_their_codes() -> None:
    async with served(None, max_concurrent=2) as (client, manager):
        calls = [
            asyncio.get_running_loop().create_task(client.post("/execute", json=ASKED | {"request_id": name}))
            for name in ("r", "s")
        ]

        async def both() -> bool:
            return (await asyncio.to_thread(manager.get_stats))["running"] == 2

        await until(both)
        conflict = await client.post("/execute", json=ASKED)
        assert (conflict.status_code, conflict.json()["error"]["code"]) == (409, "TASK_CONFLICT")
        full = await client.post("/execute", json=ASKED | {"request_id": "t"})
        assert (full.status_code, full.json()["error"]["code"]) == (503, "RATE_LIMIT_EXCEEDED")
        for name in ("r", "s"):
            await manager.complete_task("bot", name, "x")
        for call in calls:
            assert kinds([data for _, data in frames((await call).text)]) == ["result", "complete"]
        assert {task.request_id for task in await manager.get_tasks_by_client("bot")} == {"r", "s"}


@pytest.mark.feature(102)
@pytest.mark.parametrize(("outlives", "policy"), [(False, "interrupt"), (True, "reattach")])
async def test_a_restart_ends_the_runs_of_its_own_process(*, outlives: bool, policy: str) -> None:
    async with served(Runner(*STORY), outlives=outlives) as (client, manager):
        await client.post("/execute", json=ASKED)
        task = await manager.get_task("bot", "r")
        assert task is not None
        assert (await manager.manager.get(task.task_id)).spec.on_restart == policy


@pytest.mark.feature(134, 135)
async def test_a_client_fetches_and_acks_its_results() -> None:
    async with served(Runner(*STORY)) as (client, manager):
        await client.post("/execute", json=ASKED)
        await manager.create_task("bot", "runs", "p")
        tasks = (await client.get("/tasks/bot")).json()["tasks"]
        assert [(task["request_id"], task["status"]) for task in tasks] == [
            ("r", "completed"), ("runs", "running"),
        ]  # fmt: skip
        one = (await client.get("/tasks/bot/r")).json()
        assert one == tasks[0]
        assert (one["result"], one["claude_session_id"], one["result_delivered"]) == (
            "Done.",
            "sess-1",
            False,
        )
        assert (await client.post("/tasks/bot/r/ack")).json() == {"success": True}
        assert (await client.post("/tasks/bot/runs/ack")).status_code == 409
        for gone in ("/tasks/bot/r/ack", "/tasks/bot/none/ack"):
            missing = await client.post(gone)
            assert (missing.status_code, missing.json()["error"]["code"]) == (404, "TASK_NOT_FOUND")
        assert (await client.get("/tasks/bot/r")).status_code == 404
        assert (await client.get("/tasks/nobody")).json() == {"tasks": []}


@pytest.mark.feature(69, 70)
async def test_messages_are_accepted_by_request_and_by_session() -> None:
    message = {"text": "faster", "user": "ann", "attachment_paths": ["/tmp/a.png"]}
    async with served(None) as (client, manager):
        await manager.create_task("bot", "r", "p")
        manager.register_session("sess", "bot", "r")
        for place, path in enumerate(("/tasks/bot/r/intervene", "/sessions/sess/intervene"), 1):
            answer = await client.post(path, json=message)
            assert (answer.status_code, answer.json()) == (202, {"queued": True, "queue_position": place})
        await manager.complete_task("bot", "r", "x")
        for path, status, code in (
            ("/tasks/bot/r/intervene", 409, "TASK_NOT_RUNNING"),
            ("/tasks/bot/none/intervene", 404, "TASK_NOT_FOUND"),
            ("/sessions/sess/intervene", 409, "TASK_NOT_RUNNING"),
            ("/sessions/none/intervene", 404, "SESSION_NOT_FOUND"),
        ):
            answer = await client.post(path, json=message)
            assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


DATA = bytes(range(256)) * 4 + b"\r\n--x\r\n"


async def sent(
    client: httpx.AsyncClient, name: str, data: bytes = DATA, thread: str = "77"
) -> httpx.Response:
    files = {"file": (name, data, "image/png")}
    return await client.post("/attachments", files=files, data={"thread_id": thread})


async def path_of(client: httpx.AsyncClient, name: str, thread: str = "77") -> Path:
    return Path((await sent(client, name, thread=thread)).json()["path"])


@pytest.mark.feature(13, 133)
async def test_files_go_with_the_request_and_with_messages() -> None:
    runner = Runner(STORY[1], held=True)
    async with served(runner) as (client, manager):
        answer = await sent(client, "../../etc/a b.png")
        first = answer.json()
        assert (answer.status_code, first["size"], first["content_type"]) == (201, len(DATA), "image/png")
        assert Path(first["path"]).name == first["filename"] == "a b.png"
        paths = [first["path"], str(await path_of(client, "b.png"))]
        asked = ASKED | {"request_id": "77", "attachment_paths": paths}
        begun = asyncio.get_running_loop().create_task(client.post("/execute", json=asked))
        await runner.begun.wait()
        assert runner.asked[0]["attachment_paths"] == paths
        assert Path(paths[0]).read_bytes() == DATA
        task = await manager.get_task("bot", "77")
        assert task is not None
        third = str(await path_of(client, "c.png"))
        kept = (await manager.manager.artifacts(task.task_id)).items
        assert sorted(one.label for one in kept) == ["a b.png", "b.png", "c.png"]
        message = {"text": "look", "user": "ann", "attachment_paths": [third]}
        assert (await client.post("/tasks/bot/77/intervene", json=message)).status_code == 202
        runner.gate.set()
        await begun
        assert runner.got[0]["attachment_paths"] == [third]


@pytest.mark.feature(133)
async def test_files_wait_for_the_next_request_of_their_thread() -> None:
    async with served(Runner(*STORY)) as (client, manager):
        for _ in range(2):
            await client.post("/execute", json=ASKED | {"request_id": "77"})
        early, other = await path_of(client, "a.png"), await path_of(client, "a.png", "78")
        old = (await manager.get_tasks_by_client("bot"))[0].task_id
        assert await manager.manager.purge([old]) == 1
        assert (await path_of(client, "b.png")).parent == early.parent != other.parent
        for _ in range(2):  # naming the same file again is no conflict
            asked = ASKED | {"request_id": "77", "attachment_paths": [str(early)]}
            assert "event: complete" in (await client.post("/execute", json=asked)).text
        ids = [task.task_id for task in await manager.get_tasks_by_client("bot")]
        assert ids[1] == early.parts[-3]


@pytest.mark.feature(133)
async def test_files_that_are_not_taken() -> None:
    async with served(None) as (client, _):
        for name, data in (("key.pem", DATA), (".env", DATA), ("big", b"x" * ((8 << 20) + 1))):
            assert (await sent(client, name, data)).status_code == 400
        assert (await client.post("/attachments", json={})).status_code == 400
        assert (await client.post("/attachments", files={"file": b"x"})).status_code == 400


@pytest.mark.feature(38, 163, 166)
async def test_status_health_and_shutdown() -> None:
    async with served(None, max_concurrent=5) as (client, manager):
        for request in ("a", "b"):
            await manager.create_task("bot", request, "p")
        await manager.complete_task("bot", "a", "x")
        await manager.start_execution("bot", "b", Runner(held=True))
        assert (await client.get("/status")).json() == {
            "active_sessions": 1, "max_concurrent": 5, "total": 2, "running": 1, "completed": 1, "error": 0,
        }  # fmt: skip
        health = (await client.get("/health", headers={"authorization": ""})).json()
        assert health["status"] == "healthy"
        stopped = (await client.post("/shutdown")).json()
        assert stopped == {"status": "shutting_down", "cancelled": 1}
        assert manager.get_stats()["running"] == 0


@pytest.mark.feature(151)
async def test_nobody_asks_without_the_token() -> None:
    async with served(None) as (client, manager):
        for given in (
            b"",
            b"Bearer",
            b"Bearer wrong",
            f"Basic {TOKEN}".encode(),
            f"Bearer {TOKEN}x".encode(),
        ):
            header = [(b"authorization", given)]
            for method, path in (("GET", "/tasks/bot"), ("POST", "/execute"), ("POST", "/shutdown")):
                answer = await client.request(method, path, headers=header, json=ASKED)
                assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHORIZED")
        with pytest.raises(InvalidError, match="lets everybody in"):
            routes.router(manager.manager, None, token="")
