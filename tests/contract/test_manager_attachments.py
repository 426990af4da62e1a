"""Files that go with messages and tasks, through any manager."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasktui.domain.attachments import LARGEST, MOST
from tasktui.domain.errors import CapacityError, InvalidError, StateError
from tasktui.domain.requests import Message
from tasktui.domain.spec import AgentWork, CustomWork, TaskSpec
from tasktui.executors.external import EXTERNAL
from tests.contract.managers import Room, reach, run, spec


@pytest.mark.feature(69, 133)
async def test_a_file_goes_with_a_message(room: Room) -> None:
    task = await room.manager.submit(spec("listen"))
    await reach(room, task.id, "task.started")
    path = await room.manager.attach(task.id, "../a.png", b"\x89PNG")
    again = await room.manager.attach(task.id, "a.png", b"other")
    assert (Path(path).name, Path(again).name) == ("a.png", "a-2.png")
    assert Path(path).read_bytes() == b"\x89PNG"
    assert (Path(path).stat().st_mode & 0o777, Path(path).parent.stat().st_mode & 0o777) == (0o600, 0o700)
    sent = await room.manager.intervene(task.id, Message("look", attachments=(path,)))
    assert path in sent.attachments
    await room.manager.wait(task.id, timeout_s=20)
    assert [heard.attachments for heard in room.executor.heard] == [(path,)]
    kept = (await room.manager.artifacts(task.id)).items
    assert {(one.label, one.role, one.size_bytes, one.mime) for one in kept} == {
        ("a-2.png", "attachment", 5, "image/png"), ("a.png", "attachment", 4, "image/png"),
    }  # fmt: skip


@pytest.mark.feature(13)
async def test_a_file_goes_with_a_task(room: Room) -> None:
    path = await room.manager.attach("task_mine", "notes.txt", b"notes")
    await room.manager.submit(spec("quick"), task_id="task_mine")
    await room.manager.wait("task_mine", timeout_s=20)
    (kept,) = (await room.manager.artifacts("task_mine")).items
    assert path.endswith(f"/{kept.path}")
    events = (await room.manager.timeline("task_mine", limit=2)).items
    assert [event.type for event in events] == ["task.created", "artifact.added"]


@pytest.mark.feature(13)
async def test_a_retry_has_the_files_of_the_first(room: Room) -> None:
    path = await room.manager.attach("task_mine", "notes.txt", b"notes")
    work = AgentWork(preset="x", prompt="quick", attachments=(path, "/elsewhere"))
    await room.manager.submit(TaskSpec(work=work), task_id="task_mine")
    await room.manager.wait("task_mine", timeout_s=20)
    again = await room.manager.retry("task_mine")
    await room.manager.wait(again.id, timeout_s=20)
    await room.manager.purge(["task_mine"])
    assert isinstance(again.spec.work, AgentWork)
    mine, other = again.spec.work.attachments
    assert (Path(mine).read_bytes(), other) == (b"notes", "/elsewhere")
    assert again.id in mine
    assert len((await room.manager.artifacts(again.id)).items) == 1


async def test_attachments_are_deleted_with_their_task(room: Room) -> None:
    path = await room.manager.attach("task_mine", "notes.txt", b"notes")
    await room.manager.submit(spec("quick"), task_id="task_mine")
    await room.manager.wait("task_mine", timeout_s=20)
    assert await room.manager.purge(["task_mine"]) == 1
    assert not Path(path).parents[1].exists()


@pytest.mark.feature(133)
async def test_what_is_too_much_is_refused(room: Room) -> None:
    ended = await run(room, "quick")
    with pytest.raises(StateError):
        await room.manager.attach(ended, "a.txt", b"")
    for task_id, name, data in (
        ("task_x", "server.pem", b""), ("task_x", "..", b""), ("../x", "a", b""),
        ("task_x", "a", b"x" * (LARGEST + 1)),
    ):  # fmt: skip
        with pytest.raises(InvalidError):
            await room.manager.attach(task_id, name, data)
    paths = [await room.manager.attach("task_x", "a.txt", b"") for _ in range(MOST)]
    assert len(set(paths)) == MOST
    with pytest.raises(CapacityError):
        await room.manager.attach("task_x", "a.txt", b"")


@pytest.mark.feature(71, 74)
async def test_only_so_many_messages_wait_and_one_sent_again_is_the_same(room: Room) -> None:
    work = CustomWork(executor=EXTERNAL)
    task = await room.manager.submit(TaskSpec(work=work))
    first = Message("one", client_token="t1")
    row = await room.manager.intervene(task.id, first)
    await room.manager.intervene(task.id, Message("two"))
    with pytest.raises(CapacityError, match="2 messages wait"):
        await room.manager.intervene(task.id, Message("three"))
    assert (await room.manager.intervene(task.id, first)).intervention_id == row.intervention_id
    assert len((await room.manager.detail(task.id)).interventions) == 2
