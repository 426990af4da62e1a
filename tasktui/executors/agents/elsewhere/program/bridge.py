"""Passes lines of the client on to the agent and messages of the agent on as lines.

What goes wrong on the way is the answer to every request that has none: so the client's talk ends by its own
rules, with a sentence, and needs to know nothing of connections.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Coroutine
from time import monotonic
from typing import Any, BinaryIO, Final

from tasktui.executors.agents.elsewhere.program.carrier import Carrier, Ends, Json
from tasktui.executors.agents.elsewhere.program.secrets import spellings
from tasktui.executors.agents.elsewhere.program.trouble import Place, TroubleError

ANSWERED_SOON: Final = frozenset(
    {"initialize", "session/new", "session/load", "session/resume", "session/fork"}
    | {"session/set_mode", "session/set_model", "session/set_config_option"}
)
"""Requests that neither work nor a person holds up, as they do a prompt."""
FLUSH_S: Final = 1.0
"""After the end of our input: how long what was said before may take to be brought."""
CLOSE_S: Final = 1.5
HIDDEN: Final = "…".encode()


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
        self._secret: re.Pattern[bytes] | None = None
        self._begun = asyncio.Event()
        """Set once something was brought to the agent: until then there may be nobody who could answer."""
        self._heard_at = 0.0
        """When the agent said the last word, or was asked for one, on the monotonic clock."""

    def hide(self, secret: str) -> None:
        """Keep a token out of all that is passed on: what is said here is kept."""
        self._secret = spellings(secret)

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

            def own(work: Coroutine[Any, Any, None]) -> object:
                return group.create_task(self._guarded(work))

            ends = Ends(self._place, headers, self.hear, self.fail, own, self._answer_s, self._silence_s)
            while True:
                message = _message(await self._lines.get())
                if message.get("method") in ANSWERED_SOON:
                    group.create_task(self._lose_patience(message.get("id")))
                await self._guarded(self._say(message, lambda: make(ends)))
                self._lines.task_done()

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        """Run what libraries carry: what they raise against their word ends the talk with a sentence."""
        try:
            await work
        except Exception as exc:  # noqa: BLE001 (whatever a library raises: the client gets a sentence)
            self.fail(self._place.not_carried(exc))

    async def _lose_patience(self, number: object) -> None:
        """Wait for an answer as long as the agent says anything: a session's history may be long."""
        await self._begun.wait()
        self._heard_at = monotonic()
        while (left_s := self._heard_at + self._answer_s - monotonic()) > 0:  # noqa: ASYNC110 (time it is)
            await asyncio.sleep(left_s)
        if str(number) in self._pending:
            self.fail(self._place.silent(self._answer_s))

    # --- from the client

    async def _say(self, message: Json, make: Callable[[], Carrier]) -> None:
        if "method" in message and "id" in message:
            self._pending[str(message["id"])] = message["id"]
        try:
            await self._send(message, make)
        except TroubleError as trouble:
            self._refused(message, trouble)

    def _refused(self, message: Json, trouble: TroubleError) -> None:
        """Tell of what was not taken; ids of the agent's requests are others than those of ours."""
        is_answer = "id" in message and "method" not in message
        if trouble.is_end or (is_answer and not trouble.is_late):
            self.fail(trouble)
        elif "id" in message and not is_answer:
            self._answer(str(message["id"]), trouble)
        else:
            self._write(str(trouble).encode("utf-8", "replace"))

    async def _send(self, message: Json, make: Callable[[], Carrier]) -> None:
        if self._trouble is not None:
            raise self._trouble
        if self._carrier is None:
            carrier = make()
            await carrier.open()
            self._carrier = carrier
        await self._carrier.send(message)
        self._begun.set()

    # --- from the agent

    def hear(self, received: bytes) -> None:
        """Pass a message on as a line; what is none goes as it is, so that it is seen."""
        if self._trouble is not None:
            return
        self._heard_at = monotonic()
        message = _message(received.decode("utf-8", "replace"))  # as the client will read it
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
        shown = self._secret.sub(HIDDEN, line) if self._secret else line
        self._out.write(shown + b"\n")
        self._out.flush()


def _message(line: bytes | str) -> Json:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
