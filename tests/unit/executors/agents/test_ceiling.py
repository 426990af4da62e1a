"""What a task may not ask for unless the settings allow it: an agent that asks nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasktui.domain.errors import InvalidError
from tasktui.domain.spec import AgentWork, Permissions, TaskSpec
from tasktui.executors.agents.executor import AgentExecutor
from tasktui.executors.agents.presets import Preset
from tasktui.executors.process import Supervisor


def spec(preset: str, *, auto_approve: bool = False, **work: str) -> TaskSpec:
    asked = AgentWork.model_validate({"preset": preset, "prompt": "go", **work})
    return TaskSpec(work=asked, cwd="/", permissions=Permissions(auto_approve=auto_approve))


WISHES = [
    spec("claude", mode="yolo"),
    spec("claude", mode="bypassPermissions"),
    spec("gemini", mode="YOLO"),
    spec("codex", mode="danger-full-access"),
    spec("vibe", mode="auto-approve"),
    spec("codex-acp", mode="agent-full-access"),
    spec("codex", approval="allow"),
    spec("opencode", auto_approve=True),
]


@pytest.mark.parametrize("wish", WISHES, ids=lambda wish: str(wish.work))
async def test_the_ceiling_holds(own_home: Path, wish: TaskSpec) -> None:
    supervisor = Supervisor(own_home)
    with pytest.raises(InvalidError, match="auto_approve"):
        await AgentExecutor(supervisor).check(wish)
    await AgentExecutor(supervisor, may_allow_all=True).check(wish)


async def test_what_asks_is_not_held_up(own_home: Path) -> None:
    executor = AgentExecutor(Supervisor(own_home))
    await executor.check(spec("claude", mode="plan"))
    await executor.check(spec("codex", approval="reads"))
    own = {"mine": Preset("mine", "acp", ("mine",))}
    with pytest.raises(InvalidError, match=r"^mine cannot take up a session again"):
        await AgentExecutor(Supervisor(own_home), presets=own).check(spec("mine", resume_session_id="s"))
    with pytest.raises(InvalidError, match="No agent is named so: nobody"):
        await executor.check(spec("nobody"))
