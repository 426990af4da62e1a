"""A check takes its time: what an outside tool records of an attempt meanwhile is not put back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tasktui.domain.errors import StateError
from tasktui.domain.ports.programs import Program, Ran
from tasktui.domain.requests import Metadata, TaskDetail
from tasktui.manager.scripted_programs import ScriptedPrograms
from tests.unit.manager.local_manager import Place, opened

ATTEMPT = {"id": "a", "patch_path": "a.diff", "summary": "first"}


class Slow(ScriptedPrograms):
    """Ends when it is told to."""

    def __init__(self) -> None:
        super().__init__({"sh": Ran(0)})
        self.reached = asyncio.Event()
        self.go_on = asyncio.Event()

    async def run(self, directory: Path, program: Program) -> Ran:
        self.reached.set()
        await self.go_on.wait()
        return await super().run(directory, program)


@asynccontextmanager
async def checking(tmp_path: Path) -> AsyncIterator[tuple[Place, str, asyncio.Future[TaskDetail]]]:
    """Give a task whose attempt is being checked; the check ends when this is left."""
    async with opened(tmp_path, {"quick": []}) as place:
        programs = place.manager._core.programs = Slow()
        task_id = await place.submit("quick")
        await place.manager.wait(task_id)
        await place.manager.record_metadata(task_id, Metadata(attempt=dict(ATTEMPT)))
        check = asyncio.ensure_future(place.manager.verify_attempt(task_id, "a"))
        await programs.reached.wait()
        yield place, task_id, check
        programs.go_on.set()
        await asyncio.wait([check])


def attempt_of(detail: TaskDetail) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(detail.evidence[0].record)
    return found


async def test_the_verdict_is_added_to_the_newest_record(tmp_path: Path) -> None:
    async with checking(tmp_path) as (place, task_id, check):
        newer = ATTEMPT | {"summary": "second", "verification": ["read by ann"]}
        await place.manager.record_metadata(task_id, Metadata(attempt=newer))
    told = attempt_of(await check)
    assert told["summary"] == "second"
    assert told["verification"] == [
        "read by ann",
        "git apply --check: applies cleanly to the working tree",
    ]


async def test_the_verdict_about_one_patch_is_not_put_to_another(tmp_path: Path) -> None:
    async with checking(tmp_path) as (place, task_id, check):
        await place.manager.record_metadata(task_id, Metadata(attempt=ATTEMPT | {"patch_path": "b.diff"}))
    with pytest.raises(StateError):
        await check
    assert (kept := await place.store.detail(task_id)) is not None
    assert attempt_of(kept)["patch_path"] == "b.diff"
