"""The routes of the replaced systems as an owner serves them: prompts are given to one of its agents."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter

from tasktui.compat.adapters import whole_text
from tasktui.compat.cyberagent import routes as cyberagent
from tasktui.compat.deepseek import routes as deepseek
from tasktui.compat.deepseek.manager import TaskManagerConfig
from tasktui.compat.nodelink import routes as nodelink
from tasktui.compat.silence import with_silence
from tasktui.compat.soul import routes as soul
from tasktui.compat.storyflow import routes as storyflow
from tasktui.domain.errors import InvalidError, TasktuiError
from tasktui.domain.events.work import MessageCompleted
from tasktui.domain.ports.manager import Manager
from tasktui.domain.records import StoredEvent
from tasktui.domain.requests import Message
from tasktui.domain.spec import AgentWork, TaskSpec, Work
from tasktui.domain.status import Status
from tasktui.service.offer import System

NAMES: Final = ("soul", "nodelink", "cyberagent", "storyflow", "deepseek")
"""Systems 000 to 004, in this order."""
_NEED_AGENT: Final = frozenset({"soul", "cyberagent", "deepseek"})
_LOOK_S: Final = 1.0
"""How often it is looked for messages while the agent says nothing."""
_LOOKING: Final[dict[str, tuple[str, ...]]] = {
    "soul": ("/health", "/status", "/tasks/{}", "/tasks/{}/{}"),
    "nodelink": ("/tasks", "/tasks/{}", "/agents/{}/tasks", "/stream"),
    "cyberagent": ("/tasks/{}/status",),
    "storyflow": ("/api/tasks/{}/status/",),
    "deepseek": ("/v1/tasks", "/v1/tasks/{}"),
}


def systems(names: Iterable[str], *, agent: str | None, home: Path) -> dict[str, System]:
    """Return what an owner offers of these systems.

    Args:
        names: of `NAMES`, or the systems' numbers.
        agent: the preset to which prompts are given.
        home: the data directory.

    Raises:
        InvalidError: there is no such system, or it needs an agent.
    """
    made: dict[str, System] = {}
    for given in names:
        name = NAMES[int(given)] if given.isdecimal() and int(given) < len(NAMES) else given
        if name not in NAMES:
            raise InvalidError(f"No such system: {given}. One of {', '.join(NAMES)}.")
        if name in _NEED_AGENT and agent is None:
            raise InvalidError(f"The prompts of {name} go to an agent: name it with --agent PRESET.")
        made[name] = System(_router_of(name, agent or "", home), _LOOKING[name])
    return made


def _router_of(name: str, agent: str, home: Path) -> Callable[[Manager], APIRouter]:
    def prompted(payload: dict[str, object]) -> Work:
        model = payload.get("model") or None
        return AgentWork(preset=agent, prompt=str(payload["prompt"]), model=str(model) if model else None)

    made: dict[str, Callable[[Manager], APIRouter]] = {
        "soul": lambda manager: soul.router(manager, AgentRunner(manager, agent), token=None),
        "nodelink": nodelink.router,
        "cyberagent": lambda manager: cyberagent.router(
            manager, lambda message: AgentWork(preset=agent, prompt=message)
        ),
        "storyflow": storyflow.router,
        "deepseek": lambda manager: deepseek.router(
            manager, TaskManagerConfig(home, default_workspace=Path.home()), work_of=prompted
        ),
    }
    return made[name]


class AgentRunner:
    """Works on the prompts of system 000: each is a task of an agent, whose messages are its text."""

    def __init__(self, manager: Manager, preset: str) -> None:
        self._manager = manager
        self._preset = preset

    async def execute(self, *, prompt: str, **options: Any) -> AsyncIterator[dict[str, Any]]:
        """Work on a prompt; who stops reading stops the agent."""
        task = await self._manager.submit(TaskSpec(work=self._work(prompt, options)))
        try:
            async with aclosing(with_silence(self._manager.subscribe(task.id), _LOOK_S)) as events:
                async for event in events:
                    for told in _told(event):
                        yield told
                    await self._pass_on(task.id, options.get("get_intervention"))
            yield await self._end(task.id)
        finally:
            with suppress(TasktuiError):
                await self._manager.cancel(task.id, by="client")

    def _work(self, prompt: str, options: dict[str, Any]) -> AgentWork:
        def words(name: str) -> Sequence[str]:
            return tuple(options.get(name) or ())

        return AgentWork(
            preset=self._preset, prompt=prompt, resume_session_id=options.get("resume_session_id"),
            allowed_tools=tuple(words("allowed_tools")), disallowed_tools=tuple(words("disallowed_tools")),
            use_mcp=bool(options.get("use_mcp", True)), attachments=tuple(words("attachment_paths")),
        )  # fmt: skip

    async def _pass_on(self, task_id: str, get: Callable[[], Awaitable[Any]] | None) -> None:
        """Give the agent what somebody has sent to the task for which it works."""
        while get is not None and (sent := await get()) is not None:
            with suppress(TasktuiError):
                await self._manager.intervene(task_id, Message(str(sent["text"]), str(sent["user"])))

    async def _end(self, task_id: str) -> dict[str, Any]:
        detail = await self._manager.detail(task_id)
        row = detail.task.row
        if row.status is not Status.COMPLETED:
            return {"type": "error", "message": row.error or f"The agent's task {row.status}."}
        text = detail.result_inline or row.result_summary or ""
        whole = await whole_text(self._manager, task_id, text, row.result_ref)
        return {"type": "complete", "result": whole, "claude_session_id": row.session_id}


def _told(event: object) -> list[dict[str, Any]]:
    """Return what 000 is told of an event."""
    if not isinstance(event, StoredEvent) or event.type != MessageCompleted.TYPE:
        return []
    said = MessageCompleted.model_validate_json(event.data)
    if said.role != "agent" or not said.content:
        return []
    card = {"card_id": said.message_id}
    return [
        {"type": "text_start"} | card,
        {"type": "text_delta", "text": said.content} | card,
        {"type": "text_end"} | card,
    ]
