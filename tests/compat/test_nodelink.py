"""System 001 in its own words: agents, shell requests, listeners, rooms and routes, on real processes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from fastapi import FastAPI

from tasktui.compat.nodelink import DockerRun, LogMessage, ShellExecute, Task, TaskManager
from tasktui.compat.nodelink.calls import AgentUnavailableError, NotCancellableError
from tasktui.compat.nodelink.responses import responses
from tasktui.compat.nodelink.routes import router
from tasktui.compat.nodelink.tasks import STATUS, TaskResponse, spec_of
from tasktui.domain.errors import InvalidError, NotFoundError
from tasktui.domain.spec import ShellWork
from tasktui.domain.status import Status

ENDS = {"completed", "failed", "timeout", "cancelled"}


@contextlib.contextmanager
def made(*agents: str, data_dir: Path | None = None) -> Iterator[TaskManager]:
    task_manager = TaskManager(agents or ("local",), data_dir=data_dir)
    try:
        yield task_manager
    finally:
        task_manager.Shutdown()


def reached(task_manager: TaskManager, task_id: str, states: set[str]) -> Task:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        task = task_manager.GetTask(task_id)
        if task.status in states:
            return task
        time.sleep(0.01)
    raise AssertionError(f"{task.status} is not one of {states}")


def told(task_manager: TaskManager, task_id: str) -> list[TaskResponse]:
    async def collect() -> list[TaskResponse]:
        async with asyncio.timeout(20):
            return [one async for one in responses(task_manager.manager, task_id)]

    return asyncio.run(collect())


# --- the calls


@pytest.mark.feature(25)
def test_the_seven_states() -> None:
    assert set(STATUS.values()) == {"created", "sent", "in_progress", *ENDS}
    assert set(STATUS) == set(Status)


@pytest.mark.feature(9, 44, 49)
def test_send_task_runs_on_its_agent() -> None:
    with made("local", "other") as task_manager:
        sent = task_manager.SendTask("local", ShellExecute("printf out; printf err >&2; exit 3"))
        assert (sent.agent_id, sent.status, sent.timeout_s) == ("local", "created", 300.0)
        ended = reached(task_manager, sent.id, ENDS)
        assert (ended.status, ended.exit_code) == ("completed", 3)
        answers = told(task_manager, sent.id)
        assert "".join(one.stdout for one in answers) == "out"
        assert "".join(one.stderr for one in answers) == "err"
        assert [one.is_final for one in answers] == [False] * (len(answers) - 1) + [True]
        assert answers[-1].to_json() == {
            "taskId": sent.id, "agentId": "local", "status": "COMPLETED", "isFinal": True, "cancelled": False,
            "shellExecute": {"exitCode": 3},
        }  # fmt: skip


@pytest.mark.feature(9, 11)
def test_list_by_agent() -> None:
    with made("a", "b") as task_manager:
        first, second, third = (
            task_manager.SendTask(agent, LogMessage(f"hello {agent}")) for agent in ("a", "b", "a")
        )
        assert [task.id for task in task_manager.ListTasks()] == [third.id, second.id, first.id]
        assert [task.id for task in task_manager.ListTasks("a")] == [third.id, first.id]
        assert task_manager.ListTasks("nobody") == []
        reached(task_manager, first.id, ENDS)
        assert told(task_manager, first.id)[0].stdout == "hello a\n"


def test_errors() -> None:
    with made() as task_manager:
        with pytest.raises(NotFoundError):
            task_manager.GetTask("nothing")
        with pytest.raises(NotFoundError):
            task_manager.CancelTask("nothing")
        with pytest.raises(InvalidError):
            task_manager.SendTask("local", ShellExecute("  "))
        with pytest.raises(InvalidError):
            task_manager.SendTask("local", ShellExecute("true"), timeout=-1)
        sent = task_manager.SendTask("local", ShellExecute("true"))
        reached(task_manager, sent.id, {"completed"})
        with pytest.raises(NotCancellableError):
            task_manager.CancelTask(sent.id)


@pytest.mark.feature(14)
def test_a_docker_request_is_a_program_with_its_arguments() -> None:
    work = spec_of("local", DockerRun("--privileged", ("sh", "-c", "a b")), 5).work
    assert isinstance(work, ShellWork)
    assert work.argv == ("docker", "run", "--rm", "--", "--privileged", "sh", "-c", "a b")


@pytest.mark.feature(138)
def test_cleanup() -> None:
    with made() as task_manager:
        ended = task_manager.SendTask("local", ShellExecute("true"))
        running = task_manager.SendTask("local", ShellExecute("sleep 30"))
        reached(task_manager, ended.id, ENDS)
        assert task_manager.CleanupCompletedTasks(3_600) == 0
        assert task_manager.CleanupCompletedTasks() == 1
        assert [task.id for task in task_manager.ListTasks()] == [running.id]
        with pytest.raises(NotFoundError):
            task_manager.GetTask(ended.id)


@pytest.mark.feature(85)
def test_listeners_are_told_in_order() -> None:
    seen: list[tuple[str, str]] = []
    over = threading.Event()

    def broken(task: Task) -> None:
        raise RuntimeError("listener")

    def listen(task: Task) -> None:
        seen.append((task.id, task.status))
        if len([one for one in seen if one[1] in ENDS]) == 2:
            over.set()

    with made() as task_manager:
        task_manager.AddListener(broken)
        task_manager.AddListener(listen)
        ids = [task_manager.SendTask("local", ShellExecute("true")).id for _ in range(2)]
        assert over.wait(20)
        for task_id in ids:
            assert [state for one, state in seen if one == task_id] == ["created", "in_progress", "completed"]


# --- HTTP


@pytest.mark.feature(86)
def test_the_routes() -> None:
    with made("local", "b") as task_manager:
        app = FastAPI()
        app.include_router(router(task_manager.manager, task_manager.agents))

        async def ask(method: str, path: str, **options: Any) -> httpx.Response:
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://x", timeout=20) as client:
                return await client.request(method, path, **options)

        made_one = asyncio.run(ask("POST", "/tasks/shell", json={"agent_id": "local", "cmd": "echo hi"}))
        assert made_one.status_code == 201
        task_id = made_one.json()["id"]
        stream = asyncio.run(ask("GET", "/stream", params={"ref": task_id, "client_id": "me"}))
        lines = stream.text.splitlines()
        assert lines[0] == "event: response"
        datas = [json.loads(line[6:]) for line in lines if line.startswith("data: ")]
        assert "".join(one["shellExecute"].get("stdout", "") for one in datas) == "hi\n"
        assert datas[-1]["isFinal"] is True
        assert asyncio.run(ask("GET", f"/tasks/{task_id}")).json()["status"] == "completed"
        assert len(asyncio.run(ask("GET", "/tasks")).json()["tasks"]) == 1
        assert asyncio.run(ask("GET", "/agents/b/tasks")).json() == {"tasks": []}
        assert asyncio.run(ask("GET", "/tasks/none")).status_code == 404
        assert asyncio.run(ask("GET", "/stream", params={"ref": "none"})).status_code == 404
        assert asyncio.run(ask("DELETE", "/tasks/none")).status_code == 404
        assert asyncio.run(ask("DELETE", f"/tasks/{task_id}")).status_code == 400
        gone = asyncio.run(ask("POST", "/tasks/shell", json={"agent_id": "who", "cmd": "true"}))
        assert (gone.status_code, gone.json()["error"]["code"]) == (503, "AGENT_UNAVAILABLE")
        sleeping = asyncio.run(ask("POST", "/tasks/shell", json={"agent_id": "b", "cmd": "sleep 60"})).json()
        assert asyncio.run(ask("DELETE", f"/tasks/{sleeping['id']}")).status_code == 200
        assert reached(task_manager, sleeping["id"], ENDS).status == "cancelled"


# --- §6: the known faults are not here


def alive(mark: str) -> list[int]:
    return [one.pid for one in psutil.process_iter(["cmdline"]) if mark in (one.info["cmdline"] or ())]


@pytest.mark.feature(25, 65)
def test_fault_9_a_timeout_stops_the_whole_tree_and_says_so() -> None:
    with made() as task_manager:
        mark = f"86{time.monotonic_ns() % 10**7}"
        seen: list[str] = []
        task_manager.AddListener(lambda task: seen.append(task.status))
        sent = task_manager.SendTask("local", ShellExecute(f"sleep {mark} & sleep {mark}"), timeout=0.3)
        ended = reached(task_manager, sent.id, ENDS)
        assert ended.status == "timeout"
        assert alive(mark) == []
        assert told(task_manager, sent.id)[-1].status == "timeout"
        deadline = time.monotonic() + 20
        while "timeout" not in seen and time.monotonic() < deadline:
            time.sleep(0.01)
        assert seen[-1] == "timeout"


@pytest.mark.feature(25, 58, 59)
def test_fault_6_a_cancel_ends_the_whole_tree_and_is_final() -> None:
    with made() as task_manager:
        mark = f"85{time.monotonic_ns() % 10**7}"
        sent = task_manager.SendTask("local", ShellExecute(f"sleep {mark} & sleep {mark}"))
        reached(task_manager, sent.id, {"in_progress"})
        task_manager.CancelTask(sent.id)
        assert reached(task_manager, sent.id, ENDS).status == "cancelled"
        assert alive(mark) == []
        answers = told(task_manager, sent.id)
        assert [one.status for one in answers if one.is_final] == ["cancelled"]
        assert answers[-1].to_json()["cancelled"] is True


@pytest.mark.feature(90, 92)
def test_fault_4_a_late_client_and_a_flood_lose_nothing() -> None:
    with made() as task_manager:
        line = "x" * 99
        sent = task_manager.SendTask("local", ShellExecute(f"yes {line} | head -n 20000"))
        live = told(task_manager, sent.id)
        late = told(task_manager, sent.id)
        for answers in (live, late):
            assert "".join(one.stdout for one in answers) == f"{line}\n" * 20_000
            assert answers[-1].is_final


def test_fault_4_a_line_of_two_megabytes_blocks_nothing() -> None:
    with made() as task_manager:
        sent = task_manager.SendTask(
            "local", ShellExecute("head -c 2000000 /dev/zero | tr '\\0' a; echo; echo end")
        )
        assert reached(task_manager, sent.id, ENDS).status == "completed"
        text = "".join(one.stdout for one in told(task_manager, sent.id))
        assert text == "a" * 2_000_000 + "\nend\n"


def test_fault_147_an_unknown_agent_leaves_no_task() -> None:
    with made() as task_manager:
        with pytest.raises(AgentUnavailableError):
            task_manager.SendTask("nobody", ShellExecute("true"))
        assert task_manager.ListTasks() == []


def test_fault_5_and_7_results_outlive_the_manager(own_home: Path) -> None:
    with made(data_dir=own_home) as task_manager:
        sent = task_manager.SendTask("local", ShellExecute("echo kept"))
        reached(task_manager, sent.id, ENDS)
    with made(data_dir=own_home) as task_manager:
        assert task_manager.GetTask(sent.id).status == "completed"
        assert told(task_manager, sent.id)[0].stdout == "kept\n"
