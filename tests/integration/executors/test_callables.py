"""Callables inside the owner: lanes of threads, the caller's loop, context, cancel, tracebacks, clean-up."""

from __future__ import annotations

import asyncio
import functools
import gc
import threading
import weakref
from collections.abc import AsyncIterator, Callable

import pytest

from tasktui import Answer, JobContext, Message, Reason, Status, TaskManager
from tasktui.domain.records import StoredEvent


@pytest.fixture(params=[False, True], ids=["same loop", "own thread"])
async def manager(request: pytest.FixtureRequest) -> AsyncIterator[TaskManager]:
    opening = TaskManager.open(store="memory", lanes={"gpu": 1, "three": 3}, thread=request.param)
    async with opening as manager:
        yield manager


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.002)


async def types(manager: TaskManager, task_id: str) -> list[str]:
    return [event.type async for event in manager.subscribe(task_id) if isinstance(event, StoredEvent)]


@pytest.mark.feature(32)
async def test_a_lane_of_one_works_in_one_thread_in_order(manager: TaskManager) -> None:
    seen: list[tuple[int, int]] = []

    def work(number: int) -> None:
        seen.append((number, threading.get_ident()))

    tasks = [await manager.submit_callable(work, number, lane="gpu") for number in range(20)]
    for task in tasks:
        assert (await manager.wait(task.id)).status is Status.COMPLETED
    assert [number for number, _ in seen] == list(range(20))
    assert len({thread for _, thread in seen}) == 1
    assert threading.get_ident() not in {thread for _, thread in seen}


async def test_a_lane_runs_as_many_at_once_as_it_may(manager: TaskManager) -> None:
    together = threading.Barrier(3, timeout=20)
    running, most, lock = 0, 0, threading.Lock()

    def work() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        together.wait()
        with lock:
            running -= 1

    tasks = [await manager.submit_callable(work, lane="three") for _ in range(6)]
    assert {(await manager.wait(task.id)).status for task in tasks} == {Status.COMPLETED}
    assert most == 3


async def test_arguments_and_context_come_together(manager: TaskManager) -> None:
    def work(ctx: JobContext, first: int, *, second: str) -> dict[str, object]:
        return {"id": ctx.task_id, "first": first, "second": second}

    task = await manager.submit_callable(work, 1, kwargs={"second": "two"}, task_id="my-job")
    assert await manager.result(task.id) == '{"id": "my-job", "first": 1, "second": "two"}'
    partial = await manager.submit_callable(functools.partial(work, first=5), kwargs={"second": "x"})
    assert '"first": 5' in str(await manager.result(partial.id))
    unfit = await manager.wait((await manager.submit_callable(work, 1)).id)
    assert (unfit.status, unfit.terminal_reason) == (Status.FAILED, Reason.SPAWN_FAILED)
    assert "missing a required argument: 'second'" in str(unfit.error)


@pytest.mark.feature(40, 108, 109)
async def test_progress_segments_and_files_are_kept_in_order(manager: TaskManager) -> None:
    def work(ctx: JobContext) -> None:
        for number in range(3):
            ctx.progress(number, 3, percentage=number * 40, phase="export", scene=number)
            ctx.segment(number, url=f"/{number}", odd=object())
        ctx.segment_failed("last", "torn")
        ctx.progress(0, 0)
        ctx.artifact(b"rows", "table.csv")

    task = await manager.submit_callable(work)
    row = await manager.wait(task.id)
    assert (row.status, row.terminal_reason) == (Status.COMPLETED, Reason.COMPLETED_WITH_ERRORS)
    assert (row.segments_ok, row.segments_failed, row.progress_percentage) == (3, 1, 0)
    assert [one.label for one in (await manager.artifacts(task.id)).items] == ["table.csv"]
    told = [name for name in await types(manager, task.id) if name.startswith("segment")]
    assert told == ["segment.completed"] * 3 + ["segment.failed"]
    strict = await manager.submit_callable(work, fail_on_segment_error=True)
    row = await manager.wait(strict.id)
    assert (row.status, row.error) == (Status.FAILED, "1 of 4 segments failed.")


@pytest.mark.feature(40, 87)
async def test_a_flood_of_reports_waits_for_the_manager_and_loses_nothing(manager: TaskManager) -> None:
    def work(ctx: JobContext) -> None:
        for number in range(5_000):
            ctx.segment(number)

    row = await manager.wait((await manager.submit_callable(work)).id)
    assert (row.status, row.segments_ok) == (Status.COMPLETED, 5_000)


@pytest.mark.feature(43)
async def test_an_exception_keeps_its_traceback_and_cleaning_up_comes_always(manager: TaskManager) -> None:
    cleaned: list[str] = []

    def broken() -> None:
        raise KeyError("no such thing")

    async def broken_too() -> None:
        raise ValueError("async")

    for function, said in ((broken, "KeyError: 'no such thing'"), (broken_too, "ValueError: async")):
        task = await manager.submit_callable(function, cleanup=lambda: cleaned.append("yes"))
        row = await manager.wait(task.id)
        assert (row.status, row.terminal_reason, row.error) == (Status.FAILED, Reason.ERROR, said)
        files = (await manager.artifacts(task.id)).items
        assert [(one.label, one.role) for one in files] == [("traceback.txt", "log")]
        text = (await manager.read_artifact(task.id, files[0].artifact_id)).data.decode()
        assert function.__name__ in text
        assert "tasktui/executors/callables.py" not in text, "frames of ours say nothing about the job"
        errors = (await manager.timeline(task.id, types=["task.error"])).items
        assert b"Traceback" in errors[0].data
    assert cleaned == ["yes", "yes"]


async def test_a_clean_up_that_fails_is_a_warning(manager: TaskManager) -> None:
    def fails() -> None:
        raise OSError("cannot")

    task = await manager.submit_callable(lambda: "fine", cleanup=fails)
    assert await manager.result(task.id) == "fine"
    warnings = (await manager.timeline(task.id, types=["task.warning"])).items
    assert b"Cleaning up failed: OSError: cannot" in warnings[0].data


async def test_a_cancel_is_a_flag_that_ends_a_wait_at_once(manager: TaskManager) -> None:
    up = threading.Event()

    def polls(ctx: JobContext) -> str:
        up.set()
        while not ctx.cancelled:
            threading.Event().wait(0.001)
        return "half of it"

    def asks(ctx: JobContext) -> None:
        up.set()
        ctx.ask("Which?")

    async def sleeps() -> None:
        up.set()
        await asyncio.sleep(60)

    for function, reason in (
        (polls, Reason.CANCELED_AFTER_COMPLETION),
        (asks, Reason.CANCELED),
        (sleeps, Reason.CANCELED),
    ):
        up.clear()
        task = await manager.submit_callable(function)
        await until(up.is_set)
        await manager.cancel(task.id)
        row = await manager.wait(task.id, timeout_s=20)
        assert (row.status, row.terminal_reason) == (Status.CANCELED, reason)


@pytest.mark.feature(57)
async def test_a_canceled_one_in_the_queue_never_runs(manager: TaskManager) -> None:
    called: list[int] = []
    task = await manager.submit_callable(called.append, 1, held=True)
    await manager.cancel(task.id)
    row = await manager.wait(task.id)
    assert (row.status, row.terminal_reason) == (Status.CANCELED, Reason.CANCELED_BEFORE_START)
    assert called == []


@pytest.mark.feature(72)
async def test_people_are_heard(manager: TaskManager) -> None:
    def work(ctx: JobContext) -> str:
        first = ctx.next_intervention()
        assert first is not None
        allowed = ctx.permission("paint the wall")
        return f"{first.text} {ctx.ask('Which colour?', ['red', 'blue'])} {allowed} {ctx.interventions()}"

    task = await manager.submit_callable(work)
    async for event in manager.subscribe(task.id):
        if event.type == "task.started":
            await manager.intervene(task.id, Message("paint"))
        elif event.type == "approval.requested":
            await manager.answer(task.id, Answer(decision="deny"))
        elif event.type == "input.requested":
            await manager.answer(task.id, Answer(text="blue"))
    assert await manager.result(task.id) == "paint blue False []"


async def test_a_question_that_nobody_answers_in_time_is_none(manager: TaskManager) -> None:
    task = await manager.submit_callable(lambda ctx: [ctx.ask("?", timeout_s=0.05), ctx.cancelled])
    assert await manager.result(task.id) == "[null, false]"


async def test_a_retry_calls_it_again(manager: TaskManager) -> None:
    calls: list[int] = []

    def flaky(ctx: JobContext) -> int:
        calls.append(ctx.run)
        if ctx.run == 1:
            raise OSError("first")
        return ctx.run

    task = await manager.submit_callable(flaky, retries=1)
    assert (await manager.result(task.id), calls) == ("2", [1, 2])


async def test_what_has_ended_is_let_go_of(manager: TaskManager) -> None:
    class Held:
        def __call__(self) -> int:
            return 1

    held = Held()
    gone = weakref.ref(held)
    task = await manager.submit_callable(held)
    await manager.wait(task.id)
    del held

    def is_gone() -> bool:
        gc.collect()
        return gone() is None

    await until(is_gone)


async def test_what_a_job_reports_wrongly_is_a_warning(manager: TaskManager) -> None:
    def work(ctx: JobContext) -> str:
        ctx.progress(float("nan"), 2.0, percentage=5)
        ctx.artifact("/not\0a path")
        return "went on"

    task = await manager.submit_callable(work)
    assert await manager.result(task.id) == "went on"
    warnings = (await manager.timeline(task.id, types=["task.warning"])).items
    assert [b"is not valid" in event.data for event in warnings] == [True, True]
