"""An agent at an address is talked with as one that is a program here, over a WebSocket and over HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from tasktui.bootstrap.house import House
from tasktui.domain.errors import InvalidError, UnsupportedError
from tasktui.domain.events.people import InterventionDelivered
from tasktui.domain.events.work import ToolCompleted
from tasktui.domain.requests import Answer, Message
from tasktui.domain.spec import Container
from tasktui.domain.status import Reason, Status
from tests.integration.executors.agents.far_agents import SCHEMES, TOKEN, Served, bytes_below, far, served
from tests.integration.executors.agents.talks import a_house, asks, ends, facts, left, lines, reach, submit
from tests.integration.executors.processes import until
from tests.integration.kept import files_with


@asynccontextmanager
async def both(
    home: Path, scheme: str, *, grace_s: float = 0.5, **more: Any
) -> AsyncIterator[tuple[House, Served]]:
    """A house and the agent that it knows as `far`."""
    async with served() as agent:
        agents = far(agent.url(scheme), **more)
        async with a_house(home, agents=agents, cancel_grace_s=grace_s) as house:
            yield house, agent


@SCHEMES
async def test_hello(home: Path, work: Path, scheme: str) -> None:
    async with both(home, scheme) as (house, agent):
        task = await submit(house, asks("hello", work, agent="far"))
        row = await ends(house, task)
        assert (row.status, row.tokens_in, row.tokens_out) == (Status.COMPLETED, 10, 10)
        read = await lines(house, task)
        assert [line for line in read if not line.startswith("status")] == [
            "linked session_id", "plan greet in_progress", "thought: hm", "agent: hello in default mode",
        ]  # fmt: skip
        assert f"status: Far works at {agent.url(scheme)}, in {work} there." in read
        assert left(home, task) == []


@SCHEMES
async def test_letters_of_any_script(home: Path, work: Path, scheme: str) -> None:
    async with both(home, scheme) as (house, _):
        task = await submit(house, asks("letters", work, agent="far"))
        assert (await ends(house, task)).result_summary == "größer als gedacht: 日本語"


@SCHEMES
@pytest.mark.parametrize(("decision", "chosen"), [("allow", "once"), ("deny", "no")])
async def test_a_permission(home: Path, work: Path, scheme: str, decision: str, chosen: str) -> None:
    async with both(home, scheme) as (house, _):
        task = await submit(house, asks("edit", work, agent="far"))
        await reach(house, task, "may edit: edit")
        await house.manager.answer(task, Answer(decision=decision))  # type: ignore[arg-type] # of a parameter
        assert (await ends(house, task)).result_summary == f"decided: {chosen}"
        tool = next(fact for fact in await facts(house, task) if isinstance(fact, ToolCompleted))
        assert tool.ok is (decision == "allow")


@SCHEMES
async def test_a_message_while_it_works(home: Path, work: Path, scheme: str) -> None:
    async with both(home, scheme) as (house, _):
        task = await submit(house, asks("slow", work, agent="far"))
        await reach(house, task, "tool execute [execute]: sleep 600")
        await house.manager.intervene(task, Message("use the other branch"))
        row = await ends(house, task)
        assert (row.status, row.result_summary) == (Status.COMPLETED, "told: use the other branch")
        assert any(isinstance(fact, InterventionDelivered) for fact in await facts(house, task))


@SCHEMES
async def test_a_cancel_leaves_no_process_here_and_no_connection_there(
    home: Path, work: Path, scheme: str
) -> None:
    async with both(home, scheme) as (house, agent):
        task = await submit(house, asks("slow", work, agent="far"))
        await reach(house, task, "tool execute [execute]: sleep 600")
        await house.manager.cancel(task)
        row = await ends(house, task)
        assert (row.status, row.terminal_reason) == (Status.CANCELED, Reason.CANCELED)
        assert "end execute canceled: " in await lines(house, task)
        assert left(home, task) == []
        await until(lambda: not agent.server.registry._connections)
        assert ("DELETE" in [method for method, _ in agent.requests]) is (scheme == "http")


@SCHEMES
async def test_an_agent_that_takes_no_notice_of_a_cancel_is_left(home: Path, work: Path, scheme: str) -> None:
    async with both(home, scheme, grace_s=5.0) as (house, agent):
        task = await submit(house, asks("deaf", work, agent="far"))
        await until(lambda: b"busy" in bytes_below(home))
        await house.manager.cancel(task)
        assert (await ends(house, task)).status is Status.CANCELED
        assert left(home, task) == []
        await until(lambda: not agent.server.registry._connections)


@SCHEMES
async def test_a_session_is_taken_up_again(home: Path, work: Path, scheme: str) -> None:
    async with both(home, scheme) as (house, _):
        task = await submit(house, asks("hello", work, agent="far", resume_session_id="s-1"))
        assert (await ends(house, task)).status is Status.COMPLETED
        history = (
            "The session's history was read again: pieces 1 of a person, 1 of the agent, 1 of its tools."
        )
        assert f"status: {history}" in await lines(house, task)


@SCHEMES
async def test_it_works_in_a_directory_there(home: Path, work: Path, scheme: str, tmp_path: Path) -> None:
    async with both(home, scheme, cwd=str(tmp_path / "there")) as (house, agent):
        await ends(house, await submit(house, asks("hello", work, agent="far")))
        assert agent.agents[0].cwd == tmp_path / "there"


@SCHEMES
async def test_no_file_and_no_terminal_of_this_machine_is_offered(
    home: Path, work: Path, scheme: str
) -> None:
    async with both(home, scheme) as (house, agent):
        task = await submit(house, asks(f"read {Path(__file__)}", work, agent="far"))
        row = await ends(house, task)
        assert (row.result_summary or "").startswith("not read: ")
        offered = agent.agents[0].offered
        assert offered is None or not (
            offered.terminal or offered.fs.read_text_file or offered.fs.write_text_file
        )


def says(text: str) -> str:
    """A message of the agent with this text."""
    update = {"sessionUpdate": "agent_message_chunk", "content": {"type": "text", "text": text}}
    params = {"sessionId": "s-1", "update": update}
    return json.dumps({"jsonrpc": "2.0", "method": "session/update", "params": params})


@SCHEMES
async def test_the_token_is_shown_to_the_agent_and_to_nobody_else(
    home: Path, work: Path, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAR_TOKEN", TOKEN)
    async with both(home, scheme, token_env="FAR_TOKEN") as (house, agent):
        agent.allowed = TOKEN
        agent.garbage = [says(f"Let in with {TOKEN}! ")]
        task = await submit(house, asks("slow", work, agent="far"))
        await reach(house, task, "tool execute [execute]: sleep 600")
        assert {shown for _, shown in agent.requests} == {f"Bearer {TOKEN}"}
        kept = files_with(home, TOKEN.encode())
        assert kept == [home / "tasks" / task / "env"]  # private, as of any task, and gone with the run
        assert kept[0].stat().st_mode & 0o777 == 0o600
        pids = left(home, task)
        assert pids
        assert TOKEN not in " ".join(word for pid in pids for word in psutil.Process(pid).cmdline())
        await house.manager.intervene(task, Message("go on"))
        row = await ends(house, task)
        assert (row.status, row.result_summary) == (Status.COMPLETED, "Let in with …! told: go on")
    assert TOKEN.encode() not in bytes_below(home)


async def test_it_has_no_worktree_and_no_container_here_and_cannot_be_paused(home: Path, work: Path) -> None:
    async with both(home, "ws") as (house, _):
        spec = asks("hello", work, agent="far")
        with pytest.raises(InvalidError, match="it can have no worktree here"):
            await submit(house, spec.model_copy(update={"worktree": True}))
        with pytest.raises(InvalidError, match="it can have no container here"):
            await submit(house, spec.model_copy(update={"container": Container(image="x")}))
        task = await submit(house, asks("slow", work, agent="far"))
        await reach(house, task, "tool execute [execute]: sleep 600")
        with pytest.raises(UnsupportedError):
            await house.manager.pause(task)
        await house.manager.cancel(task)
        await ends(house, task)


@SCHEMES
async def test_a_deadline_lets_go_of_the_connection(home: Path, work: Path, scheme: str) -> None:
    async with both(home, scheme, grace_s=5.0) as (house, agent):
        spec = asks("deaf", work, agent="far").model_copy(update={"timeout_s": 3.0})
        task = await submit(house, spec)
        assert (await ends(house, task)).status is Status.TIMED_OUT
        assert left(home, task) == []
        await until(lambda: agent.agents and not agent.server.registry._connections)
