"""The scripted agent at an address: served by its SDK on loopback, behind a wire that tests can cut."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from acp.http.asgi import AcpAsgiApp
from acp.http.server import AcpServer, PostResult
from acp.schema import InitializeResponse

from tests.integration.executors.agents.scripted_agent import Scripted
from tests.integration.executors.remote.services import Wire
from tests.integration.kept import contents

TOKEN = "correct-horse-battery"
SCHEMES = pytest.mark.parametrize("scheme", ["ws", "http"])


class Far(Scripted):
    """The scripted agent, which starts nothing on the machine of the test."""

    def child(self) -> None:
        """Leave out the tool in a session of its own: nothing here would end it."""

    async def initialize(self, protocol_version: int, **given: Any) -> InitializeResponse:
        self.offered = given.get("client_capabilities")
        return await super().initialize(protocol_version, **given)

    async def play_read(self, path: str) -> None:
        """Ask the client for a file, as an agent on its machine may."""
        try:
            got = await self.conn.read_text_file(path=path, session_id="s-1")
            await self.text(f"read: {got.content}")
        except Exception as exc:  # noqa: BLE001 (whatever the client answers)
            await self.text(f"not read: {exc}")

    async def play_longer(self) -> None:
        await self.text("x" * (51 << 20))

    async def play_letters(self) -> None:
        await self.text("größer als gedacht: 日本語")


class _Server(AcpServer):
    """The SDK's, which forgets to make the stream of a session that is loaded."""

    async def handle_post(self, message: Any, **given: Any) -> PostResult:
        state = self.registry.get(given["connection_id"] or "")
        if state is not None and isinstance(message, dict) and message.get("method") == "session/load":
            state.ensure_session_stream(message["params"]["sessionId"])
        return await super().handle_post(message, **given)


@dataclass
class Served:
    """What a test sees of the server."""

    wire: Wire
    server: _Server
    agents: list[Far] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    """Method and what it was let in with."""
    allowed: str | None = None
    """The token that is wanted."""
    garbage: list[str] = field(default_factory=list)
    """What is said beside the messages of the agent, before its first word."""
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    """Set: every WebSocket is closed with a reason."""

    def url(self, scheme: str) -> str:
        return f"{scheme}://{self.wire.url.partition('://')[2]}/acp"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return
        headers = dict(scope["headers"])
        shown = headers.get(b"authorization", b"").decode()
        self.requests.append((scope.get("method", "WS"), shown))
        if scope["path"] != "/acp":
            await refuse(scope, receive, send, 404)
        elif self.allowed is not None and shown != f"Bearer {self.allowed}":
            await refuse(scope, receive, send, 401)
        else:
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        async def said(event: Any) -> None:
            if b"agent_message" in event.get("body", b"") or "agent_message" in event.get("text", ""):
                for text in self.garbage:
                    await send(_as_event(event, text))
                self.garbage = []
            await send(event)

        serving = asyncio.ensure_future(AcpAsgiApp(self.server)(scope, receive, said))
        closing = asyncio.ensure_future(self.closing.wait())
        await asyncio.wait({serving, closing}, return_when=asyncio.FIRST_COMPLETED)
        closing.cancel()
        if not serving.done():
            await send({"type": "websocket.close", "code": 1012, "reason": "new version"})
        await serving


def _as_event(event: Any, text: str) -> Any:
    """A text as the transport tells a message."""
    if "text" in event:
        return {**event, "text": text}
    lines = "".join(f"data: {line}\n" for line in text.split("\n"))
    return {**event, "body": f"{lines}\n".encode()}


async def refuse(scope: Any, receive: Any, send: Any, status: int) -> None:
    """Answer with a status, a WebSocket too."""
    kind = "http" if scope["type"] == "http" else "websocket.http"
    if kind == "websocket.http":
        await receive()
    await send({"type": f"{kind}.response.start", "status": status, "headers": []})
    await send({"type": f"{kind}.response.body", "body": b"no"})


@asynccontextmanager
async def listening(app: Any, **settings: Any) -> AsyncIterator[int]:
    """Serve an application; yield its port."""
    taken = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, log_config=None, lifespan="off", timeout_graceful_shutdown=1, ws="websockets-sansio", **settings
    )
    server = uvicorn.Server(config)
    serving = asyncio.ensure_future(server._serve([taken]))
    try:
        yield taken.getsockname()[1]
    finally:
        server.should_exit = True
        await serving
        taken.close()


@asynccontextmanager
async def served(part: str = "play", allowed: str | None = None) -> AsyncIterator[Served]:
    """Serve the scripted agent, one for each connection."""
    agents: list[Far] = []

    def factory(_: Any) -> Any:
        agents.append(Far(part))
        return agents[-1]

    core = _Server(factory)
    app: list[Served] = []

    async def entry(scope: Any, receive: Any, send: Any) -> None:
        await app[0](scope, receive, send)

    async with listening(entry) as port:
        wire = Wire(port)
        await wire.open()
        app.append(Served(wire, core, agents, allowed=allowed))
        try:
            yield app[0]
        finally:
            await core.close()
            await wire.close()


def far(url: str, **more: Any) -> dict[str, Any]:
    """The settings of an agent at an address, under the name `far`."""
    base = {"url": url, "title": "Far", "intervene": "steer", "resume": "load"}
    return {"far": {**base, **more}}


def bytes_below(home: Path) -> bytes:
    """All that the files of a data directory hold."""
    return b"\n".join(contents(home).values())
