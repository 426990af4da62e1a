"""A manager that closes breaks nothing off of which a half would stay for good."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tasktui.domain.events.base import Data
from tasktui.domain.events.work import MessageCompleted
from tasktui.domain.spec import CustomWork, TaskSpec
from tasktui.domain.status import Status
from tasktui.executors.external import EXTERNAL
from tasktui.manager.scripted import Gate
from tasktui.manager.scripted_files import MemoryArtifacts
from tests.unit.manager.local_manager import opened


class Slow(MemoryArtifacts):
    """Takes its time over files."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = asyncio.Event()
        self.go_on = asyncio.Event()

    async def write(self, task_id: str, label: str, content: bytes, *, role: str) -> Data:
        self.reached.set()
        await self.go_on.wait()
        return await super().write(task_id, label, content, role=role)

    async def delete(self, task_id: str) -> None:
        self.reached.set()
        await self.go_on.wait()
        await super().delete(task_id)


async def closed_meanwhile(files: Slow, closing: asyncio.Future[None]) -> None:
    """Let the files be done only when the manager has begun to close."""
    for _ in range(50):
        await asyncio.sleep(0.001)
    files.go_on.set()
    await closing


async def test_what_is_deleted_is_deleted_whole(tmp_path: Path) -> None:
    """A file that no row names is never found again, and counts for what all may take."""
    async with opened(tmp_path, {"quick": []}) as place:
        place.artifacts = files = Slow()
        await place.manager.close()
        await place.open()
        tasks = [await place.submit("quick") for _ in range(3)]
        for task_id in tasks:
            await place.manager.wait(task_id)
        purging = asyncio.ensure_future(place.manager.purge(tasks))
        await files.reached.wait()
        await closed_meanwhile(files, asyncio.ensure_future(place.manager.close()))
        await asyncio.wait([purging])
        assert [task_id for task_id in tasks if (tmp_path / "tasks" / task_id).exists()] == []


async def test_a_long_report_that_was_taken_is_stored(tmp_path: Path) -> None:
    async with opened(tmp_path, {}) as place:
        place.artifacts = files = Slow()
        await place.manager.close()
        await place.open()
        spec = TaskSpec(work=CustomWork(executor=EXTERNAL))
        task_id = (await place.manager.submit(spec)).id
        said = MessageCompleted(message_id="m", content="x" * 100_000)
        reporting = asyncio.ensure_future(place.manager.report(task_id, said))
        await files.reached.wait()
        await closed_meanwhile(files, asyncio.ensure_future(place.manager.close()))
        await reporting
        assert "message.completed" in await place.types(task_id)


async def test_who_waits_for_its_tasks_leaves_when_they_are_another_owners(tmp_path: Path) -> None:
    """A person who chose to wait sat before «Waiting for the tasks to end» for ever."""
    script = [Gate("go"), MessageCompleted(message_id="m", content="x"), Gate("never")]
    async with opened(tmp_path, {"long": script}, durable=True) as place:
        task_id = await place.submit("long")
        await place.reach(task_id, "task.started")
        closing = asyncio.ensure_future(place.manager.close("wait"))
        await place.store.take_epoch(1)
        place.executor.open_gate("go")
        async with asyncio.timeout(10):
            await closing
        assert (row := await place.store.row(task_id)) is not None
        assert row.status is Status.RUNNING


async def test_who_waits_for_its_last_task_leaves_though_its_end_is_another_owners(tmp_path: Path) -> None:
    async with opened(tmp_path, {"long": [Gate("go")]}, durable=True) as place:
        await place.reach(await place.submit("long"), "task.started")
        closing = asyncio.ensure_future(place.manager.close("wait"))
        await place.store.take_epoch(1)
        place.executor.open_gate("go")
        async with asyncio.timeout(10):
            await closing
