"""A real process that speaks the Agent Client Protocol by its SDK, in every order that real agents showed."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from tasktui.domain.errors import InvalidError
from tasktui.domain.events.people import ApprovalRequested, InterventionDelivered
from tasktui.domain.events.work import ToolCompleted
from tasktui.domain.requests import Answer, Message
from tasktui.domain.status import Reason, Status
from tests.integration.executors.agents.talks import a_house, asks, ends, facts, left, lines, reach, submit

DIFF = "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-old\n+new"


def child_of(work: Path) -> int:
    """The pid of the tool that the agent started in a session of its own."""
    return int((work / "child.pid").read_text())


async def test_hello(home: Path, work: Path) -> None:
    async with a_house(home) as house:
        task = await submit(house, asks("hello", work))
        row = await ends(house, task)
        assert (row.status, row.tokens_in, row.tokens_out) == (Status.COMPLETED, 10, 10)
        assert [line for line in await lines(house, task) if not line.startswith("status")] == [
            "linked session_id", "plan greet in_progress", "thought: hm", "agent: hello in default mode",
        ]  # fmt: skip
        assert row.result_summary == "hello in default mode"
        assert left(home, task) == []


async def test_a_mode_is_set_before_the_prompt_and_one_that_is_not_there_is_told(
    home: Path, work: Path
) -> None:
    async with a_house(home) as house:
        task = await submit(house, asks("hello", work, mode="plan"))
        other = await submit(house, asks("hello", work, mode="turbo", model="big"))
        await ends(house, task)
        await ends(house, other)
        assert "agent: hello in plan mode" in await lines(house, task)
        read = await lines(house, other)
        assert "warning: The agent has no mode turbo. It offers default, plan." in read
        assert "warning: The agent has no model big. It offers no choice of a model." in read
        assert "agent: hello in default mode" in read


@pytest.mark.parametrize(("decision", "chosen"), [("allow", "once"), ("deny", "no")])
async def test_a_permission(home: Path, work: Path, decision: str, chosen: str) -> None:
    async with a_house(home) as house:
        task = await submit(house, asks("edit", work))
        await reach(house, task, "may edit: edit")
        asked = next(fact for fact in await facts(house, task) if isinstance(fact, ApprovalRequested))
        assert asked.context["diff"] == DIFF
        await house.manager.answer(task, Answer(decision=decision))  # type: ignore[arg-type] # of a parameter
        assert (await ends(house, task)).status is Status.COMPLETED
        told = await facts(house, task)
        tool = next(fact for fact in told if isinstance(fact, ToolCompleted))
        assert (tool.ok, tool.diff) == ((True, DIFF) if decision == "allow" else (False, None))
        assert f"agent: decided: {chosen}" in await lines(house, task)


async def test_a_rule_of_the_task_decides_without_a_person(home: Path, work: Path) -> None:
    async with a_house(home) as house:
        denied = await submit(house, asks("edit", work, disallowed_tools=("edit",)))
        allowed = await submit(house, asks("edit", work, allowed_tools=("edit",)))
        await ends(house, denied)
        await ends(house, allowed)
        read = await lines(house, denied)
        assert f"warning: Denied by the rule edit: edit {work / 'a.txt'}" in read
        assert "agent: decided: no" in read
        assert "agent: decided: once" in await lines(house, allowed)
        assert not [line for line in await lines(house, allowed) if line.startswith("may")]


async def test_a_question_is_answered_in_words(home: Path, work: Path) -> None:
    async with a_house(home) as house:
        task = await submit(house, asks("ask", work))
        await reach(house, task, "asks: Which colour?")
        await house.manager.answer(task, Answer(text="blue"))
        await ends(house, task)
        assert "agent: answer: accept {'colour': 'blue'}" in await lines(house, task)


async def test_a_message_steers_and_the_task_ends_after_both_answers(home: Path, work: Path) -> None:
    async with a_house(home) as house:
        task = await submit(house, asks("slow", work))
        await reach(house, task, "tool execute [execute]: sleep 600")
        await house.manager.intervene(task, Message("bananas too"))
        row = await ends(house, task)
        assert (row.status, row.result_summary) == (Status.COMPLETED, "told: bananas too")
        told = await facts(house, task)
        assert [type(fact) for fact in told].count(InterventionDelivered) == 1
        assert "end execute ok: slept" in await lines(house, task)
        assert left(home, task) == []
        assert not psutil.pid_exists(child_of(work))


async def test_a_message_for_the_next_turn_waits_for_the_end_of_this(home: Path, work: Path) -> None:
    async with a_house(home) as house:
        task = await submit(house, asks("wait", work))
        await reach(house, task, "linked")
        await house.manager.intervene(task, Message("echo next", mode="queue"))
        assert "intervention.delivered" not in [fact.TYPE for fact in await facts(house, task)]
        (work / "go").touch()
        row = await ends(house, task)
        assert row.result_summary == "heard: next"


async def test_an_agent_that_queues_takes_the_message_as_its_next_turn(home: Path, work: Path) -> None:
    async with a_house(home) as house:
        task = await submit(house, asks("wait", work, agent="queues"))
        await reach(house, task, "linked")
        await house.manager.intervene(task, Message("and more"))
        await reach(house, task, "status: Scripted takes the message as its next turn.")
        (work / "go").touch()
        row = await ends(house, task)
        assert row.result_summary == "heard: more"


async def test_an_interrupting_message_cancels_the_turn_and_begins_another(home: Path, work: Path) -> None:
    async with a_house(home) as house:
        task = await submit(house, asks("slow", work))
        await reach(house, task, "tool execute [execute]: sleep 600")
        await house.manager.intervene(task, Message("echo other things", mode="interrupt"))
        row = await ends(house, task)
        assert (row.status, row.result_summary) == (Status.COMPLETED, "heard: other things")
        assert "end execute canceled: " in await lines(house, task)


async def test_a_cancel_leaves_no_process_not_even_a_tool_in_a_session_of_its_own(
    home: Path, work: Path
) -> None:
    async with a_house(home) as house:
        task = await submit(house, asks("slow", work))
        await reach(house, task, "tool execute [execute]: sleep 600")
        child = child_of(work)
        assert psutil.pid_exists(child)
        await house.manager.cancel(task)
        row = await ends(house, task)
        assert (row.status, row.terminal_reason) == (Status.CANCELED, Reason.CANCELED)
        assert "end execute canceled: " in await lines(house, task)
        assert left(home, task) == []
        assert not psutil.pid_exists(child)


async def test_a_cancel_answers_a_permission_that_waits(home: Path, work: Path) -> None:
    async with a_house(home) as house:
        task = await submit(house, asks("edit", work))
        await reach(house, task, "may edit: edit")
        await house.manager.cancel(task)
        row = await ends(house, task)
        assert row.status is Status.CANCELED
        assert "agent: decided: cancelled" in await lines(house, task)


async def test_an_agent_that_takes_no_notice_of_a_cancel_is_ended(home: Path, work: Path) -> None:
    async with a_house(home) as house:
        task = await submit(house, asks("deaf", work))
        await reach(house, task, "linked")
        while not (work / "child.pid").exists():
            await reach(house, task, "linked")
        await house.manager.cancel(task)
        row = await ends(house, task, seconds=45)
        assert row.status is Status.CANCELED
        assert left(home, task) == []
        assert not psutil.pid_exists(child_of(work))


async def test_a_session_is_taken_up_again_and_its_history_is_not_counted_twice(
    home: Path, work: Path
) -> None:
    async with a_house(home) as house:
        task = await submit(house, asks("hello", work, resume_session_id="s-1"))
        assert (await ends(house, task)).status is Status.COMPLETED
        read = await lines(house, task)
        assert (
            "status: The session's history was read again: "
            "pieces 1 of a person, 1 of the agent, 1 of its tools." in read
        )
        assert not [line for line in read if "old tool" in line or "what was" in line]


@pytest.mark.parametrize(
    ("agent", "prompt", "more", "code", "words"),
    [
        ("auth", "hello", {}, "agent_login", "Scripted is not logged in"),
        ("version", "hello", {}, "agent_version", "speaks version 7"),
        ("mute-exit", "hello", {}, "agent_version", "Scripted ended without saying how (exit code 1)"),
        ("missing", "hello", {}, "no_program", "Scripted is not installed"),
        ("play", "crash", {}, "agent_silent", "Scripted ended without saying how (exit code 3)"),
        ("play", "refuse", {}, None, "The agent refused to do this."),
        ("play", "fail", {}, "agent_limit", "Scripted is at its provider's limit"),
        ("play", "hello", {"resume_session_id": "s-9"}, None, "could not be taken up again"),
    ],
)
async def test_what_goes_wrong_is_said(
    home: Path, work: Path, agent: str, prompt: str, more: dict[str, str], code: str | None, words: str
) -> None:
    async with a_house(home) as house:
        task = await submit(house, asks(prompt, work, agent=agent, **more))
        row = await ends(house, task)
        assert row.status is Status.FAILED
        assert words in (row.error or "")
        assert row.error_code == code
        assert left(home, task) == []


async def test_a_tool_that_a_crash_leaves_open_is_closed(home: Path, work: Path) -> None:
    async with a_house(home) as house:
        task = await submit(house, asks("crash", work))
        await ends(house, task)
        assert "end ls failed: The agent did not say how this ended." in await lines(house, task)


async def test_an_agent_that_never_answers_can_be_canceled(home: Path, work: Path) -> None:
    async with a_house(home) as house:
        task = await submit(house, asks("hello", work, agent="silent"))
        while not left(home, task):
            await facts(house, task)
        await house.manager.cancel(task)
        assert (await ends(house, task)).status is Status.CANCELED
        assert left(home, task) == []


async def test_garbage_is_told_once_and_passed_over(home: Path, work: Path) -> None:
    async with a_house(home) as house:
        task = await submit(house, asks("garbage", work))
        assert (await ends(house, task)).result_summary == "still here"
        read = await lines(house, task)
        assert read.count("warning: The agent wrote a line that is no message.") == 1


async def test_a_line_of_twenty_megabytes_is_taken(home: Path, work: Path) -> None:
    async with a_house(home) as house:
        task = await submit(house, asks("long", work))
        row = await ends(house, task)
        assert row.status is Status.COMPLETED
        kept = (await house.manager.artifacts(task)).items
        assert max(artifact.size_bytes for artifact in kept) >= 20 << 20


async def test_a_session_needs_an_agent_that_can(home: Path, work: Path) -> None:
    agents = {"plain": {"protocol": "acp", "argv": ["x"], "title": "Plain", "resume": "none"}}
    async with a_house(home, agents=agents) as house:
        with pytest.raises(InvalidError, match="Plain cannot take up a session again"):
            await submit(house, asks("hello", work, agent="plain", resume_session_id="s-1"))
