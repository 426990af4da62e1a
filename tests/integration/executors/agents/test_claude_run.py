"""Claude Code, scripted, as a real process under a real shim and manager: its whole life, and its ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tasktui.domain.errors import InvalidError
from tasktui.domain.requests import Answer
from tasktui.domain.status import Reason, Status
from tasktui.executors import running
from tasktui.executors.run_files import read_head
from tasktui.ui.task_words import waits_for
from tests.integration.executors.agents.claude_house import Place, opened
from tests.integration.executors.processes import until

DONE = ["agent: All done."]
SHELL = ["tool Bash: echo made > made.txt && cat made.txt", "end ok: made", *DONE]
ASKED = ["linked session-1", SHELL[0], "may Bash: echo made > made.txt && cat made.txt"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
async def place(own_home: Path, project: Path) -> AsyncIterator[Place]:
    async with opened(own_home, project) as here:
        yield here


def argv(place: Place) -> list[str]:
    """Return how the agent was started."""
    return list(json.loads((place.cwd / "argv.json").read_text()))


async def test_a_run_from_the_prompt_to_its_result(place: Place) -> None:
    row = await place.end("shell it", model="big", allowed_tools=["Read"], use_mcp=False)
    assert (row.status, row.terminal_reason, row.exit_code) == (Status.COMPLETED, Reason.COMPLETED, 0)
    assert await place.told(row.id) == ["linked session-1", *SHELL]
    assert await place.result(row.id) == "All done."
    assert (row.tokens_in, row.tokens_out, row.cost_usd) == (10, 4, 0.01)
    assert (place.cwd / "made.txt").read_text() == "made\n"
    options = argv(place)
    assert {"--model=big", "--allowedTools=Read", "--strict-mcp-config"} <= set(options)
    assert not any("shell it" in word for word in options), "a prompt is nobody's to read in a process list"
    assert place.left(row.id) == []


async def test_a_permission_is_asked_and_given(place: Place) -> None:
    task_id = await place.submit("permission")
    await place.reach(task_id, "approval.requested")
    asked = (await place.manager.detail(task_id)).requests
    assert [(one.tool, one.state) for one in asked] == [("Bash", "waiting")]
    await place.manager.answer(task_id, Answer(decision="allow"))
    assert (await place.manager.wait(task_id)).terminal_reason == Reason.COMPLETED
    assert await place.told(task_id) == [*ASKED, "allow by you", *SHELL[1:]]


async def test_a_permission_is_asked_and_refused_with_a_reason(place: Place) -> None:
    task_id = await place.submit("permission")
    await place.reach(task_id, "approval.requested")
    await place.manager.answer(task_id, Answer(decision="deny", text="use the other disk"))
    row = await place.manager.wait(task_id)
    assert (row.status, row.terminal_reason) == (Status.COMPLETED, Reason.COMPLETED_WITH_ERRORS)
    told = await place.told(task_id)
    assert told[3:] == ["deny by you", "end failed: use the other disk", *DONE], "and nobody is told again"
    assert not (place.cwd / "made.txt").exists()


@pytest.mark.parametrize(("work", "reason", "line"), [
    ({"allowed_tools": ["Bash"]}, Reason.COMPLETED, SHELL[1]),
    ({"approval": "deny"}, Reason.COMPLETED_WITH_ERRORS, "warning: Bash was denied by the policy deny: "),
    ({"disallowed_tools": ["Bash(echo*)"]}, Reason.COMPLETED_WITH_ERRORS,
     "warning: Bash was denied by the rule Bash(echo*): "),
])  # fmt: skip
async def test_rules_answer_without_a_person(
    place: Place, work: dict[str, object], reason: Reason, line: str
) -> None:
    row = await place.end("permission", **work)
    assert (row.status, row.terminal_reason) == (Status.COMPLETED, reason)
    told = await place.told(row.id)
    assert any(one.startswith(line) for one in told)
    assert not any(one.startswith("may") for one in told)


async def test_a_question_is_answered_in_words(place: Place) -> None:
    task_id = await place.submit("question")
    asked = await place.reach(task_id, "input.requested")
    assert asked["options"] == ["red", "blue"]
    await place.manager.answer(task_id, Answer(text="blue"))
    await place.manager.wait(task_id)
    assert "agent: So blue." in await place.told(task_id)


@pytest.mark.parametrize("preset", ["claude", "qwen-stream"])
async def test_a_message_joins_the_run(place: Place, preset: str) -> None:
    task_id = await place.submit("steer", preset=preset)
    await place.reach(task_id, "tool.started")
    await place.write(task_id, "mention bananas", "steer" if preset == "claude" else "queue")
    if preset == "claude":
        await place.reach(task_id, "intervention.delivered")
        # delivered is what was written: the agent hears it while the tool runs, or it is a turn of its own
        await until((place.cwd / "heard").exists)
    (place.cwd / "go").touch()
    row = await place.manager.wait(task_id)
    assert row.status is Status.COMPLETED
    said = [line for line in await place.told(task_id) if line.startswith(("agent", "delivered"))]
    if preset == "claude":
        assert said == ["agent: Starting.", "delivered", "agent: You said: mention bananas", *DONE]
    else:
        assert said == ["agent: Starting.", *DONE, "delivered", *DONE], "after the turn, as a turn of its own"


async def test_a_cancel_interrupts_and_leaves_no_process(place: Place) -> None:
    task_id = await place.submit("slow")
    await place.reach(task_id, "tool.started")
    await until(lambda: len(place.left(task_id)) >= 3)
    await place.manager.cancel(task_id)
    row = await place.manager.wait(task_id)
    assert (row.status, row.terminal_reason) == (Status.CANCELED, Reason.CANCELED)
    assert (await place.finished(task_id))["evidence"] == "result error_during_execution, aborted_tools"
    assert "end canceled: The user doesn't want to proceed." in await place.told(task_id)
    await until(lambda: place.left(task_id) == [])


async def test_a_cancel_while_a_permission_waits_ends_at_once(place: Place) -> None:
    task_id = await place.submit("permission")
    await place.reach(task_id, "approval.requested")
    await place.manager.cancel(task_id)
    row = await place.manager.wait(task_id)
    assert (row.status, row.terminal_reason) == (Status.CANCELED, Reason.CANCELED)
    assert [one.state for one in (await place.manager.detail(task_id)).requests] == ["expired"]
    assert not (place.cwd / "made.txt").exists()


async def test_a_session_is_taken_up_again(place: Place) -> None:
    row = await place.end("shell", resume_session_id="--dangerous")
    assert "--resume=--dangerous" in argv(place), "what a session is called is no option"
    assert (await place.told(row.id))[0] == "linked --dangerous"


async def test_a_crash_is_a_failure_with_its_last_words(place: Place) -> None:
    row = await place.end("crash")
    assert (row.status, row.exit_code) == (Status.FAILED, 3)
    finished = await place.finished(row.id)
    assert finished["error"] == "Claude Code ended without saying how (exit code 3).\nsegmentation fault"
    assert "end failed: " in await place.told(row.id)


async def test_an_end_without_a_word_is_no_success(place: Place) -> None:
    row = await place.end("silent")
    assert (row.status, row.exit_code) == (Status.FAILED, 0)
    assert (await place.finished(row.id))["error_code"] == "agent_silent"


async def test_an_agent_that_says_nothing_runs_into_its_deadline(place: Place) -> None:
    row = await place.end("shell", preset="mute", timeout_s=1)
    assert (row.status, row.terminal_reason) == (Status.TIMED_OUT, Reason.WALL_TIMEOUT)
    assert place.left(row.id) == []


async def test_an_agent_that_does_not_hear_is_stopped_all_the_same(place: Place) -> None:
    task_id = await place.submit("shell", preset="mute")
    await until(lambda: place.left(task_id))
    await place.manager.cancel(task_id)
    await place.manager.cancel(task_id)
    assert (await place.manager.wait(task_id)).status is Status.CANCELED
    await until(lambda: place.left(task_id) == [])


async def test_an_agent_that_is_not_installed_says_how_to(place: Place) -> None:
    row = await place.end("shell", preset="missing")
    assert (row.status, row.terminal_reason) == (Status.FAILED, Reason.SPAWN_FAILED)
    assert (await place.finished(row.id))["error"] == (
        "Claude Code is not installed: no-such-program-as-this is not in the PATH. "
        "Install it: npm install -g @anthropic-ai/claude-code"
    )


async def test_an_agent_that_knows_nobody_says_how_to_log_in(place: Place) -> None:
    row = await place.end("login")
    finished = await place.finished(row.id)
    assert (row.status, finished["error_code"]) == (Status.FAILED, "agent_login")
    assert finished["error"].endswith("Run `claude` once to log in, or set ANTHROPIC_API_KEY.")


async def test_a_provider_limit_holds_the_task_and_its_session_goes_on(place: Place) -> None:
    task_id = await place.submit("limit")
    await place.reach(task_id, "task.held")
    row = (await place.manager.get(task_id)).row
    assert row.held_until is not None
    words = waits_for(row, 80, row.held_until - 7_200_000)
    assert words.startswith("held until ")
    assert words.endswith(": Claude Code is at its provider's limit")
    await place.manager.release(task_id)
    row = await place.manager.wait(task_id)
    assert (row.status, row.run_no) == (Status.COMPLETED, 2)
    assert "--resume=session-1" in argv(place)


async def test_no_task_allows_all_by_itself(place: Place) -> None:
    with pytest.raises(InvalidError, match="auto_approve"):
        await place.submit("shell", approval="allow")


async def test_another_owner_goes_on_with_the_talk(own_home: Path, project: Path) -> None:
    async with opened(own_home, project, "detach") as place:
        task_id = await place.submit("permission")
        await place.reach(task_id, "approval.requested")
    async with opened(own_home, project) as place:
        await place.manager.answer(task_id, Answer(decision="allow"))
        row = await place.manager.wait(task_id)
        assert row.status is Status.COMPLETED
        assert await place.told(task_id) == [*ASKED, "allow by you", *SHELL[1:]], "each fact once"


async def test_the_owner_is_killed_and_the_next_one_hears_the_end(own_home: Path, project: Path) -> None:
    program = Path(__file__).with_name("claude_house.py")
    first = await asyncio.create_subprocess_exec(
        sys.executable, str(program), str(own_home), str(project), "steer",
        stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert first.stdout is not None
    async with asyncio.timeout(20):
        task_id = (await first.stdout.readline()).decode().strip()
    first.send_signal(signal.SIGKILL)
    await first.wait()
    assert read_head(own_home / "tasks" / task_id) is not None
    async with opened(own_home, project) as place:
        await place.reach(task_id, "task.recovered")
        await place.write(task_id, "go on")
        await place.reach(task_id, "intervention.delivered")
        await until((project / "heard").exists)
        (project / "go").touch()
        row = await place.manager.wait(task_id)
        assert row.status is Status.COMPLETED
        told = await place.told(task_id)
        assert [line for line in told if line.startswith("agent")] == [
            "agent: Starting.", "agent: You said: go on", *DONE,
        ]  # fmt: skip
        assert sum(line.startswith("linked") for line in told) == 1
        assert place.left(task_id) == []


async def test_an_agent_whose_talk_cannot_be_kept_any_more_does_not_go_on_without_anybody(
    place: Place,
) -> None:
    """What is said is written down first; where that fails, as on a full disk, the task has failed."""
    task_id = await place.submit("permission", timeout_s=600)
    await place.reach(task_id, "approval.requested")
    said = place.home / "tasks" / task_id / "said.jsonl"
    said.unlink()
    said.mkdir()
    assert place.left(task_id)
    await place.manager.answer(task_id, Answer(decision="allow"))
    row = await place.manager.wait(task_id)
    assert row.status is Status.FAILED
    await until(lambda: not place.left(task_id))


async def test_an_agent_whose_owner_left_before_it_was_told_anything_is_told_by_the_next(
    own_home: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would wait for its prompt for ever."""
    monkeypatch.setattr(running, "STARTING_S", 0.3)  # the agent takes nothing before that
    async with opened(own_home, project, "detach") as first:
        task_id = await first.submit("shell it")
        said = own_home / "tasks" / task_id / "said.jsonl"
        await until(said.exists)
    monkeypatch.undo()
    async with opened(own_home, project) as second:
        row = await second.manager.wait(task_id)
        assert row.status is Status.COMPLETED
        assert (await second.told(task_id))[-len(SHELL) :] == SHELL
