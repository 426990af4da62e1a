"""Runs tasks at services that run agents, over HTTP and server-sent events."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from tasktui.domain.errors import InvalidError
from tasktui.domain.events.lifecycle import TaskWarning
from tasktui.domain.ports.executor import Capabilities, Outcome, RunContext
from tasktui.domain.spec import RemoteWork, TaskSpec
from tasktui.domain.status import Reason, Status
from tasktui.executors.remote.services import SERVICES, Names

if TYPE_CHECKING:
    import httpx

    from tasktui.executors.remote.following import Following

STOPPED_S: Final = 5.0
"""After the service was asked to stop: how long it may take to say how it ended."""
ANSWER_S: Final = 15.0
SILENCE_S: Final = 90.0
"""Of a stream that says that it is alive each 30 s or sooner."""
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class RemoteExecutor:
    """The `Executor` of kind `remote`; the work goes on at its service whoever listens."""

    def capabilities(self, spec: TaskSpec) -> Capabilities:
        """Return what the service can do."""
        can_talk = isinstance(spec.work, RemoteWork) and SERVICES[spec.work.service].intervene is not None
        return Capabilities(intervene="steer" if can_talk else "none", reattach=True)

    async def check(self, spec: TaskSpec) -> None:
        """Refuse what is no address, and a token that everybody on the way could read."""
        work = _work(spec)
        try:
            url = urlsplit(work.url)
        except ValueError as exc:
            raise InvalidError(f"This is no address of a service: {work.url}") from exc
        if url.scheme not in {"http", "https"} or not url.hostname:
            raise InvalidError(f"This is no address of a service: {work.url}")
        if work.token_env is not None and url.scheme == "http" and url.hostname not in _LOOPBACK:
            raise InvalidError(f"A token goes by https only: {work.url}")
        if not work.prompt.strip():
            raise InvalidError("Task prompt cannot be empty")

    async def run(self, ctx: RunContext) -> Outcome:
        """Ask the service, or take its stream up again, and follow it to the end."""
        from tasktui.executors.remote.following import Following

        work = _work(ctx.spec)
        async with _client(ctx, work) as client:
            following = Following(ctx, client, SERVICES[work.service], Names(ctx, work))
            return await _see_through(ctx, following)


def _client(ctx: RunContext, work: RemoteWork) -> httpx.AsyncClient:
    import httpx

    headers = {}
    if work.token_env is not None:
        token = ctx.env.get(work.token_env)
        if not token:
            raise InvalidError(f"The variable with the service's token is not set: {work.token_env}")
        headers["authorization"] = f"Bearer {token}"
    timeout = httpx.Timeout(ANSWER_S, read=SILENCE_S)
    return httpx.AsyncClient(base_url=work.url, headers=headers, timeout=timeout, trust_env=False)


async def _see_through(ctx: RunContext, following: Following) -> Outcome:
    hearing = asyncio.ensure_future(following.follow())
    stopping = asyncio.ensure_future(ctx.cancel.wait())
    telling = asyncio.ensure_future(_deliver(ctx, following))
    sides: tuple[asyncio.Future[Any], ...] = (hearing, stopping, telling)
    try:
        await asyncio.wait(sides[:2], return_when=asyncio.FIRST_COMPLETED)
        if hearing.done():
            return hearing.result()
        return await _stop(ctx, following, hearing)
    finally:
        for side in sides:
            side.cancel()
        await asyncio.gather(*sides, return_exceptions=True)


async def _stop(ctx: RunContext, following: Following, hearing: asyncio.Future[Outcome]) -> Outcome:
    """Ask the service to stop, and hear how it ended, as long as nobody forces it."""
    if not await following.stop():
        said = "The service could not be told to stop: the task may go on there."
        ctx.emit(TaskWarning(message=said, code="remote_not_stopped"))
        return Outcome(Status.CANCELED, Reason.CANCELED, "left alone")
    forced: asyncio.Future[Any] = asyncio.ensure_future(ctx.cancel.wait_forced())
    try:
        await asyncio.wait((hearing, forced), timeout=STOPPED_S, return_when=asyncio.FIRST_COMPLETED)
    finally:
        forced.cancel()
    if hearing.done():
        return hearing.result()
    return Outcome(Status.CANCELED, Reason.CANCELED, "the service was asked to stop")


async def _deliver(ctx: RunContext, following: Following) -> None:
    async for delivery in ctx.inbox():
        refusal = await following.say(delivery.text, delivery.user)
        ctx.verdict(delivery.intervention_id, delivered=refusal is None, detail=refusal)


def _work(spec: TaskSpec) -> RemoteWork:
    if not isinstance(spec.work, RemoteWork):
        raise InvalidError(f"not a remote task: {spec.work.kind}")
    return spec.work
