"""What submits left that died before their commit is cleared up, and nothing else."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from tasktui.manager import orphans
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
