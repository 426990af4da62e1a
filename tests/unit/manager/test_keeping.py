"""Admission, retention, and a store that can only be read."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from tasktui.domain.errors import (
    CapacityError,
    DiskFullError,
    InvalidError,
    NotFoundError,
    SchemaTooNewError,
    StateError,
)
from tasktui.domain.query import EVERYTHING
from tasktui.domain.requests import Message
from tasktui.domain.status import Status
from tasktui.manager.limits import Limits
from tasktui.manager.scripted import Gate
from tasktui.store.memory import MemoryStore
from tests.unit.manager.local_manager import opened, until

SCRIPTS = {"quick": [], "gated": [Gate("go")]}
DAY_MS = 86_400_000


@pytest.mark.feature(33)
async def test_a_full_queue_refuses_and_says_when_to_come_back(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS, limits=Limits(max_queued=3)) as place:
        for _ in range(3):
            await place.submit("quick", held=True)
        with pytest.raises(CapacityError) as full:
            await place.submit("quick")
        assert full.value.retry_after_s > 0


async def test_files_that_find_no_room_leave_no_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(source: object, target: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    async with opened(tmp_path, SCRIPTS) as place:
        kept = await place.submit("quick", held=True)
        with monkeypatch.context() as patch:
            patch.setattr(Path, "rename", no_room)
            with pytest.raises(DiskFullError):
                await place.submit("quick")
        assert [path.name for path in (tmp_path / "tasks").iterdir()] == [kept]


@pytest.mark.feature(71)
async def test_too_many_messages_are_refused(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS, limits=Limits(interventions=0)) as place:
        task_id = await place.submit("gated")
        await place.reach(task_id, "task.started")
        with pytest.raises(CapacityError):
            await place.manager.intervene(task_id, Message("hello"))


async def test_all_lanes_together_have_a_limit(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS, limits=Limits(max_running=2)) as place:
        ids = [await place.submit("gated", lane=f"lane{n}") for n in range(4)]
        await place.reach(ids[1], "task.started")
        await place.manager._core.scheduler.idle()
        assert len(place.executor.started) == 2
        place.executor.open_gate("go")
        for task_id in ids:
            assert (await place.manager.wait(task_id)).status is Status.COMPLETED


@pytest.mark.feature(136, 138, 139)
async def test_old_tasks_go_with_their_files_and_unacked_results_stay(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS) as place:
        old = await place.submit("quick")
        wanted = await place.submit("quick", client_id="c", request_id="r")
        held = await place.submit("quick", held=True)
        for task_id in (old, wanted):
            await place.manager.wait(task_id)
        await until(lambda: not place.manager._core.runs)
        place.clock.jump_ms = 8 * DAY_MS
        assert await place.manager._core.retention.sweep() == 1
        with pytest.raises(NotFoundError):
            await place.manager.get(old)
        assert not (tmp_path / "tasks" / old).exists()
        assert {row.id for row in (await place.manager.page(EVERYTHING)).items} == {wanted, held}
        assert "task.deleted" in [event.type for event in await place.events("@system")]


@pytest.mark.feature(137, 138)
async def test_beyond_a_number_of_finished_tasks_the_oldest_go(tmp_path: Path) -> None:
    assert (Limits().keep_s, Limits().keep_tasks) == (7 * DAY_MS / 1000, 10_000)
    async with opened(tmp_path, SCRIPTS, limits=Limits(keep_tasks=2)) as place:
        ids = [await place.submit("quick") for _ in range(4)]
        for task_id in ids:
            await place.manager.wait(task_id)
        running = await place.submit("gated")
        await until(lambda: len(place.manager._core.runs) == 1)
        assert await place.manager._core.retention.sweep() == 2
        assert {row.id for row in (await place.manager.page(EVERYTHING)).items} == {*ids[2:], running}


async def test_priorities_and_holds_have_their_bounds(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS) as place:
        task_id = await place.submit("quick", held=True)
        with pytest.raises(InvalidError):
            await place.manager.set_priority(task_id, 1_001)
        await place.manager.release(task_id)
        await place.manager.wait(task_id)
        with pytest.raises(StateError):
            await place.manager.release(task_id)


async def test_a_retry_says_which_variables_are_gone(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS) as place:
        task_id = await place.submit("quick", env_keys=("NOT_SET_HERE", "PATH"))
        await place.manager.wait(task_id)
        new = await place.manager.retry(task_id)
        warning = await place.reach(new.id, "task.warning")
        assert b"NOT_SET_HERE" in warning.data
        assert b"PATH" not in warning.data


class NewerStore(MemoryStore):
    """Made by a newer version."""

    async def open(self) -> None:
        raise SchemaTooNewError


@pytest.mark.feature(100)
async def test_a_store_of_a_newer_version_is_only_read(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS) as place:
        task_id = await place.submit("quick")
        await place.manager.wait(task_id)
        await place.manager.close()
        contents = place.store.contents  # type: ignore[attr-defined]  # what a test may see
        place.store = NewerStore(contents)
        manager = await place.open()
        assert (await manager.get(task_id)).row.status is Status.COMPLETED
        assert "newer tasktui" in ((await manager.stats()).degraded or "")
        for refused in (manager.ack(task_id), manager.retry(task_id)):
            with pytest.raises(SchemaTooNewError):
                await refused
        assert not [child for child in (tmp_path / "tasks").iterdir() if child.name != task_id]
