"""The manager with its real neighbours: SQLite, shims, files."""

from __future__ import annotations

import asyncio
import resource
from pathlib import Path

import pytest

from tasktui.domain.requests import Answer, Message
from tasktui.domain.status import Reason, Status, ToolStatus
from tests.integration.manager.shell_owner import owner


@pytest.mark.feature(52)
async def test_a_program_runs_with_its_surroundings(own_home: Path) -> None:
    line = (
        'echo "$GREETING $TASKTUI_RUN [$TASKTUI_OLD]"; pwd; echo data > "$TASKTUI_ARTIFACTS/made.txt"; exit 3'
    )
    async with owner(own_home) as here:
        task_id = await here.submit(line)
        directory = own_home / "tasks" / task_id
        row = await here.manager.wait(task_id)
        assert (row.status, row.terminal_reason, row.exit_code) == (Status.FAILED, Reason.EXIT_NONZERO, 3)
        assert await here.output(task_id) == "hello 1 []\n/tmp\n"
        made = (await here.manager.artifacts(task_id)).items
        assert [artifact.label for artifact in made] == ["made.txt"]
        assert (await here.manager.read_artifact(task_id, made[0].artifact_id)).data == b"data\n"
        assert (directory / "spec.json").stat().st_mode & 0o777 == 0o600
        assert directory.stat().st_mode & 0o777 == 0o700
        while (directory / "env").exists():
            await asyncio.sleep(0.01)


async def test_no_value_of_a_variable_is_stored(own_home: Path) -> None:
    async with owner(own_home) as here:
        task_id = await here.submit("read go")
        await here.reach(task_id, "task.started")
        assert b"hello" in (own_home / "tasks" / task_id / "env").read_bytes()
        assert (own_home / "tasks" / task_id / "env").stat().st_mode & 0o777 == 0o600
        await here.manager.intervene(task_id, Message("go"))
        await here.manager.wait(task_id)
    left = [file for file in own_home.rglob("*") if file.is_file() and b"GREETING=hello" in file.read_bytes()]
    assert left == []


@pytest.mark.feature(78)
async def test_a_message_reaches_standard_input_and_a_question_gets_its_answer(own_home: Path) -> None:
    line = """read word; echo "heard $word"
        echo '{"type":"input.requested","data":{"request_id":"q","question":"Which?"}}' >> "$TASKTUI_EVENTS"
        while ! grep -qs '"request_id": "q"' "$TASKTUI_INBOX"; do sleep 0.02; done; echo answered"""
    async with owner(own_home) as here:
        task_id = await here.submit(line)
        await here.reach(task_id, "task.started")
        sent = await here.manager.intervene(task_id, Message("ahoy"))
        await here.reach(task_id, "intervention.delivered")
        await here.reach(task_id, "input.requested")
        await here.manager.answer(task_id, Answer(text="this"))
        assert (await here.manager.wait(task_id)).status is Status.COMPLETED
        assert await here.output(task_id) == "heard ahoy\nanswered\n"
        assert (await here.manager.detail(task_id)).interventions[0].intervention_id == sent.intervention_id


async def test_an_answer_for_which_there_is_no_room_arrives_once_there_is(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasktui.executors.supervised.ROOM_S", 0.02)
    line = """truncate -s 8M "$TASKTUI_INBOX"
        echo '{"type":"input.requested","data":{"request_id":"q","question":"Which?"}}' >> "$TASKTUI_EVENTS"
        while ! tail -c 400 "$TASKTUI_INBOX" | grep -aqs '^{.*"request_id": "q".*}$'; do sleep 0.02; done"""
    before, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    async with owner(own_home) as here:
        task_id = await here.submit(line)
        await here.reach(task_id, "input.requested")
        inbox = own_home / "tasks" / task_id / "inbox.jsonl"
        full = inbox.stat().st_size + 9
        # all other files of this process are far smaller
        resource.setrlimit(resource.RLIMIT_FSIZE, (full, hard))
        try:
            await here.manager.answer(task_id, Answer(text="this"))
            while inbox.stat().st_size < full:
                await asyncio.sleep(0.01)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (before, hard))
        assert (await here.manager.wait(task_id, timeout_s=25)).status is Status.COMPLETED


async def test_the_stop_is_asked_for_then_forced(own_home: Path) -> None:
    async with owner(own_home) as here:
        gentle = await here.submit("trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.02; done")
        stubborn = await here.submit("trap '' TERM; echo up; while :; do sleep 0.02; done")
        for task_id in (gentle, stubborn):
            await here.printed(task_id, "up")
        await here.manager.cancel(gentle)
        await here.manager.cancel(stubborn, force=True)
        row = await here.manager.wait(gentle)
        assert (row.status, row.duration_ms is not None) == (Status.CANCELED, True)
        assert "bye" in await here.output(gentle)
        forced = await here.manager.wait(stubborn)
        assert (forced.status, forced.terminal_reason) == (Status.CANCELED, Reason.CANCEL_FORCED)


@pytest.mark.feature(65, 66)
async def test_a_deadline_is_kept(own_home: Path) -> None:
    async with owner(own_home) as here:
        wall = await here.submit("sleep 20", timeout_s=0.2)
        idle = await here.submit("echo begin; sleep 20", idle_timeout_s=0.3)
        assert (await here.manager.wait(wall)).terminal_reason is Reason.WALL_TIMEOUT
        assert (await here.manager.wait(idle)).terminal_reason is Reason.IDLE_TIMEOUT


async def test_tasks_go_on_from_one_owner_to_the_next(own_home: Path) -> None:
    report = """echo '{"type":"tool.started","data":{"call_id":"%s","name":"n"}}' >> "$TASKTUI_EVENTS"; """
    line = report % "a" + "read word; " + report % "b" + 'echo "$word"; exit 4'
    async with owner(own_home, "detach") as first:
        going = await first.submit(line)
        await first.reach(going, "tool.started")
        ends_alone = await first.submit("sleep 0.3; exit 5")
        await first.reach(ends_alone, "task.started")
    await asyncio.sleep(0.5)
    async with owner(own_home) as second:
        alone = await second.manager.wait(ends_alone)
        assert (alone.status, alone.exit_code, alone.run_no) == (Status.FAILED, 5, 1)
        await second.manager.intervene(going, Message("on"))
        row = await second.manager.wait(going)
        assert (row.exit_code, row.run_no, row.tool_calls) == (4, 1, 2)
        assert await second.output(going) == "on\n"
        calls = (await second.manager.tools(going)).items
        assert [(call.call_id, call.status) for call in calls] == [
            ("a", ToolStatus.FAILED),
            ("b", ToolStatus.FAILED),
        ]
        types = [event.type for event in (await second.manager.timeline(going)).items]
        assert types.count("task.started") == types.count("task.finished") == 1


async def test_a_task_that_never_reads_gets_no_message_and_holds_up_none(own_home: Path) -> None:
    async with owner(own_home) as here:
        task_id = await here.submit("sleep 60")
        await here.reach(task_id, "task.started")
        for text in ("x" * 200_000, "short"):
            await here.manager.intervene(task_id, Message(text))
        while any(one.state == "queued" for one in (await here.manager.detail(task_id)).interventions):
            await asyncio.sleep(0.05)
        first, second = (await here.manager.detail(task_id)).interventions
        assert (first.state, second.state) == ("failed", "failed")
        assert "does not read its standard input" in str(first.detail)


async def test_the_directories_of_all_tasks_are_closed_to_others(own_home: Path) -> None:
    (own_home / "tasks").mkdir(mode=0o755, parents=True)
    async with owner(own_home):
        modes = {name: (own_home / name).stat().st_mode & 0o777 for name in ("tasks", "artifacts")}
    assert modes == {"tasks": 0o700, "artifacts": 0o700}


async def test_a_paused_tree_writes_nothing_and_goes_on(own_home: Path) -> None:
    line = "(while :; do echo child; sleep 0.02; done) & while :; do echo leader; sleep 0.02; done"
    async with owner(own_home) as here:
        task_id = await here.submit(line)
        await here.printed(task_id, "child")
        await here.manager.pause(task_id)
        size, same = -1, 0
        while same < 10:  # it is still for ten looks
            now = (await here.manager.output(task_id)).size
            same = same + 1 if now == size else 0
            size = now
            await asyncio.sleep(0.05)
        await here.manager.resume(task_id)
        while (await here.manager.output(task_id)).size <= size:
            await asyncio.sleep(0.01)
        await here.manager.pause(task_id)
        await here.manager.cancel(task_id)
        row = await here.manager.wait(task_id)
        assert (row.status, row.terminal_reason) == (Status.CANCELED, Reason.CANCELED)
