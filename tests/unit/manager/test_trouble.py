"""A store that cannot be read keeps tasks from starting: logged when that begins, and when it ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tasktui.domain.errors import StoreError
from tasktui.domain.status import Status
from tasktui.store.memory import MemoryStore
from tests.unit.manager.local_manager import opened

ROUNDS = 5


class Unreadable(MemoryStore):
    """Its lanes cannot be read while it is `broken`."""

    broken = False
    asked = 0

    async def lane_counts(self) -> Sequence[Any]:
        self.asked += 1
        if self.broken:
            raise StoreError("the disk does not answer")
        return await super().lane_counts()


async def test_what_keeps_tasks_from_starting_is_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = Unreadable()
    caplog.set_level(logging.WARNING)
    async with opened(tmp_path, {"quick": []}, store=store) as place:
        store.broken = True
        task_id = await place.submit("quick")
        scheduler = place.manager._core.scheduler
        for _ in range(ROUNDS):
            asked = store.asked
            scheduler.wake()
            while store.asked == asked:
                await asyncio.sleep(0.001)
        store.broken = False
        scheduler.wake()
        assert (await place.manager.wait(task_id)).status is Status.COMPLETED
    said = [record.message for record in caplog.records if record.name == "tasktui.manager.scheduler"]
    assert said == ["nothing can be started now: the disk does not answer", "tasks can be started again"]
