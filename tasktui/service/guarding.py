"""Who is let in by the port: this machine's own programs that bear a token, and no page of a browser."""

from __future__ import annotations

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from tasktui.domain.errors import RefusedError, TasktuiError
from tasktui.domain.wire import error_object
from tasktui.service.bodies import told
from tasktui.service.recording import UNKNOWN
from tasktui.service.tokens import Rights, Tokens

_FOREIGN: Final = ("cross-site", "same-site")
"""What a browser says of requests that a page of another origin made."""
_USUAL_PORT: Final = 80


class UnauthorizedError(RefusedError):
    """The request bears no token, or not this owner's."""

    code = "UNAUTHORIZED"
    http_status = 401


class MisdirectedError(RefusedError):
    """The request is for another host."""

    code = "MISDIRECTED"
    http_status = 421


class Guarded:
    """Lets those requests through that may come by the port."""

    def __init__(self, app: ASGIApp, looking: ASGIApp, tokens: Tokens, port: int) -> None:
        """Take what answers everything, what answers those who may only look, and where they knock."""
        self._ways: dict[Rights, ASGIApp] = {"act": app, "look": looking}
        self._tokens = tokens
        self._hosts = own_names(port)
        self._origins = {f"http://{name}" for name in self._hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        try:
            way = self._ways[self._let_in(_Headers(scope))]
        except TasktuiError as exc:
            scope.setdefault("state", {})[UNKNOWN] = True
            answer = told(error_object(exc), exc.http_status)
            if isinstance(exc, UnauthorizedError):
                answer.headers["www-authenticate"] = 'Bearer realm="tasktui"'
            await answer(scope, receive, send)
        else:
            await way(scope, receive, send)

    def _let_in(self, headers: _Headers) -> Rights:
        """Return what the one who asks may do.

        Raises:
            MisdirectedError: the name is not one of ours, as when a name of a page was bent to this machine.
            RefusedError: a page of another origin asks.
            UnauthorizedError: it bears no token of ours.
        """
        if headers.all("host") not in ([name] for name in self._hosts):
            raise MisdirectedError
        origins = headers.all("origin")
        if (
            any(one.lower() not in self._origins for one in origins)
            or headers.one("sec-fetch-site") in _FOREIGN
        ):
            raise RefusedError("Pages of a browser may not ask here.")
        rights = self._tokens.rights(_borne(headers.one("authorization")))
        if rights is None:
            raise UnauthorizedError("This needs a token: Authorization: Bearer …. `tasktui token` prints it.")
        return rights


class _Headers:
    """The headers of a request, each name as often as it was sent."""

    def __init__(self, scope: Scope) -> None:
        self._headers: list[tuple[bytes, bytes]] = scope["headers"] if scope["type"] == "http" else []

    def all(self, name: str) -> list[str]:
        """Return every value, in lower case where the header is the host's."""
        found = [value.decode("latin-1").strip() for key, value in self._headers if key == name.encode()]
        return [one.lower() for one in found] if name == "host" else found

    def one(self, name: str) -> str:
        """Return the only value; nothing when there is none, or several."""
        found = self.all(name)
        return found[0] if len(found) == 1 else ""


def own_names(port: int) -> frozenset[str]:
    """Return the names by which a program reaches the port."""
    names = ("127.0.0.1", "localhost", "[::1]")
    bare = names if port == _USUAL_PORT else ()
    return frozenset((*(f"{name}:{port}" for name in names), *bare))


def _borne(authorization: str) -> str:
    scheme, _, given = authorization.partition(" ")
    return given.strip() if scheme.lower() == "bearer" else ""
