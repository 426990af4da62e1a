"""System 003 in its own words: the singleton, its one worker, progress, segments, errors, cancellation."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tasktui.compat.storyflow import (
    TASK_CANCELLED,
    TASK_CANCELLING,
    TASK_COMPLETED,
    TASK_FAILED,
    TASK_PENDING,
    TASK_PROCESSING,
    TaskManager,
    get_task_manager,
)
from tasktui.compat.storyflow.routes import router
from tasktui.domain.errors import ManagerClosedError, TaskConflictError

ENDS = {TASK_COMPLETED, TASK_FAILED, TASK_CANCELLED}


@pytest.fixture
def tm() -> Iterator[TaskManager]:
    manager = get_task_manager()
    yield manager
    manager.shutdown(wait=False)


def reached(tm: TaskManager, task_id: str, states: set[str]) -> dict[str, Any]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        status = tm.get_task_status(task_id)
        assert status is not None
        if status["status"] in states:
            return status
        time.sleep(0.01)
    raise AssertionError(f"{status['status']} is not one of {states}")


class Held:
    """A callable that waits until it is let go."""

    def __init__(self) -> None:
        self.started = threading.Event()
        self.go = threading.Event()

    def __call__(self) -> None:
        self.started.set()
        assert self.go.wait(20)


@pytest.mark.feature(164)
def test_singleton_from_many_threads(tm: TaskManager) -> None:
    found: list[TaskManager] = []
    threads = [threading.Thread(target=lambda: found.append(TaskManager())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(one is tm for one in found)


@pytest.mark.feature(27, 32)
def test_a_task_from_pending_to_completed(tm: TaskManager) -> None:
    first, second = Held(), Held()
    one = tm.submit_task(first)
    two = tm.submit_task(second, task_id="second")
    assert two == "second"
    assert first.started.wait(20)
    assert reached(tm, one, {TASK_PROCESSING})["completed_at"] is None
    assert tm.get_task_status(two)["status"] == TASK_PENDING
    assert not second.started.is_set()
    first.go.set()
    assert second.started.wait(20)
    second.go.set()
    assert reached(tm, one, ENDS)["status"] == TASK_COMPLETED
    assert reached(tm, two, ENDS)["status"] == TASK_COMPLETED


@pytest.mark.feature(111)
def test_unknown_ids(tm: TaskManager) -> None:
    assert tm.get_task_status("none") is None
    tm.update_task_progress("none", 1, 2)
    tm.add_completed_segment("none", "s", {})
    tm.add_error("none", "s", "bad")
    assert tm.cancel_task("none") is False
    assert tm.is_cancelled("none") is False
    assert tm.get_task_status("none") is None


@pytest.mark.feature(107, 108)
def test_progress_replaces_and_is_whole(tm: TaskManager) -> None:
    seen: list[dict[str, Any]] = []

    def work() -> None:
        steps: list[tuple[float, float, dict[str, Any]]] = [
            (1, 3, {"current_segment_id": "s1", "description": "first"}), (2, 3, {}), (0, 0, {}), (9, 3, {}),
            (1, 2, {"percentage_override": 83.9, "is_export_phase": True}),
        ]  # fmt: skip
        for current, total, more in steps:
            tm.update_task_progress("p", current, total, **more)
            seen.append(tm.get_task_status("p")["progress"])

    tm.submit_task(work, task_id="p")
    reached(tm, "p", ENDS)
    assert seen == [
        {"current": 1, "total": 3, "percentage": 33, "current_segment_id": "s1", "description": "first"},
        {"current": 2, "total": 3, "percentage": 66},
        {"current": 0, "total": 0, "percentage": 0},
        {"current": 9, "total": 3, "percentage": 100},
        {"current": 1, "total": 2, "percentage": 83, "is_export_phase": True},
    ]
    assert all(isinstance(one["percentage"], int) for one in seen)


@pytest.mark.feature(109, 110)
def test_segments_and_errors_accumulate_and_do_not_fail_the_task(tm: TaskManager) -> None:
    def work() -> None:
        tm.add_completed_segment("a", "seg-1", {"audio_url": "/a.wav", "duration": 1.5})
        tm.add_completed_segment("a", "seg-2", {})
        tm.add_error("a", "seg-3", "no voice")
        assert len(tm.get_task_status("a")["completed_segments"]) == 2

    tm.submit_task(work, task_id="a")
    ended = reached(tm, "a", ENDS)
    assert ended["status"] == TASK_COMPLETED
    assert ended["completed_segments"] == [
        {"segment_id": "seg-1", "audio_url": "/a.wav", "duration": 1.5},
        {"segment_id": "seg-2", "audio_url": "", "duration": 0},
    ]
    assert ended["errors"] == [{"segment_id": "seg-3", "error": "no voice"}]


@pytest.mark.feature(112)
def test_what_is_returned_is_a_copy(tm: TaskManager) -> None:
    tm.submit_task(lambda: tm.add_completed_segment("c", "s", {"audio_url": "/a"}), task_id="c")
    status = reached(tm, "c", ENDS)
    status["completed_segments"][0]["audio_url"] = "/changed"
    status["completed_segments"].append({})
    status["progress"]["percentage"] = 99
    fresh = tm.get_task_status("c")
    assert fresh["completed_segments"] == [{"segment_id": "s", "audio_url": "/a", "duration": 0}]
    assert fresh["progress"]["percentage"] == 0


@pytest.mark.feature(57, 63)
def test_a_running_task_is_cancelled_by_its_flag_and_keeps_its_segments(tm: TaskManager) -> None:
    started = threading.Event()

    def work() -> None:
        tm.add_completed_segment("r", "s1", {})
        started.set()
        while not tm.is_cancelled("r"):
            time.sleep(0.005)

    tm.submit_task(work, task_id="r")
    assert started.wait(20)
    assert tm.is_cancelled("r") is False
    assert tm.cancel_task("r") is True
    ended = reached(tm, "r", ENDS)
    assert ended["status"] == TASK_CANCELLED
    assert [one["segment_id"] for one in ended["completed_segments"]] == ["s1"]
    assert tm.cancel_task("r") is False


@pytest.mark.feature(27, 58)
def test_cancelling_is_shown_until_the_work_stops(tm: TaskManager) -> None:
    held = Held()
    task_id = tm.submit_task(held)
    assert held.started.wait(20)
    tm.cancel_task(task_id)
    assert tm.get_task_status(task_id)["status"] == TASK_CANCELLING
    held.go.set()
    assert reached(tm, task_id, ENDS)["status"] == TASK_CANCELLED


@pytest.mark.feature(165, 166)
def test_shutdown_waits_and_refuses_what_comes_after() -> None:
    manager = get_task_manager()
    done: list[int] = []
    for number in range(3):
        manager.submit_task(lambda number=number: done.append(number))
    manager.shutdown(wait=True)
    assert done == [0, 1, 2]
    with pytest.raises(ManagerClosedError):
        manager.submit_task(lambda: None)
    again = get_task_manager()
    assert again is not manager
    task_id = again.submit_task(lambda: None)
    reached(again, task_id, ENDS)
    again.shutdown()


def test_the_routes(tm: TaskManager) -> None:
    held = Held()
    task_id = tm.submit_task(held)
    app = FastAPI()
    app.include_router(router(tm.manager))

    async def ask(method: str, path: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
            return await client.request(method, path)

    assert held.started.wait(20)
    assert asyncio.run(ask("GET", f"/api/tasks/{task_id}/status/")).json()["status"] == TASK_PROCESSING
    cancelled = asyncio.run(ask("POST", f"/api/tasks/{task_id}/cancel-render/"))
    assert (cancelled.status_code, cancelled.json()) == (200, {"status": "CANCELLING"})
    held.go.set()
    reached(tm, task_id, ENDS)
    assert asyncio.run(ask("POST", f"/api/tasks/{task_id}/cancel-render/")).status_code == 409
    assert asyncio.run(ask("GET", "/api/tasks/none/status/")).status_code == 404


# --- §6: the known faults are not here


@pytest.mark.feature(43)
def test_fault_12_the_error_of_a_failure_is_kept(tm: TaskManager) -> None:
    def work() -> None:
        raise ValueError("Test failure")

    task_id = tm.submit_task(work)
    ended = reached(tm, task_id, ENDS)
    assert (ended["status"], ended["error"]) == (TASK_FAILED, "Test failure")
    timeline = asyncio.run(tm.manager.timeline(task_id, types=["task.error"]))
    assert b"in work" in timeline.items[0].data
    after = tm.submit_task(lambda: None)
    assert reached(tm, after, ENDS)["status"] == TASK_COMPLETED


@pytest.mark.feature(57)
def test_fault_6_a_cancelled_pending_task_never_runs(tm: TaskManager) -> None:
    held, called = Held(), threading.Event()
    first = tm.submit_task(held)
    assert held.started.wait(20)
    pending = tm.submit_task(called.set)
    assert tm.cancel_task(pending) is True
    assert tm.get_task_status(pending)["status"] == TASK_CANCELLED
    held.go.set()
    reached(tm, first, ENDS)
    last = tm.submit_task(lambda: None)
    reached(tm, last, ENDS)
    assert not called.is_set()
    assert tm.get_task_status(pending)["status"] == TASK_CANCELLED


def test_fault_a_second_task_of_an_id_overwrites_nothing(tm: TaskManager) -> None:
    held = Held()
    tm.submit_task(held, task_id="same")
    with pytest.raises(TaskConflictError):
        tm.submit_task(lambda: None, task_id="same")
    held.go.set()
    assert reached(tm, "same", ENDS)["status"] == TASK_COMPLETED
    assert held.started.is_set()
