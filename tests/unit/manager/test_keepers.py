"""Executors that keep something beside the tasks' directories are told of purges, and cannot hinder them."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tasktui.domain.errors import UnavailableError
from tasktui.manager.scripted import ScriptedExecutor
from tasktui.store.memory import MemoryStore
from tests.unit.manager.local_manager import Place


class Keeping(ScriptedExecutor):
    """Keeps things, and cannot clear up behind some tasks."""

    def __init__(self, *, fails: bool) -> None:
        super().__init__({"work": []})
        self.fails = fails
        self.forgotten: list[str] = []

    async def forget(self, task_id: str) -> None:
        self.forgotten.append(task_id)
        if self.fails:
            raise UnavailableError("no git")


@pytest.mark.parametrize("fails", [False, True])
async def test_a_purge_tells_the_keeper_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, *, fails: bool
) -> None:
    place = Place(tmp_path, MemoryStore(), keeper := Keeping(fails=fails))
    manager = await place.open()
    try:
        task_id = await place.submit("work")
        await manager.wait(task_id)
        with caplog.at_level(logging.WARNING):
            assert await manager.purge([task_id]) == 1
        assert keeper.forgotten == [task_id], "once, though it runs several kinds"
        assert await place.store.row(task_id) is None
        assert (f"what was kept for {task_id} was left: no git" in caplog.text) is fails
    finally:
        await manager.close("cancel")
