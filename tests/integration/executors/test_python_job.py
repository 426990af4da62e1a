"""Python functions in processes of their own, under real shims and a real manager."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tasktui.bootstrap.house import House, acquire
from tasktui.config import Config
from tasktui.domain.errors import InvalidError
from tasktui.domain.records import StoredEvent
from tasktui.domain.requests import Answer, Message
from tasktui.domain.rows import TaskRow
from tasktui.domain.spec import TaskSpec
from tasktui.domain.status import Reason, Status
from tasktui.manager.manager import LocalManager

JOBS = """
import asyncio, os, sys, time
from tasktui.jobs import JobContext, TaskCanceled, job

def add(n: int = 0, word: str = "") -> dict:
    print("adding", n)
    return {"n": n + 1, "word": word}

async def later(ctx, n=1):
    await asyncio.sleep(0.01)
    ctx.status("slept")
    return n

def parts(ctx: JobContext) -> str:
    ctx.checklist({"cut": "completed", "sew": "in_progress"})
    for number in range(4):
        ctx.progress(number + 1, 4, phase="parts", scene=number)
        if number == 2:
            ctx.segment_failed(number, ValueError("torn"))
        else:
            ctx.segment(number, url=f"/{number}")
    ctx.artifact(b"a,b", "table.csv", summary="a table")
    return "done"

@job(fail_on_segment_error=True)
def strict(ctx):
    parts(ctx)

def broken():
    raise KeyError("no such thing")

def waits(task: JobContext):
    task.status("ready")
    first = task.next_intervention(20)
    colour = task.ask("Which colour?", ["red", "blue"])
    return f"{first.text} {colour} {task.permission('paint')}"

def patient(ctx):
    print("up", flush=True)
    while not ctx.cancelled:
        time.sleep(0.01)
    return "half of it"

def obeys(ctx):
    print("up", flush=True)
    while True:
        ctx.raise_if_cancelled()
        try:
            time.sleep(0.01)
        except Exception:
            pass

async def sleeper():
    print("up", flush=True)
    try:
        await asyncio.sleep(60)
    finally:
        print("cleaned up")

def gone():
    os._exit(0)

def leaves():
    sys.exit(4)

def big():
    return "x" * 5000

def blocks():
    return None

async def asks(ctx):
    ctx.ask("in a loop?")

def slow(ctx):
    ctx.progress(1, 2)
    ctx.status("half")
    while not os.path.exists("go"):
        time.sleep(0.01)
    return "slowly"

def endless():
    time.sleep(60)

NOT_A_FUNCTION = 5
"""


@dataclass
class Place:
    manager: LocalManager
    cwd: Path

    async def submit(self, name: str, spec: dict[str, object] | None = None, **work: object) -> str:
        given = {"work": {"kind": "python", "function": name, **work}, "cwd": str(self.cwd), **(spec or {})}
        return (await self.manager.submit(TaskSpec.model_validate(given))).id

    async def end(self, name: str, spec: dict[str, object] | None = None, **work: object) -> TaskRow:
        return await self.manager.wait(await self.submit(name, spec, **work))

    async def result(self, row: TaskRow) -> str | None:
        return (await self.manager.detail(row.id)).result_inline

    async def reach(self, task_id: str, event_type: str) -> StoredEvent:
        async for event in self.manager.subscribe(task_id):
            if isinstance(event, StoredEvent) and event.type == event_type:
                return event
        raise AssertionError(f"{task_id} ended without {event_type}")

    async def output(self, task_id: str) -> str:
        return (await self.manager.output(task_id)).data.decode()

    async def printed(self, task_id: str, text: str) -> None:
        while text not in await self.output(task_id):
            await asyncio.sleep(0.01)


@asynccontextmanager
async def opened(home: Path, cwd: Path) -> AsyncIterator[Place]:
    lock = acquire(home)
    assert lock is not None
    house = await House.open(Config(home=home), lock)
    try:
        async with asyncio.timeout(25):
            yield Place(house.manager, cwd)
    finally:
        await house.close("detach")
        lock.release()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "things.py").write_text(JOBS)
    (folder / "needs.py").write_text("import nowhere_to_be_found\n")
    return folder


@pytest.fixture
async def place(own_home: Path, project: Path) -> AsyncIterator[Place]:
    async with opened(own_home, project) as here:
        yield here


@pytest.mark.feature(16)
async def test_a_function_gets_its_arguments_and_its_value_is_the_result(place: Place) -> None:
    row = await place.end("things:add", arguments={"n": 3, "word": "w"}, python=sys.executable)
    assert (row.status, row.terminal_reason, row.exit_code) == (Status.COMPLETED, Reason.COMPLETED, 0)
    assert await place.result(row) == '{"n": 4, "word": "w"}'
    assert await place.output(row.id) == "adding 3\n"


async def test_an_async_function_runs_on_a_loop_of_its_own(place: Place) -> None:
    row = await place.end("things:later", arguments={"n": 2})
    assert (row.status, row.status_text) == (Status.COMPLETED, "slept")
    assert await place.result(row) == "2"


@pytest.mark.feature(109, 110)
async def test_progress_segments_checklist_and_files_are_kept(place: Place) -> None:
    row = await place.end("things:parts")
    assert (row.status, row.terminal_reason) == (Status.COMPLETED, Reason.COMPLETED_WITH_ERRORS)
    assert (row.progress_percentage, row.segments_ok, row.segments_failed) == (100, 3, 1)
    detail = await place.manager.detail(row.id)
    assert '"sew"' in str(detail.checklist)
    assert [(one.label, one.summary) for one in detail.artifacts] == [("table.csv", "a table")]
    failed = [
        event for event in (await place.manager.timeline(row.id)).items if event.type == "segment.failed"
    ]
    assert b"ValueError: torn" in failed[0].data


@pytest.mark.parametrize(("name", "work"), [("strict", {}), ("parts", {"fail_on_segment_error": True})])
@pytest.mark.feature(110)
async def test_a_failed_segment_fails_the_task_where_that_is_asked_for(
    place: Place, name: str, work: dict[str, object]
) -> None:
    row = await place.end(f"things:{name}", **work)
    assert (row.status, row.error) == (Status.FAILED, "1 of 4 segments failed.")


async def test_an_exception_fails_the_task_and_its_traceback_is_kept(place: Place) -> None:
    row = await place.end("things:broken")
    assert (row.status, row.terminal_reason) == (Status.FAILED, Reason.ERROR)
    assert (row.error, row.exit_code) == ("KeyError: 'no such thing'", 1)
    output = await place.output(row.id)
    assert 'raise KeyError("no such thing")' in output
    assert "tasktui" not in output, "frames of ours say nothing about the job"
    files = (await place.manager.artifacts(row.id)).items
    assert [(one.label, one.role) for one in files] == [("traceback.txt", "log")]
    assert (await place.manager.read_artifact(row.id, files[0].artifact_id)).data.decode() == output


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nothing.like:it", "There is no module nothing. It was looked for in"),
        ("things:ad", "things has no function ad. Did you mean add?"),
        ("things:NOT_A_FUNCTION", "NOT_A_FUNCTION is no function but int."),
        ("things:add", "It does not take these arguments: got an unexpected keyword argument 'x'."),
    ],
)
async def test_what_cannot_be_called_is_said_in_a_sentence(place: Place, name: str, said: str) -> None:
    row = await place.end(name, arguments={"x": 1} if name.endswith("add") else {})
    assert (row.status, row.terminal_reason) == (Status.FAILED, Reason.SPAWN_FAILED)
    assert said in str(row.error)
    assert "Traceback" not in await place.output(row.id)


async def test_a_module_that_fails_to_import_shows_why(place: Place) -> None:
    row = await place.end("needs:it")
    assert (row.status, row.terminal_reason) == (Status.FAILED, Reason.ERROR)
    assert row.error == "ModuleNotFoundError: No module named 'nowhere_to_be_found'"
    assert "import nowhere_to_be_found" in await place.output(row.id)


@pytest.mark.feature(72)
async def test_messages_questions_and_permissions_reach_the_job(place: Place) -> None:
    task_id = await place.submit("things:waits")
    await place.reach(task_id, "task.status")
    await place.manager.intervene(task_id, Message("paint it"))
    await place.reach(task_id, "input.requested")
    await place.manager.answer(task_id, Answer(text="blue"))
    await place.reach(task_id, "approval.requested")
    await place.manager.answer(task_id, Answer(decision="allow"))
    row = await place.manager.wait(task_id)
    assert await place.result(row) == "paint it blue True"
    assert [one.state for one in (await place.manager.detail(task_id)).interventions] == ["delivered"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("patient", Reason.CANCELED_AFTER_COMPLETION),
        ("obeys", Reason.CANCELED),
        ("sleeper", Reason.CANCELED),
        ("endless", Reason.CANCELED),
    ],
)
@pytest.mark.feature(57, 63)
async def test_a_cancel_raises_the_flag_and_what_was_done_is_kept(
    place: Place, name: str, reason: Reason
) -> None:
    task_id = await place.submit(f"things:{name}")
    if name == "endless":
        await place.reach(task_id, "task.started")
    else:
        await place.printed(task_id, "up")
    await place.manager.cancel(task_id, force=name == "endless")
    row = await place.manager.wait(task_id)
    expected = Reason.CANCEL_FORCED if name == "endless" else reason
    assert (row.status, row.terminal_reason) == (Status.CANCELED, expected)
    assert await place.result(row) == ("half of it" if name == "patient" else None)
    if name == "sleeper":
        assert "cleaned up" in await place.output(task_id)


async def test_only_a_record_of_the_end_is_a_success(place: Place) -> None:
    row = await place.end("things:gone")
    assert (row.status, row.terminal_reason) == (Status.FAILED, Reason.BAD_RESULT)
    assert row.error == "The process ended before the function had returned: exit code 0."
    row = await place.end("things:leaves")
    assert (row.status, row.terminal_reason, row.exit_code) == (Status.FAILED, Reason.EXIT_NONZERO, 4)


async def test_a_large_result_becomes_a_file(place: Place) -> None:
    row = await place.end("things:big")
    detail = await place.manager.detail(row.id)
    assert detail.result_inline is None
    kept = await place.manager.read_artifact(row.id, str(row.result_ref))
    assert kept.data == b"x" * 5000


async def test_waiting_in_an_event_loop_is_refused(place: Place) -> None:
    row = await place.end("things:asks")
    assert (row.status, row.error_code) == (Status.FAILED, "RuntimeError")
    assert "asyncio.to_thread" in str(row.error)


async def test_a_deadline_ends_a_job(place: Place) -> None:
    row = await place.end("things:endless", {"timeout_s": 0.3})
    assert (row.status, row.terminal_reason) == (Status.TIMED_OUT, Reason.WALL_TIMEOUT)


async def test_a_job_outlives_its_owner(own_home: Path, project: Path) -> None:
    async with opened(own_home, project) as first:
        going = await first.submit("things:slow")
        await first.reach(going, "task.status")
        ended = await first.submit("things:slow", {"cwd": str(project / "..")}, python=sys.executable)
        assert (await first.manager.wait(ended)).status is Status.FAILED, "there is no such module there"
    (project / "go").touch()
    async with opened(own_home, project) as second:
        row = await second.manager.wait(going)
        assert (row.status, row.run_no, row.progress_percentage) == (Status.COMPLETED, 1, 50)
        assert await second.result(row) == "slowly"


async def test_a_retried_job_is_not_judged_by_the_record_of_its_former_run(place: Place) -> None:
    (place.cwd / "once.py").write_text(
        "import os, sys\ndef it():\n    if os.path.exists('seen'):\n        os._exit(0)\n"
        "    open('seen', 'w').close()\n    raise ValueError('first')\n"
    )
    row = await place.end("once:it", {"retries": 1})
    assert (row.run_no, row.status, row.terminal_reason) == (2, Status.FAILED, Reason.BAD_RESULT)


async def test_what_cannot_run_is_refused_at_once(place: Place) -> None:
    for spec, work, said in (
        ({"cwd": "/not/there"}, {}, "The working directory is not there"),
        ({}, {"python": "/no/python"}, "The Python interpreter is not there"),
        ({}, {"arguments": {"x": "y" * 100_000}}, "larger than 96 KiB"),
    ):
        with pytest.raises(InvalidError, match=said):
            await place.submit("things:add", spec, **work)
