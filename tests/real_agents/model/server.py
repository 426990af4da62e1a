"""A scripted model behind the interfaces of real providers, on loopback; it remembers what it was asked."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.real_agents.model.formats import Format, Frame, Gemini, Responses
from tests.real_agents.model.more_formats import Chat, Messages
from tests.real_agents.model.script import Fail, Json, choose

FORMATS: Mapping[str, Format] = {
    "responses": Responses(), "gemini": Gemini(), "messages": Messages(), "completions": Chat(),
}  # fmt: skip
"""By the last word of the path."""
GEMINI = re.compile(r"/models/([^:]+):(streamG|g)enerateContent$")
BEAT_S = 0.01
"""Between two pieces, as a model takes its time."""


class Model:
    """The server while it runs."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.folder = ""
        """Where the agent works."""
        self.asked: list[str] = []
        """The requests as text, oldest first."""

    def was_told(self, words: str) -> bool:
        """Tell whether some request had these words in it."""
        return any(words in request for request in self.asked)


@contextmanager
def scripted_model() -> Iterator[Model]:
    """Serve until the end of the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    model = Model(f"http://127.0.0.1:{server.server_address[1]}")
    server.model = model  # type: ignore[attr-defined]  # how handlers of this kind reach what they share
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield model
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's own name
        """Say nothing."""

    def do_HEAD(self) -> None:
        """Answer that it is there."""
        self._json(200, {})

    def do_GET(self) -> None:
        """Answer the list of models."""
        self._json(200, {"object": "list", "data": [{"id": "fake-model", "object": "model"}], "models": []})

    def do_POST(self) -> None:
        """Answer a request for words."""
        text = self._read().decode("utf-8", "replace")
        path = self.path.partition("?")[0]
        if path.endswith(("/count_tokens", ":countTokens")):
            self._json(200, {"totalTokens": 10, "input_tokens": 10})
            return
        body = json.loads(text or "{}")
        name, model, streams = _asked(path, body)
        if name not in FORMATS:
            self._json(404, {"error": {"message": f"no such interface: {path}"}})
            return
        self.server.model.asked.append(text)  # type: ignore[attr-defined]  # see `scripted_model`
        self._say(name, body, model, streams=streams)

    def _say(self, name: str, body: Json, model: str, *, streams: bool) -> None:
        format_ = FORMATS[name]
        folder = self.server.model.folder  # type: ignore[attr-defined]  # see `scripted_model`
        steps = choose(format_.talk(body), format_.tools(body), folder)
        if failure := next((step for step in steps if isinstance(step, Fail)), None):
            self._json(failure.status, {"error": {"message": failure.message, "code": failure.status}})
        elif streams:
            with suppress(BrokenPipeError, ConnectionResetError):
                self._stream(format_.stream(steps, model))
        else:
            self._json(200, format_.whole(steps, model))

    def _stream(self, frames: Iterator[Frame]) -> None:
        self.close_connection = True
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        for frame in frames:
            time.sleep(frame.pause_s or BEAT_S)
            if frame.data is not None:
                head = f"event: {frame.event}\n" if frame.event else ""
                data = frame.data if isinstance(frame.data, str) else json.dumps(frame.data)
                self.wfile.write(f"{head}data: {data}\n\n".encode())
                self.wfile.flush()

    def _read(self) -> bytes:
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _json(self, status: int, value: Any) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


def _asked(path: str, body: Json) -> tuple[str, str, bool]:
    """Return the format, the model and whether the answer is to be streamed."""
    if found := GEMINI.search(path):
        return "gemini", found[1], found[2] == "streamG"
    return path.rpartition("/")[2], str(body.get("model", "")), bool(body.get("stream"))
