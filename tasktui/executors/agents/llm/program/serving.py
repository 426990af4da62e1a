"""Answers the client: who we are, sessions new and old, prompts, and the end of what a prompt began."""

from __future__ import annotations

import asyncio
import json
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from tasktui.executors.agents.llm.program.choice import BROKEN, WRONG, Choice
from tasktui.executors.agents.llm.program.history import History
from tasktui.executors.agents.llm.program.wire import Json, RefusedError, Wire

if TYPE_CHECKING:
    from tasktui.executors.agents.llm.program.talk import Talk

UNKNOWN_METHOD = -32601


async def serve(reader: asyncio.StreamReader, wire: Wire, choice: Choice) -> None:
    """Take requests until the client closes its side; what is under way then ends."""
    desk = Desk(wire, choice)
    async with asyncio.TaskGroup() as group:
        under_way: set[asyncio.Task[None]] = set()
        while line := await reader.readline():
            message = _message(line)
            if "method" not in message:
                wire.answered(message)
            elif message["method"] == "session/cancel":
                desk.cancel()
            elif "id" in message:
                task = group.create_task(_answer(desk, wire, message))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
        desk.cancel()
        for task in under_way:
            task.cancel()


def _message(line: bytes) -> Json:
    try:
        found = json.loads(line)
    except ValueError:
        return {"id": None}
    return found if isinstance(found, dict) else {"id": None}


async def _answer(desk: Desk, wire: Wire, message: Json) -> None:
    params = message.get("params")
    try:
        result = await desk.answer(str(message["method"]), params if isinstance(params, dict) else {})
    except RefusedError as refused:
        wire.send(id=message["id"], error={"code": refused.code, "message": str(refused)})
    except Exception as broken:  # noqa: BLE001  # the client is told of any end, and the trace stays on stderr
        traceback.print_exc()
        wire.send(id=message["id"], error={"code": BROKEN, "message": f"{type(broken).__name__}: {broken}"})
    else:
        wire.send(id=message["id"], result=result)


class Desk:
    """The one session of this process."""

    def __init__(self, wire: Wire, choice: Choice) -> None:
        self._wire = wire
        self._choice = choice
        self._talk: Talk | None = None
        self._methods: dict[str, Callable[[Json], Awaitable[Json]]] = {
            "initialize": self._who, "session/new": self._new, "session/load": self._load,
            "session/prompt": self._prompt,
        }  # fmt: skip

    async def answer(self, method: str, params: Json) -> Json:
        """Return the answer to a request.

        Raises:
            RefusedError: it is not known, or cannot be done.
        """
        if method not in self._methods:
            raise RefusedError(UNKNOWN_METHOD, f"There is no method {method}")
        return await self._methods[method](params)

    def cancel(self) -> None:
        """Stop what the session does."""
        if self._talk is not None:
            self._talk.cancel()

    async def _who(self, _params: Json) -> Json:
        agent = {"name": "tasktui-llm", "title": "Model by API key", "version": "1"}
        return {"protocolVersion": 1, "agentInfo": agent, "agentCapabilities": {"loadSession": True}}

    async def _new(self, params: Json) -> Json:
        self._begin(History(uuid4().hex), params)
        return {"sessionId": self._session.id}

    async def _load(self, params: Json) -> Json:
        history = History.found(str(params.get("sessionId", "")))
        self._begin(history, params)
        return {}

    def _begin(self, history: History, params: Json) -> None:
        from tasktui.executors.agents.llm.program.talk import Talk

        model = self._choice.open()
        cwd = str(params.get("cwd") or Path.cwd())
        self._talk = Talk(self._wire, model, history, cwd, self._choice.secrets())

    async def _prompt(self, params: Json) -> Json:
        return await self._session.prompt(_text(params.get("prompt")))

    @property
    def _session(self) -> Talk:
        if self._talk is None:
            raise RefusedError(WRONG, "There is no session yet.")
        return self._talk


def _text(blocks: object) -> str:
    """Return a prompt as text; files go by their address, which the model reads as it reads any."""
    parts = [block for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []
    return "\n\n".join(str(part.get("text") or part.get("uri") or "") for part in parts)
