"""The pages and the WebSocket of the dashboard in a browser.

The terminal emulator, its fonts and what it says over the WebSocket are textual-serve's. Its server is not:
it asks nobody who they are, loads a font from elsewhere, and starts the program through a shell and on pipes,
where that never learns that its screen is gone. Ours starts it on a terminal, as sshd would.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib.resources import files
from pathlib import Path
from typing import Final

from aiohttp import web

from tasktui.web.guard import ANSWER, refusal
from tasktui.web.passes import Passes
from tasktui.web.tabs import Tabs

COOKIE: Final = "tasktui"
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_OURS: Final = Path(str(files("tasktui.web") / "page"))
_THEIRS: Final = Path(str(files("textual_serve") / "static"))
ASSETS: Final = {
    "page.css": _OURS / "page.css",
    "page.js": _OURS / "page.js",
    "icon.svg": _OURS / "icon.svg",
    "xterm.css": _THEIRS / "css" / "xterm.css",
    "textual.js": _THEIRS / "js" / "textual.js",
    "mono.ttf": _THEIRS / "fonts" / "RobotoMono-VariableFont_wght.ttf",
    "mono-italic.ttf": _THEIRS / "fonts" / "RobotoMono-Italic-VariableFont_wght.ttf",
}
"""Every file that the page loads."""

_STALE: Final = (
    "This link was used already, or is older than five minutes.\n"
    "Press Enter where `tasktui web` runs and open the new link, or start `tasktui web` again.\n"
)
_UNKNOWN: Final = "Open the link that `tasktui web` printed. Enter, where it runs, prints a new one.\n"


def application(passes: Passes, tabs: Tabs) -> web.Application:
    """Return what answers a browser.

    Args:
        passes: who may come in.
        tabs: the dashboards; they are ended with the application.
    """
    front = _Front(passes, tabs)
    app = web.Application(middlewares=[_guarded])
    app.add_routes(
        [
            web.get("/", front.enter),
            web.get("/{room}/", front.page),
            web.get("/{room}/ws", front.terminal, allow_head=False),
            web.get("/{room}/{asset}", front.asset),
        ]
    )
    app.on_response_prepare.append(_with_headers)
    app.on_shutdown.append(front.close)
    return app


@web.middleware
async def _guarded(request: web.Request, handler: _Handler) -> web.StreamResponse:
    refused = refusal(request.method, request.headers, socket=_is_socket(request))
    if refused is not None:
        return web.Response(status=refused.status, text=f"{refused.sentence}\n")
    return await handler(request)


def _is_socket(request: web.Request) -> bool:
    return request.path.endswith("/ws") or "Upgrade" in request.headers


async def _with_headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(ANSWER)
    response.headers.setdefault("Cache-Control", "no-store")


class _Front:
    def __init__(self, passes: Passes, tabs: Tabs) -> None:
        self._passes = passes
        self._tabs = tabs

    async def enter(self, request: web.Request) -> web.Response:
        """Turn the link's token into a cookie, and send the browser to its page."""
        token = request.query.get("token", "")
        # a look at what a link leads to, before anybody opens it, must not use it up
        if not token or request.method == "HEAD" or "Sec-Purpose" in request.headers:
            return web.Response(status=401, text=_UNKNOWN)
        made = self._passes.redeem(token)
        if made is None:
            return web.Response(status=401, text=_STALE)
        path = f"/{made.room}/"
        # no 303: whom another site sent here sends no strict cookie along the whole redirection
        response = web.Response(text="Opening the dashboard…\n", headers={"Refresh": f"0; url={path}"})
        response.set_cookie(COOKIE, made.secret, path=path, httponly=True, samesite="Strict")
        return response

    async def page(self, request: web.Request) -> web.StreamResponse:
        """Return the page around the terminal."""
        self._admit(request)
        return web.FileResponse(_OURS / "index.html", headers={"Cache-Control": "no-store"})

    async def asset(self, request: web.Request) -> web.StreamResponse:
        """Return one of the files that the page needs."""
        self._admit(request)
        found = ASSETS.get(request.match_info["asset"])
        if found is None:
            raise web.HTTPNotFound
        return web.FileResponse(found, headers={"Cache-Control": "private, no-cache"})

    async def terminal(self, request: web.Request) -> web.StreamResponse:
        """Open a dashboard for one tab, until either ends."""
        self._admit(request)
        return await self._tabs.open(request)

    async def close(self, _app: web.Application) -> None:
        """End every dashboard."""
        await self._tabs.close()

    def _admit(self, request: web.Request) -> None:
        if not self._passes.opens(request.match_info["room"], request.cookies.get(COOKIE, "")):
            raise web.HTTPUnauthorized(text=_UNKNOWN)
