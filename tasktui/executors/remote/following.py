"""One run at a service, followed to its end: its stream is taken up again after every loss."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import httpx
from httpx_sse import EventSource, ServerSentEvent, SSEError

from tasktui.domain.events.lifecycle import TaskLinked, TaskStatus, TaskWarning
from tasktui.domain.facts import Facts
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.status import Reason, Status
from tasktui.executors.remote.words import Words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractAsyncContextManager

    from tasktui.domain.ports.executor import RunContext
    from tasktui.executors.remote.services import Names, Service

FIRST_TRIES: Final = 5
"""Before a service that never answered is given up; one that did is waited for, until somebody cancels."""
LONGEST_PAUSE_S: Final = 60.0
PAUSE_S: Final = 1.0
"""Before the second try; doubles with each."""
BREATH: Final = 64
_STATES: Final = {"completed": Status.COMPLETED, "cancelled": Status.CANCELED, "error": Status.FAILED}


class LostError(Exception):
    """The connection was lost, or the service is in trouble: it is tried again."""


class EndedError(Exception):
    """The run is over for a reason that the service's stream does not tell."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.error)
        self.outcome = outcome


class Following:
    """Asks a service for a run and hears it to its end."""

    def __init__(self, ctx: RunContext, client: httpx.AsyncClient, service: Service, names: Names) -> None:
        self._ctx = ctx
        self._client = client
        self._service = service
        self._names = names
        self._words = Words(ctx.run)
        self._position = ctx.position
        self._heard = 0
        self._tries = 0
        self._answered = names.begun
        self.pause_s = PAUSE_S

    async def follow(self) -> Outcome:
        """Return how the service said that it ended."""
        while self._words.outcome is None:
            try:
                await self._hear()
            except (httpx.ConnectError, httpx.ConnectTimeout) as exc:
                self._names.begun = self._names.begun and self._answered  # it was not even asked
                await self._wait(str(exc) or "no answer")
            except (LostError, httpx.RequestError, SSEError) as exc:
                await self._wait(str(exc) or type(exc).__name__)
            except EndedError as exc:
                self._emit_rest()
                return exc.outcome
        return self._words.outcome

    async def _wait(self, why: str) -> None:
        """Say that the connection is lost, and wait longer each time."""
        self._tries += 1
        host = self._client.base_url.host
        if not self._answered and self._tries >= FIRST_TRIES:
            error = f"{host} cannot be reached: {why}. Look at the address and at the network."
            self._words.outcome = Outcome(
                Status.FAILED, Reason.RESOURCE_UNAVAILABLE, "no answer", error=error
            )
            return
        pause_s = min(LONGEST_PAUSE_S, self.pause_s * 2 ** min(self._tries - 1, 10))
        said = f"No connection to {host} ({why}); trying again in {pause_s:g} s."
        self._ctx.emit(TaskStatus(message=said))
        await asyncio.sleep(pause_s)

    async def _hear(self) -> None:
        """Hear one connection to its end."""
        if self._names.begun and self._service.resume is None:
            await self._ask_for_the_end()
            return
        async with self._connect() as response:
            if await self._refused(response):
                return
            self._names.begin()
            self._answered = True
            async for event in EventSource(response).aiter_sse():
                self._take(event)
                if self._words.outcome is not None:
                    return
                if self._heard % BREATH == 0:
                    await self._ctx.room()
        raise LostError("the stream ended before the task")

    def _connect(self) -> AbstractAsyncContextManager[httpx.Response]:
        service, names = self._service, self._names
        accept = {"accept": "text/event-stream"}
        if names.begun and service.resume is not None:
            headers = {**accept, "last-event-id": str(self._position)}
            return self._client.stream("GET", names.path(service.resume), headers=headers)
        names.begin()
        if service.as_query:
            return self._client.stream("POST", service.begin, params=names.query(), headers=accept)
        return self._client.stream("POST", service.begin, json=names.body(), headers=accept)

    async def _refused(self, response: httpx.Response) -> bool:
        """Whether there is nothing to hear, and another way is to be tried.

        Raises:
            LostError: the service is in trouble.
            EndedError: it refuses.
        """
        code = response.status_code
        if code == httpx.codes.OK:
            _require_stream(response)
            return False
        if code == httpx.codes.NOT_FOUND and response.request.method == "GET":
            if self._position or self._heard:
                raise EndedError(_forgotten())
            self._names.begun = self._answered = False  # it never got the task
            return True
        if code == httpx.codes.CONFLICT and self._service.resume is not None and not self._answered:
            self._answered = True  # it got the task, and its answer was lost
            return True
        if code >= httpx.codes.INTERNAL_SERVER_ERROR or code == httpx.codes.TOO_MANY_REQUESTS:
            self._names.begun = self._names.begun and self._answered
            raise LostError(f"it answered {code}")
        await response.aread()
        raise EndedError(_refusal(code, Facts(response.content)))

    def _take(self, event: ServerSentEvent) -> None:
        self._heard += 1
        self._tries = 0
        told = Facts(event.data)
        if self._service.resume is None and self._names.learn(told.text("task_id")):
            self._ctx.emit(TaskLinked(external_id=self._names.task_id))
        facts = self._words.take(told)
        number = int(event.id) if event.id.isdecimal() and len(event.id) < 19 else 0
        # the end is heard again by the next owner, where this one could not take it down
        kept = number if self._words.outcome is None else 0
        for fact in facts[:-1]:
            self._ctx.emit(fact)
        if facts:
            self._ctx.emit(facts[-1], position=kept or None)
        self._position = number or self._position

    def _emit_rest(self) -> None:
        for fact in self._words.close():
            self._ctx.emit(fact)

    # --- services that tell a task only once

    async def _ask_for_the_end(self) -> None:
        """Wait for the end of a task whose stream is lost for good, by asking for its state."""
        if not self._names.task_id:
            error = "The connection was lost before the service said the task's id: it may go on there."
            raise EndedError(Outcome(Status.LOST, Reason.AGENT_LOST, "no id", error=error))
        response = await self._client.get(self._names.path(self._service.status))
        if response.status_code >= httpx.codes.BAD_REQUEST:
            if response.status_code == httpx.codes.NOT_FOUND:
                raise EndedError(_forgotten())
            raise LostError(f"it answered {response.status_code}")
        state = _STATES.get(Facts(response.content).text("status"))
        if state is None:
            raise LostError("its stream cannot be taken up again, and the task goes on there")
        said = "The connection was lost: what the task said after that is not known here."
        self._ctx.emit(TaskWarning(message=said, code="remote_gap"))
        reason = {Status.COMPLETED: Reason.COMPLETED, Status.CANCELED: Reason.CANCELED}.get(
            state, Reason.ERROR
        )
        error_text = "The service says that it failed." if state is Status.FAILED else None
        raise EndedError(Outcome(state, reason, "its state, asked for", "service", error=error_text))

    # --- people

    async def stop(self) -> bool:
        """Ask the service to stop the task; whether it has a way to."""
        if not self._names.begun or ("{task_id}" in self._service.cancel and not self._names.task_id):
            return False
        try:
            response = await self._client.post(self._names.path(self._service.cancel))
        except httpx.RequestError:
            return False
        return response.is_success

    async def say(self, text: str, user: str) -> str | None:
        """Bring a message; return why it could not be brought."""
        if self._service.intervene is None:
            return "This service takes no messages while it works."
        body: Mapping[str, str] = {"text": text, "user": user}
        try:
            response = await self._client.post(self._names.path(self._service.intervene), json=body)
        except httpx.RequestError as exc:
            return f"The service could not be reached: {exc}"
        return None if response.is_success else f"The service refused it: {response.status_code}"


def _require_stream(response: httpx.Response) -> None:
    kind = response.headers.get("content-type", "").partition(";")[0].strip()
    if kind != "text/event-stream":
        error = (
            f"This is no such service: it answered with {kind or 'nothing'} instead of a stream of events."
        )
        raise EndedError(Outcome(Status.FAILED, Reason.ERROR, kind, "service", error=error))


def _forgotten() -> Outcome:
    error = "The service knows the task no more."
    return Outcome(Status.LOST, Reason.AGENT_LOST, "HTTP 404", "service", error=error)


def _refusal(code: int, body: Facts) -> Outcome:
    said = body.record("error").text("message") or body.text("detail") or body.text("message")
    hint = (
        " Give its token by the name of a variable (token_env)."
        if code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}
        else ""
    )
    error = f"The service refused the task ({code}{f': {said}' if said else ''}).{hint}"
    return Outcome(
        Status.FAILED, Reason.ERROR, f"HTTP {code}", "service", error=error, error_code=f"http_{code}"
    )
