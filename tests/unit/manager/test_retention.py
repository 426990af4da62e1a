"""What retention deletes by the room that files take, and that deleting lets others work."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from tasktui.domain.errors import NotFoundError
from tasktui.domain.events.lifecycle import TaskFinished
from tasktui.domain.ports.store import Change, Committed, Conflict
from tasktui.domain.query import EVERYTHING
from tasktui.manager import endings, footprint
from tasktui.manager.limits import Limits
from tasktui.manager.scripted import Step
from tasktui.store.memory import MemoryStore
from tests.unit.manager.local_manager import Place, at_rest, opened

SCRIPTS: dict[str, list[Step]] = {"quick": []}


async def done(place: Place, size: int, **fields: object) -> str:
    task_id = await place.submit("quick", **fields)
    await place.manager.wait(task_id)
    await at_rest(place)
    (place.home / "tasks" / task_id / "run.1").mkdir()
    (place.home / "tasks" / task_id / "run.1" / "out.log").write_bytes(b"x" * size)
    return task_id


async def kept(place: Place) -> set[str]:
    return {row.id for row in (await place.manager.page(EVERYTHING)).items}


@pytest.mark.feature(136)
async def test_the_oldest_go_when_files_take_too_much(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS, limits=Limits(keep_bytes=250_000)) as place:
        wanted = await done(place, 100_000, client_id="c", request_id="r")
        old = await done(place, 100_000)
        middle = await done(place, 100_000)
        new = await done(place, 100_000)
        assert await place.manager._core.retention.sweep() == 2
        assert await kept(place) == {wanted, new}
        for task_id in (old, middle):
            assert not (tmp_path / "tasks" / task_id).exists()
        assert await place.manager._core.retention.sweep() == 0


async def test_without_a_limit_nobody_measures_anything(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS) as place:
        task_id = await done(place, 100_000)
        assert await place.manager._core.retention.sweep() == 0
        assert await kept(place) == {task_id}


async def test_what_is_kept_for_somebody_may_take_more_than_there_is(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS, limits=Limits(keep_bytes=1)) as place:
        wanted = await done(place, 10, client_id="c", request_id="r")
        assert await place.manager._core.retention.sweep() == 0
        assert await kept(place) == {wanted}
        await place.manager.ack(wanted)
        assert await place.manager._core.retention.sweep() == 1
        with pytest.raises(NotFoundError):
            await place.manager.get(wanted)


async def test_sizes_are_of_regular_files_below_a_task(tmp_path: Path) -> None:
    for path in ("tasks/a/x", "tasks/a/run.1/y", "artifacts/a/z", "tasks/b/x"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(b"12345")
    (tmp_path / "tasks/a/link").symlink_to("/")
    assert await footprint.sizes(tmp_path) == {"a": 15, "b": 5}
    assert await footprint.sizes(tmp_path / "none") == {}


async def test_a_purge_goes_by_portions_and_others_work_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endings, "PURGED_EVENTS", 7)
    async with opened(tmp_path, SCRIPTS) as place:
        ids = [await done(place, 1) for _ in range(5)]
        purging = asyncio.ensure_future(place.manager.purge(ids))
        new = await place.submit("quick")
        await place.manager.wait(new)
        assert await purging == 5
        portions = [event for event in await place.events("@system") if event.type == "task.deleted"]
        assert len(portions) == 3
        assert await kept(place) == {new}


class Ahead(MemoryStore):
    """An end can be read before its writer is told that it is stored, as of a file that two threads use."""

    def __init__(self) -> None:
        super().__init__()
        self.tell = asyncio.Event()

    async def commit(self, batch: Sequence[Change]) -> Sequence[Committed | Conflict]:
        done = await super().commit(batch)
        if any(isinstance(event.data, TaskFinished) for change in batch for event in change.events):
            await self.tell.wait()
        return done


async def test_a_task_whose_end_can_be_read_can_be_purged(tmp_path: Path) -> None:
    store = Ahead()
    async with opened(tmp_path, SCRIPTS, store=store) as place:
        task_id = await place.submit("quick")
        while (await place.manager.get(task_id)).row.finished_at is None:
            await asyncio.sleep(0.001)
        assert task_id in place.manager._core.runs
        asyncio.get_running_loop().call_later(0.05, store.tell.set)
        assert await place.manager.purge([task_id]) == 1
        assert await kept(place) == set()
