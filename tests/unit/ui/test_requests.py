"""ui/requests.py: what a person asks for reaches the manager, and what comes back is said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tasktui.domain.errors import StateError, TasktuiError
from tasktui.domain.status import Attention, Status
from tasktui.ui.messages import (
    AnswerRequested,
    ArchiveRequested,
    CancelRequested,
    HoldRequested,
    InterveneRequested,
    PriorityRequested,
    PurgeRequested,
    RetryRequested,
    SubmitRequested,
)
from tasktui.ui.requests import carry_out
from tests.ui.night import Night, night


@pytest.fixture
async def work(own_home: Path) -> AsyncIterator[Night]:
    async with night(own_home) as made:
        yield made


async def named(work: Night, title: str) -> str:
    from tasktui.domain.query import EVERYTHING

    page = await work.manager.page(EVERYTHING)
    return next(row.id for row in page.items if row.title == title)


async def test_hold_and_its_undo(work: Night) -> None:
    task_id = await named(work, "update changelog")
    done = await carry_out(HoldRequested((task_id,)), work.manager)
    assert done.text == "Held 1 task"
    assert (await work.row(task_id)).held
    assert done.undo is not None
    await carry_out(done.undo, work.manager)
    assert not (await work.row(task_id)).held


async def test_priority_and_its_undo(work: Night) -> None:
    task_id = await named(work, "port parser to rust")
    done = await carry_out(PriorityRequested((task_id,), 2), work.manager)
    assert (await work.row(task_id)).priority == 7
    assert done.undo is not None
    await carry_out(done.undo, work.manager)
    assert (await work.row(task_id)).priority == 5


async def test_archive_and_its_undo(work: Night) -> None:
    task_id = await named(work, "bump deps")
    done = await carry_out(ArchiveRequested((task_id,)), work.manager)
    assert (await work.row(task_id)).archived_at is not None
    assert done.undo is not None
    assert (await carry_out(done.undo, work.manager)).text == "Back in the list: 1 task"
    assert (await work.row(task_id)).archived_at is None


async def test_cancel_stops_all_that_are_named(work: Night) -> None:
    ids = (await named(work, "nightly index rebuild"), await named(work, "update changelog"))
    assert (await carry_out(CancelRequested(ids), work.manager)).text == "Stopping 2 tasks"
    for task_id in ids:
        assert (await work.manager.wait(task_id, timeout_s=20)).status is Status.CANCELED


async def test_retry_makes_another_task(work: Night) -> None:
    before = (await work.manager.counts()).total
    await carry_out(RetryRequested((await named(work, "unit tests"),)), work.manager)
    assert (await work.manager.counts()).total == before + 1


async def test_submit_names_what_was_queued(work: Night) -> None:
    spec = (await work.manager.get(await named(work, "bump deps"))).spec
    assert (await carry_out(SubmitRequested(spec), work.manager)).text == "Queued: bump deps"


async def test_purge_deletes(work: Night) -> None:
    task_id = await named(work, "bump deps")
    assert (await carry_out(PurgeRequested((task_id,)), work.manager)).text == "Deleted 1 task"
    with pytest.raises(TasktuiError):
        await work.row(task_id)


async def test_an_answer_frees_the_task(work: Night) -> None:
    task_id = await named(work, "refactor settings")
    done = await carry_out(AnswerRequested(task_id, "r2", text="yes"), work.manager)
    assert done.text == "Answered: Keep the old names as aliases?"
    assert (await work.row(task_id)).attention is Attention.NONE


async def test_a_message_arrives(work: Night) -> None:
    task_id = await named(work, "run integration suite")
    await carry_out(InterveneRequested(task_id, "use the cache"), work.manager)
    async with asyncio.timeout(20):
        while not any(heard.text == "use the cache" for heard in work.executor.heard):
            await asyncio.sleep(0.01)


async def test_what_fails_for_some_is_said_and_for_all_is_an_error(work: Night) -> None:
    queued, finished = await named(work, "update changelog"), await named(work, "bump deps")
    done = await carry_out(HoldRequested((queued, finished)), work.manager)
    assert done.text.startswith("Held 1 task; 1 not: ")
    with pytest.raises(StateError):
        await carry_out(HoldRequested((finished,)), work.manager)
