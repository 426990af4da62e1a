"""The wire to an owner: requests that are done, or clearly not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import httpx

from tasktui.domain.errors import ManagerClosedError, OwnerError, TasktuiError
from tasktui.domain.wire import JsonObject, encode
from tasktui.service.asking import HEALTH
from tasktui.service.levels import API, HEADER, difference, explained
from tasktui.service.reach import Reach
from tasktui.service.reading import NotUnderstoodError, read
from tasktui.service.receiving import PLAIN, whole

Params = Mapping[str, str | int | float | list[str] | None]

_KEEP_OPEN_S: Final = 3.0
"""Less than the server's own patience with an idle connection, so that none is closed under a request."""
_TELLS_S: Final = 10.0
"""How long an owner that is busy has to tell its version; without it a screen says nothing of it."""


class LostAnswerError(OwnerError):
    """The connection to the owner broke before its answer came. Look whether it was done."""

    code = "LOST_ANSWER"


class Link:
    """Connections to one owner, whoever that is by now."""

    def __init__(self, reach: Reach) -> None:
        self.reach = reach
        """How the owner is reached."""
        self._client: httpx.AsyncClient | None = None
        self._closed = False

    async def ask(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        params: Params | None = None,
        again: bool | None = None,
    ) -> JsonObject:
        """Send one request and return its answer.

        Args:
            method: GET or POST.
            path: of the API.
            body: sent as JSON.
            params: of the query; those that are None are left out.
            again: whether it may be sent twice when the connection breaks; None: only if it is a GET.

        Raises:
            OwnerError: nobody answers.
            LostAnswerError: the connection broke, and it is not known whether it was done.
            TasktuiError: what the owner answered, by its class.
        """
        may_repeat = method == "GET" if again is None else again
        request: dict[str, Any] = {"params": given(params)}
        if body is not None:
            request |= {"content": encode(body), "headers": {"content-type": "application/json"}}
        tried = False
        while True:
            try:
                return await self._once(method, path, request)
            except (httpx.ConnectError, httpx.ConnectTimeout) as exc:
                # nothing was sent
                if tried:
                    raise self.reach.nobody() from exc
                await self.reach.revive()
            except httpx.TransportError as exc:
                if tried or not may_repeat:
                    raise LostAnswerError from exc
            tried = True

    async def close(self) -> None:
        """Hang up."""
        self._closed = True
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()
        await self.reach.close()

    def ensure_open(self) -> None:
        """See that we have not hung up.

        Raises:
            ManagerClosedError: we have.
        """
        if self._closed:
            raise ManagerClosedError("This screen has hung up.")

    async def difference(self) -> str | None:
        """Return what is to be said about an owner of another version; None when both speak the same."""
        try:
            async with asyncio.timeout(_TELLS_S):
                answer, _ = await self._answered("GET", HEALTH, {})
        except (TimeoutError, httpx.TransportError, OwnerError):
            return None
        return difference(answer.headers)

    async def healthy(self) -> bool:
        """Whether an owner answers now."""
        answer = await self._look()
        return answer is not None and answer.is_success

    def client(self) -> httpx.AsyncClient:
        """Return the connections.

        Raises:
            ManagerClosedError: we hung up.
        """
        self.ensure_open()
        if self._client is None:
            self._client = self._connect()
        return self._client

    async def _look(self) -> httpx.Response | None:
        """Return what an owner says of itself; None where none says anything that can be."""
        try:
            async with asyncio.timeout(self.reach.patience_s):
                answer, _ = await self._fetch("GET", HEALTH, {})
        except (TimeoutError, httpx.TransportError, NotUnderstoodError):
            return None
        return answer

    async def _fetch(
        self, method: str, path: str, request: Mapping[str, Any]
    ) -> tuple[httpx.Response, bytes]:
        async with self.client().stream(method, path, **request) as response:
            return response, await whole(response)

    async def _once(self, method: str, path: str, request: Mapping[str, Any]) -> JsonObject:
        response, body = await self._answered(method, path, request)
        try:
            return read(response.status_code, body)
        except TasktuiError as exc:
            if (error := explained(exc, response.headers)) is exc:
                raise
            raise error from exc

    async def _answered(
        self, method: str, path: str, request: Mapping[str, Any]
    ) -> tuple[httpx.Response, bytes]:
        """Fetch an answer from an owner that may be busy."""
        sending = asyncio.ensure_future(self._fetch(method, path, request))
        try:
            await self._await_answer(sending)
            return sending.result()
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    async def _await_answer(self, sending: asyncio.Future[tuple[httpx.Response, bytes]]) -> None:
        loop = asyncio.get_running_loop()
        heard = loop.time()
        while not (await asyncio.wait({sending}, timeout=self.reach.patience_s))[0]:
            if await self.healthy():
                heard = loop.time()
            elif self.reach.hangs(loop.time() - heard):
                raise self.reach.nobody()

    def _connect(self) -> httpx.AsyncClient:
        limits = httpx.Limits(max_connections=None, keepalive_expiry=_KEEP_OPEN_S)
        return httpx.AsyncClient(
            transport=self.reach.transport(limits),
            base_url="http://localhost",
            headers={HEADER: str(API), **PLAIN},
            timeout=httpx.Timeout(None, connect=self.reach.patience_s),
        )


def given(params: Params | None) -> dict[str, Any]:
    """Return the parameters of a query without those that are None."""
    return {name: value for name, value in (params or {}).items() if value is not None}
