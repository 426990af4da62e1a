"""Passes lines of the client on to the agent and messages of the agent on as lines.

What goes wrong on the way is the answer to every request that has none: so the client's talk ends by its own
rules, with a sentence, and needs to know nothing of connections.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, BinaryIO, Final

from tasktui.executors.agents.elsewhere.program.carrier import Carrier, Ends, Json
from tasktui.executors.agents.elsewhere.program.trouble import Place, TroubleError

FIRST: Final = "initialize"
FLUSH_S: Final = 1.0
"""After the end of our input: how long what was said before may take to be brought."""
CLOSE_S: Final = 1.5
HIDDEN: Final = "…".encode()
SECRET: Final = 8
"""Bytes of a token from which on it is hidden: a shorter one may be a part of any word."""


class Bridge:
    """One talk, from the first line to the end of the client's side."""

    def __init__(self, out: BinaryIO, place: Place, answer_s: float, silence_s: float) -> None:
        self._out = out
        self._place = place
        self._answer_s = answer_s
        self._silence_s = silence_s
        self._carrier: Carrier | None = None
        self._lines: asyncio.Queue[bytes] = asyncio.Queue()
        self._pending: dict[str, Any] = {}
        """Ids of requests without an answer, as they were, by the text of them."""
        self._trouble: TroubleError | None = None
        self._secret = b""

    def hide(self, secret: str) -> None:
        """Keep a token out of all that is passed on: what is said here is kept."""
        self._secret = secret.encode() if len(secret) >= SECRET else b""

    async def run(
        self, reader: asyncio.StreamReader, headers: dict[str, str], make: Callable[[Ends], Carrier]
    ) -> None:
        """Pass on until the client closes its side."""
        try:
            async with asyncio.TaskGroup() as group:
                talking = group.create_task(self._talk(headers, make))
                while line := await reader.readline():
                    self._lines.put_nowait(line)
                await self._flush()
                talking.cancel()
        finally:
            await self._close()

    async def _flush(self) -> None:
        try:
            async with asyncio.timeout(FLUSH_S):
                await self._lines.join()
        except TimeoutError:
            return

    async def _close(self) -> None:
        if self._carrier is None:
            return
        try:
            async with asyncio.timeout(CLOSE_S):
                await self._carrier.close()
        except TimeoutError:
            return

    async def _talk(self, headers: dict[str, str], make: Callable[[Ends], Carrier]) -> None:
        async with asyncio.TaskGroup() as group:
            ends = Ends(
                self._place, headers, self.hear, self.fail, group.create_task, self._answer_s, self._silence_s
            )
            while True:
                message = _message(await self._lines.get())
                if message.get("method") == FIRST:
                    group.create_task(self._lose_patience(message.get("id")))
                await self._say(message, lambda: make(ends))
                self._lines.task_done()

    async def _lose_patience(self, number: object) -> None:
        await asyncio.sleep(self._answer_s)
        if str(number) in self._pending:
            self.fail(self._place.silent(self._answer_s))

    # --- from the client

    async def _say(self, message: Json, make: Callable[[], Carrier]) -> None:
        if "method" in message and "id" in message:
            self._pending[str(message["id"])] = message["id"]
        try:
            await self._send(message, make)
        except TroubleError as trouble:
            if trouble.is_end:
                self.fail(trouble)
            else:
                self._answer(str(message.get("id")), trouble)

    async def _send(self, message: Json, make: Callable[[], Carrier]) -> None:
        if self._trouble is not None:
            raise self._trouble
        if self._carrier is None:
            carrier = make()
            await carrier.open()
            self._carrier = carrier
        await self._carrier.send(message)

    # --- from the agent

    def hear(self, received: bytes) -> None:
        """Pass a message on as a line; what is none goes as it is, so that it is seen."""
        if self._trouble is not None:
            return
        message = _message(received)
        if message and self._carrier is not None:
            self._carrier.heard(message)
        if "method" not in message:
            self._pending.pop(str(message.get("id")), None)
        self._write(b" ".join(received.splitlines()))

    def fail(self, trouble: TroubleError) -> None:
        """Take that nothing can be said or heard any more; the first reason is the one."""
        self._trouble = self._trouble or trouble
        for number in list(self._pending):
            self._answer(number, self._trouble)

    def _answer(self, number: str, trouble: TroubleError) -> None:
        if number not in self._pending:
            return
        error = {"code": trouble.code, "message": str(trouble)}
        answer = {"jsonrpc": "2.0", "id": self._pending.pop(number), "error": error}
        self._write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace"))

    def _write(self, line: bytes) -> None:
        shown = line.replace(self._secret, HIDDEN) if self._secret else line
        self._out.write(shown + b"\n")
        self._out.flush()


def _message(line: bytes) -> Json:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
