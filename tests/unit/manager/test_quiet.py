"""Executors that go quiet, leave early, or refuse at the door."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tasktui.domain.errors import InvalidError, TaskConflictError, TasktuiError, UnavailableError
from tasktui.domain.events.lifecycle import TaskStatus
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.query import EVERYTHING
from tasktui.domain.requests import Message
from tasktui.domain.spec import CustomWork, TaskSpec
from tasktui.domain.status import Reason, Status
from tasktui.manager.scripted import Gate, ScriptedExecutor, Step
from tasktui.store.memory import MemoryStore
from tests.unit.manager.local_manager import Place, at_rest, opened, until

SCRIPTS: dict[str, list[Step]] = {
    "quick": [],
    "silent": [Gate("go")],
    "last words": [TaskStatus(message=str(n)) for n in range(50)],
}


@pytest.mark.feature(48)
async def test_a_run_that_says_nothing_wakes_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    async with opened(tmp_path, SCRIPTS) as place:
        silent = await place.submit("silent")
        await place.reach(silent, "task.started")
        await place.manager.wait(await place.submit("quick"))
        await place.manager._core.scheduler.idle()
        await at_rest(place, silent)
        rounds = 0
        select = loop._selector.select  # type: ignore[attr-defined]  # each round of the loop asks it once

        def counted(timeout: float | None) -> object:
            nonlocal rounds
            rounds += 1
            return select(timeout)

        monkeypatch.setattr(loop._selector, "select", counted)  # type: ignore[attr-defined]  # as above
        await asyncio.sleep(0.3)
        assert rounds <= 5
        monkeypatch.undo()
        place.executor.open_gate("go")
        await place.manager.wait(silent)


@pytest.mark.feature(40)
async def test_what_was_said_last_is_stored_before_the_end(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS) as place:
        task_id = await place.submit("last words")
        row = await place.manager.wait(task_id)
        assert row.status_text == "49"
        types = await place.types(task_id)
        assert types == ["task.created", "task.started", *["task.status"] * 50, "task.finished"]


@pytest.mark.feature(71)
async def test_messages_that_nobody_took_expire_with_the_run(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS) as place:
        task = await place.manager.submit(TaskSpec(work=CustomWork(executor="external")))
        sent = await place.manager.intervene(task.id, Message("anybody?"))
        await place.manager.finish(task.id, Outcome(Status.COMPLETED, Reason.COMPLETED))
        (kept,) = (await place.manager.detail(task.id)).interventions
        assert (kept.intervention_id, kept.state) == (sent.intervention_id, "expired")
        assert (await place.types(task.id))[-2:] == ["intervention.expired", "task.finished"]


class Choosy(ScriptedExecutor):
    """Takes nothing, for one reason or another."""

    refusal: TasktuiError

    async def check(self, spec: TaskSpec) -> None:
        raise self.refusal


@pytest.mark.feature(21)
@pytest.mark.parametrize("kind", [InvalidError, TaskConflictError, UnavailableError])
async def test_an_executor_may_refuse_at_the_door(tmp_path: Path, kind: type[TasktuiError]) -> None:
    choosy = Choosy(SCRIPTS)
    choosy.refusal = kind("not today")
    place = Place(tmp_path, MemoryStore(), choosy)
    await place.open()
    with pytest.raises(kind, match="not today"):
        await place.submit("quick")
    assert await place.manager.count(EVERYTHING) == 0
    assert not list((tmp_path / "tasks").glob("*"))
    await until(lambda: not place.manager._core.submitting)
    await place.manager.close()
