"""What goes wrong in the store is logged when it begins and ends, and ends no run in another way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tasktui.domain.errors import FencedError, StoreError
from tasktui.domain.status import Status
from tasktui.manager.scripted import Output
from tasktui.store.memory import MemoryStore
from tests.unit.manager.local_manager import opened, until

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


class Fenced(MemoryStore):
    """Another owner takes over when the output of a task is to be indexed."""

    async def index_output(self, task_id: str, run: int, text: str) -> None:
        raise FencedError


async def test_a_take_over_between_the_end_and_its_index_is_no_failure(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    async with opened(tmp_path, {"loud": [Output("words\n")]}, store=Fenced()) as place:
        task_id = await place.submit("loud")
        assert (await place.manager.wait(task_id)).status is Status.COMPLETED
        await until(lambda: "is not in the index" in caplog.text)
    assert [record.message for record in caplog.records if record.levelno > logging.WARNING] == []
