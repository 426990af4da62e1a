"""The Agent Client Protocol as an agent speaks it: lines of JSON-RPC, requests of its own among them."""

from __future__ import annotations

import asyncio
import json
from itertools import count
from typing import Any, BinaryIO, TypeAlias

Json: TypeAlias = dict[str, Any]


class RefusedError(Exception):
    """A request is answered with an error.

    Attributes:
        code: of JSON-RPC, or of the protocol.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Wire:
    """What is said to the client, and the answers to what it was asked."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._numbers = count(1)
        self._asked: dict[int, asyncio.Future[Json]] = {}

    def send(self, **fields: Any) -> None:
        """Say one message."""
        line = json.dumps({"jsonrpc": "2.0", **fields}, ensure_ascii=False, separators=(",", ":"))
        self._out.write(line.encode("utf-8", "replace") + b"\n")
        self._out.flush()

    def update(self, session: str, kind: str, /, **fields: Any) -> None:
        """Tell what happens in a session."""
        self.send(
            method="session/update",
            params={"sessionId": session, "update": {"sessionUpdate": kind, **fields}},
        )

    async def ask(self, method: str, params: Json) -> Json:
        """Ask the client, and wait for its answer; an error of the client is an empty one."""
        number = next(self._numbers)
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        self.send(id=number, method=method, params=params)
        try:
            return await answer
        finally:
            del self._asked[number]

    def answered(self, message: Json) -> None:
        """Take an answer; one that nobody waits for any more is passed over."""
        waiting = self._asked.get(message.get("id", 0))
        if waiting is not None and not waiting.done():
            result = message.get("result")
            waiting.set_result(result if isinstance(result, dict) else {})
