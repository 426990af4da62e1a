"""Without room on the disk no task begins, and none that may wait for it is idle."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tasktui.domain.errors import DiskFullError
from tasktui.domain.status import Status
from tasktui.manager import disk_room
from tests.unit.manager.local_manager import opened
from tests.unit.manager.test_time import SCRIPTS


class Disk:
    """What the system says of the disk."""

    def __init__(self, true: Callable[[Path], os.statvfs_result]) -> None:
        self._true = true
        self.is_full = False

    def __call__(self, path: Path) -> os.statvfs_result:
        said = list(self._true(path))
        if self.is_full:
            said[4] = 3  # f_bavail
        return os.statvfs_result(said)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    made = Disk(os.statvfs)
    monkeypatch.setattr(os, "statvfs", made)
    return made


async def test_queued_tasks_wait_for_room_and_say_so(tmp_path: Path, disk: Disk) -> None:
    async with opened(tmp_path, SCRIPTS) as place:
        disk.is_full = True
        ids = [await place.submit("quick") for _ in range(3)]
        async with asyncio.timeout(10):
            while not (told := (await place.manager.stats()).degraded):
                await asyncio.sleep(0.01)
        assert "no task can be started" in told
        for task_id in ids:
            assert (await place.manager.detail(task_id)).task.row.status is Status.QUEUED
        with pytest.raises(DiskFullError):
            disk_room.require(tmp_path)
        disk.is_full = False
        for task_id in ids:
            assert (await place.manager.wait(task_id)).status is Status.COMPLETED
        assert (await place.manager.stats()).degraded is None


async def test_a_task_that_may_wait_for_room_is_not_idle(tmp_path: Path, disk: Disk) -> None:
    async with opened(tmp_path, SCRIPTS) as place:
        disk.is_full = False
        task_id = await place.submit("gated", idle_timeout_s=1)
        await place.reach(task_id, "task.started")
        disk.is_full = True
        await asyncio.sleep(1.3)
        place.executor.open_gate("go")
        assert (await place.manager.wait(task_id)).status is Status.COMPLETED
