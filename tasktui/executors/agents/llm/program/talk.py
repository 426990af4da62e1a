"""One session with a model: prompts, what it says as it says it, messages that join a turn, cancels."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from pydantic_ai import Agent
from pydantic_ai.exceptions import AgentRunError, UsageLimitExceeded, UserError
from pydantic_ai.messages import (
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ThinkingPart,
    ThinkingPartDelta,
)  # fmt: skip
from pydantic_ai.usage import UsageLimits

from tasktui.executors.agents.llm.program.spending import Spending
from tasktui.executors.agents.llm.program.tools import Tools
from tasktui.executors.agents.llm.program.trouble import refused
from tasktui.executors.agents.llm.program.wire import Json, Wire

if TYPE_CHECKING:
    from pydantic_ai.models import Model
    from pydantic_ai.run import AgentRun

    from tasktui.executors.agents.llm.program.history import History

MOST_REQUESTS: Final = 200
"""To the model in one turn: an agent that goes round in circles ends."""
INSTRUCTIONS: Final = (
    "You are a coding agent that works by itself in the directory {cwd}, on the machine of who asks."
    " Use the tools to look, to change files and to run commands; each may be refused: then go on without it,"
    " or say what you need. Prefer edit_file to write_file for small changes. When you are done, say in a few"
    " words what you did and what is left."
)


class Talk:
    """The session."""

    def __init__(
        self, wire: Wire, model: Model, history: History, cwd: str, secrets: frozenset[str]
    ) -> None:  # fmt: skip
        self._wire = wire
        self._history = history
        self.id = history.id
        tools = Tools(wire, history.id, cwd, secrets)
        self._agent = Agent(model, instructions=INSTRUCTIONS.format(cwd=cwd), tools=tools.offered())
        self._spending = Spending(wire, history.id)
        self._pieces = count(1)
        self._run: AgentRun[Any, str] | None = None
        self._turn: asyncio.Task[str] | None = None
        self._canceled = False

    def cancel(self) -> None:
        """Stop the turn."""
        if self._turn is not None:
            self._canceled = True
            self._turn.cancel()

    async def prompt(self, text: str) -> Json:
        """Take a prompt; while a turn is under way it joins that one, and both end together.

        Raises:
            RefusedError: the provider refused, or could not be reached.
        """
        if self._turn is not None and self._joined(text):
            return {"stopReason": await self._ended(self._turn)}
        while self._turn is not None:
            await asyncio.wait([self._turn])
        before = self._spending.tokens()
        self._canceled = False
        self._turn = asyncio.create_task(self._go(text))
        try:
            reason = await self._ended(self._turn)
        finally:
            self._turn = None
        return {"stopReason": reason, "usage": self._spending.since(before)}

    def _joined(self, text: str) -> bool:
        if self._run is None:
            return False
        try:
            self._run.enqueue(text)
        except UserError:
            return False
        return True

    async def _ended(self, turn: asyncio.Task[str]) -> str:
        await asyncio.wait([turn])
        if turn.cancelled():
            return "cancelled"
        try:
            return turn.result()
        except AgentRunError as failure:
            raise refused(failure) from failure

    async def _go(self, text: str) -> str:
        limits = UsageLimits(request_limit=MOST_REQUESTS)
        said = self._history.messages
        async with self._agent.iter(text, message_history=said, usage_limits=limits) as run:
            self._run = run
            try:
                await self._follow(run)
            except UsageLimitExceeded:
                return "max_turn_requests"
            finally:
                self._run = None
                self._history.keep(list(run.all_messages()))
        return "end_turn"

    async def _follow(self, run: AgentRun[Any, str]) -> None:
        async for node in run:
            if Agent.is_model_request_node(node):
                async with node.stream(run.ctx) as stream:
                    async for event in stream:
                        self._tell(event)
            elif Agent.is_call_tools_node(node):
                self._spending.took(node.model_response)
                self._history.keep(list(run.all_messages()))

    def _tell(self, event: object) -> None:
        """Say a piece of what the model says or thinks."""
        match event:
            case PartStartEvent(part=TextPart(content=text)):
                self._say("agent_message_chunk", text, fresh=True)
            case PartStartEvent(part=ThinkingPart(content=text)):
                self._say("agent_thought_chunk", text, fresh=True)
            case PartDeltaEvent(delta=TextPartDelta(content_delta=text)):
                self._say("agent_message_chunk", text)
            case PartDeltaEvent(delta=ThinkingPartDelta(content_delta=str(text))):
                self._say("agent_thought_chunk", text)
            case _:
                pass

    def _say(self, kind: str, text: str, *, fresh: bool = False) -> None:
        if fresh:
            self._message = f"m{next(self._pieces)}"
        if text:
            content = {"type": "text", "text": text}
            self._wire.update(self.id, kind, content=content, messageId=f"{self.id[:8]}-{self._message}")

    _message = "m0"
