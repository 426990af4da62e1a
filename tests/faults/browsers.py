"""A real, headless Chromium: a dashboard in its tab, what that loaded, and a page of somebody else."""

from __future__ import annotations

import re
import shutil
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
EVIL = "evil.example"
"""A name that leads to this machine, as in DNS rebinding."""
PATIENCE_S = 30

_KEEP_TERMINAL = """
Object.defineProperty(Object.prototype, "terminal", {configurable: true, set(value) {
    Object.defineProperty(this, "terminal", {value, writable: true, configurable: true, enumerable: true});
    if (value && value.buffer) window.shown = value;
}});
"""
"""xterm.js draws on a canvas: this gets hold of the emulator when the page makes it, to read its rows."""
_ROWS = """() => {
    if (!window.shown) return [];
    const {rows, cols, buffer: {active}} = window.shown;
    const line = (y) => active.getLine(active.viewportY + y).translateToString(false, 0, cols);
    return Array.from({length: rows}, (_, y) => line(y));
}"""
_COLOURS = """async (png) => {
    const picture = await createImageBitmap(await (await fetch("data:image/png;base64," + png)).blob());
    const canvas = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
    canvas.drawImage(picture, 0, 0);
    const {data} = canvas.getImageData(0, 0, picture.width, picture.height);
    return new Set(new Uint32Array(data.buffer)).size;
}"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium; playwright's own is never downloaded."""
    options = ["--no-sandbox", f"--host-resolver-rules=MAP {EVIL} 127.0.0.1"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        try:
            yield browser
        finally:
            browser.close()


class Window:
    """A tab with a dashboard."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.page.add_init_script(_KEEP_TERMINAL)
        self.asked: list[str] = []
        """Every address that it asked for."""
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("websocket", lambda socket: self.asked.append(socket.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def visit(self, link: str) -> str:
        """Open a link, follow where it leads, and return the address of the dashboard's page."""
        self.page.goto(link)
        self.page.wait_for_url(re.compile(r"/[\w-]{20,}/$"))
        return self.page.url

    def rows(self) -> list[str]:
        """Return what the terminal shows; nothing while the page changes."""
        try:
            return list(self.page.evaluate(_ROWS))
        except Error:
            return []

    def sees(self, *words: str) -> None:
        """Wait until the terminal shows all these words."""
        begun = time.monotonic()
        while any(word not in (shown := "\n".join(self.rows())) for word in words):
            assert time.monotonic() - begun < PATIENCE_S, f"{words} not shown within {PATIENCE_S} s:\n{shown}"
            self.page.wait_for_timeout(50)

    def _rows_with(self, words: str) -> list[str]:
        """Return what the terminal shows at a moment in which these words are there."""
        begun = time.monotonic()
        while words not in "\n".join(rows := self.rows()):
            assert time.monotonic() - begun < PATIENCE_S, f"{words} not shown within {PATIENCE_S} s: {rows}"
            self.page.wait_for_timeout(50)
        return rows

    def sees_no_more(self, words: str) -> None:
        """Wait until the terminal shows these words no longer."""
        begun = time.monotonic()
        while not (rows := self.rows()) or any(words in row for row in rows):
            assert time.monotonic() - begun < PATIENCE_S, f"{words} still shown"
            self.page.wait_for_timeout(50)

    def click(self, words: str) -> None:
        """Click on the middle of these words, once they are there."""
        box = self._box(words)
        self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def colours(self, words: str | None = None) -> int:
        """Return how many colours a picture of these words, or of the whole page, has."""
        png = self.page.screenshot(clip=self._box(words) if words else None)
        decoder = self.page.context.new_page()
        try:
            return int(decoder.evaluate(_COLOURS, b64encode(png).decode()))
        finally:
            decoder.close()

    def _box(self, words: str) -> Any:
        rows = self._rows_with(words)
        y = next(number for number, row in enumerate(rows) if words in row)
        whole = self.page.locator(".xterm-screen").bounding_box()
        assert whole is not None
        width, height = whole["width"] / len(rows[0]), whole["height"] / len(rows)
        return {
            "x": whole["x"] + rows[y].index(words) * width, "y": whole["y"] + y * height,
            "width": len(words) * width, "height": height,
        }  # fmt: skip


@contextmanager
def somebody_else() -> Iterator[int]:
    """A server of somebody else on this machine, with one empty page; yields its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>somebody else</title>")

        def log_message(self, *_words: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
