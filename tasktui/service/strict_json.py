"""Bodies whose text can be written again: JSON may spell half a character, UTF-8 cannot."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute


class _StrictRequest(Request):
    async def json(self) -> Any:
        """Return the body's value.

        Raises:
            JSONDecodeError: it is not JSON, or holds a lone surrogate.
        """
        value = await super().json()
        body = await self.body()
        if b"\\u" in body:
            try:
                json.dumps(value, ensure_ascii=False).encode()
            except UnicodeEncodeError as exc:
                raise json.JSONDecodeError("a lone surrogate", body.decode("utf-8", "replace"), 0) from exc
        return value


class StrictRoute(APIRoute):
    """A route that reads its body so."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what handles a request."""
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            return await handle(_StrictRequest(request.scope, request.receive))

        return strictly
