"""What submits left that died before their commit is cleared up, and nothing else."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from tasktui.domain.rows import TaskRow
from tasktui.domain.spec import ShellWork, TaskSpec
from tasktui.manager import orphans
from tasktui.store.memory import MemoryStore
from tests.unit.manager.local_manager import at_rest, opened


def _left(tasks: Path, task_id: str, files: dict[str, str], *, old: bool = True) -> Path:
    directory = tasks / task_id
    directory.mkdir(parents=True)
    for name, content in files.items():
        (directory / name).write_text(content)
    if old:
        os.utime(directory, (1, 1))
    return directory


async def test_only_what_a_dead_submit_wrote_is_deleted(tmp_path: Path) -> None:
    tasks = tmp_path / "tasks"
    async with opened(tmp_path, {}) as place:
        core = place.manager._core
        await at_rest(place)  # an owner that opens sweeps, too
        _left(tasks, "~gone-before", {"env": "SECRET=1"})
        gone = [
            _left(tasks, "empty", {}),
            _left(tasks, "whole", {"spec.json": "{}", "env": "SECRET=1"}),
            _left(tasks, "half", {".spec.json.new": "{"}),
        ]
        stays = [
            _left(tasks, "young", {"spec.json": "{}"}, old=False),
            _left(tasks, "broken", {"spec.json": "{"}),
            _left(tasks, "ran", {"spec.json": "{}", "run.json": "{}"}),
            _left(tasks, "noted", {"spec.json": "{}", "out.log": ""}),
            _left(tasks, "being-submitted", {"spec.json": "{}"}),
            _left(tasks, "no id", {}),
        ]
        with core.making("being-submitted"):
            await orphans.sweep(core)
    assert not (tasks / "~gone-before").exists()
    assert [path.name for path in (*gone, *stays) if path.exists()] == [path.name for path in stays]


async def test_tasks_that_are_known_keep_their_files_and_submits_may_go_on_meanwhile(tmp_path: Path) -> None:
    _left(tmp_path / "tasks", "lost", {"spec.json": "{}"})
    async with opened(tmp_path, {"quick": []}) as place:
        held = await place.submit("quick", held=True)
        os.utime(tmp_path / "tasks" / held, (1, 1))
        core = place.manager._core
        submits = [place.submit("quick", held=True) for _ in range(50)]
        ids, *_ = await asyncio.gather(asyncio.gather(*submits), *(orphans.sweep(core) for _ in range(5)))
        await at_rest(place)
        assert all((tmp_path / "tasks" / one / "spec.json").exists() for one in (held, *ids))
        assert not (tmp_path / "tasks" / "lost").exists()
        assert not [path for path in (tmp_path / "tasks").iterdir() if path.name.startswith("~gone")]


class Slow(MemoryStore):
    """Takes its time to say which tasks are known."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = asyncio.Event()
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def rows_of(self, task_ids: Sequence[str]) -> Sequence[TaskRow]:
        rows = await super().rows_of(task_ids)
        self.reached.set()
        await self.go_on.wait()
        return rows


async def test_a_task_that_is_submitted_while_the_others_are_cleared_up_keeps_its_files(
    tmp_path: Path,
) -> None:
    """Its files were attached long before: a directory that looks as a dead submit leaves it."""
    store = Slow()
    async with opened(tmp_path, {"quick": []}, store=store) as place:
        await at_rest(place)
        directory = _left(tmp_path / "tasks", "attached", {})
        store.reached.clear()
        store.go_on.clear()
        sweeping = asyncio.ensure_future(orphans.sweep(place.manager._core))
        await store.reached.wait()
        spec = TaskSpec(work=ShellWork(command="quick"), held=True)
        await place.manager.submit(spec, task_id="attached")
        store.go_on.set()
        assert await sweeping == 0
        assert (directory / "spec.json").exists()
